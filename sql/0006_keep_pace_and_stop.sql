-- The send engine's shared memory: the pace, what stands still and how it is probed, what each person got.

-- Where each lane's line ends: rows that the pace has no room for come due one after another. `failing` is how far an
-- account's provider is from being left alone.
ALTER TABLE rates
ALTER COLUMN requests_at SET DEFAULT 'epoch',
ALTER COLUMN segments_at SET DEFAULT 'epoch',
ALTER COLUMN slowed_until SET DEFAULT 'epoch',
ADD COLUMN urgent_line timestamptz NOT NULL DEFAULT 'epoch',
ADD COLUMN normal_line timestamptz NOT NULL DEFAULT 'epoch',
ADD COLUMN bulk_line timestamptz NOT NULL DEFAULT 'epoch',
ADD COLUMN failing real NOT NULL DEFAULT 0,
ADD COLUMN failed_at timestamptz NOT NULL DEFAULT 'epoch',
ADD CONSTRAINT failing_is_counted_up CHECK (failing >= 0);

-- Who stands in a line: an empty line is forgotten.
CREATE INDEX notifications_in_line ON notifications (account, lane) WHERE state = 'postponed' AND reason = 'paced';

ALTER TABLE accounts
-- Texts in one sendmulti.
ADD COLUMN multi_max smallint NOT NULL DEFAULT 20,
-- What one person may get in any hour and in any day.
ADD COLUMN person_hour_max smallint NOT NULL DEFAULT 15,
ADD COLUMN person_day_max smallint NOT NULL DEFAULT 40,
-- How long the same text does not go to the same person again; zero is no limit.
ADD COLUMN same_text interval NOT NULL DEFAULT interval '10 minutes',
-- A trigger that sends more than this in an hour, and far more than its busiest hour before, is stopped.
ADD COLUMN brake_from integer NOT NULL DEFAULT 2000,
ADD CONSTRAINT multi_max_is_small CHECK (multi_max BETWEEN 1 AND 100),
ADD CONSTRAINT limits_let_something_through CHECK (
    person_hour_max > 0 AND person_day_max > 0 AND same_text >= interval '0' AND brake_from > 0
);

-- What becomes of a row whose attempt nobody can tell of when its key's life is over: it stays `unconfirmed`, or goes
-- once more under a fresh key.
ALTER TABLE triggers
ADD COLUMN in_doubt text NOT NULL DEFAULT 'lose',
ADD CONSTRAINT in_doubt_is_known CHECK (in_doubt IN ('lose', 'repeat'));

-- The operator's question: what may have been sent, and nobody can tell?
CREATE INDEX notifications_in_doubt ON notifications (month, id) WHERE state = 'unconfirmed';

-- Scope 'account' waits for money, token or sender; 'provider' is left alone because it fails; the others were stopped
-- for running away and wait for a person.
ALTER TABLE pauses
ADD COLUMN probe_at timestamptz,
ADD COLUMN probes smallint NOT NULL DEFAULT 0,
ADD CONSTRAINT pause_scope_is_known CHECK (scope ~ '^(account|provider|trigger/[a-z0-9_.]+|person/[0-9a-f]+)$');

-- Attempts that travel in one POST share its name. While `post_until` lies ahead the POST may be under way.
ALTER TABLE attempts
ADD COLUMN post text,
ADD COLUMN post_until timestamptz,
ADD COLUMN is_probe boolean NOT NULL DEFAULT FALSE;
CREATE INDEX attempts_under_way ON attempts (account, post_until) WHERE post_until IS NOT NULL;

-- What went to whom, for the limits of a person and the habits of a phone; kept for a fortnight.
CREATE TABLE tellings (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    recipient_key bytea NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    text_hash bytea NOT NULL,
    at timestamptz NOT NULL,
    -- Promise: a notification counts once, however often it was tried.
    PRIMARY KEY (account, recipient_key, month, notification),
    CONSTRAINT text_hash_has_16_bytes CHECK (octet_length(text_hash) = 16)
);
CREATE INDEX tellings_by_age ON tellings (at);

-- How many rows of a trigger went out in each hour: its habit.
CREATE TABLE volumes (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    trigger text NOT NULL,
    hour timestamptz NOT NULL,
    sent integer NOT NULL,
    -- Promise: an hour is counted in one place.
    PRIMARY KEY (account, trigger, hour),
    CONSTRAINT volume_is_counted_up CHECK (sent >= 0)
);
