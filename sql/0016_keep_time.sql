-- The scheduler's memory: what is dealt with of each timer, what is due to be published, and who ran what when.

-- Since when an entry stands as it does, whatever else of its record changed: what was due before is not due any more.
ALTER TABLE calendar ADD COLUMN since timestamptz NOT NULL DEFAULT 'epoch';

-- Since when an account's rules are as they are: they speak of nothing that was due before.
ALTER TABLE accounts ADD COLUMN rules_since timestamptz NOT NULL DEFAULT 'epoch';

CREATE FUNCTION note_rules_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rules_since := clock_timestamp();
    RETURN NEW;
END
$$;
-- After accounts_bump_rules, which may set the version: triggers fire in the order of their names.
CREATE TRIGGER accounts_note_rules_since
BEFORE UPDATE ON accounts
FOR EACH ROW WHEN (old.rules_version IS DISTINCT FROM new.rules_version) EXECUTE FUNCTION note_rules_since();

-- Everything that was due until then is dealt with: emitted, missed or not wanted.
ALTER TABLE timers ADD COLUMN done_until timestamptz NOT NULL DEFAULT 'epoch';

ALTER TABLE occurrences
ADD COLUMN moment text NOT NULL,
ADD COLUMN due_at timestamptz NOT NULL,
-- After this moment nobody would be told of it any more.
ADD COLUMN worth_until timestamptz NOT NULL,
-- The entry's newest change when it was emitted.
ADD COLUMN changed_at timestamptz NOT NULL,
-- What is urgent is published first: 0 before 1 before 2.
ADD COLUMN rank smallint NOT NULL,
-- Who publishes it has it in hand until then; one that was in hand may have been published.
ADD COLUMN leased_until timestamptz NOT NULL DEFAULT 'epoch',
ADD COLUMN settled_at timestamptz,
-- Promise: whatever was not published says why.
ADD CONSTRAINT unpublished_occurrence_says_why CHECK (reason IS NOT NULL OR state IN ('pending', 'published')),
ADD CONSTRAINT settled_occurrence_has_a_time CHECK ((state = 'pending') = (settled_at IS NULL));

DROP INDEX occurrences_pending;
CREATE INDEX occurrences_pending ON occurrences (rank, due_at, id) WHERE state = 'pending';
-- Each is taken in hand once, which touches no index and shall find room beside it.
ALTER TABLE occurrences SET (fillfactor = 60);
-- The operator's question: what was missed, and what is old enough to be forgotten?
CREATE INDEX occurrences_settled ON occurrences (settled_at) WHERE settled_at IS NOT NULL;

-- What each scheduler said last of each line of its timetable.
CREATE TABLE task_runs (
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
    said_at timestamptz NOT NULL,
    -- Promise: a scheduler says one thing of a task.
    PRIMARY KEY (task, runner)
);

-- Keys come month by month, so that a few pages tell where the old ones lie.
CREATE INDEX event_keys_by_month ON event_keys USING brin (month) WITH (autosummarize = on);
CREATE INDEX notification_keys_by_month ON notification_keys USING brin (month) WITH (autosummarize = on);
