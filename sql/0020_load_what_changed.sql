-- An edit of one account made every process read the configuration of all: with 10,000 accounts seconds and 200 MB, in
-- every thread at once. Each account has a version of its own, and what is read anew is those that are newer.
CREATE TABLE account_versions (
    account text PRIMARY KEY,
    version bigint NOT NULL
);
CREATE INDEX account_versions_newest ON account_versions (version);

-- Promise: versions grow in the order of commits, for whoever changes anything waits for whoever did before.
CREATE FUNCTION note_changes(changed text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next bigint;
BEGIN
    IF changed IS NULL THEN
        RETURN;
    END IF;
    UPDATE configuration SET version = version + 1 RETURNING version INTO next;
    -- An account that is gone stays: whoever holds it has to hear of it.
    INSERT INTO account_versions (account, version)
    SELECT DISTINCT unnest(changed), next
    ON CONFLICT (account) DO UPDATE SET version = excluded.version;
END
$$;

CREATE FUNCTION note_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    accounts text [];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', TG_ARGV[0]) INTO accounts;
    PERFORM note_changes(accounts);
    RETURN NULL;
END
$$;

CREATE FUNCTION note_accounts_of_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_changes(
        (SELECT array_agg(DISTINCT t.account) FROM changed AS c INNER JOIN templates AS t ON c.template = t.id)
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER accounts_note_insert AFTER INSERT ON accounts REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('id');
CREATE TRIGGER accounts_note_update AFTER UPDATE ON accounts REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('id');
CREATE TRIGGER accounts_note_delete AFTER DELETE ON accounts REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('id');
CREATE TRIGGER triggers_note_insert AFTER INSERT ON triggers REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER triggers_note_update AFTER UPDATE ON triggers REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER triggers_note_delete AFTER DELETE ON triggers REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER templates_note_insert AFTER INSERT ON templates REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER templates_note_update AFTER UPDATE ON templates REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER templates_note_delete AFTER DELETE ON templates REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER template_versions_note_insert AFTER INSERT ON template_versions REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts_of_texts();
CREATE TRIGGER template_versions_note_update AFTER UPDATE ON template_versions REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts_of_texts();
CREATE TRIGGER template_versions_note_delete AFTER DELETE ON template_versions REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts_of_texts();
CREATE TRIGGER prices_note_insert AFTER INSERT ON prices REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER prices_note_update AFTER UPDATE ON prices REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');
CREATE TRIGGER prices_note_delete AFTER DELETE ON prices REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_accounts('account');

DROP TRIGGER accounts_bump_configuration ON accounts;
DROP TRIGGER triggers_bump_configuration ON triggers;
DROP TRIGGER templates_bump_configuration ON templates;
DROP TRIGGER template_versions_bump_configuration ON template_versions;
DROP TRIGGER prices_bump_configuration ON prices;
DROP FUNCTION bump_configuration();
