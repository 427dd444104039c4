-- The calendar as events fill it, the rules of accounts as they change, and which clocks of the world were known.

ALTER TABLE calendar
-- Null: the record has no such moment, or no event told of it yet.
ALTER COLUMN local_at DROP NOT NULL,
-- Null: the account's.
ALTER COLUMN zone DROP NOT NULL,
-- The `data` of the newest event, with the recipients of the newest one that named any.
ADD COLUMN data jsonb NOT NULL DEFAULT '{}',
-- What was wrong with the event, and was taken otherwise.
ADD COLUMN corrections text[] NOT NULL DEFAULT '{}',
-- Of the account's rules that its timers were computed by; 0: none were yet.
ADD COLUMN rules_version bigint NOT NULL DEFAULT 0,
-- Promise: what is kept is as good as the event's own data.
ADD CONSTRAINT calendar_keeps_an_object CHECK (jsonb_typeof(data) = 'object');

-- What is to be computed anew is found without looking through the rest.
CREATE INDEX calendar_by_rules_version ON calendar (account, rules_version);

ALTER TABLE accounts
-- Grows with every change of what the clock tells and when: older entries of the calendar are computed anew.
ADD COLUMN rules_version bigint NOT NULL DEFAULT 1,
ADD CONSTRAINT rules_version_counts_from_one CHECK (rules_version >= 1);

-- Until now the CRM's own clock set these off: nobody gets reminders of ours beside it before an admin asks for them.
INSERT INTO triggers AS known (account, trigger, switched_on, settings)
SELECT
    a.id AS account,
    c.trigger,
    FALSE AS switched_on,
    '{"timing": "off"}' AS settings
FROM accounts AS a
CROSS JOIN
    unnest(
        ARRAY[
            'meeting_reminder',
            'booking_reminder',
            'staff_reminder',
            'contact_birthday',
            'contract_expiration_reminder',
            'proposal_expiration_reminder', 'invoice_overdue_notice'
        ]
    ) AS c (trigger)
ON CONFLICT (account, trigger) DO UPDATE SET settings = known.settings || excluded.settings;

CREATE FUNCTION bump_rules_with_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rules_version := OLD.rules_version + 1;
    RETURN NEW;
END
$$;
-- What quiet hours would keep until it is too late is told before them: they are part of when people are told.
CREATE TRIGGER accounts_bump_rules
BEFORE UPDATE OF zone, window_opens, window_closes ON accounts
FOR EACH ROW WHEN (
    (old.zone, old.window_opens, old.window_closes) IS DISTINCT FROM (new.zone, new.window_opens, new.window_closes)
) EXECUTE FUNCTION bump_rules_with_hours();

CREATE FUNCTION bump_rules_with_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET rules_version = rules_version + 1
    WHERE id = coalesce(NEW.account, OLD.account);
    RETURN NULL;
END
$$;
CREATE TRIGGER triggers_bump_rules
AFTER UPDATE ON triggers
FOR EACH ROW WHEN (
    (old.switched_on, old.settings) IS DISTINCT FROM (new.switched_on, new.settings)
) EXECUTE FUNCTION bump_rules_with_trigger();
CREATE TRIGGER triggers_come_and_go_with_rules
AFTER INSERT OR DELETE ON triggers
FOR EACH ROW EXECUTE FUNCTION bump_rules_with_trigger();

-- The version of the world's time zones (tzdata) that timers were computed by.
CREATE TABLE world_clocks (
    one boolean PRIMARY KEY DEFAULT TRUE,
    tzdata text NOT NULL,
    -- Promise: all schedulers go by the newest zones that one of them knows.
    CONSTRAINT world_clocks_are_one_row CHECK (one)
);
