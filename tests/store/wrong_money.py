"""Rows of money that the schema refuses: table, the wrong columns, the constraint."""

WRONG_MONEY: list[tuple[str, dict[str, str], str]] = [
    *(
        (table, {column: wrong}, f"{table.removesuffix('s')}_budget_lets_something_through")
        for table in ("accounts", "triggers")
        for column, wrong in [("daily_budget", "0"), ("daily_segments", "-1")]
    ),
    ("accounts", {"over_budget": "'pay'"}, "over_account_budget_is_known"),
    ("triggers", {"over_budget": "'pay'"}, "over_trigger_budget_is_known"),
    ("accounts", {"low_balance": "0"}, "low_balance_is_positive"),
    ("accounts", {"low_hours": "-1"}, "low_balance_is_positive"),
    *(("accounts", {"alert_phone": f"'{wrong}'"}, "alert_phone_is_a_number") for wrong in ("0671234567", "+38 067")),
    ("spending", {"segments": "-1"}, "spending_is_counted_up"),
    ("spending", {"cost": "-1"}, "spending_is_counted_up"),
    ("prices", {"channel": "'post'"}, "priced_channel_is_known"),
    ("prices", {"price": "0"}, "price_is_positive"),
    ("alerts", {"sms": "'perhaps'"}, "alert_sms_is_known"),
]

#: Unique rows: table, identity, other columns, and the constraint.
MONEY_ONCE: list[tuple[str, dict[str, str], dict[str, str], str]] = [
    ("spending", {}, {"cost": "2"}, "spending_pkey"),
    ("prices", {}, {"price": "2"}, "prices_pkey"),
    ("balances", {"at": "'epoch'"}, {"balance": "2"}, "balances_pkey"),
    ("alerts", {}, {"subject": "'y'"}, "alerts_pkey"),
]
