from datetime import timedelta

import pytest

from tests.cli.conftest import Command
from tests.support.crm import execute, row
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction

SET = ("account", "set", "acme")

#: What is given, and what the account's sheet shows then; nothing of it is the default.
OPTIONS = [
    ("--name", "Ромашка", "name", "Ромашка"),
    ("--sender", "Romashka", "sms_sender", "Romashka"),
    ("--zone", "Europe/London", "zone", "Europe/London"),
    ("--locale", "en", "locale", "en"),
    ("--hours", "0:00-24:00", "hours", "0:00-24:00"),
    ("--post-mode", "sendmulti", "post_mode", "sendmulti"),
    ("--multi-max", "100", "multi_max", 100),
    ("--rate", "0.5", "requests_per_s", 0.5),
    ("--segment-rate", "30", "segments_per_s", 30),
    ("--in-flight", "9", "in_flight", 9),
    ("--key-life", "2m", "key_life", "2m"),
    ("--person-hour", "3", "person_hour_max", 3),
    ("--person-day", "7", "person_day_max", 7),
    ("--same-text", "0", "same_text", "0"),
    ("--runaway-threshold", "100", "runaway_threshold", 100),
    ("--viber-sender", "Крамниця", "viber_sender", "Крамниця"),
    (
        "--custom-shortcodes",
        "customers_kod, {customers_bonus}",
        "custom_shortcodes",
        ["customers_kod", "customers_bonus"],
    ),
    ("--plain-punctuation", "on", "plain_punctuation", True),
    ("--transliterate", "on", "transliterate", True),
    ("--segment-price", "0.95", "segment_price", "0.95"),
    ("--daily-segments", "300", "daily_segments", 300),
    ("--over-budget", "alert", "over_budget", "alert"),
    ("--low-balance", "99,5", "low_balance", "99.5"),
    ("--low-hours", "24", "low_hours", 24),
]


def test_a_given_option_is_set_and_the_others_stay(acme: Command, subtests: pytest.Subtests) -> None:
    expected = acme("account", "show", "acme", "--json").json

    for option, given, shown, value in OPTIONS:
        with subtests.test(option):
            expected |= {shown: value}
            if option == "--segment-price":
                expected["prices"] = {"segment": f"{given} (set)", "viber_message": None}

            assert (result := acme(*SET, option, given)).code == 0, result.err
            assert acme("account", "show", "acme", "--json").json == expected


def test_each_changed_option_is_a_line_with_old_and_new_value(acme: Command) -> None:
    result = acme(*SET, "--rate", "25", "--segment-rate", "12.5", "--in-flight", "5", "--key-life", "7d")

    assert result.err.splitlines() == [
        "--rate: was 10, is 25 now",
        "--segment-rate: was none, is 12.5 now",
        "--key-life: was 24h, is 7d now",
    ]


def test_an_optional_setting_can_be_removed(acme: Command, pool: Pool) -> None:
    acme(*SET, "--segment-price", "0,9550", "--custom-shortcodes", "customers_kod")

    result = acme(*SET, "--segment-price", "none", "--custom-shortcodes", "none")

    assert result.err.splitlines() == [
        "--custom-shortcodes: was customers_kod, is none now",
        "--segment-price: was 0.955, is none now",
    ]
    assert row(pool, "SELECT segment_price, custom_shortcodes FROM accounts") == (None, [])


def test_a_limit_of_segments_is_taken_away_again(acme: Command, pool: Pool) -> None:
    acme(*SET, "--segment-rate", "12.5")

    acme(*SET, "--segment-rate", "none")

    assert row(pool, "SELECT segments_per_s FROM accounts") == (None,)


def test_viber_instead_needs_a_viber_sender(acme: Command) -> None:
    without = acme(*SET, "--viber-instead", "on")
    both = acme(*SET, "--viber-sender", "Крамниця", "--viber-instead", "on")
    taken = acme(*SET, "--viber-sender", "none")

    assert [(result.code, "--viber-sender" in result.err) for result in (without, taken)] == [(2, True)] * 2
    assert both.err.splitlines() == [
        "--viber-sender: was none, is Крамниця now",
        "--viber-instead: was off, is on now",
    ]
    shown = acme("account", "show", "acme", "--json").json
    assert (shown["viber_sender"], shown["viber_instead"]) == ("Крамниця", True)


