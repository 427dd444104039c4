-- The ledger: one row for one text to one person, every move it made, and every send body under its key.

CREATE SEQUENCE notification_ids;
CREATE SEQUENCE move_ids;

-- Narrow and unpartitioned, kept for 13 months.
CREATE TABLE notification_keys (
    -- The first 16 bytes of SHA-256 over account, trigger, dedupe key, recipient key and channel.
    key bytea NOT NULL,
    month date NOT NULL,
    id bigint NOT NULL DEFAULT nextval('notification_ids'),
    -- Promise: one business fact is told to one person once on one channel.
    CONSTRAINT notification_is_planned_once PRIMARY KEY (key),
    CONSTRAINT notification_key_has_16_bytes CHECK (octet_length(key) = 16)
);

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
    class text NOT NULL,
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
    record_kind text,
    record_id text,
    record_version bigint,
    record_changed_at timestamptz,
    state text NOT NULL,
    reason text,
    -- When somebody must look at the row again; null means finished.
    due_at timestamptz,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    -- Exceptions between claim and POST; nudges published since the last claim.
    tries smallint NOT NULL DEFAULT 0,
    nudges smallint NOT NULL DEFAULT 0,
    attempt_month date,
    attempt text,
    PRIMARY KEY (month, id),
    CONSTRAINT notification_month_is_a_first_day CHECK (extract(DAY FROM month) = 1),
    CONSTRAINT lane_is_known CHECK (lane IN ('urgent', 'normal', 'bulk')),
    CONSTRAINT class_is_known CHECK (class IN ('transactional', 'staff', 'marketing')),
    CONSTRAINT state_is_known CHECK (state IN (
        'planned', 'postponed', 'sending', 'accepted', 'sent', 'delivered', 'read', 'undelivered',
        'refused', 'failed', 'expired', 'cancelled', 'skipped', 'unconfirmed'
    )),
    -- Promise: what waits is found again, and what is finished is left alone.
    CONSTRAINT waiting_rows_and_only_those_are_due CHECK (
        CASE
            WHEN state IN ('planned', 'postponed', 'sending') THEN due_at IS NOT NULL
            WHEN state IN ('accepted', 'sent') THEN TRUE
            ELSE due_at IS NULL
        END
    ),
    -- Promise: whatever was not sent says why.
    CONSTRAINT unsent_rows_say_why CHECK (
        reason IS NOT NULL
        OR state IN ('planned', 'sending', 'accepted', 'sent', 'delivered', 'read')
    ),
    -- Promise: nothing is sent without an attempt that was stored before.
    CONSTRAINT sending_rows_belong_to_an_attempt CHECK (
        attempt IS NOT NULL OR state NOT IN ('sending', 'accepted', 'sent', 'delivered', 'read')
    ),
    CONSTRAINT only_skipped_rows_lack_a_phone CHECK (phone IS NOT NULL OR state = 'skipped')
) PARTITION BY LIST (month);
CREATE TABLE notifications_default PARTITION OF notifications DEFAULT;
-- The sweeper's question: whose moment has come, lane by lane and account by account?
CREATE INDEX notifications_waiting ON notifications (lane, account, due_at)
WHERE state IN ('planned', 'postponed');
CREATE INDEX notifications_awaiting_receipt ON notifications (due_at)
WHERE state IN ('accepted', 'sent') AND due_at IS NOT NULL;
-- The operator's question: the newest of an account.
CREATE INDEX notifications_of_an_account ON notifications (account, month, id);
-- The client card's question.
CREATE INDEX notifications_of_a_client ON notifications (account, client_id, id);

CREATE TABLE moves (
    month date NOT NULL,
    notification bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('move_ids'),
    at timestamptz NOT NULL,
    from_state text,
    to_state text NOT NULL,
    reason text,
    actor text NOT NULL,
    attempt text,
    PRIMARY KEY (month, notification, id)
) PARTITION BY LIST (month);
CREATE TABLE moves_default PARTITION OF moves DEFAULT;

-- One send body under one sequence_id. It is never changed, only leased, repeated and settled.
CREATE TABLE attempts (
    month date NOT NULL,
    -- The provider's sequence_id.
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
    PRIMARY KEY (month, key),
    CONSTRAINT attempt_month_is_a_first_day CHECK (extract(DAY FROM month) = 1),
    -- Promise: a key fits what TurboSMS accepts (40 characters) and is never guessed twice.
    CONSTRAINT key_is_32_hex_digits CHECK (key ~ '^[0-9a-f]{32}$'),
    CONSTRAINT attempt_has_rows CHECK (
        cardinality(row_ids) > 0 AND cardinality(row_ids) = cardinality(row_months)
    ),
    -- Promise: the bytes live exactly as long as they may be repeated.
    CONSTRAINT open_attempts_keep_their_bytes CHECK ((settled_at IS NULL) = (body IS NOT NULL)),
    CONSTRAINT settled_attempts_say_how CHECK ((settled_at IS NULL) = (outcome IS NULL))
) PARTITION BY LIST (month);
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;
CREATE INDEX attempts_left_behind ON attempts (lane, leased_until) WHERE settled_at IS NULL;

-- Which notification a provider's message id speaks of.
CREATE TABLE provider_messages (
    account text NOT NULL,
    message_id text NOT NULL,
    month date NOT NULL,
    notification bigint NOT NULL,
    attempt text NOT NULL,
    accepted_at timestamptz NOT NULL,
    -- Promise: a provider's id speaks of one notification.
    CONSTRAINT message_id_speaks_of_one_notification PRIMARY KEY (account, message_id)
);
CREATE INDEX provider_messages_of_a_notification ON provider_messages (month, notification);
