-- One partition a month for what grows: this month, the one before (a clock may go back) and three ahead.

-- One table a transaction: whoever held the locks of several would meet those who write to them in another order.
-- What a DEFAULT partition caught meanwhile moves into the new one, which is attached full. Locks are taken from the
-- parent down, as writers take them, and waited for less than PostgreSQL's deadlock_timeout: no writer is a victim.
CREATE FUNCTION keep_partitions(parent text, moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql
SET lock_timeout = '500ms' AS $$
DECLARE
    first_day date;
    child text;
BEGIN
    FOR ahead IN -1..3 LOOP
        first_day := date_trunc('month', moment AT TIME ZONE 'UTC') + make_interval(months => ahead);
        child := parent || to_char(first_day, '_YYYY_MM');
        CONTINUE WHEN to_regclass(child) IS NOT NULL;
        EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
        -- Another may have made it while we waited.
        CONTINUE WHEN to_regclass(child) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
        EXECUTE format(
            'WITH caught AS (DELETE FROM %I WHERE month = %L RETURNING *) INSERT INTO %I SELECT * FROM caught',
            parent || '_default', first_day, child
        );
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, child, first_day);
        RETURN NEXT child;
    END LOOP;
END
$$;
