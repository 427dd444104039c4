-- What a program asks of its own account over HTTP costs by what that account has, not by what all have.

-- The newest events of an account: no row of another is read, and no page ends at one.
CREATE INDEX events_of_an_account ON events (account, month, id);

-- The stop-list in its order.
CREATE INDEX suppressions_by_time ON suppressions (account, since DESC, recipient_key);

-- Whose texts a person let go on, until the scheduler has made due what waited: whoever resumed may be gone by then.
CREATE TABLE resumes (
    -- Null: of every account.
    account text REFERENCES accounts ON DELETE CASCADE,
    at timestamptz NOT NULL,
    -- Promise: however often an account is resumed, its texts are woken once.
    CONSTRAINT account_is_woken_once UNIQUE NULLS NOT DISTINCT (account)
);
