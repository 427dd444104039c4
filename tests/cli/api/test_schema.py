from tests.cli.conftest import Command


def test_the_api_is_printed_as_openapi_without_any_server(bare: Command) -> None:
    result = bare("api", "schema")

    assert (result.code, result.json["openapi"]) == (0, "3.1.0")
    assert "/notifications/{month}/{number}" in result.json["paths"]
    assert bare("api", "schema").out == result.out
