-- What a search looks in: written by the scheduler a minute after a notification, never by whoever plans or sends it.

CREATE TABLE search_entries (
    month date NOT NULL,
    account text NOT NULL,
    notification bigint NOT NULL,
    -- The person and the company, as the event names them; null where it does not.
    name text,
    -- Text, name and phone without case: what a keyword is looked for in.
    words text NOT NULL,
    -- Numbers that only this account has: of every three letters in a row, of the person, the client, the record, the
    -- event, the trigger and the channel.
    terms integer[] NOT NULL,
    -- Promise: a notification is found once.
    PRIMARY KEY (month, account, notification),
    CONSTRAINT search_month_is_a_first_day CHECK (extract(DAY FROM month) = 1)
) PARTITION BY LIST (month);
CREATE TABLE search_entries_default PARTITION OF search_entries DEFAULT;
CREATE INDEX search_entries_by_terms ON search_entries USING gin (terms);

-- Every older notification has been entered, or waits in `search_changes`.
CREATE TABLE search_progress (
    singleton boolean PRIMARY KEY DEFAULT TRUE,
    month date NOT NULL,
    notification bigint NOT NULL,
    -- Promise: there is one mark, and whoever moves it holds it.
    CONSTRAINT search_progress_is_one_row CHECK (singleton)
);
INSERT INTO search_progress (month, notification) VALUES ('1970-01-01', 0);

-- Notifications whose entry was deleted because it was no longer true; each that is still there is entered anew.
CREATE TABLE search_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month date NOT NULL,
    account text NOT NULL,
    notification bigint NOT NULL
);
CREATE INDEX search_changes_of_an_account ON search_changes (account);

CREATE FUNCTION forget_search_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM search_entries
    WHERE month = OLD.month AND account = OLD.account AND notification = OLD.id;
    INSERT INTO search_changes (month, account, notification) VALUES (OLD.month, OLD.account, OLD.id);
    RETURN NULL;
END
$$;
-- Promise: what is erased or changed in a notification is not found any more. Statements that change no word, as all
-- that send do, do not fire it. Nor does a change of channel alone, which a claim makes: a search looks at it itself.
CREATE TRIGGER notifications_forget_search_entry
AFTER UPDATE OF text, phone, recipient_key, recipient_kind, recipient_id, client_id, event ON notifications
FOR EACH ROW WHEN (
    (
        old.text, old.phone, old.recipient_key, old.recipient_kind, old.recipient_id, old.client_id, old.event
    ) IS DISTINCT FROM (
        new.text, new.phone, new.recipient_key, new.recipient_kind, new.recipient_id, new.client_id, new.event
    )
) EXECUTE FUNCTION forget_search_entry();
-- A row that moves from one partition to another is deleted there, too.
CREATE TRIGGER notifications_forget_deleted
AFTER DELETE ON notifications
FOR EACH ROW EXECUTE FUNCTION forget_search_entry();

-- What an operator looks for by its state, of which there is little among all that went well.
CREATE INDEX notifications_ended_otherwise ON notifications (account, ended_as, id) WHERE ended_as IS NOT NULL;
