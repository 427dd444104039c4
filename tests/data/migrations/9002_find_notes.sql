-- What the release after it may do to the others.

CREATE INDEX notes_of_records ON records (account, changed_at);
CREATE TRIGGER templates_note AFTER UPDATE ON templates FOR EACH STATEMENT EXECUTE FUNCTION stamp_rules_since();
DROP TRIGGER templates_note ON templates;
ALTER TABLE attempts ADD COLUMN noted_at timestamptz;
ALTER TABLE notifications ADD COLUMN noted_at timestamptz;
ALTER TABLE rate_limits ADD COLUMN note text;
ALTER TABLE event_keys ADD COLUMN note text;
ALTER TABLE notification_keys ADD COLUMN note text;
