-- Every event and every text asked whether its account is still there, and the many transactions of one account shared
-- a lock on that one row for it: most of the time that a claim took. Whoever writes these rows has just read the
-- account; what a foreign key did besides is done here.
ALTER TABLE calendar DROP CONSTRAINT calendar_account_fkey;
ALTER TABLE tellings DROP CONSTRAINT tellings_account_fkey;

CREATE FUNCTION forget_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM calendar WHERE account = OLD.id;
    DELETE FROM tellings WHERE account = OLD.id;
    RETURN NULL;
END
$$;
-- Promise: with an account its calendar goes, and who was told what.
CREATE TRIGGER accounts_take_their_rows_along
AFTER DELETE ON accounts
FOR EACH ROW EXECUTE FUNCTION forget_account();
