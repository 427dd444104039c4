-- Who changed, did or looked at what, and when. Nothing changes a row, and only retention deletes one.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    -- The name that a person gave, or their user's name on the machine.
    done_by text NOT NULL,
    action text NOT NULL,
    -- No foreign key: what was done to an account outlives it.
    account text,
    -- What it was done to: a trigger, a template, a setting, the hash of a phone. Never a phone, a text or a token.
    subject text NOT NULL,
    -- What was different, before and after; null where there was nothing.
    before jsonb,
    after jsonb,
    -- Promise: an action has a name, and somebody did it to something.
    CONSTRAINT audit_names_who_did_what CHECK (done_by <> '' AND action ~ '^[a-z_]+$' AND subject <> ''),
    CONSTRAINT audited_values_are_objects CHECK (jsonb_typeof(before) = 'object' AND jsonb_typeof(after) = 'object')
);
-- The operator's question: what happened lately to this account? And retention's: what is old enough to be deleted?
CREATE INDEX audit_of_an_account ON audit (account, id);
CREATE INDEX audit_by_age ON audit (at);
