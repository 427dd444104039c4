"""People of the console as no row may have them."""

WRONG_PEOPLE: list[tuple[str, dict[str, str], str]] = [
    *(("users", {"name": name}, "user_has_a_name") for name in ["''", "' '", "' olena'", "'olena '"]),
    ("users", {"role": "'king'", "account": "NULL"}, "user_role_is_known"),
    ("users", {"language": "'fr'"}, "user_language_is_known"),
    ("users", {"role": "'operator'"}, "admin_belongs_to_an_account"),
    ("users", {"account": "NULL"}, "admin_belongs_to_an_account"),
    ("users", {"invited_until": "now()"}, "invitation_has_an_end"),
    ("users", {"invitation_hash": "sha256('x')"}, "invitation_has_an_end"),
    ("users", {"invitation_hash": "'short'", "invited_until": "now()"}, "invitation_hash_has_32_bytes"),
    ("sessions", {"token_hash": "'short'"}, "session_token_hash_has_32_bytes"),
    ("saved_views", {"name": "' x'"}, "saved_view_has_a_name"),
    ("saved_views", {"name": "repeat('x', 61)"}, "saved_view_has_a_name"),
    ("saved_views", {"query": "''"}, "saved_view_fits_an_address"),
    ("jobs", {"action": "'erase'"}, "job_action_is_known"),
    ("jobs", {"state": "'asleep'"}, "job_state_is_known"),
    ("jobs", {"items": "'{}'"}, "job_has_items"),
    ("jobs", {"state": "'running'", "done": "2"}, "job_does_what_was_agreed"),
    ("jobs", {"done": "1"}, "proposal_has_done_nothing"),
    ("jobs", {"state": "'finished'"}, "job_ends_once"),
    ("jobs", {"settled_at": "now()"}, "job_ends_once"),
]
INVITED = {"invitation_hash": "sha256('x')", "invited_until": "now()"}
#: What a table has once: the table, what makes it the same, what else may differ, the constraint.
PEOPLE_ONCE: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("users", {}, {"name": "'OLENA'"}, "user_name_is_unique"),
    ("users", INVITED, {"name": "'other'"}, "user_invitation_is_unique"),
]
