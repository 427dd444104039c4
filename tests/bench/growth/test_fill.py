import pytest

from tests.bench.growth.fill import copied


@pytest.mark.parametrize(
    ("name", "type_", "is_key", "value"),
    [
        ("id", "bigint", True, '"id" - k * 10000000'),
        ("notification", "bigint", False, '"notification" - k * 10000000'),
        ("record_version", "bigint", False, '"record_version"'),
        (
            "attempt",
            "text",
            False,
            'CASE length("attempt") WHEN 32 THEN md5("attempt" || k) ELSE "attempt" || \'-\' || k END',
        ),
        ("account", "text", True, '"account"'),
        ("record_kind", "text", True, '"record_kind"'),
        ("state", "text", False, '"state"'),
        ("created_at", "timestamp with time zone", False, "\"created_at\" - k * interval '20 seconds'"),
        ("month", "date", True, '"month"'),
    ],
)
def test_a_copy_differs_where_a_row_must_be_its_own(name: str, type_: str, is_key: bool, value: str) -> None:  # noqa: FBT001 (a column)
    assert copied(name, type_, is_key=is_key) == value
