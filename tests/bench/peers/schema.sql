-- What a peer needs of PostgreSQL: who sends, with which text, and a row for each message.
CREATE TABLE accounts (
    id text PRIMARY KEY,
    sender text NOT NULL,
    token text NOT NULL
);

CREATE TABLE templates (
    account text NOT NULL REFERENCES accounts,
    event_type text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (account, event_type)
);

CREATE TABLE messages (
    account text NOT NULL,
    event_id text NOT NULL,
    phone text NOT NULL,
    text text NOT NULL,
    segments smallint NOT NULL,
    key text NOT NULL,
    status text NOT NULL DEFAULT 'claimed',
    provider_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    -- Promise: an event is sent once.
    PRIMARY KEY (account, event_id)
);
