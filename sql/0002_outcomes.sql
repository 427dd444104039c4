-- What CRMs hear: an outcome of a text, a pause, a spent budget or a refused event is written in the transaction that
-- makes the change, and deleted once RabbitMQ has it.

-- Which types an account's CRM hears of, or `all`; and whether it is told phone and text.
ALTER TABLE accounts
ADD COLUMN outcomes text[] NOT NULL DEFAULT '{}',
ADD COLUMN outcome_details boolean NOT NULL DEFAULT FALSE,
ADD CONSTRAINT outcomes_are_known CHECK (outcomes = '{all}' OR outcomes <@ ARRAY[
    'notification.accepted', 'notification.delivered', 'notification.read', 'notification.undelivered',
    'notification.skipped', 'notification.cancelled', 'notification.expired', 'notification.failed',
    'notification.unconfirmed', 'account.paused', 'account.resumed', 'budget.spent', 'event.refused'
]);

-- Asked by every statement that moves texts: does anybody hear at all?
CREATE INDEX accounts_that_hear ON accounts (id) WHERE outcomes <> '{}';

-- No foreign key to the account, as for the contact log.
CREATE TABLE outcomes (
    account text NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL,
    at timestamptz NOT NULL,
    -- A change of a text: its transition. What else a CRM is told of it is read when it is published.
    month date,
    notification bigint,
    version bigint,
    reason text,
    -- Of anything else, whatever a CRM is told: nothing personal.
    facts jsonb,
    -- Published account by account, the oldest first.
    PRIMARY KEY (account, id),
    -- Promise: an outcome is of one text, or holds what it is of.
    CONSTRAINT outcome_is_of_a_text_or_has_facts CHECK (
        num_nonnulls(month, notification, version) = CASE WHEN facts IS NULL THEN 3 ELSE 0 END
        AND starts_with(type, 'notification.') = (facts IS NULL)
    )
);

-- Promise: what became of a text is told, whoever changes its state. Nobody hears of texts that no event asked for.
CREATE FUNCTION record_outcomes_of_texts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts WHERE outcomes <> '{}') THEN
        RETURN NULL;
    END IF;
    INSERT INTO outcomes (account, type, at, month, notification, version, reason)
    SELECT a.id, t.type, t.at, t.month, t.notification, t.id, t.reason
    FROM (
        SELECT
            m.*, 'notification.' || CASE m.to_state WHEN 'refused' THEN 'failed' ELSE m.to_state END AS type
        FROM made AS m
        WHERE m.to_state IN (
            'accepted', 'delivered', 'read', 'undelivered', 'skipped', 'cancelled', 'expired', 'refused', 'failed',
            'unconfirmed'
        )
    ) AS t
    -- Each by its key: joined freely, a plan that was made for few rows would read all texts of an account for each.
    CROSS JOIN LATERAL (
        SELECT account, event FROM notifications WHERE month = t.month AND id = t.notification LIMIT 1
    ) AS n
    INNER JOIN accounts AS a ON n.account = a.id
    WHERE a.outcomes && ARRAY['all', t.type] AND n.event <> 0
    ORDER BY t.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER transitions_record_outcomes AFTER INSERT ON transitions REFERENCING NEW TABLE AS made
FOR EACH STATEMENT EXECUTE FUNCTION record_outcomes_of_texts();

-- A pause of every account is told to each, as one of `all`: it ends apart from their own. Whom a pause is of is not
-- told: the key of a person is over their phone, and the same for all accounts. Who ended one that a person did not
-- make is not known.
CREATE FUNCTION record_outcome_of_pause() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    pause pauses;
    change text := 'account.paused';
    moment timestamptz := clock_timestamp();
    actor text;
    ends_at timestamptz;
BEGIN
    IF TG_OP = 'DELETE' THEN
        pause := OLD;
        change := 'account.resumed';
        moment := least(pause.until, moment);
        ends_at := CASE WHEN moment = pause.until THEN moment END;
    ELSE
        pause := NEW;
        ends_at := pause.until;
    END IF;
    IF pause.scope ~ '^hand(/|$)' THEN
        actor := CASE WHEN TG_OP = 'DELETE' AND moment = ends_at THEN 'system' ELSE 'operator' END;
    ELSIF TG_OP <> 'DELETE' THEN
        actor := 'system';
    END IF;
    INSERT INTO outcomes (account, type, at, reason, facts)
    SELECT
        a.id, change, moment, pause.reason,
        jsonb_build_object(
            'scope', CASE
                WHEN pause.account IS NULL THEN regexp_replace(pause.scope, '^hand', 'all')
                WHEN starts_with(pause.scope, 'person/') THEN 'person'
                ELSE pause.scope
            END,
            'until', ends_at, 'by', actor
        )
    FROM accounts AS a
    WHERE (pause.account IS NULL OR a.id = pause.account) AND a.outcomes && ARRAY['all', change];
    RETURN NULL;
END
$$;
CREATE TRIGGER pauses_record_outcome AFTER INSERT OR UPDATE OF until OR DELETE ON pauses
FOR EACH ROW EXECUTE FUNCTION record_outcome_of_pause();

CREATE FUNCTION record_outcome_of_budget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO outcomes (account, type, at, facts)
    SELECT a.id, 'budget.spent', NEW.at, jsonb_build_object('name', NEW.name, 'day', NEW.subject, 'limits', NEW.facts)
    FROM accounts AS a
    WHERE a.id = NEW.account AND a.outcomes && ARRAY['all', 'budget.spent'];
    RETURN NULL;
END
$$;
CREATE TRIGGER alerts_record_outcome AFTER INSERT OR UPDATE OF subject ON alerts
FOR EACH ROW WHEN (split_part(new.name, '/', 1) = 'budget.spent') EXECUTE FUNCTION record_outcome_of_budget();

-- The same bytes that come again are the dead letter that a CRM has heard of. What it says of the event is read when it
-- is published: an erasure may clear it.
CREATE FUNCTION record_outcomes_of_refusals() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO outcomes (account, type, at, reason, facts)
    SELECT
        a.id, 'event.refused', d.created_at, d.reason,
        jsonb_build_object('dead_letter', d.id)
    FROM buried AS d
    INNER JOIN accounts AS a ON d.account = a.id
    WHERE d.kind = 'event' AND a.outcomes && ARRAY['all', 'event.refused']
    ORDER BY d.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER dead_letters_record_outcomes AFTER INSERT ON dead_letters REFERENCING NEW TABLE AS buried
FOR EACH STATEMENT EXECUTE FUNCTION record_outcomes_of_refusals();

-- They write for roles that may not: whatever path such a role is led down, they go to our own tables.
DO $$
DECLARE
    function regprocedure;
BEGIN
    FOREACH function IN ARRAY ARRAY[
        'record_outcomes_of_texts()', 'record_outcome_of_pause()', 'record_outcome_of_budget()',
        'record_outcomes_of_refusals()'
    ]::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', function, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END
$$;
