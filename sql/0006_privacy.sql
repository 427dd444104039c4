-- ---------------------------------------------------------------------------------------------------------------------
-- How long data is kept, and who asked to be forgotten.
-- ---------------------------------------------------------------------------------------------------------------------

-- How many days a kind of data is kept, where that is not the default of worker/core/privacy/retention.py.
CREATE TABLE retention (
    kind text NOT NULL,
    days integer NOT NULL,
    -- Promise: a kind of data has one time.
    PRIMARY KEY (kind),
    CONSTRAINT retention_kind_is_known CHECK (kind IN ('bodies', 'texts', 'history', 'keys', 'letters', 'audit')),
    -- Promise: nothing goes that work, limits or a question about last year need.
    CONSTRAINT retention_keeps_what_is_needed CHECK (
        days <= 3650 AND days >= CASE
            WHEN kind IN ('bodies', 'letters') THEN 7
            WHEN kind = 'texts' THEN 30
            WHEN kind = 'audit' THEN 365
            ELSE 60
        END
    )
);

-- How far what is cleared in the order of its key has been cleared.
CREATE TABLE retention_progress (
    name text NOT NULL,
    month date NOT NULL,
    id bigint NOT NULL,
    -- Promise: there is one mark, and whoever moves it holds it.
    PRIMARY KEY (name)
);

-- One row for each request to forget a person. It is open until every text and attempt of theirs is settled.
CREATE TABLE erasures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Null: in every account.
    account text,
    -- The HMAC of the phone; null where a deleted contact is to be forgotten, whose phones are looked for.
    recipient_key bytea,
    -- The contact whose deletion asks for it, and the moment of that deletion.
    contact text,
    deleted_at timestamptz,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    -- Phones, ids and names, by which what speaks of the person is found; only as long as it is looked for.
    traces jsonb,
    -- Since when everything has been looked through, and the texts that were not settled then.
    searched_at timestamptz,
    row_months date[] NOT NULL DEFAULT '{}',
    row_ids bigint[] NOT NULL DEFAULT '{}',
    finished_at timestamptz,
    -- How many rows of each table were made anonymous.
    erased jsonb NOT NULL DEFAULT '{}',
    -- Promise: an erasure leaves no traces itself, and waits for nothing once it is finished.
    CONSTRAINT finished_erasure_leaves_no_traces CHECK (
        (finished_at IS NULL) = (traces IS NOT NULL) AND (finished_at IS NULL OR row_ids = '{}')
    ),
    CONSTRAINT erasure_is_of_a_phone_or_a_contact CHECK (
        CASE
            WHEN contact IS NULL THEN recipient_key IS NOT NULL AND deleted_at IS NULL
            ELSE account IS NOT NULL AND deleted_at IS NOT NULL AND recipient_key IS NULL
        END
    ),
    CONSTRAINT erasure_waits_for_rows CHECK (cardinality(row_ids) = cardinality(row_months))
);
-- Promise: a phone has one open erasure in an account, however often it is asked for.
CREATE UNIQUE INDEX one_open_erasure_per_phone ON erasures (coalesce(account, ''), recipient_key)
WHERE finished_at IS NULL AND recipient_key IS NOT NULL;
-- Promise: a contact's deletion is carried out once.
CREATE UNIQUE INDEX one_erasure_per_deletion ON erasures (account, contact, deleted_at) WHERE contact IS NOT NULL;
-- Contacts that the CRM deleted.
CREATE INDEX records_of_deleted_contacts ON records (account, id) WHERE deleted AND kind = 'contact';

-- Whether a contact that the CRM deletes is forgotten here too.
ALTER TABLE accounts ADD COLUMN erase_deleted boolean NOT NULL DEFAULT FALSE;

-- Promise: what may still go has a phone; a finished row may have been made anonymous.
ALTER TABLE notifications
DROP CONSTRAINT only_skipped_rows_lack_a_phone,
ADD CONSTRAINT only_finished_rows_lack_a_phone CHECK (
    phone IS NOT NULL OR state NOT IN ('planned', 'postponed', 'sending')
) NOT VALID;
ALTER TABLE notifications VALIDATE CONSTRAINT only_finished_rows_lack_a_phone;

-- ---------------------------------------------------------------------------------------------------------------------
-- What the tables' owner does for a role that only works.
-- ---------------------------------------------------------------------------------------------------------------------

-- Drop the oldest month of a table that is older than this day, and name it. Writers come first, as in keep_partitions.
CREATE FUNCTION drop_month(parent text, first_kept date) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
SET lock_timeout = '500ms' AS $$
DECLARE
    child text;
BEGIN
    IF parent NOT IN ('events', 'notifications', 'transitions', 'attempts', 'search_entries') OR first_kept > current_date - 59 THEN
        RAISE EXCEPTION 'no month of % before % may be dropped', parent, first_kept;
    END IF;
    SELECT min(c.relname) INTO child
    FROM pg_inherits AS i INNER JOIN pg_class AS c ON i.inhrelid = c.oid
    WHERE i.inhparent = parent::regclass AND c.relname ~ ('^' || parent || '_[0-9]{4}_[0-9]{2}$')
        AND c.relname < parent || to_char(first_kept, '_YYYY_MM');
    IF child IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('LOCK TABLE ONLY %I IN ACCESS EXCLUSIVE MODE', parent);
    EXECUTE format('DROP TABLE IF EXISTS %I', child);
    RETURN NEXT child;
END
$$;

-- Delete some notes that are older than this, never of the last year, and count them.
CREATE FUNCTION purge_audit(first_kept timestamptz, slice integer) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
    WITH purged AS (
        DELETE FROM audit
        WHERE id = ANY(ARRAY(
            SELECT id FROM audit WHERE at < least(first_kept, now() - interval '8760 hours') ORDER BY at LIMIT slice
        ))
        RETURNING id
    )
    SELECT count(*) FROM purged
$$;

-- Whoever calls them does what their owner may: nobody but the roles that `migrate --grants` names.
DO $$
DECLARE
    function regprocedure;
BEGIN
    FOREACH function IN ARRAY ARRAY[
        'keep_partitions(text, timestamptz)', 'drop_month(text, date)', 'purge_audit(timestamptz, integer)'
    ]::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = %I, pg_temp', function, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END
$$;
