-- Written by `make schema` from the migrations beside it. Not applied by anything; do not edit.

CREATE FUNCTION public.bump_account_versions(changed text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    next bigint;
BEGIN
    IF changed IS NULL THEN
        RETURN;
    END IF;
    UPDATE configuration SET version = version + 1 RETURNING version INTO next;
    INSERT INTO account_versions (account, version)
    SELECT DISTINCT unnest(changed), next
    ON CONFLICT (account) DO UPDATE SET version = excluded.version;
END
$$;

CREATE FUNCTION public.bump_rules_of_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.rules_version := OLD.rules_version + 1;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.bump_rules_of_trigger() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE accounts SET rules_version = rules_version + 1
    WHERE id = coalesce(NEW.account, OLD.account);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.delete_rows_of_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM calendar WHERE account = OLD.id;
    DELETE FROM contact_log WHERE account = OLD.id;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.drop_month(parent text, first_kept date) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET lock_timeout TO '500ms'
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION public.forget_search_entry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM search_entries
    WHERE month = OLD.month AND account = OLD.account AND notification = OLD.id;
    INSERT INTO search_changes (month, account, notification) VALUES (OLD.month, OLD.account, OLD.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.keep_partitions(parent text, moment timestamp with time zone) RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET lock_timeout TO '500ms'
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    first_day date;
    child text;
    -- Generated columns are not inserted.
    given text := (
        SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = parent::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    );
    -- Room on each page for one change of each of its texts, which come at once.
    filled smallint := CASE parent WHEN 'notifications' THEN 50 ELSE 100 END;
BEGIN
    FOR ahead IN -1..3 LOOP
        first_day := date_trunc('month', moment AT TIME ZONE 'UTC') + make_interval(months => ahead);
        child := parent || to_char(first_day, '_YYYY_MM');
        CONTINUE WHEN to_regclass(child) IS NOT NULL;
        EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
        EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
        -- Another may have made it while we waited.
        CONTINUE WHEN to_regclass(child) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS) WITH (fillfactor = %s)',
            child, parent, filled
        );
        EXECUTE format(
            'WITH caught AS (DELETE FROM %1$I WHERE month = %2$L RETURNING %4$s)'
            ' INSERT INTO %3$I (%4$s) SELECT * FROM caught',
            parent || '_default', first_day, child, given
        );
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, child, first_day);
        RETURN NEXT child;
    END LOOP;
END
$_$;

