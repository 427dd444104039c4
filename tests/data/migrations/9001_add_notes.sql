-- What a next release may do to tables that work touches.

ALTER TABLE accounts ADD COLUMN note text, ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE events
ADD COLUMN note text,
DROP CONSTRAINT event_outcome_is_known,
ADD CONSTRAINT event_outcome_is_known CHECK (
    outcome IN ('planned', 'already_planned', 'no_recipient', 'switched_off', 'recorded', 'noted')
) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT event_outcome_is_known;
ALTER TABLE notifications
ADD COLUMN note text,
ADD CONSTRAINT note_is_short CHECK (length(note) < 100) NOT VALID;
ALTER TABLE notifications VALIDATE CONSTRAINT note_is_short;
ALTER TABLE attempts ADD COLUMN note text;
ALTER TABLE transitions ADD COLUMN note text;
CREATE TABLE notes (account text REFERENCES accounts ON DELETE CASCADE, attempt text);
