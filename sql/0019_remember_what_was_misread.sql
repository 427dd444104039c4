-- Fields of an account's events that no rule could make anything of: statuses that no table knows, what was given up.
-- `word` is what stood there last, of statuses and days alone.
CREATE TABLE misread (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    field text NOT NULL,
    word text NOT NULL,
    events bigint NOT NULL,
    at timestamptz NOT NULL,
    -- Promise: a row for each field, however often it is wrong.
    PRIMARY KEY (account, field)
);