CREATE FUNCTION public.purge_audit(first_kept timestamp with time zone, slice integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH kept AS (
        SELECT greatest(coalesce((SELECT days FROM retention WHERE kind = 'audit'), 1825), 365) AS days
    ),
    purged AS (
        DELETE FROM audit
        WHERE id = ANY(ARRAY(
            SELECT a.id FROM audit AS a CROSS JOIN kept AS k
            WHERE a.at < least(first_kept, now() - k.days * interval '24 hours')
            ORDER BY a.at
            LIMIT slice
        ))
        RETURNING id
    )
    SELECT count(*) FROM purged
$$;

CREATE FUNCTION public.record_changed_accounts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    accounts text [];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', TG_ARGV[0]) INTO accounts;
    PERFORM bump_account_versions(accounts);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.record_changed_templates() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM bump_account_versions(
        (SELECT array_agg(DISTINCT t.account) FROM changed AS c INNER JOIN templates AS t ON c.template = t.id)
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION public.record_outcome_of_budget() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO outcomes (account, type, at, facts)
    SELECT a.id, 'budget.spent', NEW.at, jsonb_build_object('name', NEW.name, 'day', NEW.subject, 'limits', NEW.facts)
    FROM accounts AS a
    WHERE a.id = NEW.account AND a.outcomes && ARRAY['all', 'budget.spent'];
    RETURN NULL;
END
$$;

CREATE FUNCTION public.record_outcome_of_pause() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION public.record_outcomes_of_refusals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.record_outcomes_of_texts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.stamp_rules_since() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.rules_since := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE TABLE public.account_versions (
    account text NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE public.accounts (
    id text NOT NULL,
    name text NOT NULL,
    token bytea NOT NULL,
    sms_sender text NOT NULL,
    viber_sender text,
    zone text DEFAULT 'Europe/Kyiv'::text NOT NULL,
    locale text DEFAULT 'uk'::text NOT NULL,
    window_opens smallint DEFAULT 540 NOT NULL,
    window_closes smallint DEFAULT 1200 NOT NULL,
    post_mode text DEFAULT 'send'::text NOT NULL,
    key_life interval DEFAULT '24:00:00'::interval NOT NULL,
    requests_per_s real DEFAULT 10 NOT NULL,
    segments_per_s real,
    in_flight smallint DEFAULT 5 NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    multi_max smallint DEFAULT 20 NOT NULL,
    person_hour_max smallint DEFAULT 15 NOT NULL,
    person_day_max smallint DEFAULT 40 NOT NULL,
    same_text interval DEFAULT '00:10:00'::interval NOT NULL,
    runaway_threshold integer DEFAULT 2000 NOT NULL,
    custom_shortcodes text[] DEFAULT '{}'::text[] NOT NULL,
    plain_punctuation boolean DEFAULT false NOT NULL,
    transliterate boolean DEFAULT false NOT NULL,
    segment_price numeric(9,4),
    viber_instead boolean DEFAULT false NOT NULL,
    callback_secret bytea,
    viber_reach_days smallint DEFAULT 30 NOT NULL,
    daily_budget numeric(12,2),
    daily_segments integer,
    over_budget text DEFAULT 'stop'::text NOT NULL,
    low_balance numeric(12,2),
    low_hours smallint,
    alert_phone text,
    erase_deleted boolean DEFAULT false NOT NULL,
    rules_version bigint DEFAULT 1 NOT NULL,
    rules_since timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    outcomes text[] DEFAULT '{}'::text[] NOT NULL,
    outcome_details boolean DEFAULT false NOT NULL,
    viber_alone boolean DEFAULT false NOT NULL,
    CONSTRAINT account_budget_lets_something_through CHECK (((daily_budget > (0)::numeric) AND (daily_segments > 0))),
    CONSTRAINT account_id_fits_a_routing_key CHECK ((id ~ '^[a-z0-9-]{1,40}$'::text)),
    CONSTRAINT alert_phone_is_a_number CHECK ((alert_phone ~ '^\+\d{8,15}$'::text)),
    CONSTRAINT custom_shortcodes_are_codes CHECK (((custom_shortcodes)::text ~ '^\{([a-z][a-z0-9_]{0,99}(,[a-z][a-z0-9_]{0,99})*)?\}$'::text)),
    CONSTRAINT key_life_is_positive CHECK ((key_life > '00:00:00'::interval)),
    CONSTRAINT limits_let_something_through CHECK (((person_hour_max > 0) AND (person_day_max > 0) AND (same_text >= '00:00:00'::interval) AND (runaway_threshold > 0))),
    CONSTRAINT low_balance_is_positive CHECK (((low_balance > (0)::numeric) AND (low_hours > 0))),
    CONSTRAINT multi_max_is_small CHECK (((multi_max >= 1) AND (multi_max <= 100))),
    CONSTRAINT outcomes_are_known CHECK (((outcomes = '{all}'::text[]) OR (outcomes <@ ARRAY['notification.accepted'::text, 'notification.delivered'::text, 'notification.read'::text, 'notification.undelivered'::text, 'notification.skipped'::text, 'notification.cancelled'::text, 'notification.expired'::text, 'notification.failed'::text, 'notification.unconfirmed'::text, 'account.paused'::text, 'account.resumed'::text, 'budget.spent'::text, 'event.refused'::text]))),
    CONSTRAINT over_account_budget_is_known CHECK ((over_budget = ANY (ARRAY['stop'::text, 'alert'::text]))),
    CONSTRAINT post_mode_is_known CHECK ((post_mode = ANY (ARRAY['send'::text, 'sendmulti'::text]))),
    CONSTRAINT rate_is_positive CHECK (((requests_per_s > (0)::double precision) AND (in_flight > 0) AND (COALESCE(segments_per_s, (1)::real) > (0)::double precision))),
    CONSTRAINT rules_version_counts_from_one CHECK ((rules_version >= 1)),
    CONSTRAINT segment_price_is_not_negative CHECK ((segment_price >= (0)::numeric)),
    CONSTRAINT viber_reach_days_are_few CHECK (((viber_reach_days >= 0) AND (viber_reach_days <= 3650))),
    CONSTRAINT window_lies_in_one_day CHECK (((window_opens >= 0) AND (window_opens < window_closes) AND (window_closes <= 1440)))
);

CREATE TABLE public.alerts (
    account text NOT NULL,
    name text NOT NULL,
    subject text NOT NULL,
    at timestamp with time zone NOT NULL,
    facts jsonb NOT NULL,
    sms text,
    CONSTRAINT alert_sms_is_known CHECK ((sms = ANY (ARRAY['planned'::text, 'no_phone'::text, 'account_paused'::text, 'too_late'::text])))
);

CREATE TABLE public.api_keys (
    id bigint NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    sees_phones boolean DEFAULT false NOT NULL,
    secret_hash bytea,
    sealed_secret bytea,
    rate integer DEFAULT 100 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT api_key_has_a_name CHECK ((name ~ '\S'::text)),
    CONSTRAINT api_key_has_its_secret_until_revoked CHECK ((((revoked_at IS NULL) = ((secret_hash IS NOT NULL) OR (sealed_secret IS NOT NULL))) AND ((secret_hash IS NULL) OR (scopes <> '{embed}'::text[])) AND ((sealed_secret IS NULL) OR (scopes = '{embed}'::text[])))),
    CONSTRAINT api_key_hash_has_32_bytes CHECK ((length(secret_hash) = 32)),
    CONSTRAINT api_key_rate_is_positive CHECK ((rate > 0)),
    CONSTRAINT api_key_scopes_are_known CHECK (((scopes = '{embed}'::text[]) OR ((cardinality(scopes) > 0) AND (scopes <@ '{read,send,settings}'::text[]))))
);

ALTER TABLE public.api_keys ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.api_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.attempts (
    month date NOT NULL,
    key text NOT NULL,
    account text NOT NULL,
    lane text NOT NULL,
    mode text DEFAULT 'send'::text NOT NULL,
    row_months date[] NOT NULL,
    row_ids bigint[] NOT NULL,
    body bytea,
    body_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    key_expires_at timestamp with time zone NOT NULL,
    lease integer DEFAULT 1 NOT NULL,
    leased_until timestamp with time zone NOT NULL,
    unknown boolean DEFAULT false NOT NULL,
    settled_at timestamp with time zone,
    outcome text,
    code integer,
    post text,
    post_until timestamp with time zone,
    is_probe boolean DEFAULT false NOT NULL,
    spent_on date,
    row_segments smallint,
    row_cost numeric(10,4),
    CONSTRAINT attempt_has_rows CHECK (((cardinality(row_ids) > 0) AND (cardinality(row_ids) = cardinality(row_months)))),
    CONSTRAINT attempt_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT key_is_32_hex_digits CHECK ((key ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT open_attempts_keep_their_bytes CHECK (((settled_at IS NULL) = (body IS NOT NULL))),
    CONSTRAINT settled_attempts_have_an_outcome CHECK (((settled_at IS NULL) = (outcome IS NULL)))
)
PARTITION BY LIST (month);

CREATE TABLE public.attempts_default (
    month date NOT NULL,
    key text NOT NULL,
    account text NOT NULL,
    lane text NOT NULL,
    mode text DEFAULT 'send'::text NOT NULL,
    row_months date[] NOT NULL,
    row_ids bigint[] NOT NULL,
    body bytea,
    body_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    key_expires_at timestamp with time zone NOT NULL,
    lease integer DEFAULT 1 NOT NULL,
    leased_until timestamp with time zone NOT NULL,
    unknown boolean DEFAULT false NOT NULL,
    settled_at timestamp with time zone,
    outcome text,
    code integer,
    post text,
    post_until timestamp with time zone,
    is_probe boolean DEFAULT false NOT NULL,
    spent_on date,
    row_segments smallint,
    row_cost numeric(10,4),
    CONSTRAINT attempt_has_rows CHECK (((cardinality(row_ids) > 0) AND (cardinality(row_ids) = cardinality(row_months)))),
    CONSTRAINT attempt_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT key_is_32_hex_digits CHECK ((key ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT open_attempts_keep_their_bytes CHECK (((settled_at IS NULL) = (body IS NOT NULL))),
    CONSTRAINT settled_attempts_have_an_outcome CHECK (((settled_at IS NULL) = (outcome IS NULL)))
);

CREATE TABLE public.audit (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    done_by text NOT NULL,
    action text NOT NULL,
    account text,
    subject text NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT audit_names_who_did_what CHECK (((done_by <> ''::text) AND (action ~ '^[a-z_]+$'::text) AND (subject <> ''::text))),
    CONSTRAINT audited_values_are_objects CHECK (((jsonb_typeof(before) = 'object'::text) AND (jsonb_typeof(after) = 'object'::text)))
);

ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.balances (
    account text NOT NULL,
    at timestamp with time zone NOT NULL,
    balance numeric(14,4) NOT NULL
);

CREATE TABLE public.calendar (
    account text NOT NULL,
    record_kind text NOT NULL,
    record_id text NOT NULL,
    moment text NOT NULL,
    local_at timestamp without time zone,
    zone text,
    version bigint,
    changed_at timestamp with time zone NOT NULL,
    cancelled boolean DEFAULT false NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    corrections text[] DEFAULT '{}'::text[] NOT NULL,
    rules_version bigint DEFAULT 0 NOT NULL,
    since timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT calendar_data_is_an_object CHECK ((jsonb_typeof(data) = 'object'::text))
);

CREATE TABLE public.callbacks (
    account text NOT NULL,
    event_id text NOT NULL,
    message_id text NOT NULL,
    status text NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    times integer DEFAULT 1 NOT NULL,
    recorded_at timestamp with time zone,
    CONSTRAINT callback_was_received CHECK ((times >= 1))
);

CREATE TABLE public.channel_statuses (
    account text NOT NULL,
    message_id text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    rejected text,
    sent_at timestamp with time zone,
    updated_at timestamp with time zone,
    price numeric(10,4),
    segments smallint,
    price_status text,
    CONSTRAINT channel_cost_is_not_negative CHECK (((price >= (0)::numeric) AND (segments >= 0))),
    CONSTRAINT status_channel_is_known CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text])))
);

CREATE TABLE public.configuration (
    singleton boolean DEFAULT true NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    CONSTRAINT configuration_is_one_row CHECK (singleton)
);

CREATE TABLE public.consents (
    account text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    given boolean,
    version bigint,
    changed_at timestamp with time zone NOT NULL,
    event_id text NOT NULL,
    agreed_at timestamp with time zone,
    agreed_event_id text,
    CONSTRAINT agreement_has_its_event CHECK (((agreed_at IS NULL) = (agreed_event_id IS NULL))),
    CONSTRAINT consent_is_proved CHECK (((given IS NOT TRUE) OR (agreed_at IS NOT NULL)))
);

CREATE TABLE public.contact_log (
    account text NOT NULL,
    recipient_key bytea NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    text_hash bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT text_hash_has_16_bytes CHECK ((octet_length(text_hash) = 16))
);

CREATE TABLE public.dead_letters (
    id bigint NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    account text,
    queue text,
    routing_key text,
    event_id text,
    event_type text,
    notification_month date,
    notification bigint,
    traceback text,
    size bigint NOT NULL,
    hash bytea NOT NULL,
    head bytea NOT NULL,
    body bytea,
    edited_body bytea,
    edited_at timestamp with time zone,
    edited_by text,
    times integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    closed_at timestamp with time zone,
    closed_by text,
    close_reason text,
    event_month date,
    event bigint,
    body_hash bytea,
    CONSTRAINT closed_dead_letter_has_an_actor CHECK ((num_nonnulls(closed_at, closed_by) =
CASE
    WHEN (state = 'open'::text) THEN 0
    ELSE 2
END)),
    CONSTRAINT dead_letter_became_one_event CHECK (((num_nonnulls(event_month, event) = ANY (ARRAY[0, 2])) AND ((event IS NULL) OR (state = 'replayed'::text)))),
    CONSTRAINT dead_letter_head_is_small CHECK ((octet_length(head) <= 4096)),
    CONSTRAINT dead_letter_kind_is_known CHECK ((kind = ANY (ARRAY['event'::text, 'job'::text, 'message'::text]))),
    CONSTRAINT dead_letter_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'replayed'::text, 'dropped'::text]))),
    CONSTRAINT edited_dead_letter_names_who CHECK ((num_nonnulls(edited_body, edited_at, edited_by) = ANY (ARRAY[0, 3]))),
    CONSTRAINT job_names_its_notification CHECK (((kind = 'job'::text) = (notification IS NOT NULL))),
    CONSTRAINT only_events_are_edited CHECK (((edited_body IS NULL) OR (kind = 'event'::text)))
);
ALTER TABLE ONLY public.dead_letters ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.dead_letters ALTER COLUMN edited_body SET STORAGE EXTERNAL;

