import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, IntegrityError, NotNullViolation, UniqueViolation

from tests.store.right_rows import MONTH, RIGHT, add, rows
from tests.store.wrong_keys import WRONG_KEYS
from tests.store.wrong_money import MONEY_ONCE, WRONG_MONEY
from tests.store.wrong_people import PEOPLE_ONCE, WRONG_PEOPLE
from tests.store.wrong_privacy import PRIVACY_ONCE, WRONG_PRIVACY
from tests.store.wrong_times import TIMES_ONCE, WRONG_TIMES
from worker.store.db.postgres import Connection

EDITED = {"edited_body": "'x'", "edited_at": "now()", "edited_by": "'x'"}
#: What each constraint refuses: the table, the spoilt columns, the constraint's name.
REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("configuration", {"singleton": "FALSE"}, "configuration_is_one_row"),
    ("accounts", {"id": "'Acme'"}, "account_id_fits_a_routing_key"),
    ("accounts", {"id": "'a.b'"}, "account_id_fits_a_routing_key"),
    ("accounts", {"id": "''"}, "account_id_fits_a_routing_key"),
    ("accounts", {"id": "repeat('a', 41)"}, "account_id_fits_a_routing_key"),
    ("accounts", {"id": "E'acme\\n'"}, "account_id_fits_a_routing_key"),
    ("accounts", {"window_opens": "-1"}, "window_lies_in_one_day"),
    ("accounts", {"window_opens": "600", "window_closes": "600"}, "window_lies_in_one_day"),
    ("accounts", {"window_closes": "1441"}, "window_lies_in_one_day"),
    ("accounts", {"post_mode": "'get'"}, "post_mode_is_known"),
    ("accounts", {"key_life": "interval '0'"}, "key_life_is_positive"),
    ("accounts", {"in_flight": "0"}, "rate_is_positive"),
    ("accounts", {"requests_per_s": "0"}, "rate_is_positive"),
    ("accounts", {"segments_per_s": "-1"}, "rate_is_positive"),
    ("accounts", {"multi_max": "0"}, "multi_max_is_small"),
    ("accounts", {"multi_max": "101"}, "multi_max_is_small"),
    *(
        ("accounts", {column: wrong}, "limits_let_something_through")
        for column, wrong in [
            ("person_hour_max", "0"),
            ("person_day_max", "0"),
            ("same_text", "interval '-1 s'"),
            ("runaway_threshold", "0"),
        ]
    ),
    *(
        ("accounts", {"custom_shortcodes": f"ARRAY[{codes}]"}, "custom_shortcodes_are_codes")
        for codes in ["'Manager'", "'x', NULL", "'a b'", "'a,b'", "''", "'9a'", "repeat('a', 101)", "ARRAY['a', 'b']"]
    ),
    ("accounts", {"segment_price": "-0.01"}, "segment_price_is_not_negative"),
    *WRONG_MONEY,
    *WRONG_PEOPLE,
    ("triggers", {"channel": "'mail'"}, "channel_is_known"),
    ("triggers", {"if_unconfirmed": "'ask'"}, "if_unconfirmed_is_known"),
    ("pauses", {"scope": "'everything'"}, "pause_scope_is_known"),
    ("pauses", {"scope": "'trigger/'"}, "pause_scope_is_known"),
    ("pauses", {"scope": "'viber/'"}, "pause_scope_is_known"),
    *(
        ("pauses", {"scope": f"'hand/{scope}'"}, "pause_scope_is_known")
        for scope in ["", "person/ab", "lane/slow", "channel/viber_then_sms", "trigger/", "lane/bulk/channel/sms"]
    ),
    ("pauses", {"account": "NULL"}, "only_people_pause_all_accounts_or_for_a_time"),
    ("pauses", {"until": "now()"}, "only_people_pause_all_accounts_or_for_a_time"),
    ("templates", {"trigger": "NULL"}, "template_is_a_triggers_or_custom"),
    ("templates", {"name": "'x'", "section": "'x'"}, "template_is_a_triggers_or_custom"),
    ("templates", {"trigger": "NULL", "name": "'x'"}, "custom_template_has_a_section"),
    ("templates", {"section": "'x'"}, "custom_template_has_a_section"),
    ("templates", {"missing": "'guess'"}, "missing_policy_is_known"),
    *(("templates", {"viber": wrong}, "template_viber_is_an_object") for wrong in ["'[]'", "'null'", "'5'"]),
    ("template_versions", {"version": "0"}, "version_counts_from_one"),
    ("rate_limits", {"slowdown": "0.5"}, "slowdown_never_speeds_up"),
    ("rate_limits", {"failure_weight": "-1"}, "failure_weight_is_counted_up"),
    ("contact_log", {"text_hash": "'short'"}, "text_hash_has_16_bytes"),
    ("hourly_volumes", {"sent": "-1"}, "volume_is_counted_up"),
    ("write_checks", {"singleton": "FALSE"}, "write_check_is_one_row"),
    *(
        ("audit", {column: wrong}, "audit_names_who_did_what")
        for column, wrong in [("done_by", "''"), ("action", "'Pause it'"), ("subject", "''")]
    ),
    *(("audit", {column: "'[]'"}, "audited_values_are_objects") for column in ["before", "after"]),
    *WRONG_PRIVACY,
    *WRONG_KEYS,
    ("event_keys", {"key": "'short'"}, "event_hashes_have_16_bytes"),
    ("event_keys", {"content": "'short'"}, "event_hashes_have_16_bytes"),
    ("events", {"month": f"{MONTH} + 1"}, "event_month_is_a_first_day"),
    ("events", {"outcome": "'eaten'"}, "event_outcome_is_known"),
    ("dead_letters", {"kind": "'cat'"}, "dead_letter_kind_is_known"),
    (
        "dead_letters",
        {"state": "'lost'", "closed_at": "now()", "closed_by": "'x'"},
        "dead_letter_state_is_known",
    ),
    ("dead_letters", {"state": "'dropped'"}, "closed_dead_letter_has_an_actor"),
    ("dead_letters", {"closed_by": "'x'"}, "closed_dead_letter_has_an_actor"),
    ("dead_letters", {"state": "'dropped'", "closed_by": "'x'"}, "closed_dead_letter_has_an_actor"),
    ("dead_letters", {"head": "convert_to(repeat('x', 4097), 'UTF8')"}, "dead_letter_head_is_small"),
    ("dead_letters", {"kind": "'job'"}, "job_names_its_notification"),
    ("dead_letters", {"notification": "1"}, "job_names_its_notification"),
    ("dead_letters", {"edited_by": "'x'"}, "edited_dead_letter_names_who"),
    ("dead_letters", {"kind": "'message'", **EDITED}, "only_events_are_edited"),
    ("dead_letters", {"event": "1"}, "dead_letter_became_one_event"),
    ("dead_letters", {"event": "1", "event_month": MONTH}, "dead_letter_became_one_event"),
    ("suspect_messages", {"times": "0"}, "suspect_message_was_delivered"),
    ("notification_keys", {"key": "'short'"}, "notification_key_has_16_bytes"),
    ("notifications", {"month": f"{MONTH} + 1"}, "notification_month_is_a_first_day"),
    ("search_entries", {"month": f"{MONTH} + 1"}, "search_month_is_a_first_day"),
    ("search_progress", {"singleton": "FALSE"}, "search_progress_is_one_row"),
    ("notifications", {"lane": "'fast'"}, "lane_is_known"),
    *(("notifications", {"channel": wrong}, "notification_channel_is_known") for wrong in ["'both'", "'mail'"]),
    ("notifications", {"viber": "'{}'"}, "viber_goes_with_its_channel"),
    ("notifications", {"channel": "'viber'"}, "viber_goes_with_its_channel"),
    ("notifications", {"channel": "'viber_then_sms'"}, "viber_goes_with_its_channel"),
    ("notifications", {"message_class": "'spam'"}, "message_class_is_known"),
    ("notifications", {"state": "'lost'", "reason": "'x'", "due_at": "NULL"}, "state_is_known"),
    *(
        ("notifications", {"state": f"'{state}'", "reason": "'x'", "attempt": "'x'", "due_at": "NULL"}, name)
        for name in ["waiting_rows_and_only_those_are_due"]
        for state in ["planned", "postponed", "sending"]
    ),
    *(
        ("notifications", {"state": f"'{state}'", "reason": "'x'", "attempt": "'x'"}, name)
        for name in ["waiting_rows_and_only_those_are_due"]
        for state in [
            *("accepted", "sent", "delivered", "read", "undelivered"),
            *("refused", "failed", "expired", "cancelled", "skipped", "unconfirmed"),
        ]
    ),
    ("notifications", {"state": "'postponed'"}, "unsent_rows_have_a_reason"),
    *(
        ("notifications", {"state": f"'{state}'", "due_at": "NULL"}, "unsent_rows_have_a_reason")
        for state in ["undelivered", "refused", "failed", "expired", "cancelled", "skipped", "unconfirmed"]
    ),
    ("notifications", {"state": "'sending'"}, "sending_rows_belong_to_an_attempt"),
    *(
        ("notifications", {"state": f"'{state}'", "due_at": "NULL"}, "sending_rows_belong_to_an_attempt")
        for state in ["accepted", "sent", "delivered", "read"]
    ),
    ("notifications", {"phone": "NULL"}, "only_finished_rows_lack_a_phone"),
    ("attempts", {"month": f"{MONTH} + 1"}, "attempt_month_is_a_first_day"),
    ("attempts", {"key": "repeat('A', 32)"}, "key_is_32_hex_digits"),
    ("attempts", {"key": "repeat('a', 31)"}, "key_is_32_hex_digits"),
    ("attempts", {"row_ids": "'{}'", "row_months": "'{}'"}, "attempt_has_rows"),
    ("attempts", {"row_ids": "ARRAY[1, 2]"}, "attempt_has_rows"),
    ("attempts", {"body": "NULL"}, "open_attempts_keep_their_bytes"),
    ("attempts", {"settled_at": "now()", "outcome": "'x'"}, "open_attempts_keep_their_bytes"),
    ("attempts", {"settled_at": "now()", "body": "NULL"}, "settled_attempts_have_an_outcome"),
    ("attempts", {"outcome": "'x'"}, "settled_attempts_have_an_outcome"),
    ("channel_statuses", {"channel": "'mail'"}, "status_channel_is_known"),
    *(("channel_statuses", {column: "-1"}, "channel_cost_is_not_negative") for column in ["price", "segments"]),
    ("callbacks", {"times": "0"}, "callback_was_received"),
    ("consents", {"agreed_at": "now()"}, "agreement_has_its_event"),
    ("consents", {"given": "TRUE"}, "consent_is_proved"),
    ("suppressions", {"scope": "'urgent'"}, "suppression_scope_is_known"),
    ("accounts", {"viber_reach_days": "-1"}, "viber_reach_days_are_few"),
    ("accounts", {"viber_reach_days": "3651"}, "viber_reach_days_are_few"),
    ("notifications", {"consent": "'guessed'"}, "consent_source_is_known"),
    ("accounts", {"outcomes": "'{notification.sent}'"}, "outcomes_are_known"),
    ("accounts", {"outcomes": "'{all,budget.spent}'"}, "outcomes_are_known"),
    ("outcomes", {"version": "NULL"}, "outcome_is_of_a_text_or_has_facts"),
    ("outcomes", {"facts": "'{}'"}, "outcome_is_of_a_text_or_has_facts"),
    ("outcomes", {"type": "'budget.spent'"}, "outcome_is_of_a_text_or_has_facts"),
    *WRONG_TIMES,
]
#: Unique rows: the table, the columns that both rows share, those that differ, the constraint's name.
ONCE: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("configuration", {}, {}, "configuration_pkey"),
    ("accounts", {}, {"name": "'y'"}, "accounts_pkey"),
    ("triggers", {}, {"switched_on": "FALSE"}, "triggers_pkey"),
    ("templates", {}, {}, "one_template_per_trigger_and_locale"),
    ("templates", {"trigger": "NULL", "name": "'x'", "section": "'x'"}, {}, "one_custom_template_per_name"),
    ("template_versions", {}, {"text": "'y'"}, "template_versions_pkey"),
    ("suppressions", {}, {"reason": "'y'"}, "suppressions_pkey"),
    ("consents", {}, {"given": "FALSE"}, "consents_pkey"),
    ("unrecognized_values", {}, {"last_value": "'z'"}, "unrecognized_values_pkey"),
    ("viber_reach", {}, {"refused_at": "now() - interval '1 hour'"}, "viber_reach_pkey"),
    ("pauses", {}, {"reason": "'y'"}, "scope_is_paused_once"),
    ("resumes", {}, {"at": "now() + interval '1 day'"}, "account_is_woken_once"),
    ("resumes", {"account": "NULL"}, {"account": "NULL"}, "account_is_woken_once"),
    (
        "pauses",
        {"account": "NULL", "scope": "'hand'"},
        {"reason": "'y'"},
        "scope_is_paused_once",
    ),
    ("rate_limits", {}, {"slowdown": "2"}, "rate_limits_pkey"),
    ("contact_log", {}, {"at": "now() - interval '1 hour'"}, "contact_log_pkey"),
    ("hourly_volumes", {}, {"sent": "2"}, "hourly_volumes_pkey"),
    *MONEY_ONCE,
    *PEOPLE_ONCE,
    *PRIVACY_ONCE,
    ("secrets", {}, {"sealed": "'y'"}, "secrets_pkey"),
    ("write_checks", {}, {}, "write_checks_pkey"),
    ("event_keys", {}, {"month": f"({MONTH} + interval '1 month')"}, "event_is_accepted_once"),
    ("records", {}, {"facts": "'[]'"}, "records_pkey"),
    ("dead_letters", {}, {"detail": "'y'"}, "one_open_dead_letter_per_fault"),
    ("suspect_messages", {}, {"times": "2"}, "suspect_messages_pkey"),
    ("notification_keys", {}, {"month": f"({MONTH} + interval '1 month')"}, "notification_is_planned_once"),
    ("provider_messages", {}, {"notification": "2"}, "message_id_names_one_notification"),
    ("channel_statuses", {}, {"status": "'read'"}, "channel_has_one_status"),
    ("callbacks", {}, {"message_id": "'y'"}, "event_names_one_message"),
    ("search_progress", {}, {"notification": "2"}, "search_progress_pkey"),
    *TIMES_ONCE,
]
#: Rows that the `acme` database begins with, or that need another's first.
THERE = {"configuration", "calendar", "search_progress", "sessions", "saved_views"}
ADMINS = {
    *("triggers", "templates", "suppressions", "pauses", "rate_limits", "contact_log"),
    *("hourly_volumes", "calendar", "timers"),
}
OWNED = (
    ADMINS
    | {"api_keys", "users", "resumes", "consents", "unrecognized_values", "viber_reach"}
    | {table for table, *_ in MONEY_ONCE}
)
#: Written for each event and each text by whoever has just read the account: asked for again, they wait for each other.
UNASKED = {"calendar", "contact_log"}
OPTIONAL = {
    *[("templates", "trigger"), ("notifications", "phone"), ("notifications", "due_at"), ("attempts", "body")],
    *[("calendar", "local_at"), ("calendar", "zone"), ("pauses", "account"), ("api_keys", "secret_hash")],
    *[("resumes", "account"), ("users", "account")],
    *[("outcomes", "month"), ("outcomes", "notification"), ("outcomes", "version")],
    *[("calendar", "local_at"), ("calendar", "zone"), ("erasures", "traces"), ("erasures", "recipient_key")],
}
CONSTRAINTS = """
SELECT DISTINCT c.conname FROM pg_constraint AS c INNER JOIN pg_class AS t ON t.oid = c.conrelid
WHERE c.contype = %s AND c.connamespace = 'public'::regnamespace AND NOT t.relispartition
"""


