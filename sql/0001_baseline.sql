-- The schema as of the first release. This file is frozen: each change is a file of its own beside it.

-- ---------------------------------------------------------------------------------------------------------------------
-- Accounts: what an admin sets, and how processes learn that it has changed.
-- ---------------------------------------------------------------------------------------------------------------------

-- Processes cache the configuration and ask whether this number has grown.
CREATE TABLE configuration (
    singleton boolean PRIMARY KEY DEFAULT TRUE,
    version bigint NOT NULL DEFAULT 1,
    -- Promise: there is one configuration.
    CONSTRAINT configuration_is_one_row CHECK (singleton)
);
INSERT INTO configuration DEFAULT VALUES;

-- Accounts whose version is newer than a process's own are read again. The row of a removed account stays, so that
-- every process learns of the removal.
CREATE TABLE account_versions (
    account text PRIMARY KEY,
    version bigint NOT NULL
);
CREATE INDEX account_versions_newest ON account_versions (version);

-- Secrets of the installation, sealed with SMS_SECRET_KEY (the salt of recipient keys).
CREATE TABLE secrets (
    name text PRIMARY KEY,
    sealed bytea NOT NULL
);

CREATE TABLE accounts (
    id text PRIMARY KEY,
    name text NOT NULL,
    -- The TurboSMS token, sealed with SMS_SECRET_KEY.
    token bytea NOT NULL,
    sms_sender text NOT NULL,
    viber_sender text,
    zone text NOT NULL DEFAULT 'Europe/Kyiv',
    locale text NOT NULL DEFAULT 'uk',
    -- Minutes after local midnight between which people may be disturbed; 0 and 1440 mean always.
    window_opens smallint NOT NULL DEFAULT 540,
    window_closes smallint NOT NULL DEFAULT 1200,
    post_mode text NOT NULL DEFAULT 'send',
    -- How long TurboSMS is trusted to remember a sequence_id.
    key_life interval NOT NULL DEFAULT interval '24 hours',
    requests_per_s real NOT NULL DEFAULT 10,
    segments_per_s real,
    in_flight smallint NOT NULL DEFAULT 5,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    -- Texts in one sendmulti request.
    multi_max smallint NOT NULL DEFAULT 20,
    -- The frequency cap: what one person may get in any hour and in any day.
    person_hour_max smallint NOT NULL DEFAULT 15,
    person_day_max smallint NOT NULL DEFAULT 40,
    -- How long the same text does not go to the same person again; zero is no limit.
    same_text interval NOT NULL DEFAULT interval '10 minutes',
    -- The runaway guard stops a trigger that sends more than this in an hour and far more than its busiest hour before.
    runaway_threshold integer NOT NULL DEFAULT 2000,
    -- Shortcodes beyond the catalogue, whose values the CRM sends ready-made.
    custom_shortcodes text[] NOT NULL DEFAULT '{}',
    -- Where a text takes fewer segments by it: quotes and dashes as GSM-7 has them; Ukrainian in Latin letters.
    plain_punctuation boolean NOT NULL DEFAULT FALSE,
    transliterate boolean NOT NULL DEFAULT FALSE,
    -- What TurboSMS charges for one segment, in hryvnias; null is unknown.
    segment_price numeric(9, 4),
    -- Whether Viber is tried first for whatever would go as an SMS.
    viber_instead boolean NOT NULL DEFAULT FALSE,
    -- The key that TurboSMS signs callbacks with, sealed like the token. Null: callbacks are refused, receipts polled.
    callback_secret bytea,
    -- For how many days Viber is not tried after it did not reach a phone; 0 always tries.
    viber_reach_days smallint NOT NULL DEFAULT 30,
    -- What may be spent in a day of the account's zone, in hryvnias and in segments; null is no limit.
    daily_budget numeric(12, 2),
    daily_segments integer,
    over_budget text NOT NULL DEFAULT 'stop',
    -- Less money than this, or than lasts for so many hours, is low; null is never.
    low_balance numeric(12, 2),
    low_hours smallint,
    -- Who gets alerts by SMS, in E.164; null is nobody.
    alert_phone text,
    -- Whether a contact that the CRM deletes is forgotten here too.
    erase_deleted boolean NOT NULL DEFAULT FALSE,
    -- Grows with every change of what reminders are sent and when; timers of older versions are computed anew, and
    -- nothing that was due before `rules_since` is sent.
    rules_version bigint NOT NULL DEFAULT 1,
    rules_since timestamptz NOT NULL DEFAULT 'epoch',
    -- Promise: an account id is one part of a routing key.
    CONSTRAINT account_id_fits_a_routing_key CHECK (id ~ '^[a-z0-9-]{1,40}$'),
    -- Promise: a window opens before it closes, within one day.
    CONSTRAINT window_lies_in_one_day CHECK (
        window_opens >= 0 AND window_opens < window_closes AND window_closes <= 1440
    ),
    CONSTRAINT post_mode_is_known CHECK (post_mode IN ('send', 'sendmulti')),
    CONSTRAINT key_life_is_positive CHECK (key_life > interval '0'),
    CONSTRAINT rate_is_positive CHECK (
        requests_per_s > 0 AND in_flight > 0 AND coalesce(segments_per_s, 1) > 0
    ),
    CONSTRAINT multi_max_is_small CHECK (multi_max BETWEEN 1 AND 100),
    -- Promise: no limit stops everything.
    CONSTRAINT limits_let_something_through CHECK (
        person_hour_max > 0 AND person_day_max > 0 AND same_text >= interval '0' AND runaway_threshold > 0
    ),
    -- Promise: a custom shortcode can be written in a text.
    CONSTRAINT custom_shortcodes_are_codes CHECK (
        custom_shortcodes::text ~ '^\{([a-z][a-z0-9_]{0,99}(,[a-z][a-z0-9_]{0,99})*)?\}$'
    ),
    CONSTRAINT segment_price_is_not_negative CHECK (segment_price >= 0),
    CONSTRAINT viber_reach_days_are_few CHECK (viber_reach_days BETWEEN 0 AND 3650),
    CONSTRAINT account_budget_lets_something_through CHECK (daily_budget > 0 AND daily_segments > 0),
    CONSTRAINT over_account_budget_is_known CHECK (over_budget IN ('stop', 'alert')),
    CONSTRAINT low_balance_is_positive CHECK (low_balance > 0 AND low_hours > 0),
    CONSTRAINT alert_phone_is_a_number CHECK (alert_phone ~ '^\+\d{8,15}$'),
    CONSTRAINT rules_version_counts_from_one CHECK (rules_version >= 1)
);