ALTER TABLE public.dead_letters ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.dead_letters_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.erasures (
    id bigint NOT NULL,
    account text,
    recipient_key bytea,
    contact text,
    deleted_at timestamp with time zone,
    requested_by text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    traces jsonb,
    searched_at timestamp with time zone,
    row_months date[] DEFAULT '{}'::date[] NOT NULL,
    row_ids bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    finished_at timestamp with time zone,
    erased jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT erasure_is_of_a_phone_or_a_contact CHECK (
CASE
    WHEN (contact IS NULL) THEN ((recipient_key IS NOT NULL) AND (deleted_at IS NULL))
    ELSE ((account IS NOT NULL) AND (deleted_at IS NOT NULL) AND (recipient_key IS NULL))
END),
    CONSTRAINT erasure_waits_for_rows CHECK ((cardinality(row_ids) = cardinality(row_months))),
    CONSTRAINT finished_erasure_leaves_no_traces CHECK ((((finished_at IS NULL) = (traces IS NOT NULL)) AND ((finished_at IS NULL) OR (row_ids = '{}'::bigint[]))))
);

ALTER TABLE public.erasures ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.erasures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE SEQUENCE public.event_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.event_keys (
    key bytea NOT NULL,
    content bytea NOT NULL,
    month date NOT NULL,
    id bigint DEFAULT nextval('public.event_ids'::regclass) NOT NULL,
    repeats integer DEFAULT 0 NOT NULL,
    CONSTRAINT event_hashes_have_16_bytes CHECK (((octet_length(key) = 16) AND (octet_length(content) = 16)))
);

CREATE TABLE public.events (
    month date NOT NULL,
    id bigint NOT NULL,
    account text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    routing_key text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    body bytea NOT NULL,
    outcome text NOT NULL,
    traceparent text,
    CONSTRAINT event_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT event_outcome_is_known CHECK ((outcome = ANY (ARRAY['planned'::text, 'already_planned'::text, 'no_recipient'::text, 'switched_off'::text, 'recorded'::text])))
)
PARTITION BY LIST (month);

CREATE TABLE public.events_default (
    month date NOT NULL,
    id bigint NOT NULL,
    account text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    routing_key text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    body bytea NOT NULL,
    outcome text NOT NULL,
    traceparent text,
    CONSTRAINT event_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT event_outcome_is_known CHECK ((outcome = ANY (ARRAY['planned'::text, 'already_planned'::text, 'no_recipient'::text, 'switched_off'::text, 'recorded'::text])))
);

CREATE TABLE public.hourly_volumes (
    account text NOT NULL,
    trigger text NOT NULL,
    hour timestamp with time zone NOT NULL,
    sent integer NOT NULL,
    CONSTRAINT volume_is_counted_up CHECK ((sent >= 0))
);

CREATE TABLE public.jobs (
    id bigint NOT NULL,
    account text NOT NULL,
    action text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    terms jsonb DEFAULT '{}'::jsonb NOT NULL,
    items text[] NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    counts jsonb DEFAULT '{}'::jsonb NOT NULL,
    state text DEFAULT 'proposed'::text NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT job_action_is_known CHECK ((action = ANY (ARRAY['cancel'::text, 'resend'::text, 'replay'::text, 'drop'::text]))),
    CONSTRAINT job_does_what_was_agreed CHECK (((done >= 0) AND (done <= cardinality(items)))),
    CONSTRAINT job_ends_once CHECK (((settled_at IS NOT NULL) = (state = ANY (ARRAY['stopped'::text, 'finished'::text])))),
    CONSTRAINT job_has_items CHECK ((cardinality(items) > 0)),
    CONSTRAINT job_state_is_known CHECK ((state = ANY (ARRAY['proposed'::text, 'running'::text, 'stopped'::text, 'finished'::text]))),
    CONSTRAINT proposal_has_done_nothing CHECK (((state <> 'proposed'::text) OR (done = 0)))
);

ALTER TABLE public.jobs ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE SEQUENCE public.notification_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.notification_keys (
    key bytea NOT NULL,
    month date NOT NULL,
    id bigint DEFAULT nextval('public.notification_ids'::regclass) NOT NULL,
    CONSTRAINT notification_key_has_16_bytes CHECK ((octet_length(key) = 16))
);