def refusal(connection: Connection, table: str, spoilt: dict[str, str]) -> IntegrityError:
    with pytest.raises(IntegrityError) as refused, connection.transaction():
        add(connection, table, spoilt)
    return refused.value


@pytest.mark.parametrize("table", sorted(RIGHT.keys() - THERE))
def test_a_right_row_is_taken(acme: Connection, table: str) -> None:
    add(acme, table, {})

    assert rows(acme, f"SELECT count(*) > 0 FROM {table}") == [(True,)]  # noqa: S608 (our own names)


def test_a_wrong_row_is_refused(acme: Connection, subtests: pytest.Subtests) -> None:
    for table, spoilt, constraint in REFUSED:
        with subtests.test(table, **spoilt):
            error = refusal(acme, table, spoilt)

            assert isinstance(error, CheckViolation)
            assert error.diag.constraint_name == constraint


@pytest.mark.parametrize(("table", "identity", "other", "constraint"), ONCE)
def test_a_unique_row_cannot_be_added_twice(
    acme: Connection, table: str, identity: dict[str, str], other: dict[str, str], constraint: str
) -> None:
    if table not in THERE:
        add(acme, table, identity)

    error = refusal(acme, table, {**identity, **other})

    assert isinstance(error, UniqueViolation)
    assert error.diag.constraint_name == constraint


def test_every_constraint_of_the_schema_is_tried_here(acme: Connection) -> None:
    checks, uniques = ({name for (name,) in rows(acme, CONSTRAINTS, constraint_type)} for constraint_type in "cu")

    assert checks == {name for _, _, name in REFUSED}
    assert uniques <= {name for *_, name in ONCE}


@pytest.mark.parametrize("table", sorted(OWNED - UNASKED))
def test_settings_belong_to_an_account(acme: Connection, table: str) -> None:
    assert isinstance(refusal(acme, table, {"account": "'nobody'"}), ForeignKeyViolation)


@pytest.mark.parametrize("table", sorted(OWNED))
def test_a_deleted_account_takes_its_settings_with_it(acme: Connection, table: str) -> None:
    if table not in THERE:
        add(acme, table, {})

    rows(acme, "DELETE FROM accounts")

    assert rows(acme, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 (our own names)


def test_a_required_column_may_not_be_null(acme: Connection, subtests: pytest.Subtests) -> None:
    required = {(table, column) for table, columns in RIGHT.items() for column in columns} - OPTIONAL

    for table, column in sorted(required):
        with subtests.test(table, column=column):
            assert isinstance(refusal(acme, table, {column: "NULL"}), NotNullViolation)
