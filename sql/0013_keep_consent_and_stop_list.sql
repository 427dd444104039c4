-- Who agreed to advertising, who is not to be written to, and whom Viber does not reach.

-- What the CRM said last of a person's consent, by the record's version or time as records are; withdrawals too.
CREATE TABLE consents (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind text NOT NULL,
    id text NOT NULL,
    -- Null: the person is gone, and so is what they agreed to; older news revive neither.
    given boolean,
    version bigint,
    changed_at timestamptz NOT NULL,
    -- The CRM's id of the event that said so.
    event_id text NOT NULL,
    -- The newest consent that was given, for as long as it may have to be proved: it outlives its withdrawal.
    agreed_at timestamptz,
    agreed_event_id text,
    -- Promise: of each person the newest word counts, and only that.
    PRIMARY KEY (account, kind, id),
    CONSTRAINT agreement_has_its_event CHECK ((agreed_at IS NULL) = (agreed_event_id IS NULL)),
    -- Promise: what may be sent by consent can be proved.
    CONSTRAINT consent_is_proved CHECK (given IS NOT TRUE OR agreed_at IS NOT NULL)
);

-- The phone stands beside its HMAC so that the list can be given to others; it is plain as in the ledger beside it, and
-- may be erased: the HMAC alone still stops.
ALTER TABLE suppressions
ADD COLUMN scope text NOT NULL DEFAULT 'all',
ADD COLUMN phone text,
ADD COLUMN added_by text,
ADD CONSTRAINT suppression_scope_is_known CHECK (scope IN ('all', 'marketing'));

UPDATE suppressions AS s
SET
    phone = (
        SELECT max(n.phone) FROM notifications AS n
        WHERE n.account = s.account AND n.recipient_key = s.recipient_key
    );

-- Phones of which TurboSMS said that nobody has Viber there, and when it did.
CREATE TABLE viber_reach (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    recipient_key bytea NOT NULL,
    refused_at timestamptz NOT NULL,
    -- Promise: the newest refusal counts.
    PRIMARY KEY (account, recipient_key)
);

-- For how long Viber is not tried after that; 0 is always tried.
ALTER TABLE accounts
ADD COLUMN viber_reach_days smallint NOT NULL DEFAULT 30,
ADD CONSTRAINT viber_reach_days_are_few CHECK (viber_reach_days BETWEEN 0 AND 3650);

ALTER TABLE notifications
-- By which consent a marketing text goes: `said` in its event, or `recorded` before it.
ADD COLUMN consent text,
-- Why it goes as an SMS though Viber was to be tried first.
ADD COLUMN detour text,
ADD CONSTRAINT consent_is_said_or_recorded CHECK (consent IN ('said', 'recorded')) NOT VALID;