CREATE TABLE triggers (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    trigger text NOT NULL,
    switched_on boolean NOT NULL,
    channel text NOT NULL DEFAULT 'sms',
    settings jsonb NOT NULL DEFAULT '{}',
    -- What becomes of a row whose attempt is still unknown when its key's life is over: it stays `unconfirmed`, or is
    -- sent again under a fresh key.
    if_unconfirmed text NOT NULL DEFAULT 'keep',
    daily_budget numeric(12, 2),
    daily_segments integer,
    over_budget text NOT NULL DEFAULT 'stop',
    -- Promise: an account has one switch for each trigger.
    PRIMARY KEY (account, trigger),
    CONSTRAINT channel_is_known CHECK (channel IN ('sms', 'viber', 'viber_then_sms', 'both')),
    CONSTRAINT if_unconfirmed_is_known CHECK (if_unconfirmed IN ('keep', 'resend')),
    CONSTRAINT trigger_budget_lets_something_through CHECK (daily_budget > 0 AND daily_segments > 0),
    CONSTRAINT over_trigger_budget_is_known CHECK (over_budget IN ('stop', 'alert'))
);

-- A template belongs to a trigger, or is a custom one with a name and a section.
CREATE TABLE templates (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    trigger text,
    name text,
    description text,
    section text,
    locale text NOT NULL DEFAULT 'uk',
    -- What a value does that is missing outside a group and without a fallback: the text goes without it and its
    -- punctuation, or the row is `failed` with a dead letter.
    missing text NOT NULL DEFAULT 'drop',
    -- Viber's ttl, button, picture and transactional flag, where the template sets them.
    viber jsonb,
    -- Promise: a template is a trigger's or has a name, never both.
    CONSTRAINT template_is_a_triggers_or_custom CHECK ((trigger IS NULL) <> (name IS NULL)),
    CONSTRAINT custom_template_has_a_section CHECK ((name IS NULL) = (section IS NULL)),
    CONSTRAINT missing_policy_is_known CHECK (missing IN ('drop', 'fail')),
    CONSTRAINT template_viber_is_an_object CHECK (jsonb_typeof(viber) = 'object')
);
-- The templates of an account are read whenever it changes.
CREATE INDEX templates_of_account ON templates (account);
-- Promise: a trigger has one template in each language.
CREATE UNIQUE INDEX one_template_per_trigger_and_locale ON templates (account, trigger, locale)
WHERE trigger IS NOT NULL;
-- Promise: the name of a custom template is its own.
CREATE UNIQUE INDEX one_custom_template_per_name ON templates (account, name, locale)
WHERE name IS NOT NULL;

-- The newest version counts; a roll back is a new version with an old text.
CREATE TABLE template_versions (
    template bigint NOT NULL REFERENCES templates ON DELETE CASCADE,
    version integer NOT NULL,
    text text NOT NULL,
    author text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Promise: a version is written once.
    PRIMARY KEY (template, version),
    CONSTRAINT version_counts_from_one CHECK (version >= 1)
);

-- Promise: versions grow in the order of commits, for every change waits for the one before.
CREATE FUNCTION bump_account_versions(changed text[]) RETURNS void LANGUAGE plpgsql AS $$
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

-- The argument of the trigger is the column that names the account.
CREATE FUNCTION record_changed_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    accounts text [];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', TG_ARGV[0]) INTO accounts;
    PERFORM bump_account_versions(accounts);
    RETURN NULL;
END
$$;

