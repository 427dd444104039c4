import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.access.api_key import RATE_MAX, ApiKey, Presented, Scope, digest, fault, presented, written

SECRET = secrets.token_urlsafe(32)


@given(st.integers(1, 10**18 - 1))
def test_a_key_is_read_as_it_was_written(number: int) -> None:
    assert presented(f"Bearer {written(number, SECRET)}") == Presented(number, SECRET)


def test_the_scheme_may_be_written_in_any_case() -> None:
    assert presented(f"bearer  {written(7, SECRET)} ") == Presented(7, SECRET)


@pytest.mark.parametrize(
    "header",
    [
        *(None, "", "Bearer", "Bearer ", written(7, SECRET), f"Basic {written(7, SECRET)}"),
        *(f"Bearer {written(7, SECRET)}x", f"Bearer psms_0_{SECRET}", f"Bearer psms_-1_{SECRET}"),
        *(f"Bearer psms_٧_{SECRET}", f"Bearer psms_{10**18}_{SECRET}", "Bearer psms_7_", f"Bearer sk_7_{SECRET}"),
    ],
)
def test_whatever_is_no_key_is_read_as_none(header: str | None) -> None:
    assert presented(header) is None


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    assert presented(header) is None


def test_what_is_kept_of_a_secret_does_not_hold_it() -> None:
    assert len(digest(SECRET)) == 32
    assert SECRET.encode() not in digest(SECRET)
    assert digest(SECRET) != digest(SECRET[::-1])


@pytest.mark.parametrize(
    ("name", "scopes", "rate", "named"),
    [
        (" ", ["read"], 100, "--name"),
        ("x" * 61, ["read"], 100, "--name"),
        ("a\nb", ["read"], 100, "--name"),
        ("CRM", [], 100, "--scope"),
        ("CRM", ["read", "root"], 100, "--scope"),
        ("CRM", ["embed", "read"], 100, "--scope"),
        ("CRM", ["read"], 0, "--rate"),
        ("CRM", ["read"], RATE_MAX + 1, "--rate"),
    ],
)
def test_a_wrong_key_is_refused_by_the_options_name(name: str, scopes: list[str], rate: int, named: str) -> None:
    assert (fault(name, scopes, rate) or "").startswith(named)


def test_a_right_key_has_no_fault() -> None:
    assert fault("CRM, картка", ["read", "send", "settings"], 1) is None
    assert fault("x" * 60, ["embed"], RATE_MAX) is None


def test_a_key_may_what_its_scopes_say_and_has_a_name_in_the_audit() -> None:
    key = ApiKey(7, "acme", "CRM", frozenset[Scope]({"read"}), sees_phones=False)

    assert (key.may("read"), key.may("send")) == (True, False)
    assert key.as_operator == "key/7 CRM"
