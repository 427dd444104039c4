"""Rows of the calendar and its timers that the schema refuses: table, the wrong columns, the constraint."""

WRONG_TIMES: list[tuple[str, dict[str, str], str]] = [
    ("calendar", {"data": "'[]'"}, "calendar_data_is_an_object"),
    ("accounts", {"rules_version": "0"}, "rules_version_counts_from_one"),
    ("tzdata_version", {"singleton": "FALSE"}, "tzdata_version_is_one_row"),
    ("occurrences", {"state": "'lost'"}, "occurrence_state_is_known"),
    ("occurrences", {"state": "'published'"}, "published_occurrence_has_a_time"),
    ("occurrences", {"published_at": "now()"}, "published_occurrence_has_a_time"),
    ("occurrences", {"settled_at": "now()"}, "settled_occurrence_has_a_time"),
    ("occurrences", {"state": "'missed'", "settled_at": "now()"}, "unpublished_occurrence_has_a_reason"),
]

#: Unique rows: table, the columns that both rows share, those that differ, and the constraint.
TIMES_ONCE: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("calendar", {}, {"zone": "'y'"}, "calendar_pkey"),
    ("tzdata_version", {}, {"tzdata": "'y'"}, "tzdata_version_pkey"),
    ("timers", {}, {"rules_version": "2"}, "timers_pkey"),
    ("occurrences", {}, {"version": "9", "event_id": "'y'"}, "occurrence_happens_once"),
    ("task_statuses", {}, {"runs": "2"}, "task_statuses_pkey"),
]
