-- Events that keep records true and tell nobody: their outcome is `recorded`.

-- A month's partition was made like its parent and holds the check in its own right.
DO $$
DECLARE
    holder regclass;
BEGIN
    FOR holder IN
        SELECT 'events'::regclass UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'events'::regclass
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS event_outcome_is_known', holder);
    END LOOP;
END
$$;

ALTER TABLE events
-- What came of it: notifications were planned; the fact had been told before; no recipient of a kind that its triggers
-- speak to; no trigger switched on; no trigger speaks of it, and what it says of its record is kept.
ADD CONSTRAINT event_outcome_is_known CHECK (
    outcome IN ('planned', 'told_before', 'nobody', 'switched_off', 'recorded')
);
