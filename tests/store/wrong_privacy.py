"""Rows of retention and erasure that the schema refuses: table, the wrong columns, the constraint."""

from tests.store.right_rows import MONTH

OF_CONTACT = {"account": "'acme'", "contact": "'17'", "deleted_at": "now()", "recipient_key": "NULL"}
WRONG_PRIVACY: list[tuple[str, dict[str, str], str]] = [
    ("retention", {"kind": "'logs'"}, "retention_kind_is_known"),
    *(
        ("retention", {"kind": f"'{kind}'", "days": str(days)}, "retention_keeps_what_is_needed")
        for kind, days in [("bodies", 6), ("letters", 6), ("texts", 29), ("history", 59), ("keys", 59), ("audit", 364)]
    ),
    ("retention", {"days": "3651"}, "retention_keeps_what_is_needed"),
    ("erasures", {"finished_at": "now()"}, "finished_erasure_leaves_no_traces"),
    ("erasures", {"traces": "NULL"}, "finished_erasure_leaves_no_traces"),
    *(
        ("erasures", {"finished_at": "now()", "traces": "NULL", "row_ids": rows, "row_months": months}, constraint)
        for rows, months, constraint in [("ARRAY[1]", f"ARRAY[{MONTH}]", "finished_erasure_leaves_no_traces")]
    ),
    ("erasures", {"row_ids": "ARRAY[1]"}, "erasure_waits_for_rows"),
    ("erasures", {"recipient_key": "NULL"}, "erasure_is_of_a_phone_or_a_contact"),
    ("erasures", {"contact": "'17'"}, "erasure_is_of_a_phone_or_a_contact"),
    ("erasures", {**OF_CONTACT, "account": "NULL"}, "erasure_is_of_a_phone_or_a_contact"),
]

#: Unique rows: table, the columns that both rows share, those that differ, and the constraint.
PRIVACY_ONCE: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("retention", {}, {"days": "366"}, "retention_pkey"),
    ("retention_progress", {}, {"id": "2"}, "retention_progress_pkey"),
    ("erasures", {}, {"requested_by": "'y'"}, "one_open_erasure_per_phone"),
    ("erasures", {**OF_CONTACT, "deleted_at": "'2026-11-30Z'"}, {}, "one_erasure_per_deletion"),
]
