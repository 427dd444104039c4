-- Delete some notes that are older than this and than `retention` keeps them, never of the last year, and count them.
-- Whoever works cannot shorten what an operator set; the default is that of worker/core/privacy/retention.py.
CREATE OR REPLACE FUNCTION purge_audit(first_kept timestamptz, slice integer) RETURNS bigint LANGUAGE sql
SECURITY DEFINER AS $$
    WITH kept AS (
        SELECT greatest(coalesce((SELECT days FROM retention WHERE kind = 'audit'), 1825), 365) AS days
    ),
    purged AS (
        DELETE FROM audit
        WHERE id = ANY(ARRAY(
            SELECT a.id FROM audit AS a CROSS JOIN kept AS k
            WHERE a.at < least(first_kept, now() - k.days * interval '24 hours')
            ORDER BY a.at
            LIMIT slice
        ))
        RETURNING id
    )
    SELECT count(*) FROM purged
$$;

-- Replacing it took this away.
DO $$
BEGIN
    EXECUTE format(
        'ALTER FUNCTION purge_audit(timestamptz, integer) SECURITY DEFINER SET search_path = %I, pg_temp', current_schema()
    );
END
$$;
