-- What the CRM said, what is known of its records, and what people must look at.

-- A consumer that lost PostgreSQL writes here before it subscribes again.
CREATE TABLE write_probes (
    one boolean PRIMARY KEY DEFAULT TRUE,
    at timestamptz NOT NULL,
    CONSTRAINT write_probe_is_one_row CHECK (one)
);

CREATE SEQUENCE event_ids;

-- Narrow and unpartitioned, so that an id is known for 13 months while the events themselves come and go.
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
    -- What came of it: notifications were planned; the fact had been told before; no recipient of a kind that its
    -- triggers speak to; no trigger switched on.
    outcome text NOT NULL,
    PRIMARY KEY (month, id),
    CONSTRAINT event_month_is_a_first_day CHECK (extract(DAY FROM month) = 1),
    CONSTRAINT event_outcome_is_known CHECK (outcome IN ('planned', 'told_before', 'nobody', 'switched_off'))
) PARTITION BY LIST (month);
CREATE TABLE events_default PARTITION OF events DEFAULT;

-- The newest known facts of a CRM record; a deleted one stays as a tombstone: late news cannot revive it.
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
    times integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open',
    closed_at timestamptz,
    closed_by text,
    closed_why text,
    CONSTRAINT dead_letter_kind_is_known CHECK (kind IN ('event', 'job', 'message')),
    CONSTRAINT dead_letter_state_is_known CHECK (state IN ('open', 'replayed', 'dropped')),
    CONSTRAINT closed_dead_letter_says_who CHECK (
        num_nonnulls(closed_at, closed_by) = CASE WHEN state = 'open' THEN 0 ELSE 2 END
    ),
    CONSTRAINT dead_letter_head_is_small CHECK (octet_length(head) <= 4096),
    CONSTRAINT job_names_its_notification CHECK ((kind = 'job') = (notification IS NOT NULL))
);
-- Promise: the same fault of the same bytes is one open dead letter, however often it was delivered.
CREATE UNIQUE INDEX one_open_dead_letter_per_fault ON dead_letters (kind, hash, reason)
WHERE state = 'open';

-- Deliveries that may have killed a worker: counted before they run alone, forgotten when they settle.
CREATE TABLE suspects (
    hash bytea PRIMARY KEY,
    times integer NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT suspect_was_seen CHECK (times >= 1)
);
