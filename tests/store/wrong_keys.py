"""Rows of keys of the API that the schema refuses: table, the wrong columns, the constraint."""

WRONG_KEYS: list[tuple[str, dict[str, str], str]] = [
    *(
        ("api_keys", wrong, "api_key_has_its_secret_until_revoked")
        for wrong in [
            {"secret_hash": "NULL"},
            {"revoked_at": "now()"},
            {"sealed_secret": "'x'"},
            {"scopes": "'{embed}'"},
            {"scopes": "'{embed}'", "secret_hash": "NULL"},
            {"sealed_secret": "'x'", "secret_hash": "NULL"},
        ]
    ),
    ("api_keys", {"secret_hash": "'short'"}, "api_key_hash_has_32_bytes"),
    *(
        ("api_keys", {"scopes": scopes}, "api_key_scopes_are_known")
        for scopes in ["'{}'", "'{root}'", "'{read,embed}'"]
    ),
    ("api_keys", {"name": "' '"}, "api_key_has_a_name"),
    ("api_keys", {"rate": "0"}, "api_key_rate_is_positive"),
]
