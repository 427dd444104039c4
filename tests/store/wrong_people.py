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
]
INVITED = {"invitation_hash": "sha256('x')", "invited_until": "now()"}
#: What a table has once: the table, what makes it the same, what else may differ, the constraint.
PEOPLE_ONCE: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("users", {}, {"name": "'OLENA'"}, "user_name_is_unique"),
    ("users", INVITED, {"name": "'other'"}, "user_invitation_is_unique"),
]
