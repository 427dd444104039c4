import psycopg

from deploy.schema import FILE, current_schema, readable


def test_the_schema_file_equals_what_the_migrations_add_up_to(postgresql: str) -> None:
    assert FILE.read_text() == current_schema(postgresql), "run `make schema`"

    with psycopg.connect(postgresql) as connection:
        left = connection.execute("select datname from pg_database where datname like 'sms_schema_%'").fetchall()
    assert left == []


def test_only_the_schema_is_kept_of_a_dump() -> None:
    dump = (
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET statement_timeout = 0;\n"
        "SELECT pg_catalog.set_config('search_path', '', false);\nSET default_table_access_method = heap;\n\n\n"
        "CREATE TABLE public.t (\n    a integer\n);\n\n\n--\n-- done\n--\n\n\\unrestrict abc\n"
    )

    assert readable(dump) == "CREATE TABLE public.t (\n    a integer\n);\n"


def test_an_update_inside_a_function_keeps_its_set() -> None:
    body = "UPDATE notifications\nSET due_at = now();\n"

    assert readable(body) == body
