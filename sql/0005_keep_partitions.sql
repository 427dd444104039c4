-- One partition a month for what grows: this month, the one before (a clock may go back) and three ahead.

-- What a DEFAULT partition caught meanwhile moves into the new one, which is attached full.
CREATE FUNCTION keep_partitions(moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    first_day date;
    child text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['events', 'notifications', 'moves', 'attempts'] LOOP
        FOR ahead IN -1..3 LOOP
            first_day := date_trunc('month', moment AT TIME ZONE 'UTC') + make_interval(months => ahead);
            child := parent || to_char(first_day, '_YYYY_MM');
            IF to_regclass(child) IS NULL THEN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, parent);
                EXECUTE format(
                    'WITH caught AS (DELETE FROM %I WHERE month = %L RETURNING *) INSERT INTO %I SELECT * FROM caught',
                    parent || '_default', first_day, child
                );
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, child, first_day);
                RETURN NEXT child;
            END IF;
        END LOOP;
    END LOOP;
END
$$;
