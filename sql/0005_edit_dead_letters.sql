-- A dead letter as a person edited it, and the event that it became: what arrived stays beside it.
ALTER TABLE dead_letters
ADD COLUMN edited_body bytea,
ADD COLUMN edited_at timestamptz,
ADD COLUMN edited_by text,
ADD COLUMN event_month date,
ADD COLUMN event bigint;
ALTER TABLE dead_letters ALTER COLUMN edited_body SET STORAGE EXTERNAL;

-- Promise: whoever changed what the CRM published is named.
ALTER TABLE dead_letters ADD CONSTRAINT edited_dead_letter_names_who CHECK (
    num_nonnulls(edited_body, edited_at, edited_by) IN (0, 3)
) NOT VALID;
ALTER TABLE dead_letters VALIDATE CONSTRAINT edited_dead_letter_names_who;

-- Promise: only what the CRM published is edited; ids of notifications are not.
ALTER TABLE dead_letters ADD CONSTRAINT only_events_are_edited CHECK (
    edited_body IS NULL OR kind = 'event'
) NOT VALID;
ALTER TABLE dead_letters VALIDATE CONSTRAINT only_events_are_edited;

-- Promise: only a replay makes an event of a letter.
ALTER TABLE dead_letters ADD CONSTRAINT dead_letter_became_one_event CHECK (
    num_nonnulls(event_month, event) IN (0, 2) AND (event IS NULL OR state = 'replayed')
) NOT VALID;
ALTER TABLE dead_letters VALIDATE CONSTRAINT dead_letter_became_one_event;