CREATE FUNCTION record_changed_templates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM bump_account_versions(
        (SELECT array_agg(DISTINCT t.account) FROM changed AS c INNER JOIN templates AS t ON c.template = t.id)
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER accounts_record_insert AFTER INSERT ON accounts REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('id');
CREATE TRIGGER accounts_record_update AFTER UPDATE ON accounts REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('id');
CREATE TRIGGER accounts_record_delete AFTER DELETE ON accounts REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('id');
CREATE TRIGGER triggers_record_insert AFTER INSERT ON triggers REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER triggers_record_update AFTER UPDATE ON triggers REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER triggers_record_delete AFTER DELETE ON triggers REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER templates_record_insert AFTER INSERT ON templates REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER templates_record_update AFTER UPDATE ON templates REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER templates_record_delete AFTER DELETE ON templates REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER template_versions_record_insert AFTER INSERT ON template_versions REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_templates();
CREATE TRIGGER template_versions_record_update AFTER UPDATE ON template_versions REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_templates();
CREATE TRIGGER template_versions_record_delete AFTER DELETE ON template_versions REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_templates();

-- ---------------------------------------------------------------------------------------------------------------------
-- Events: what the CRM published, what is known of its records, and what could not be processed.
-- ---------------------------------------------------------------------------------------------------------------------

CREATE SEQUENCE event_ids;

-- Narrow and unpartitioned: an id is remembered for 13 months while the events themselves come and go.
CREATE TABLE event_keys (
    -- The first 16 bytes of SHA-256 over account and event id.
    key bytea NOT NULL,
    -- The first 16 bytes of SHA-256 over the event's canonical JSON.
    content bytea NOT NULL,
    month date NOT NULL,
    id bigint NOT NULL DEFAULT nextval('event_ids'),
    repeats integer NOT NULL DEFAULT 0,
    -- Promise: an event id of an account is accepted once.
    CONSTRAINT event_is_accepted_once PRIMARY KEY (key),
    CONSTRAINT event_hashes_have_16_bytes CHECK (octet_length(key) = 16 AND octet_length(content) = 16)
);
-- Keys come month by month: a few pages show where the old ones lie.
CREATE INDEX event_keys_by_month ON event_keys USING brin (month) WITH (autosummarize = on);

CREATE TABLE events (
    month date NOT NULL,
    id bigint NOT NULL,
    account text NOT NULL,
    event_id text NOT NULL,
    type text NOT NULL,
    routing_key text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    body bytea NOT NULL,
    -- Notifications were planned; an earlier event had planned them; no recipient of a kind that its triggers address;
    -- no trigger switched on; no trigger at all, and only its record was kept.
    outcome text NOT NULL,
    PRIMARY KEY (month, id),
    CONSTRAINT event_month_is_a_first_day CHECK (extract(DAY FROM month) = 1),
    CONSTRAINT event_outcome_is_known CHECK (
        outcome IN ('planned', 'already_planned', 'no_recipient', 'switched_off', 'recorded')
    )
) PARTITION BY LIST (month);
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- The newest known facts of a CRM record, as far as rules and texts can ask for them. The row of a deleted record
-- stays: older events cannot bring it back.
CREATE TABLE records (
    account text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    -- The CRM's growing number; without one, the event's time orders.
    version bigint,
    changed_at timestamptz NOT NULL,
    facts jsonb NOT NULL,
    deleted boolean NOT NULL DEFAULT FALSE,
    -- Promise: a record has one newest state.
    PRIMARY KEY (account, kind, id)
);
-- Contacts that the CRM deleted.
CREATE INDEX records_of_deleted_contacts ON records (account, id) WHERE deleted AND kind = 'contact';

-- Fields of events that no rule understood: unknown statuses, and values that were dropped. Only statuses and days are
-- kept as a value.
CREATE TABLE unrecognized_values (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    field text NOT NULL,
    last_value text NOT NULL,
    events bigint NOT NULL,
    last_at timestamptz NOT NULL,
    -- Promise: a field has one row, however often it is wrong.
    PRIMARY KEY (account, field)
);

CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- 'event': refused at intake; 'job': a notification that kept failing; 'message': left by RabbitMQ.
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
    -- The first 4 KB for the eye, and the whole body where it is small enough to be replayed.
    head bytea NOT NULL,
    body bytea,
    -- The body as a person edited it: what arrived stays beside it.
    edited_body bytea,
    edited_at timestamptz,
    edited_by text,
    times integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open',
    closed_at timestamptz,
    closed_by text,
    close_reason text,
    -- The event that it became.
    event_month date,
    event bigint,
    CONSTRAINT dead_letter_kind_is_known CHECK (kind IN ('event', 'job', 'message')),
    CONSTRAINT dead_letter_state_is_known CHECK (state IN ('open', 'replayed', 'dropped')),
    CONSTRAINT closed_dead_letter_has_an_actor CHECK (
        num_nonnulls(closed_at, closed_by) = CASE WHEN state = 'open' THEN 0 ELSE 2 END
    ),
    CONSTRAINT dead_letter_head_is_small CHECK (octet_length(head) <= 4096),
    CONSTRAINT job_names_its_notification CHECK ((kind = 'job') = (notification IS NOT NULL)),
    -- Promise: whoever changed what the CRM published is named.
    CONSTRAINT edited_dead_letter_names_who CHECK (num_nonnulls(edited_body, edited_at, edited_by) IN (0, 3)),
    -- Promise: only what the CRM published is edited; ids of notifications are not.
    CONSTRAINT only_events_are_edited CHECK (edited_body IS NULL OR kind = 'event'),
    -- Promise: only a replay makes an event of a letter.
    CONSTRAINT dead_letter_became_one_event CHECK (
        num_nonnulls(event_month, event) IN (0, 2) AND (event IS NULL OR state = 'replayed')
    )
);
-- Bodies are few and short-lived: compressing them costs more than it saves.
ALTER TABLE dead_letters
ALTER COLUMN body SET STORAGE EXTERNAL,
ALTER COLUMN edited_body SET STORAGE EXTERNAL;
-- Promise: the same fault of the same bytes is one open dead letter, however often it was delivered.
CREATE UNIQUE INDEX one_open_dead_letter_per_fault ON dead_letters (kind, hash, reason)
WHERE state = 'open';
-- How many dead letters an account has open, and how many whole bodies: both are bounded, so that no account fills the
-- disk.
CREATE INDEX open_dead_letters_of_an_account ON dead_letters (coalesce(account, '')) WHERE state = 'open';
CREATE INDEX open_dead_bodies_of_an_account ON dead_letters (coalesce(account, ''))
WHERE state = 'open' AND body IS NOT NULL AND size > 4096;
-- Retention: closed ones by when they were closed, open ones by when they last came.
CREATE INDEX dead_letters_by_age ON dead_letters (coalesce(closed_at, last_at));

