-- Filters of the history that somebody keeps under a name. Words that are searched for are of people, and not kept.
CREATE TABLE saved_views (
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name text NOT NULL,
    -- As in an address, without its question mark.
    query text NOT NULL,
    -- Promise: a name is one view of its owner's.
    PRIMARY KEY (user_id, account, name),
    CONSTRAINT saved_view_has_a_name CHECK (name ~ '^\S(.*\S)?$' AND length(name) <= 60),
    CONSTRAINT saved_view_fits_an_address CHECK (length(query) BETWEEN 1 AND 2000)
);
-- For the account's end.
CREATE INDEX saved_views_of_an_account ON saved_views (account);