def test_a_new_viber_sender_shows_how_to_resume_viber(acme: Command) -> None:
    acme(*SET, "--viber-sender", "Крамниця")

    other = acme(*SET, "--viber-sender", "Інша")
    none = acme(*SET, "--viber-sender", "none", "--viber-instead", "off")

    assert "account resume acme --scope viber" in other.err
    assert none.code == 0
    assert acme("account", "show", "acme", "--json").json["viber_sender"] is None


def test_workers_see_what_was_set(acme: Command, pool: Pool) -> None:
    cache = ConfigurationCache()
    with transaction(pool) as connection:
        cache.look(connection)

    acme(*SET, "--rate", "25", "--key-life", "90m", "--person-day", "4")
    acme(*SET, "--viber-sender", "Крамниця", "--viber-instead", "on")

    with transaction(pool) as connection:
        account = cache.look(connection)[0].accounts["acme"]
    assert (account.rate.requests_per_s, account.key_life, account.limits.day_max) == (25, timedelta(minutes=90), 4)
    assert (account.viber_sender, account.viber_instead) == ("Крамниця", True)


def test_setting_nothing_is_wrong_usage_with_a_hint(acme: Command) -> None:
    result = acme(*SET)

    assert (result.code, "--rate 25" in result.err) == (2, True)


def test_setting_equal_values_changes_nothing(acme: Command) -> None:
    result = acme(*SET, "--rate", "10", "--key-life", "1d")

    assert (result.code, result.err) == (0, "acme was set so already: nothing changed.\n")


#: What is given wrongly, and what of the fix is named.
WRONG = [
    ("--name", " ", "blank"),
    ("--sender", "", "blank"),
    ("--zone", "Europe/Atlantis", "Europe/Kyiv"),
    ("--locale", "xx", "en, uk"),
    ("--hours", "20:00-9:00", "9:00-20:00"),
    ("--hours", "", "9:00-20:00"),
    ("--post-mode", "multi", "sendmulti"),
    ("--multi-max", "0", "greater than or equal to 1"),
    ("--multi-max", "101", "less than or equal to 100"),
    ("--rate", "0", "0.01"),
    ("--rate", "nan", "0.01"),
    ("--rate", "inf", "10000"),
    ("--rate", "fast", "0.01"),
    ("--segment-rate", "-1", "0.01"),
    ("--in-flight", "0", "greater than or equal to 1"),
    ("--in-flight", "32768", "less than or equal to 32767"),
    ("--key-life", "119s", "2m"),
    ("--key-life", "0", "2m"),
    ("--key-life", "24", "24h"),
    ("--key-life", "999999999d", "a year"),
    ("--person-hour", "0", "greater than or equal to 1"),
    ("--person-day", "0", "greater than or equal to 1"),
    ("--same-text", "-1m", "10m"),
    ("--same-text", "15d", "14d"),
    ("--runaway-threshold", "0", "greater than or equal to 1"),
    ("--runaway-threshold", "2147483648", "equal to 2147483647"),
    ("--viber-sender", " ", "blank"),
    ("--viber-instead", "perhaps", "'off'"),
    ("--custom-shortcodes", "Код", "customers_kod"),
    ("--custom-shortcodes", "a,,b", "customers_kod"),
    ("--custom-shortcodes", "invoice_number", "in the catalogue already"),
    ("--segment-price", "-1", "0.95"),
    ("--segment-price", "free", "0.95"),
]


def test_a_wrong_value_names_its_option_and_the_fix_and_sets_nothing(acme: Command, subtests: pytest.Subtests) -> None:
    before = acme("account", "show", "acme", "--json").json

    for option, given, fix in WRONG:
        with subtests.test(option, given=given):
            result = acme(*SET, "--runaway-threshold", "77", option, given, NO_COLOR="1", TERM="dumb", COLUMNS="300")

            assert (result.code, option in result.err, fix in result.err) == (2, True, True), result.err
    assert acme("account", "show", "acme", "--json").json == before


def test_an_account_whose_settings_the_schema_refuses_stays_as_it_was(acme: Command, pool: Pool) -> None:
    execute(pool, "ALTER TABLE accounts ADD CONSTRAINT nobody_is_so_fast CHECK (requests_per_s < 50)")

    result = acme(*SET, "--rate", "60")

    assert (result.code, row(pool, "SELECT requests_per_s FROM accounts")) == (1, (10.0,))
