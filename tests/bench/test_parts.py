import argparse

import pytest

from tests.bench.parts import CONTENDERS, parts_of


def test_parts_are_measured_in_their_own_order() -> None:
    assert parts_of("scheduler, latency,send") == ("send", "latency", "scheduler")


def test_a_group_stands_for_its_parts() -> None:
    assert parts_of("peers") == ("dramatiq", "celery_prefork", "celery_threads", "faststream")
    assert parts_of("comparison") == CONTENDERS


def test_the_floor_brings_the_mode_whose_rows_it_writes() -> None:
    assert parts_of("floor") == ("sendmulti", "floor")


def test_the_floor_of_single_texts_brings_both_modes() -> None:
    assert parts_of("floor_single") == ("send", "sendmulti", "floor_single")


def test_a_wrong_name_is_an_error_that_lists_the_names() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"^latncy is no part: use send, .*, scheduler, history"):
        parts_of("send,latncy")
