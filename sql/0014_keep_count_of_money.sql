-- Money: what was spent and what may be, what things cost, what is left, and who is told.

ALTER TABLE accounts
-- What an account may spend in a day of its own zone, in hryvnias and in segments; null is no limit.
ADD COLUMN daily_budget numeric(12, 2),
ADD COLUMN daily_segments integer,
ADD COLUMN over_budget text NOT NULL DEFAULT 'stop',
-- Less money than this, or less than lasts for so many hours, is low; null is never.
ADD COLUMN low_balance numeric(12, 2),
ADD COLUMN low_hours smallint,
-- Who is told by SMS, in E.164; null is nobody.
ADD COLUMN alert_phone text,
ADD CONSTRAINT account_budget_lets_something_through CHECK (daily_budget > 0 AND daily_segments > 0),
ADD CONSTRAINT over_account_budget_is_known CHECK (over_budget IN ('stop', 'alert')),
ADD CONSTRAINT low_balance_is_positive CHECK (low_balance > 0 AND low_hours > 0),
ADD CONSTRAINT alert_phone_is_a_number CHECK (alert_phone ~ '^\+\d{8,15}$');

ALTER TABLE triggers
ADD COLUMN daily_budget numeric(12, 2),
ADD COLUMN daily_segments integer,
ADD COLUMN over_budget text NOT NULL DEFAULT 'stop',
ADD CONSTRAINT trigger_budget_lets_something_through CHECK (daily_budget > 0 AND daily_segments > 0),
ADD CONSTRAINT over_trigger_budget_is_known CHECK (over_budget IN ('stop', 'alert'));

-- What claims took of a day, and what came back of it because TurboSMS refused it for certain: two rows, so that who
-- writes one never waits for who writes the other. A day is the account's own. Written and read by claims while they
-- hold the account's row in `rates`.
CREATE TABLE spending (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    day date NOT NULL,
    trigger text NOT NULL,
    is_refund boolean NOT NULL,
    -- Segments; a Viber message counts as one.
    segments bigint NOT NULL,
    -- Hryvnias, as they were expected; zero where no price was known.
    cost numeric(14, 4) NOT NULL,
    -- Promise: what is claimed in a day is counted in one place, so that nobody can spend the same hryvnia.
    PRIMARY KEY (account, day, trigger, is_refund),
    CONSTRAINT spending_is_counted_up CHECK (segments >= 0 AND cost >= 0)
);
CREATE INDEX spending_by_age ON spending (day);

-- What each row of the attempt was counted as, and on which day: a refusal gives back exactly that.
ALTER TABLE attempts
ADD COLUMN spent_on date,
ADD COLUMN row_segments smallint,
ADD COLUMN row_cost numeric(10, 4);

-- What a segment of an SMS, or a Viber message, lately cost, as TurboSMS told of single messages.
CREATE TABLE prices (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    channel text NOT NULL,
    price numeric(10, 4) NOT NULL,
    learned_at timestamptz NOT NULL,
    -- Promise: a channel has one price.
    PRIMARY KEY (account, channel),
    CONSTRAINT priced_channel_is_known CHECK (channel IN ('sms', 'viber')),
    CONSTRAINT price_is_positive CHECK (price > 0)
);
-- A price is learned from the newest messages that have one.
CREATE INDEX legs_priced ON legs (account, channel, sent_at) WHERE price > 0 AND sent_at IS NOT NULL;
CREATE TRIGGER prices_bump_configuration
AFTER INSERT OR UPDATE OR DELETE ON prices
FOR EACH STATEMENT EXECUTE FUNCTION bump_configuration();

-- What TurboSMS said of an account's money; moments are rounded down to ten minutes.
CREATE TABLE balances (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    at timestamptz NOT NULL,
    balance numeric(14, 4) NOT NULL,
    -- Promise: however many schedulers ask, there is one answer for ten minutes, the first.
    PRIMARY KEY (account, at)
);

-- What somebody is to be told of an account, and when it was last. An alert of a trigger carries it: `name/trigger`.
CREATE TABLE alarms (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name text NOT NULL,
    -- What it speaks of, a day or a balance: the same is not told again.
    subject text NOT NULL,
    at timestamptz NOT NULL,
    facts jsonb NOT NULL,
    -- What became of its SMS; null while nobody has come to it.
    sms text,
    -- Promise: an alert is told once an hour at most, however many workers and schedulers see what it tells of.
    PRIMARY KEY (account, name),
    CONSTRAINT alarm_sms_is_known CHECK (sms IN ('planned', 'no_phone', 'account_paused', 'too_late'))
);
CREATE INDEX alarms_to_tell ON alarms (at) WHERE sms IS NULL;

-- `stats` asks for a span of time: messages lie in the order in which TurboSMS took them, so that a few pages of an
-- index find its blocks, and taking one costs next to nothing.
CREATE INDEX provider_messages_by_time ON provider_messages USING brin (accepted_at) WITH (
    pages_per_range = 32, autosummarize = on
);
