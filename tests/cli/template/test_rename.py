from __future__ import annotations

import pytest

from tests.cli.conftest import Command
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.db.postgres import Pool, transaction

ADD = ("template", "add", "acme", "Знижка", "--section", "clients")


def test_a_custom_template_is_renamed_with_its_languages_and_versions(shop: Command, pool: Pool) -> None:
    shop(*ADD, "--text", "Для вас знижка")
    shop("template", "edit", "acme", "Знижка", "--locale", "en", "--text", "A discount for you")
    shop("template", "edit", "acme", "Знижка", "--text", "Для вас велика знижка")

    said = shop("template", "rename", "acme", "Знижка", "Знижка до свята")

    assert said.code == 0, said.err
    with transaction(pool) as connection:
        customs = ConfigurationCache().look(connection)[0].accounts["acme"].customs
    assert customs.keys() == {"Знижка до свята"}
    assert set(customs["Знижка до свята"].texts) == {"uk", "en"}
    assert len(shop("template", "versions", "acme", "Знижка до свята", "--json").json) == 2


@pytest.mark.parametrize(
    ("name", "new", "code", "words"),
    [
        ("Знижка", "order_created", 2, "is a trigger's name"),
        ("Знижка", " ", 2, "blank"),
        ("order_created", "Замовлення", 2, "is a trigger"),
        ("Знижка", "Інша", 1, "is there already"),
        ("Знижкаа", "Нова", 3, "Did you mean Знижка?"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(shop: Command, name: str, new: str, code: int, words: str) -> None:
    for called in ("Знижка", "Інша"):
        shop("template", "add", "acme", called, "--section", "clients", "--text", "x")

    said = shop("template", "rename", "acme", name, new)

    assert (said.code, words in said.err) == (code, True), said.err


@pytest.mark.parametrize("section", ["clients", "Клієнти", "клієнти", "CLIENTS"])
def test_a_section_is_named_by_its_id_or_its_label(shop: Command, section: str) -> None:
    shop("template", "add", "acme", "Знижка", "--section", section, "--text", "{contact_firstname}")

    assert shop("template", "show", "acme", "Знижка", "--json").json["section"] == "clients"
    assert {one["section"] for one in shop("template", "shortcodes", "-s", section, "--json").json} == {"clients"}
