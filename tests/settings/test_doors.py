import pytest

from worker.settings.doors import DOORS, doors, needs


def test_doors_are_named_between_commas_in_any_order() -> None:
    assert doors(" , ".join(reversed(DOORS))) == DOORS
    assert doors("callbacks,") == ("callbacks",)


@pytest.mark.parametrize(("text", "named"), [("callbacks,windows", "windows"), (" , ", "callbacks")])
def test_what_is_no_door_is_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        doors(text)


def test_callbacks_alone_need_no_more_than_their_key() -> None:
    assert needs(["callbacks"], has_callback_key=True) == ("SMS_DATABASE_URL", "SMS_CALLBACK_KEY")
    assert needs(["callbacks"], has_callback_key=False) == ("SMS_DATABASE_URL", "SMS_SECRET_KEY")