-- Deliveries that may have killed a worker: counted before they run alone, deleted when they settle.
CREATE TABLE suspect_messages (
    hash bytea PRIMARY KEY,
    times integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT suspect_message_was_delivered CHECK (times >= 1)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- Notifications: a row for each text to each person, and every transition of its state.
-- ---------------------------------------------------------------------------------------------------------------------

CREATE SEQUENCE notification_ids;
CREATE SEQUENCE transition_ids;

-- Narrow and unpartitioned, kept for 13 months.
CREATE TABLE notification_keys (
    -- The first 16 bytes of SHA-256 over account, trigger, dedupe key, recipient key and channel; the channel of
    -- `viber_then_sms` counts as `sms`.
    key bytea NOT NULL,
    month date NOT NULL,
    id bigint NOT NULL DEFAULT nextval('notification_ids'),
    -- Promise: a business fact reaches a person once on a channel.
    CONSTRAINT notification_is_planned_once PRIMARY KEY (key),
    CONSTRAINT notification_key_has_16_bytes CHECK (octet_length(key) = 16)
);
CREATE INDEX notification_keys_by_month ON notification_keys USING brin (month) WITH (autosummarize = on);

CREATE TABLE notifications (
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
    -- The SMS sender, or the Viber sender where no SMS goes.
    sender text NOT NULL,
    template bigint,
    template_version integer,
    text text NOT NULL,
    segments smallint NOT NULL,
    event_month date NOT NULL,
    event bigint NOT NULL,
    -- The first one, where this one sends it again.
    resend_of_month date,
    resend_of bigint,
    record_kind text,
    record_id text,
    record_version bigint,
    record_changed_at timestamptz,
    state text NOT NULL,
    reason text,
    -- When a row that waits, or is on its way, must be looked at again.
    due_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    -- Exceptions between claim and POST; nudges published since the last claim.
    tries smallint NOT NULL DEFAULT 0,
    nudges smallint NOT NULL DEFAULT 0,
    attempt_month date,
    attempt text,
    -- The Viber part: its sender, and what the template sets, with this person's addresses in it.
    viber jsonb,
    -- By which consent a marketing text goes: of its own event, or recorded before it.
    consent text,
    -- Why it goes as an SMS although Viber was to be tried first.
    viber_fallback text,
    -- What indexes know of its state. An index that named the state itself would be written anew with each change, and
    -- with it all the others: a text that goes at once and well changes none of these (HOT).
    waits_until timestamptz GENERATED ALWAYS AS (CASE WHEN state IN ('planned', 'postponed') THEN due_at END) STORED,
    waits_for text GENERATED ALWAYS AS (
        CASE WHEN state = 'planned' THEN 'nudge' WHEN state = 'postponed' AND reason = 'paced' THEN 'pace' END
    ) STORED,
    ended_as text GENERATED ALWAYS AS (
        CASE
            WHEN state NOT IN ('planned', 'postponed', 'sending', 'accepted', 'sent', 'delivered') THEN state
        END
    ) STORED,
    PRIMARY KEY (month, id),
    CONSTRAINT notification_month_is_a_first_day CHECK (extract(DAY FROM month) = 1),
    CONSTRAINT lane_is_known CHECK (lane IN ('urgent', 'normal', 'bulk')),
    CONSTRAINT message_class_is_known CHECK (message_class IN ('transactional', 'staff', 'marketing')),
    CONSTRAINT state_is_known CHECK (state IN (
        'planned', 'postponed', 'sending', 'accepted', 'sent', 'delivered', 'read', 'undelivered',
        'refused', 'failed', 'expired', 'cancelled', 'skipped', 'unconfirmed'
    )),
    -- Promise: what waits is looked at again, and what is finished is left alone.
    CONSTRAINT waiting_rows_and_only_those_are_due CHECK (
        (due_at IS NOT NULL) = (state IN ('planned', 'postponed', 'sending'))
    ),
    -- Promise: whatever was not sent has a reason.
    CONSTRAINT unsent_rows_have_a_reason CHECK (
        reason IS NOT NULL
        OR state IN ('planned', 'sending', 'accepted', 'sent', 'delivered', 'read')
    ),
    -- Promise: nothing is sent without an attempt that was stored before.
    CONSTRAINT sending_rows_belong_to_an_attempt CHECK (
        attempt IS NOT NULL OR state NOT IN ('sending', 'accepted', 'sent', 'delivered', 'read')
    ),
    -- Promise: what may still go has a phone; a finished row may have been made anonymous.
    CONSTRAINT only_finished_rows_lack_a_phone CHECK (
        phone IS NOT NULL OR state NOT IN ('planned', 'postponed', 'sending')
    ),
    -- Promise: a trigger's channel `both` is two notifications.
    CONSTRAINT notification_channel_is_known CHECK (channel IN ('sms', 'viber', 'viber_then_sms')),
    -- Promise: what goes by Viber has its Viber part, and an SMS alone has none.
    CONSTRAINT viber_goes_with_its_channel CHECK (
        CASE
            WHEN channel = 'sms' THEN viber IS NULL
            ELSE viber IS NOT NULL OR state = 'skipped'
        END
    ),
    CONSTRAINT consent_source_is_known CHECK (consent IN ('in_event', 'recorded'))
) PARTITION BY LIST (month);
CREATE TABLE notifications_default PARTITION OF notifications DEFAULT WITH (fillfactor = 50);
-- The sweeper's question: what is due, lane by lane and account by account?
CREATE INDEX notifications_waiting ON notifications (lane, account, waits_until) WHERE waits_until IS NOT NULL;
-- Whether something is on its way that a new text must not go past. Who waits for the pace: a queue without rows is
-- dropped.
CREATE INDEX notifications_queued ON notifications (account, lane, waits_for) WHERE waits_for IS NOT NULL;
-- The operator's questions: the newest of an account, and what may have been sent without an answer.
CREATE INDEX notifications_of_an_account ON notifications (account, month, id);
CREATE INDEX notifications_unconfirmed ON notifications (month, id) WHERE ended_as = 'unconfirmed';
-- The client card's question.
CREATE INDEX notifications_of_a_client ON notifications (account, client_id, id);
-- What an operator looks for by its state, of which there is little among all that went well.
CREATE INDEX notifications_ended_otherwise ON notifications (account, ended_as, id) WHERE ended_as IS NOT NULL;

CREATE TABLE transitions (
    month date NOT NULL,
    notification bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('transition_ids'),
    at timestamptz NOT NULL,
    from_state text,
    to_state text NOT NULL,
    reason text,
    actor text NOT NULL,
    attempt text,
    PRIMARY KEY (month, notification, id)
) PARTITION BY LIST (month);
CREATE TABLE transitions_default PARTITION OF transitions DEFAULT;

-- ---------------------------------------------------------------------------------------------------------------------
-- Attempts: every request body under its key, and the shared memory that decides who may send now.
-- ---------------------------------------------------------------------------------------------------------------------

-- One send body under one sequence_id. It is never changed, only leased, repeated and settled.
CREATE TABLE attempts (
    month date NOT NULL,
    -- TurboSMS's sequence_id.
    key text NOT NULL,
    account text NOT NULL,
    lane text NOT NULL,
    mode text NOT NULL DEFAULT 'send',
    row_months date[] NOT NULL,
    row_ids bigint[] NOT NULL,
    -- The exact bytes; blanked once settled.
    body bytea,
    body_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    key_expires_at timestamptz NOT NULL,
    -- Who may settle it with a refusal, and until when.
    lease integer NOT NULL DEFAULT 1,
    leased_until timestamptz NOT NULL,
    -- Whether some POST of these bytes may have been executed without an answer being read.
    unknown boolean NOT NULL DEFAULT FALSE,
    settled_at timestamptz,
    outcome text,
    code integer,
    -- Attempts that travel in one POST share its name. It may be under way until `post_until`.
    post text,
    post_until timestamptz,
    is_probe boolean NOT NULL DEFAULT FALSE,
    -- What each of its rows was counted as, and on which day: a refusal gives back exactly that.
    spent_on date,
    row_segments smallint,
    row_cost numeric(10, 4),
    PRIMARY KEY (month, key),
    CONSTRAINT attempt_month_is_a_first_day CHECK (extract(DAY FROM month) = 1),
    -- Promise: a key fits what TurboSMS accepts (40 characters) and is never guessed twice.
    CONSTRAINT key_is_32_hex_digits CHECK (key ~ '^[0-9a-f]{32}$'),
    CONSTRAINT attempt_has_rows CHECK (
        cardinality(row_ids) > 0 AND cardinality(row_ids) = cardinality(row_months)
    ),
    -- Promise: the bytes live exactly as long as they may be repeated.
    CONSTRAINT open_attempts_keep_their_bytes CHECK ((settled_at IS NULL) = (body IS NOT NULL)),
    CONSTRAINT settled_attempts_have_an_outcome CHECK ((settled_at IS NULL) = (outcome IS NULL))
) PARTITION BY LIST (month);
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;
CREATE INDEX attempts_leased ON attempts (lane, leased_until) WHERE settled_at IS NULL;
CREATE INDEX attempts_in_flight ON attempts (account, post_until) WHERE post_until IS NOT NULL;

-- The rate limiter (GCRA) and the circuit breaker of an account, shared by all replicas.
CREATE TABLE rate_limits (
    account text PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    -- When the next request and the next segment may go.
    requests_at timestamptz NOT NULL DEFAULT 'epoch',
    segments_at timestamptz NOT NULL DEFAULT 'epoch',
    slowed_until timestamptz NOT NULL DEFAULT 'epoch',
    slowdown real NOT NULL DEFAULT 1,
    -- Where each lane's queue ends: rows that have no room now become due after one another.
    urgent_queue_end timestamptz NOT NULL DEFAULT 'epoch',
    normal_queue_end timestamptz NOT NULL DEFAULT 'epoch',
    bulk_queue_end timestamptz NOT NULL DEFAULT 'epoch',
    -- How far the circuit breaker is from opening.
    failure_weight real NOT NULL DEFAULT 0,
    failed_at timestamptz NOT NULL DEFAULT 'epoch',
    CONSTRAINT slowdown_never_speeds_up CHECK (slowdown >= 1),
    CONSTRAINT failure_weight_is_counted_up CHECK (failure_weight >= 0)
);

-- Pauses of one account, or, where `account` is null, of every account. Scope 'account' waits for money, token or
-- sender; 'provider' is an open circuit breaker; 'viber' waits until TurboSMS takes the Viber sender, while SMS go on;
-- 'trigger/...' and 'person/...' were stopped by the runaway guard. 'hand' is all texts, which a person paused, and
-- 'hand/...' those of a trigger, a lane or a channel: they stand beside what paused itself.
CREATE TABLE pauses (
    account text REFERENCES accounts ON DELETE CASCADE,
    scope text NOT NULL DEFAULT 'account',
    reason text NOT NULL,
    code integer,
    since timestamptz NOT NULL,
    paused_by text NOT NULL,
    -- When it ends by itself; null: a person or a probe ends it.
    until timestamptz,
    -- What the person wrote for whoever looks at it.
    note text,
    probe_at timestamptz,
    probes smallint NOT NULL DEFAULT 0,
    CONSTRAINT pause_scope_is_known CHECK (
        scope ~ '^(account|provider|viber|trigger/[a-z0-9_.]+|person/[0-9a-f]+)$'
        OR scope ~ '^hand(/(trigger/[a-z0-9_.]+|lane/(urgent|normal|bulk)|channel/(sms|viber)))?$'
    ),
    -- Promise: what a program pauses is paused for a reason of one account, and until that reason is gone.
    CONSTRAINT only_people_pause_all_accounts_or_for_a_time CHECK (
        scope ~ '^hand(/|$)' OR (account IS NOT NULL AND until IS NULL)
    )
);
-- Promise: a scope of an account, or of all accounts, is paused once, with one alert.
CREATE UNIQUE INDEX scope_is_paused_once ON pauses (account, scope) NULLS NOT DISTINCT;

-- What went to whom, for the frequency cap and the runaway guard; kept for a fortnight. No foreign key: many
-- transactions would share a lock on the account's row, most of the time that a claim takes.
CREATE TABLE contact_log (
    account text NOT NULL,
    recipient_key bytea NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    text_hash bytea NOT NULL,
    at timestamptz NOT NULL,
    -- Promise: a notification counts once, however often it was tried.
    PRIMARY KEY (account, recipient_key, month, notification),
    CONSTRAINT text_hash_has_16_bytes CHECK (octet_length(text_hash) = 16)
);
CREATE INDEX contact_log_by_age ON contact_log (at);

-- How many rows of a trigger went out in each hour: what the runaway guard compares with.
CREATE TABLE hourly_volumes (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    trigger text NOT NULL,
    hour timestamptz NOT NULL,
    sent integer NOT NULL,
    -- Promise: an hour is counted in one place.
    PRIMARY KEY (account, trigger, hour),
    CONSTRAINT volume_is_counted_up CHECK (sent >= 0)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- Receipts: what TurboSMS reports of a message afterwards.
-- ---------------------------------------------------------------------------------------------------------------------

-- Which notification a message id of TurboSMS belongs to.
CREATE TABLE provider_messages (
    account text NOT NULL,
    message_id text NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    attempt text NOT NULL,
    accepted_at timestamptz NOT NULL,
    -- When TurboSMS is asked for it next: for its receipt, then for its price, or whether Viber's was read. Null: never
    -- again.
    ask_at timestamptz,
    -- Promise: a message id belongs to one notification.
    CONSTRAINT message_id_names_one_notification PRIMARY KEY (account, message_id)
-- Each question moves `ask_at`: the row stays on its page, so that the index by time below goes on knowing where it is.
) WITH (fillfactor = 70);
-- Polling asks: which messages are to be asked for now?
CREATE INDEX provider_messages_asked ON provider_messages (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX provider_messages_of_a_notification ON provider_messages (month, notification);
-- Reports ask for a span of time, and messages lie in the order in which TurboSMS took them: this finds their pages,
-- and an insert pays next to nothing for it.
CREATE INDEX provider_messages_by_time ON provider_messages USING brin (accepted_at) WITH (
    pages_per_range = 32, autosummarize = on
);

-- One channel of a message; a hybrid has two once its SMS has followed.
CREATE TABLE channel_statuses (
    account text NOT NULL,
    message_id text NOT NULL,
    channel text NOT NULL,
    -- TurboSMS's status, lower case.
    status text NOT NULL,
    -- Viber's rejected_status, as it was written.
    rejected text,
    sent_at timestamptz,
    -- When that status began.
    updated_at timestamptz,
    -- In hryvnias; null until a report carries it.
    price numeric(10, 4),
    segments smallint,
    -- The status with which the price came: a later one may change it, for what is lost may cost nothing.
    price_status text,
    -- Promise: a message has one status on a channel.
    CONSTRAINT channel_has_one_status PRIMARY KEY (account, message_id, channel),
    CONSTRAINT channel_status_belongs_to_a_message FOREIGN KEY (account, message_id)
    REFERENCES provider_messages ON DELETE CASCADE,
    CONSTRAINT status_channel_is_known CHECK (channel IN ('sms', 'viber')),
    CONSTRAINT channel_cost_is_not_negative CHECK (price >= 0 AND segments >= 0)
);
-- A price is learned from the newest messages that have one.
CREATE INDEX channel_statuses_priced ON channel_statuses (account, channel, sent_at)
WHERE price > 0 AND sent_at IS NOT NULL;

CREATE TABLE callbacks (
    account text NOT NULL,
    -- TurboSMS's id of the callback, which alone is what it signs.
    event_id text NOT NULL,
    message_id text NOT NULL,
    -- TurboSMS's status, lower case.
    status text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    -- Null as long as the message is unknown: a callback may come before the answer that names its message is stored.
    recorded_at timestamptz,
    -- Promise: a callback id belongs to the message that it named first, whoever repeats its signature.
    CONSTRAINT event_names_one_message PRIMARY KEY (account, event_id),
    CONSTRAINT callback_was_received CHECK (times >= 1)
);
-- Polling asks: does this account get callbacks?
CREATE INDEX callbacks_of_an_account ON callbacks (account, last_at);

-- ---------------------------------------------------------------------------------------------------------------------
-- Search: what keywords and filters of the history look in.
-- ---------------------------------------------------------------------------------------------------------------------

-- Written by the scheduler a minute after a notification, never by whoever plans or sends it.
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

-- ---------------------------------------------------------------------------------------------------------------------
-- Calendar: local moments of records, when each reminder rule is next due, and which reminders were published.
-- ---------------------------------------------------------------------------------------------------------------------

-- No foreign key to the account, as for the contact log.
CREATE TABLE calendar (
    account text NOT NULL,
    record_kind text NOT NULL,
    record_id text NOT NULL,
    -- Which moment of the record: 'start', 'due', 'birthday', ...
    moment text NOT NULL,
    -- Local time and zone name are the truth; UTC moments are computed from them. Null: no event has named one; the
    -- zone of the account.
    local_at timestamp,
    zone text,
    version bigint,
    changed_at timestamptz NOT NULL,
    cancelled boolean NOT NULL DEFAULT FALSE,
    -- What rules and texts can ask of the newest event's `data`, with the recipients of the newest one that named any.
    data jsonb NOT NULL DEFAULT '{}',
    -- What was wrong with the event, and how it was read.
    corrections text[] NOT NULL DEFAULT '{}',
    -- The account's rules by which its timers were computed; 0: not yet.
    rules_version bigint NOT NULL DEFAULT 0,
    -- Since when the entry is as it is: nothing that was due before is sent.
    since timestamptz NOT NULL DEFAULT 'epoch',
    -- Promise: a record has each of its moments once.
    PRIMARY KEY (account, record_kind, record_id, moment),
    -- Promise: what is kept is as good as the event's own data.
    CONSTRAINT calendar_data_is_an_object CHECK (jsonb_typeof(data) = 'object')
);
-- What is to be computed anew, without a look at the rest.
CREATE INDEX calendar_by_rules_version ON calendar (account, rules_version);

CREATE TABLE timers (
    account text NOT NULL,
    record_kind text NOT NULL,
    record_id text NOT NULL,
    moment text NOT NULL,
    rule text NOT NULL,
    next_at timestamptz,
    rules_version bigint NOT NULL,
    -- Everything that was due until then has been published, missed or dropped.
    processed_until timestamptz NOT NULL DEFAULT 'epoch',
    -- Promise: a rule waits once for each entry.
    PRIMARY KEY (account, record_kind, record_id, moment, rule),
    FOREIGN KEY (account, record_kind, record_id, moment) REFERENCES calendar ON DELETE CASCADE
);
CREATE INDEX timers_due ON timers (next_at) WHERE next_at IS NOT NULL;

-- A lease touches no index, and shall find room on the row's own page.
CREATE TABLE occurrences (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    rule text NOT NULL,
    record_kind text NOT NULL,
    record_id text NOT NULL,
    moment text NOT NULL,
    offset_minutes integer NOT NULL,
    -- The local start, the local date, or the year: never a version or a UTC moment.
    slot text NOT NULL,
    version bigint,
    -- The entry's newest change when the reminder fired.
    changed_at timestamptz NOT NULL,
    event_id text NOT NULL,
    routing_key text NOT NULL,
    -- The exact event that is published, again if need be.
    body bytea NOT NULL,
    -- Urgent ones are published first: 0 before 1 before 2.
    rank smallint NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    reason text,
    due_at timestamptz NOT NULL,
    -- After this moment the reminder is useless.
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    -- One that was leased may have been published.
    leased_until timestamptz NOT NULL DEFAULT 'epoch',
    published_at timestamptz,
    settled_at timestamptz,
    -- Promise: a rule fires once for a record's slot.
    CONSTRAINT occurrence_happens_once UNIQUE (account, rule, record_kind, record_id, offset_minutes, slot),
    CONSTRAINT occurrence_state_is_known CHECK (state IN ('pending', 'published', 'missed', 'cancelled')),
    CONSTRAINT published_occurrence_has_a_time CHECK ((state = 'published') = (published_at IS NOT NULL)),
    CONSTRAINT settled_occurrence_has_a_time CHECK ((state = 'pending') = (settled_at IS NULL)),
    -- Promise: whatever was not published has a reason.
    CONSTRAINT unpublished_occurrence_has_a_reason CHECK (reason IS NOT NULL OR state IN ('pending', 'published'))
) WITH (fillfactor = 60);
CREATE INDEX occurrences_pending ON occurrences (rank, due_at, id) WHERE state = 'pending';
-- The operator's question: what was missed? And retention's: what is old enough to be deleted?
CREATE INDEX occurrences_settled ON occurrences (settled_at) WHERE settled_at IS NOT NULL;

-- The version of the time zone database by which timers were computed.
CREATE TABLE tzdata_version (
    singleton boolean PRIMARY KEY DEFAULT TRUE,
    tzdata text NOT NULL,
    -- Promise: all schedulers go by the newest zones that any of them knows.
    CONSTRAINT tzdata_version_is_one_row CHECK (singleton)
);

-- Quiet hours are part of when a reminder is sent: one that they would hold until it is useless goes before them.
CREATE FUNCTION bump_rules_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rules_version := OLD.rules_version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_bump_rules
BEFORE UPDATE OF zone, window_opens, window_closes ON accounts
FOR EACH ROW WHEN (
    (old.zone, old.window_opens, old.window_closes) IS DISTINCT FROM (new.zone, new.window_opens, new.window_closes)
) EXECUTE FUNCTION bump_rules_of_account();

CREATE FUNCTION stamp_rules_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rules_since := clock_timestamp();
    RETURN NEW;
END
$$;
-- After accounts_bump_rules, which may set the version: triggers fire in the order of their names.
CREATE TRIGGER accounts_stamp_rules_since
BEFORE UPDATE ON accounts
FOR EACH ROW WHEN (old.rules_version IS DISTINCT FROM new.rules_version) EXECUTE FUNCTION stamp_rules_since();

CREATE FUNCTION bump_rules_of_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET rules_version = rules_version + 1
    WHERE id = coalesce(NEW.account, OLD.account);
    RETURN NULL;
END
$$;
CREATE TRIGGER triggers_bump_rules
AFTER UPDATE ON triggers
FOR EACH ROW WHEN (
    (old.switched_on, old.settings) IS DISTINCT FROM (new.switched_on, new.settings)
) EXECUTE FUNCTION bump_rules_of_trigger();
CREATE TRIGGER triggers_bump_rules_at_both_ends
AFTER INSERT OR DELETE ON triggers
FOR EACH ROW EXECUTE FUNCTION bump_rules_of_trigger();

CREATE FUNCTION delete_rows_of_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM calendar WHERE account = OLD.id;
    DELETE FROM contact_log WHERE account = OLD.id;
    RETURN NULL;
END
$$;
-- Promise: an account takes its calendar and its contact log along when it is removed.
CREATE TRIGGER accounts_delete_their_rows
AFTER DELETE ON accounts
FOR EACH ROW EXECUTE FUNCTION delete_rows_of_account();

-- ---------------------------------------------------------------------------------------------------------------------
-- Money: what was spent, what messages cost, what is left, and which alerts were raised.
-- ---------------------------------------------------------------------------------------------------------------------

-- What claims took of a day of the account's zone, and what came back because TurboSMS refused it for certain: two
-- rows, so that a refund never waits for a claim. Claims write and read them while they hold the account's row in
-- `rate_limits`.
CREATE TABLE spending (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    day date NOT NULL,
    trigger text NOT NULL,
    is_refund boolean NOT NULL,
    -- Segments; a Viber message counts as one.
    segments bigint NOT NULL,
    -- Hryvnias, as they were expected; zero where no price was known.
    cost numeric(14, 4) NOT NULL,
    -- Promise: a day's claims are counted in one place, so that no hryvnia is spent twice.
    PRIMARY KEY (account, day, trigger, is_refund),
    CONSTRAINT spending_is_counted_up CHECK (segments >= 0 AND cost >= 0)
);
CREATE INDEX spending_by_age ON spending (day);

-- What a segment of an SMS, or a Viber message, lately cost by TurboSMS's reports of single messages.
CREATE TABLE prices (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    channel text NOT NULL,
    price numeric(10, 4) NOT NULL,
    learned_at timestamptz NOT NULL,
    -- Promise: a channel has one price.
    PRIMARY KEY (account, channel),
    CONSTRAINT priced_channel_is_known CHECK (channel IN ('sms', 'viber')),
    CONSTRAINT price_is_positive CHECK (price > 0)
);
CREATE TRIGGER prices_record_insert AFTER INSERT ON prices REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER prices_record_update AFTER UPDATE ON prices REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');
CREATE TRIGGER prices_record_delete AFTER DELETE ON prices REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION record_changed_accounts('account');

-- An account's money by TurboSMS; moments are rounded down to ten minutes.
CREATE TABLE balances (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    at timestamptz NOT NULL,
    balance numeric(14, 4) NOT NULL,
    -- Promise: however many schedulers ask, there is one answer for ten minutes, the first.
    PRIMARY KEY (account, at)
);

-- The last alert of each name. One of a trigger carries it: `name/trigger`.
CREATE TABLE alerts (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name text NOT NULL,
    -- What it is about, a day or a balance: it is raised once for each.
    subject text NOT NULL,
    at timestamptz NOT NULL,
    facts jsonb NOT NULL,
    -- What became of its SMS; null while it waits.
    sms text,
    -- Promise: an alert is raised once an hour at most, however many workers and schedulers see its cause.
    PRIMARY KEY (account, name),
    CONSTRAINT alert_sms_is_known CHECK (sms IN ('planned', 'no_phone', 'account_paused', 'too_late'))
);
CREATE INDEX alerts_unsent ON alerts (at) WHERE sms IS NULL;

-- ---------------------------------------------------------------------------------------------------------------------
-- Consent: who agreed to advertising, who must not be written to, and whom Viber does not reach.
-- ---------------------------------------------------------------------------------------------------------------------

-- A person's newest consent by the record's version or time, withdrawals too.
CREATE TABLE consents (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind text NOT NULL,
    id text NOT NULL,
    -- Null: the person was deleted, and what they agreed to with them; older events revive neither.
    given boolean,
    version bigint,
    changed_at timestamptz NOT NULL,
    -- The CRM's id of the event that carried it.
    event_id text NOT NULL,
    -- The newest consent that was given, for as long as it may have to be proved: it outlives its withdrawal.
    agreed_at timestamptz,
    agreed_event_id text,
    -- Promise: of each person the newest consent counts, and only that.
    PRIMARY KEY (account, kind, id),
    CONSTRAINT agreement_has_its_event CHECK ((agreed_at IS NULL) = (agreed_event_id IS NULL)),
    -- Promise: what may be sent by consent can be proved.
    CONSTRAINT consent_is_proved CHECK (given IS NOT TRUE OR agreed_at IS NOT NULL)
);

-- The stop-list: people who are not written to, by the HMAC of their phone. The phone itself may be erased: the HMAC
-- alone still stops.
CREATE TABLE suppressions (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    recipient_key bytea NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    since timestamptz NOT NULL,
    scope text NOT NULL DEFAULT 'all',
    phone text,
    added_by text,
    -- Promise: a person is on the list once.
    PRIMARY KEY (account, recipient_key),
    CONSTRAINT suppression_scope_is_known CHECK (scope IN ('all', 'marketing'))
);

-- Phones without Viber by TurboSMS's refusals, and when.
CREATE TABLE viber_reach (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    recipient_key bytea NOT NULL,
    refused_at timestamptz NOT NULL,
    -- Promise: the newest refusal counts.
    PRIMARY KEY (account, recipient_key)
);

-- ---------------------------------------------------------------------------------------------------------------------
-- Audit: who did what.
-- ---------------------------------------------------------------------------------------------------------------------

-- Who changed, did or looked at what, and when. Nothing changes a row, and only retention deletes one.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    -- The name that a person gave, or their user's name on the machine.
    done_by text NOT NULL,
    action text NOT NULL,
    -- No foreign key: what was done to an account outlives it.
    account text,
    -- What it was done to: a trigger, a template, a setting, the hash of a phone. Never a phone, a text or a token.
    subject text NOT NULL,
    -- What was different, before and after; null where there was nothing.
    before jsonb,
    after jsonb,
    -- Promise: an action has a name, and somebody did it to something.
    CONSTRAINT audit_names_who_did_what CHECK (done_by <> '' AND action ~ '^[a-z_]+$' AND subject <> ''),
    CONSTRAINT audited_values_are_objects CHECK (jsonb_typeof(before) = 'object' AND jsonb_typeof(after) = 'object')
);
-- The operator's question: what happened lately to this account? And retention's: what is old enough to be deleted?
CREATE INDEX audit_of_an_account ON audit (account, id);
CREATE INDEX audit_by_age ON audit (at);

-- ---------------------------------------------------------------------------------------------------------------------
-- Privacy: how long data is kept, and who asked to be forgotten.
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

-- ---------------------------------------------------------------------------------------------------------------------
-- Upkeep: what the tables' owner does for roles that only work, partitions above all, and what processes report.
-- ---------------------------------------------------------------------------------------------------------------------

-- One partition a month for what grows: this month, the one before (a clock may go back) and three ahead.
--
-- One table a transaction: whoever held the locks of several would meet those who write to them in another order.
-- What a DEFAULT partition caught meanwhile moves into the new one, which is attached full. Locks are taken from the
-- parent down, as writers take them, and waited for less than PostgreSQL's deadlock_timeout: no writer is a victim.
CREATE FUNCTION keep_partitions(parent text, moment timestamptz) RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
SET lock_timeout = '500ms' AS $$
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
$$;

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

-- Delete some notes that are older than this and than `retention` keeps them, never of the last year, and count them.
-- Whoever works cannot shorten what an operator set; the default is that of worker/core/privacy/retention.py.
CREATE FUNCTION purge_audit(first_kept timestamptz, slice integer) RETURNS bigint LANGUAGE sql
SECURITY DEFINER AS $$
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

-- Whoever calls them does what their owner may: nobody but the roles that `migrate --grants` names.
DO $$
DECLARE
    function regprocedure;
BEGIN
    FOREACH function IN ARRAY ARRAY[
        'keep_partitions(text, timestamptz)', 'drop_month(text, date)', 'purge_audit(timestamptz, integer)'
    ]::regprocedure[] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', function, current_schema());
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END
$$;

-- What each scheduler last reported of each task of its timetable.
CREATE TABLE task_statuses (
    task text NOT NULL,
    -- The machine and the process.
    runner text NOT NULL,
    every interval NOT NULL,
    last_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    lag interval NOT NULL,
    took interval NOT NULL,
    runs bigint NOT NULL,
    -- What the last run failed with; null where it did not.
    failure text,
    reported_at timestamptz NOT NULL,
    -- Promise: a scheduler reports one status of a task.
    PRIMARY KEY (task, runner)
);

-- A consumer that lost PostgreSQL writes here before it subscribes again.
CREATE TABLE write_checks (
    singleton boolean PRIMARY KEY DEFAULT TRUE,
    at timestamptz NOT NULL,
    CONSTRAINT write_check_is_one_row CHECK (singleton)
);
