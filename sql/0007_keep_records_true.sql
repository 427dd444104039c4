-- Events that keep records true and tell nobody: their outcome is `recorded`.

ALTER TABLE events
DROP CONSTRAINT event_outcome_is_known,
-- What came of it: notifications were planned; the fact had been told before; no recipient of a kind that its triggers
-- speak to; no trigger switched on; no trigger speaks of it, and what it says of its record is kept.
ADD CONSTRAINT event_outcome_is_known CHECK (
    outcome IN ('planned', 'told_before', 'nobody', 'switched_off', 'recorded')
) NOT VALID;

-- What people send by hand was sent before there was a switch for it.
INSERT INTO triggers (account, trigger, switched_on)
SELECT
    id AS account,
    'sms_send_requested' AS trigger,
    TRUE AS switched_on
FROM accounts
ON CONFLICT (account, trigger) DO NOTHING;
