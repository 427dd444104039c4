-- The texts of an account are read whenever it changes: without this all templates of all accounts are looked through.
CREATE INDEX templates_of_account ON templates (account);
