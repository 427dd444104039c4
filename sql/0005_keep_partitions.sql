-- One partition a month for what grows: this month, the one before (a clock may go back) and three ahead.

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
                EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%L)', child, parent, first_day);
                RETURN NEXT child;
            END IF;
        END LOOP;
    END LOOP;
END
$$;