CREATE TABLE public.notifications (
    month date NOT NULL,
    id bigint NOT NULL,
    account text NOT NULL,
    trigger text NOT NULL,
    dedupe_key text NOT NULL,
    channel text NOT NULL,
    recipient_key bytea NOT NULL,
    recipient_kind text NOT NULL,
    recipient_id text NOT NULL,
    client_id text,
    phone text,
    message_class text NOT NULL,
    lane text NOT NULL,
    locale text NOT NULL,
    zone text NOT NULL,
    sender text NOT NULL,
    template bigint,
    template_version integer,
    text text NOT NULL,
    segments smallint NOT NULL,
    event_month date NOT NULL,
    event bigint NOT NULL,
    resend_of_month date,
    resend_of bigint,
    record_kind text,
    record_id text,
    record_version bigint,
    record_changed_at timestamp with time zone,
    state text NOT NULL,
    reason text,
    due_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    nudges smallint DEFAULT 0 NOT NULL,
    attempt_month date,
    attempt text,
    viber jsonb,
    consent text,
    viber_fallback text,
    waits_until timestamp with time zone GENERATED ALWAYS AS (
CASE
    WHEN (state = ANY (ARRAY['planned'::text, 'postponed'::text])) THEN due_at
    ELSE NULL::timestamp with time zone
END) STORED,
    waits_for text GENERATED ALWAYS AS (
CASE
    WHEN (state = 'planned'::text) THEN 'nudge'::text
    WHEN ((state = 'postponed'::text) AND (reason = 'paced'::text)) THEN 'pace'::text
    ELSE NULL::text
END) STORED,
    ended_as text GENERATED ALWAYS AS (
CASE
    WHEN (state <> ALL (ARRAY['planned'::text, 'postponed'::text, 'sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text])) THEN state
    ELSE NULL::text
END) STORED,
    CONSTRAINT consent_source_is_known CHECK ((consent = ANY (ARRAY['in_event'::text, 'recorded'::text]))),
    CONSTRAINT lane_is_known CHECK ((lane = ANY (ARRAY['urgent'::text, 'normal'::text, 'bulk'::text]))),
    CONSTRAINT message_class_is_known CHECK ((message_class = ANY (ARRAY['transactional'::text, 'staff'::text, 'marketing'::text]))),
    CONSTRAINT notification_channel_is_known CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text, 'viber_then_sms'::text]))),
    CONSTRAINT notification_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT only_finished_rows_lack_a_phone CHECK (((phone IS NOT NULL) OR (state <> ALL (ARRAY['planned'::text, 'postponed'::text, 'sending'::text])))),
    CONSTRAINT sending_rows_belong_to_an_attempt CHECK (((attempt IS NOT NULL) OR (state <> ALL (ARRAY['sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text])))),
    CONSTRAINT state_is_known CHECK ((state = ANY (ARRAY['planned'::text, 'postponed'::text, 'sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'undelivered'::text, 'refused'::text, 'failed'::text, 'expired'::text, 'cancelled'::text, 'skipped'::text, 'unconfirmed'::text]))),
    CONSTRAINT unsent_rows_have_a_reason CHECK (((reason IS NOT NULL) OR (state = ANY (ARRAY['planned'::text, 'sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text])))),
    CONSTRAINT viber_goes_with_its_channel CHECK (
CASE
    WHEN (channel = 'sms'::text) THEN (viber IS NULL)
    ELSE ((viber IS NOT NULL) OR (state = 'skipped'::text))
END),
    CONSTRAINT waiting_rows_and_only_those_are_due CHECK (((due_at IS NOT NULL) = (state = ANY (ARRAY['planned'::text, 'postponed'::text, 'sending'::text]))))
)
PARTITION BY LIST (month);

CREATE TABLE public.notifications_default (
    month date NOT NULL,
    id bigint NOT NULL,
    account text NOT NULL,
    trigger text NOT NULL,
    dedupe_key text NOT NULL,
    channel text NOT NULL,
    recipient_key bytea NOT NULL,
    recipient_kind text NOT NULL,
    recipient_id text NOT NULL,
    client_id text,
    phone text,
    message_class text NOT NULL,
    lane text NOT NULL,
    locale text NOT NULL,
    zone text NOT NULL,
    sender text NOT NULL,
    template bigint,
    template_version integer,
    text text NOT NULL,
    segments smallint NOT NULL,
    event_month date NOT NULL,
    event bigint NOT NULL,
    resend_of_month date,
    resend_of bigint,
    record_kind text,
    record_id text,
    record_version bigint,
    record_changed_at timestamp with time zone,
    state text NOT NULL,
    reason text,
    due_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    nudges smallint DEFAULT 0 NOT NULL,
    attempt_month date,
    attempt text,
    viber jsonb,
    consent text,
    viber_fallback text,
    waits_until timestamp with time zone GENERATED ALWAYS AS (
CASE
    WHEN (state = ANY (ARRAY['planned'::text, 'postponed'::text])) THEN due_at
    ELSE NULL::timestamp with time zone
END) STORED,
    waits_for text GENERATED ALWAYS AS (
CASE
    WHEN (state = 'planned'::text) THEN 'nudge'::text
    WHEN ((state = 'postponed'::text) AND (reason = 'paced'::text)) THEN 'pace'::text
    ELSE NULL::text
END) STORED,
    ended_as text GENERATED ALWAYS AS (
CASE
    WHEN (state <> ALL (ARRAY['planned'::text, 'postponed'::text, 'sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text])) THEN state
    ELSE NULL::text
END) STORED,
    CONSTRAINT consent_source_is_known CHECK ((consent = ANY (ARRAY['in_event'::text, 'recorded'::text]))),
    CONSTRAINT lane_is_known CHECK ((lane = ANY (ARRAY['urgent'::text, 'normal'::text, 'bulk'::text]))),
    CONSTRAINT message_class_is_known CHECK ((message_class = ANY (ARRAY['transactional'::text, 'staff'::text, 'marketing'::text]))),
    CONSTRAINT notification_channel_is_known CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text, 'viber_then_sms'::text]))),
    CONSTRAINT notification_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT only_finished_rows_lack_a_phone CHECK (((phone IS NOT NULL) OR (state <> ALL (ARRAY['planned'::text, 'postponed'::text, 'sending'::text])))),
    CONSTRAINT sending_rows_belong_to_an_attempt CHECK (((attempt IS NOT NULL) OR (state <> ALL (ARRAY['sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text])))),
    CONSTRAINT state_is_known CHECK ((state = ANY (ARRAY['planned'::text, 'postponed'::text, 'sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'undelivered'::text, 'refused'::text, 'failed'::text, 'expired'::text, 'cancelled'::text, 'skipped'::text, 'unconfirmed'::text]))),
    CONSTRAINT unsent_rows_have_a_reason CHECK (((reason IS NOT NULL) OR (state = ANY (ARRAY['planned'::text, 'sending'::text, 'accepted'::text, 'sent'::text, 'delivered'::text, 'read'::text])))),
    CONSTRAINT viber_goes_with_its_channel CHECK (
CASE
    WHEN (channel = 'sms'::text) THEN (viber IS NULL)
    ELSE ((viber IS NOT NULL) OR (state = 'skipped'::text))
END),
    CONSTRAINT waiting_rows_and_only_those_are_due CHECK (((due_at IS NOT NULL) = (state = ANY (ARRAY['planned'::text, 'postponed'::text, 'sending'::text]))))
)
WITH (fillfactor='50');

CREATE TABLE public.occurrences (
    id bigint NOT NULL,
    account text NOT NULL,
    rule text NOT NULL,
    record_kind text NOT NULL,
    record_id text NOT NULL,
    moment text NOT NULL,
    offset_minutes integer NOT NULL,
    slot text NOT NULL,
    version bigint,
    changed_at timestamp with time zone NOT NULL,
    event_id text NOT NULL,
    routing_key text NOT NULL,
    body bytea NOT NULL,
    rank smallint NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    reason text,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    leased_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT occurrence_state_is_known CHECK ((state = ANY (ARRAY['pending'::text, 'published'::text, 'missed'::text, 'cancelled'::text]))),
    CONSTRAINT published_occurrence_has_a_time CHECK (((state = 'published'::text) = (published_at IS NOT NULL))),
    CONSTRAINT settled_occurrence_has_a_time CHECK (((state = 'pending'::text) = (settled_at IS NULL))),
    CONSTRAINT unpublished_occurrence_has_a_reason CHECK (((reason IS NOT NULL) OR (state = ANY (ARRAY['pending'::text, 'published'::text]))))
)
WITH (fillfactor='60');

ALTER TABLE public.occurrences ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.occurrences_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outcomes (
    account text NOT NULL,
    id bigint NOT NULL,
    type text NOT NULL,
    at timestamp with time zone NOT NULL,
    month date,
    notification bigint,
    version bigint,
    reason text,
    facts jsonb,
    CONSTRAINT outcome_is_of_a_text_or_has_facts CHECK (((num_nonnulls(month, notification, version) =
CASE
    WHEN (facts IS NULL) THEN 3
    ELSE 0
END) AND (starts_with(type, 'notification.'::text) = (facts IS NULL))))
);

ALTER TABLE public.outcomes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outcomes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.pauses (
    account text,
    scope text DEFAULT 'account'::text NOT NULL,
    reason text NOT NULL,
    code integer,
    since timestamp with time zone NOT NULL,
    paused_by text NOT NULL,
    until timestamp with time zone,
    note text,
    probe_at timestamp with time zone,
    probes smallint DEFAULT 0 NOT NULL,
    CONSTRAINT only_people_pause_all_accounts_or_for_a_time CHECK (((scope ~ '^hand(/|$)'::text) OR ((account IS NOT NULL) AND (until IS NULL)))),
    CONSTRAINT pause_scope_is_known CHECK (((scope ~ '^(account|provider|viber|trigger/[a-z0-9_.]+|person/[0-9a-f]+)$'::text) OR (scope ~ '^hand(/(trigger/[a-z0-9_.]+|lane/(urgent|normal|bulk)|channel/(sms|viber)))?$'::text)))
);

CREATE TABLE public.prices (
    account text NOT NULL,
    channel text NOT NULL,
    price numeric(10,4) NOT NULL,
    learned_at timestamp with time zone NOT NULL,
    CONSTRAINT price_is_positive CHECK ((price > (0)::numeric)),
    CONSTRAINT priced_channel_is_known CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text])))
);

CREATE TABLE public.provider_messages (
    account text NOT NULL,
    message_id text NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    attempt text NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    ask_at timestamp with time zone
)
WITH (fillfactor='70');

CREATE TABLE public.rate_limits (
    account text NOT NULL,
    requests_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    segments_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    slowed_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    slowdown real DEFAULT 1 NOT NULL,
    urgent_queue_end timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    normal_queue_end timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    bulk_queue_end timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    failure_weight real DEFAULT 0 NOT NULL,
    failed_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT failure_weight_is_counted_up CHECK ((failure_weight >= (0)::double precision)),
    CONSTRAINT slowdown_never_speeds_up CHECK ((slowdown >= (1)::double precision))
);

CREATE TABLE public.records (
    account text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    version bigint,
    changed_at timestamp with time zone NOT NULL,
    facts jsonb NOT NULL,
    deleted boolean DEFAULT false NOT NULL
);

CREATE TABLE public.resumes (
    account text,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.retention (
    kind text NOT NULL,
    days integer NOT NULL,
    CONSTRAINT retention_keeps_what_is_needed CHECK (((days <= 3650) AND (days >=
CASE
    WHEN (kind = ANY (ARRAY['bodies'::text, 'letters'::text])) THEN 7
    WHEN (kind = 'texts'::text) THEN 30
    WHEN (kind = 'audit'::text) THEN 365
    ELSE 60
END))),
    CONSTRAINT retention_kind_is_known CHECK ((kind = ANY (ARRAY['bodies'::text, 'texts'::text, 'history'::text, 'keys'::text, 'letters'::text, 'audit'::text])))
);

CREATE TABLE public.retention_progress (
    name text NOT NULL,
    month date NOT NULL,
    id bigint NOT NULL
);

CREATE TABLE public.saved_views (
    user_id bigint NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    CONSTRAINT saved_view_fits_an_address CHECK (((length(query) >= 1) AND (length(query) <= 2000))),
    CONSTRAINT saved_view_has_a_name CHECK (((name ~ '^\S(.*\S)?$'::text) AND (length(name) <= 60)))
);

CREATE TABLE public.schema_migrations (
    file text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.schema_requires (
    file text NOT NULL
);

CREATE TABLE public.schema_steps (
    file text NOT NULL,
    step integer NOT NULL,
    checksum text NOT NULL
);

CREATE TABLE public.search_changes (
    id bigint NOT NULL,
    month date NOT NULL,
    account text NOT NULL,
    notification bigint NOT NULL
);

ALTER TABLE public.search_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.search_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.search_entries (
    month date NOT NULL,
    account text NOT NULL,
    notification bigint NOT NULL,
    name text,
    words text NOT NULL,
    terms integer[] NOT NULL,
    CONSTRAINT search_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric))
)
PARTITION BY LIST (month);

CREATE TABLE public.search_entries_default (
    month date NOT NULL,
    account text NOT NULL,
    notification bigint NOT NULL,
    name text,
    words text NOT NULL,
    terms integer[] NOT NULL,
    CONSTRAINT search_month_is_a_first_day CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);

CREATE TABLE public.search_progress (
    singleton boolean DEFAULT true NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    CONSTRAINT search_progress_is_one_row CHECK (singleton)
);

CREATE TABLE public.secrets (
    name text NOT NULL,
    sealed bytea NOT NULL
);

CREATE TABLE public.sessions (
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    user_id bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone NOT NULL,
    CONSTRAINT session_token_hash_has_32_bytes CHECK ((length(token_hash) = 32))
);

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.spending (
    account text NOT NULL,
    day date NOT NULL,
    trigger text NOT NULL,
    is_refund boolean NOT NULL,
    segments bigint NOT NULL,
    cost numeric(14,4) NOT NULL,
    CONSTRAINT spending_is_counted_up CHECK (((segments >= 0) AND (cost >= (0)::numeric)))
);

CREATE TABLE public.suppressions (
    account text NOT NULL,
    recipient_key bytea NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    since timestamp with time zone NOT NULL,
    scope text DEFAULT 'all'::text NOT NULL,
    phone text,
    added_by text,
    CONSTRAINT suppression_scope_is_known CHECK ((scope = ANY (ARRAY['all'::text, 'marketing'::text])))
);

CREATE TABLE public.suspect_messages (
    hash bytea NOT NULL,
    times integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT suspect_message_was_delivered CHECK ((times >= 1))
);

CREATE TABLE public.task_statuses (
    task text NOT NULL,
    runner text NOT NULL,
    every interval NOT NULL,
    last_at timestamp with time zone NOT NULL,
    next_at timestamp with time zone NOT NULL,
    lag interval NOT NULL,
    took interval NOT NULL,
    runs bigint NOT NULL,
    failure text,
    reported_at timestamp with time zone NOT NULL
);

CREATE TABLE public.template_versions (
    template bigint NOT NULL,
    version integer NOT NULL,
    text text NOT NULL,
    author text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT version_counts_from_one CHECK ((version >= 1))
);

CREATE TABLE public.templates (
    id bigint NOT NULL,
    account text NOT NULL,
    trigger text,
    name text,
    description text,
    section text,
    locale text DEFAULT 'uk'::text NOT NULL,
    missing text DEFAULT 'drop'::text NOT NULL,
    viber jsonb,
    CONSTRAINT custom_template_has_a_section CHECK (((name IS NULL) = (section IS NULL))),
    CONSTRAINT missing_policy_is_known CHECK ((missing = ANY (ARRAY['drop'::text, 'fail'::text]))),
    CONSTRAINT template_is_a_triggers_or_custom CHECK (((trigger IS NULL) <> (name IS NULL))),
    CONSTRAINT template_viber_is_an_object CHECK ((jsonb_typeof(viber) = 'object'::text))
);

ALTER TABLE public.templates ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.templates_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.timers (
    account text NOT NULL,
    record_kind text NOT NULL,
    record_id text NOT NULL,
    moment text NOT NULL,
    rule text NOT NULL,
    next_at timestamp with time zone,
    rules_version bigint NOT NULL,
    processed_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL
);

CREATE SEQUENCE public.transition_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.transitions (
    month date NOT NULL,
    notification bigint NOT NULL,
    id bigint DEFAULT nextval('public.transition_ids'::regclass) NOT NULL,
    at timestamp with time zone NOT NULL,
    from_state text,
    to_state text NOT NULL,
    reason text,
    actor text NOT NULL,
    attempt text
)
PARTITION BY LIST (month);

CREATE TABLE public.transitions_default (
    month date NOT NULL,
    notification bigint NOT NULL,
    id bigint DEFAULT nextval('public.transition_ids'::regclass) NOT NULL,
    at timestamp with time zone NOT NULL,
    from_state text,
    to_state text NOT NULL,
    reason text,
    actor text NOT NULL,
    attempt text
);

CREATE TABLE public.triggers (
    account text NOT NULL,
    trigger text NOT NULL,
    switched_on boolean NOT NULL,
    channel text DEFAULT 'sms'::text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    if_unconfirmed text DEFAULT 'keep'::text NOT NULL,
    daily_budget numeric(12,2),
    daily_segments integer,
    over_budget text DEFAULT 'stop'::text NOT NULL,
    CONSTRAINT channel_is_known CHECK ((channel = ANY (ARRAY['sms'::text, 'viber'::text, 'viber_then_sms'::text, 'both'::text]))),
    CONSTRAINT if_unconfirmed_is_known CHECK ((if_unconfirmed = ANY (ARRAY['keep'::text, 'resend'::text]))),
    CONSTRAINT over_trigger_budget_is_known CHECK ((over_budget = ANY (ARRAY['stop'::text, 'alert'::text]))),
    CONSTRAINT trigger_budget_lets_something_through CHECK (((daily_budget > (0)::numeric) AND (daily_segments > 0)))
);

CREATE TABLE public.tzdata_version (
    singleton boolean DEFAULT true NOT NULL,
    tzdata text NOT NULL,
    CONSTRAINT tzdata_version_is_one_row CHECK (singleton)
);

CREATE TABLE public.unrecognized_values (
    account text NOT NULL,
    field text NOT NULL,
    last_value text NOT NULL,
    events bigint NOT NULL,
    last_at timestamp with time zone NOT NULL
);

CREATE TABLE public.users (
    id bigint NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    account text,
    sees_phones boolean DEFAULT false NOT NULL,
    spends boolean DEFAULT false NOT NULL,
    sees_prices boolean DEFAULT false NOT NULL,
    language text DEFAULT 'uk'::text NOT NULL,
    password_hash text,
    invitation_hash bytea,
    invited_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone,
    CONSTRAINT admin_belongs_to_an_account CHECK (((role = 'admin'::text) = (account IS NOT NULL))),
    CONSTRAINT invitation_has_an_end CHECK (((invitation_hash IS NULL) = (invited_until IS NULL))),
    CONSTRAINT invitation_hash_has_32_bytes CHECK ((length(invitation_hash) = 32)),
    CONSTRAINT user_has_a_name CHECK ((name ~ '^\S(.*\S)?$'::text)),
    CONSTRAINT user_language_is_known CHECK ((language = ANY (ARRAY['uk'::text, 'en'::text]))),
    CONSTRAINT user_role_is_known CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'auditor'::text])))
);

ALTER TABLE public.users ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.users_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.viber_reach (
    account text NOT NULL,
    recipient_key bytea NOT NULL,
    refused_at timestamp with time zone NOT NULL
);

CREATE TABLE public.write_checks (
    singleton boolean DEFAULT true NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT write_check_is_one_row CHECK (singleton)
);

ALTER TABLE ONLY public.attempts ATTACH PARTITION public.attempts_default DEFAULT;

ALTER TABLE ONLY public.events ATTACH PARTITION public.events_default DEFAULT;

ALTER TABLE ONLY public.notifications ATTACH PARTITION public.notifications_default DEFAULT;

ALTER TABLE ONLY public.search_entries ATTACH PARTITION public.search_entries_default DEFAULT;

ALTER TABLE ONLY public.transitions ATTACH PARTITION public.transitions_default DEFAULT;

ALTER TABLE ONLY public.resumes
    ADD CONSTRAINT account_is_woken_once UNIQUE NULLS NOT DISTINCT (account);

ALTER TABLE ONLY public.account_versions
    ADD CONSTRAINT account_versions_pkey PRIMARY KEY (account);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (account, name);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (month, key);

ALTER TABLE ONLY public.attempts_default
    ADD CONSTRAINT attempts_default_pkey PRIMARY KEY (month, key);

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.balances
    ADD CONSTRAINT balances_pkey PRIMARY KEY (account, at);

ALTER TABLE ONLY public.calendar
    ADD CONSTRAINT calendar_pkey PRIMARY KEY (account, record_kind, record_id, moment);

ALTER TABLE ONLY public.channel_statuses
    ADD CONSTRAINT channel_has_one_status PRIMARY KEY (account, message_id, channel);

ALTER TABLE ONLY public.configuration
    ADD CONSTRAINT configuration_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (account, kind, id);

ALTER TABLE ONLY public.contact_log
    ADD CONSTRAINT contact_log_pkey PRIMARY KEY (account, recipient_key, month, notification);

ALTER TABLE ONLY public.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.event_keys
    ADD CONSTRAINT event_is_accepted_once PRIMARY KEY (key);

ALTER TABLE ONLY public.callbacks
    ADD CONSTRAINT event_names_one_message PRIMARY KEY (account, event_id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (month, id);

ALTER TABLE ONLY public.events_default
    ADD CONSTRAINT events_default_pkey PRIMARY KEY (month, id);

ALTER TABLE ONLY public.hourly_volumes
    ADD CONSTRAINT hourly_volumes_pkey PRIMARY KEY (account, trigger, hour);

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_messages
    ADD CONSTRAINT message_id_names_one_notification PRIMARY KEY (account, message_id);

ALTER TABLE ONLY public.notification_keys
    ADD CONSTRAINT notification_is_planned_once PRIMARY KEY (key);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (month, id);

ALTER TABLE ONLY public.notifications_default
    ADD CONSTRAINT notifications_default_pkey PRIMARY KEY (month, id);

ALTER TABLE ONLY public.occurrences
    ADD CONSTRAINT occurrence_happens_once UNIQUE (account, rule, record_kind, record_id, offset_minutes, slot);

ALTER TABLE ONLY public.occurrences
    ADD CONSTRAINT occurrences_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (account, id);

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (account, channel);

ALTER TABLE ONLY public.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (account);

ALTER TABLE ONLY public.records
    ADD CONSTRAINT records_pkey PRIMARY KEY (account, kind, id);

ALTER TABLE ONLY public.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY public.retention_progress
    ADD CONSTRAINT retention_progress_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.saved_views
    ADD CONSTRAINT saved_views_pkey PRIMARY KEY (user_id, account, name);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (file);

ALTER TABLE ONLY public.schema_requires
    ADD CONSTRAINT schema_requires_pkey PRIMARY KEY (file);

ALTER TABLE ONLY public.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (file, step);

ALTER TABLE ONLY public.search_changes
    ADD CONSTRAINT search_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.search_entries
    ADD CONSTRAINT search_entries_pkey PRIMARY KEY (month, account, notification);

ALTER TABLE ONLY public.search_entries_default
    ADD CONSTRAINT search_entries_default_pkey PRIMARY KEY (month, account, notification);

ALTER TABLE ONLY public.search_progress
    ADD CONSTRAINT search_progress_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT secrets_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.spending
    ADD CONSTRAINT spending_pkey PRIMARY KEY (account, day, trigger, is_refund);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (account, recipient_key);

ALTER TABLE ONLY public.suspect_messages
    ADD CONSTRAINT suspect_messages_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.task_statuses
    ADD CONSTRAINT task_statuses_pkey PRIMARY KEY (task, runner);

ALTER TABLE ONLY public.template_versions
    ADD CONSTRAINT template_versions_pkey PRIMARY KEY (template, version);

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (account, record_kind, record_id, moment, rule);

ALTER TABLE ONLY public.transitions
    ADD CONSTRAINT transitions_pkey PRIMARY KEY (month, notification, id);

ALTER TABLE ONLY public.transitions_default
    ADD CONSTRAINT transitions_default_pkey PRIMARY KEY (month, notification, id);

ALTER TABLE ONLY public.triggers
    ADD CONSTRAINT triggers_pkey PRIMARY KEY (account, trigger);

ALTER TABLE ONLY public.tzdata_version
    ADD CONSTRAINT tzdata_version_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.unrecognized_values
    ADD CONSTRAINT unrecognized_values_pkey PRIMARY KEY (account, field);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.viber_reach
    ADD CONSTRAINT viber_reach_pkey PRIMARY KEY (account, recipient_key);

ALTER TABLE ONLY public.write_checks
    ADD CONSTRAINT write_checks_pkey PRIMARY KEY (singleton);

CREATE INDEX account_versions_newest ON public.account_versions USING btree (version);

CREATE INDEX accounts_that_hear ON public.accounts USING btree (id) WHERE (outcomes <> '{}'::text[]);

CREATE INDEX alerts_unsent ON public.alerts USING btree (at) WHERE (sms IS NULL);

CREATE INDEX api_keys_of_an_account ON public.api_keys USING btree (account, id);

CREATE INDEX attempts_in_flight ON ONLY public.attempts USING btree (account, post_until) WHERE (post_until IS NOT NULL);

CREATE INDEX attempts_default_account_post_until_idx ON public.attempts_default USING btree (account, post_until) WHERE (post_until IS NOT NULL);

CREATE INDEX attempts_leased ON ONLY public.attempts USING btree (lane, leased_until) WHERE (settled_at IS NULL);

CREATE INDEX attempts_default_lane_leased_until_idx ON public.attempts_default USING btree (lane, leased_until) WHERE (settled_at IS NULL);

CREATE INDEX audit_by_age ON public.audit USING btree (at);

CREATE INDEX audit_of_an_account ON public.audit USING btree (account, id);

CREATE INDEX calendar_by_rules_version ON public.calendar USING btree (account, rules_version);

CREATE INDEX callbacks_of_an_account ON public.callbacks USING btree (account, last_at);

CREATE INDEX channel_statuses_priced ON public.channel_statuses USING btree (account, channel, sent_at) WHERE ((price > (0)::numeric) AND (sent_at IS NOT NULL));

CREATE INDEX contact_log_by_age ON public.contact_log USING btree (at);

CREATE INDEX dead_letters_by_age ON public.dead_letters USING btree (COALESCE(closed_at, last_at));

CREATE INDEX event_keys_by_month ON public.event_keys USING brin (month) WITH (autosummarize='on');

CREATE INDEX events_of_an_account ON ONLY public.events USING btree (account, month, id);

CREATE INDEX events_default_account_month_id_idx ON public.events_default USING btree (account, month, id);

CREATE INDEX jobs_by_age ON public.jobs USING btree (asked_at);

CREATE INDEX jobs_of_an_account ON public.jobs USING btree (account, id);

CREATE INDEX jobs_that_run ON public.jobs USING btree (done, id) WHERE (state = 'running'::text);

CREATE INDEX notification_keys_by_month ON public.notification_keys USING brin (month) WITH (autosummarize='on');

CREATE INDEX notifications_of_a_client ON ONLY public.notifications USING btree (account, client_id, id);

CREATE INDEX notifications_default_account_client_id_id_idx ON public.notifications_default USING btree (account, client_id, id);

CREATE INDEX notifications_ended_otherwise ON ONLY public.notifications USING btree (account, ended_as, id) WHERE (ended_as IS NOT NULL);

CREATE INDEX notifications_default_account_ended_as_id_idx ON public.notifications_default USING btree (account, ended_as, id) WHERE (ended_as IS NOT NULL);

CREATE INDEX notifications_queued ON ONLY public.notifications USING btree (account, lane, waits_for) WHERE (waits_for IS NOT NULL);

CREATE INDEX notifications_default_account_lane_waits_for_idx ON public.notifications_default USING btree (account, lane, waits_for) WHERE (waits_for IS NOT NULL);

CREATE INDEX notifications_of_an_account ON ONLY public.notifications USING btree (account, month, id);

CREATE INDEX notifications_default_account_month_id_idx ON public.notifications_default USING btree (account, month, id);

CREATE INDEX notifications_waiting ON ONLY public.notifications USING btree (lane, account, waits_until) WHERE (waits_until IS NOT NULL);

CREATE INDEX notifications_default_lane_account_waits_until_idx ON public.notifications_default USING btree (lane, account, waits_until) WHERE (waits_until IS NOT NULL);

CREATE INDEX notifications_unconfirmed ON ONLY public.notifications USING btree (month, id) WHERE (ended_as = 'unconfirmed'::text);

CREATE INDEX notifications_default_month_id_idx ON public.notifications_default USING btree (month, id) WHERE (ended_as = 'unconfirmed'::text);

CREATE INDEX notifications_ended_for_a_reason ON ONLY public.notifications USING btree (account, ended_as, reason, id) WHERE (ended_as IS NOT NULL);

CREATE INDEX notifications_ended_for_a_reason_default ON public.notifications_default USING btree (account, ended_as, reason, id) WHERE (ended_as IS NOT NULL);

CREATE INDEX notifications_of_an_event ON ONLY public.notifications USING btree (event, event_month);

CREATE INDEX notifications_of_an_event_default ON public.notifications_default USING btree (event, event_month);

CREATE INDEX occurrences_pending ON public.occurrences USING btree (rank, due_at, id) WHERE (state = 'pending'::text);

CREATE INDEX occurrences_settled ON public.occurrences USING btree (settled_at) WHERE (settled_at IS NOT NULL);

CREATE UNIQUE INDEX one_custom_template_per_name ON public.templates USING btree (account, name, locale) WHERE (name IS NOT NULL);

CREATE UNIQUE INDEX one_erasure_per_deletion ON public.erasures USING btree (account, contact, deleted_at) WHERE (contact IS NOT NULL);

CREATE UNIQUE INDEX one_open_dead_letter_per_fault ON public.dead_letters USING btree (kind, hash, reason) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX one_open_erasure_per_phone ON public.erasures USING btree (COALESCE(account, ''::text), recipient_key) WHERE ((finished_at IS NULL) AND (recipient_key IS NOT NULL));

CREATE UNIQUE INDEX one_template_per_trigger_and_locale ON public.templates USING btree (account, trigger, locale) WHERE (trigger IS NOT NULL);

CREATE INDEX open_dead_bodies_of_an_account ON public.dead_letters USING btree (COALESCE(account, ''::text)) WHERE ((state = 'open'::text) AND (body IS NOT NULL) AND (size > 4096));

CREATE INDEX open_dead_letters_of_an_account ON public.dead_letters USING btree (COALESCE(account, ''::text)) WHERE (state = 'open'::text);

CREATE INDEX provider_messages_asked ON public.provider_messages USING btree (ask_at) WHERE (ask_at IS NOT NULL);

CREATE INDEX provider_messages_by_time ON public.provider_messages USING brin (accepted_at) WITH (pages_per_range='32', autosummarize='on');

CREATE INDEX provider_messages_of_a_notification ON public.provider_messages USING btree (month, notification);

CREATE INDEX records_of_deleted_contacts ON public.records USING btree (account, id) WHERE (deleted AND (kind = 'contact'::text));

CREATE INDEX saved_views_of_an_account ON public.saved_views USING btree (account);

CREATE UNIQUE INDEX scope_is_paused_once ON public.pauses USING btree (account, scope) NULLS NOT DISTINCT;

CREATE INDEX search_changes_of_an_account ON public.search_changes USING btree (account);

CREATE INDEX search_entries_by_terms ON ONLY public.search_entries USING gin (terms);

CREATE INDEX search_entries_default_terms_idx ON public.search_entries_default USING gin (terms);

CREATE UNIQUE INDEX session_token_is_unique ON public.sessions USING btree (token_hash);

CREATE INDEX sessions_of_a_user ON public.sessions USING btree (user_id, id);

CREATE INDEX spending_by_age ON public.spending USING btree (day);

CREATE INDEX suppressions_by_time ON public.suppressions USING btree (account, since DESC, recipient_key);

CREATE INDEX templates_of_account ON public.templates USING btree (account);

CREATE INDEX timers_due ON public.timers USING btree (next_at) WHERE (next_at IS NOT NULL);

CREATE UNIQUE INDEX user_invitation_is_unique ON public.users USING btree (invitation_hash);

CREATE UNIQUE INDEX user_name_is_unique ON public.users USING btree (lower(name));

CREATE INDEX users_of_an_account ON public.users USING btree (account, id);

ALTER INDEX public.attempts_in_flight ATTACH PARTITION public.attempts_default_account_post_until_idx;

ALTER INDEX public.attempts_leased ATTACH PARTITION public.attempts_default_lane_leased_until_idx;

ALTER INDEX public.attempts_pkey ATTACH PARTITION public.attempts_default_pkey;

ALTER INDEX public.events_of_an_account ATTACH PARTITION public.events_default_account_month_id_idx;

ALTER INDEX public.events_pkey ATTACH PARTITION public.events_default_pkey;

ALTER INDEX public.notifications_of_a_client ATTACH PARTITION public.notifications_default_account_client_id_id_idx;

ALTER INDEX public.notifications_ended_otherwise ATTACH PARTITION public.notifications_default_account_ended_as_id_idx;

ALTER INDEX public.notifications_queued ATTACH PARTITION public.notifications_default_account_lane_waits_for_idx;

ALTER INDEX public.notifications_of_an_account ATTACH PARTITION public.notifications_default_account_month_id_idx;

ALTER INDEX public.notifications_waiting ATTACH PARTITION public.notifications_default_lane_account_waits_until_idx;

ALTER INDEX public.notifications_unconfirmed ATTACH PARTITION public.notifications_default_month_id_idx;

ALTER INDEX public.notifications_pkey ATTACH PARTITION public.notifications_default_pkey;

ALTER INDEX public.notifications_ended_for_a_reason ATTACH PARTITION public.notifications_ended_for_a_reason_default;

ALTER INDEX public.notifications_of_an_event ATTACH PARTITION public.notifications_of_an_event_default;

ALTER INDEX public.search_entries_pkey ATTACH PARTITION public.search_entries_default_pkey;

ALTER INDEX public.search_entries_by_terms ATTACH PARTITION public.search_entries_default_terms_idx;

ALTER INDEX public.transitions_pkey ATTACH PARTITION public.transitions_default_pkey;

CREATE TRIGGER accounts_bump_rules BEFORE UPDATE OF zone, window_opens, window_closes ON public.accounts FOR EACH ROW WHEN ((((old.zone IS DISTINCT FROM new.zone) OR (old.window_opens IS DISTINCT FROM new.window_opens)) OR (old.window_closes IS DISTINCT FROM new.window_closes))) EXECUTE FUNCTION public.bump_rules_of_account();

CREATE TRIGGER accounts_delete_their_rows AFTER DELETE ON public.accounts FOR EACH ROW EXECUTE FUNCTION public.delete_rows_of_account();

CREATE TRIGGER accounts_record_delete AFTER DELETE ON public.accounts REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('id');

CREATE TRIGGER accounts_record_insert AFTER INSERT ON public.accounts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('id');

CREATE TRIGGER accounts_record_update AFTER UPDATE ON public.accounts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('id');

CREATE TRIGGER accounts_stamp_rules_since BEFORE UPDATE ON public.accounts FOR EACH ROW WHEN ((old.rules_version IS DISTINCT FROM new.rules_version)) EXECUTE FUNCTION public.stamp_rules_since();

CREATE TRIGGER alerts_record_outcome AFTER INSERT OR UPDATE OF subject ON public.alerts FOR EACH ROW WHEN ((split_part(new.name, '/'::text, 1) = 'budget.spent'::text)) EXECUTE FUNCTION public.record_outcome_of_budget();

CREATE TRIGGER dead_letters_record_outcomes AFTER INSERT ON public.dead_letters REFERENCING NEW TABLE AS buried FOR EACH STATEMENT EXECUTE FUNCTION public.record_outcomes_of_refusals();

CREATE TRIGGER notifications_forget_deleted AFTER DELETE ON public.notifications FOR EACH ROW EXECUTE FUNCTION public.forget_search_entry();

CREATE TRIGGER notifications_forget_search_entry AFTER UPDATE OF text, phone, recipient_key, recipient_kind, recipient_id, client_id, event ON public.notifications FOR EACH ROW WHEN ((((((((old.text IS DISTINCT FROM new.text) OR (old.phone IS DISTINCT FROM new.phone)) OR (old.recipient_key IS DISTINCT FROM new.recipient_key)) OR (old.recipient_kind IS DISTINCT FROM new.recipient_kind)) OR (old.recipient_id IS DISTINCT FROM new.recipient_id)) OR (old.client_id IS DISTINCT FROM new.client_id)) OR (old.event IS DISTINCT FROM new.event))) EXECUTE FUNCTION public.forget_search_entry();

CREATE TRIGGER pauses_record_outcome AFTER INSERT OR DELETE OR UPDATE OF until ON public.pauses FOR EACH ROW EXECUTE FUNCTION public.record_outcome_of_pause();

CREATE TRIGGER prices_record_delete AFTER DELETE ON public.prices REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER prices_record_insert AFTER INSERT ON public.prices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER prices_record_update AFTER UPDATE ON public.prices REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER template_versions_record_delete AFTER DELETE ON public.template_versions REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_templates();

CREATE TRIGGER template_versions_record_insert AFTER INSERT ON public.template_versions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_templates();

CREATE TRIGGER template_versions_record_update AFTER UPDATE ON public.template_versions REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_templates();

CREATE TRIGGER templates_record_delete AFTER DELETE ON public.templates REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER templates_record_insert AFTER INSERT ON public.templates REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER templates_record_update AFTER UPDATE ON public.templates REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER transitions_record_outcomes AFTER INSERT ON public.transitions REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION public.record_outcomes_of_texts();

CREATE TRIGGER triggers_bump_rules AFTER UPDATE ON public.triggers FOR EACH ROW WHEN (((old.switched_on IS DISTINCT FROM new.switched_on) OR (old.settings IS DISTINCT FROM new.settings))) EXECUTE FUNCTION public.bump_rules_of_trigger();

CREATE TRIGGER triggers_bump_rules_at_both_ends AFTER INSERT OR DELETE ON public.triggers FOR EACH ROW EXECUTE FUNCTION public.bump_rules_of_trigger();

CREATE TRIGGER triggers_record_delete AFTER DELETE ON public.triggers REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER triggers_record_insert AFTER INSERT ON public.triggers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

CREATE TRIGGER triggers_record_update AFTER UPDATE ON public.triggers REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_changed_accounts('account');

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.balances
    ADD CONSTRAINT balances_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.channel_statuses
    ADD CONSTRAINT channel_status_belongs_to_a_message FOREIGN KEY (account, message_id) REFERENCES public.provider_messages(account, message_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.hourly_volumes
    ADD CONSTRAINT hourly_volumes_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rate_limits
    ADD CONSTRAINT rate_limits_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.resumes
    ADD CONSTRAINT resumes_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.saved_views
    ADD CONSTRAINT saved_views_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.saved_views
    ADD CONSTRAINT saved_views_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spending
    ADD CONSTRAINT spending_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.template_versions
    ADD CONSTRAINT template_versions_template_fkey FOREIGN KEY (template) REFERENCES public.templates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_account_record_kind_record_id_moment_fkey FOREIGN KEY (account, record_kind, record_id, moment) REFERENCES public.calendar(account, record_kind, record_id, moment) ON DELETE CASCADE;

ALTER TABLE ONLY public.triggers
    ADD CONSTRAINT triggers_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.unrecognized_values
    ADD CONSTRAINT unrecognized_values_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.viber_reach
    ADD CONSTRAINT viber_reach_account_fkey FOREIGN KEY (account) REFERENCES public.accounts(id) ON DELETE CASCADE;
