import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.contract.body_search import mentions

BODY = {"contact": {"firstname": "Олена", "note": 'рахунок "901" https://crm.ua/i/901 😀', "code": "INV-7"}}
FOUND = ("олена", "ОЛЕНА", "лен", '"901"', "https://crm.ua/i", "😀", "inv-7")
#: As Python and PHP write JSON by default, and as it is written whole.
SPELLINGS = {
    "whole": orjson.dumps(BODY),
    "escaped": json.dumps(BODY).encode(),
    "by PHP": json.dumps(BODY).replace("/", r"\/").encode(),
}


def test_words_are_found_however_json_writes_them(subtests: pytest.Subtests) -> None:
    for name, body in SPELLINGS.items():
        for text in FOUND:
            with subtests.test(name, text=text):
                assert mentions([b"schema", body], text)
        with subtests.test(name, text="absent"):
            assert not mentions([b"schema", body], "Ольга")


@given(st.binary(max_size=60), st.text(min_size=1, max_size=5))
def test_bytes_that_are_no_text_are_searched_without_an_error(body: bytes, text: str) -> None:
    assert isinstance(mentions([body], text), bool)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_found_in_the_json_that_holds_it(text: str) -> None:
    assert mentions([json.dumps({"text": f"a{text}b"}).encode()], text)
