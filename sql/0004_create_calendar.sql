-- What is due by the clock: local moments of records, when each rule comes next, and what was emitted.

CREATE TABLE calendar (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind text NOT NULL,
    record_id text NOT NULL,
    -- Which moment of the record: 'start', 'due', 'birthday', ...
    moment text NOT NULL,
    -- Local time and zone name are the truth; UTC moments are computed from them.
    local_at timestamp NOT NULL,
    zone text NOT NULL,
    version bigint,
    changed_at timestamptz NOT NULL,
    cancelled boolean NOT NULL DEFAULT FALSE,
    -- Promise: a record has each of its moments once.
    PRIMARY KEY (account, kind, record_id, moment)
);

CREATE TABLE timers (
    account text NOT NULL,
    kind text NOT NULL,
    record_id text NOT NULL,
    moment text NOT NULL,
    rule text NOT NULL,
    next_at timestamptz,
    rules_version bigint NOT NULL,
    -- Promise: a rule waits once for each entry.
    PRIMARY KEY (account, kind, record_id, moment, rule),
    FOREIGN KEY (account, kind, record_id, moment) REFERENCES calendar ON DELETE CASCADE
);
CREATE INDEX timers_due ON timers (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE occurrences (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    rule text NOT NULL,
    kind text NOT NULL,
    record_id text NOT NULL,
    offset_minutes integer NOT NULL,
    -- The local start, the local date, or the year: never a version or a UTC moment.
    slot text NOT NULL,
    version bigint,
    event_id text NOT NULL,
    routing_key text NOT NULL,
    -- The exact event that is published, again if need be.
    body bytea NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    reason text,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    -- Promise: a rule speaks of a record's slot once.
    CONSTRAINT occurrence_happens_once UNIQUE (account, rule, kind, record_id, offset_minutes, slot),
    CONSTRAINT occurrence_state_is_known CHECK (state IN ('pending', 'published', 'missed', 'cancelled')),
    CONSTRAINT published_occurrence_has_a_time CHECK ((state = 'published') = (published_at IS NOT NULL))
);
CREATE INDEX occurrences_pending ON occurrences (created_at) WHERE state = 'pending';
