from datetime import timedelta

import pytest
from pydantic import ValidationError

from worker.core.accounts.account import SENT
from worker.core.reminders.trigger_settings import SwitchSettings, names_for, read
from worker.core.triggers.catalogue import BY_ID


def test_a_setting_that_is_not_set_has_its_default() -> None:
    switch_settings = read({})

    assert (switch_settings.sent, switch_settings.age_max) == (SENT, None)


@pytest.mark.parametrize("codes", [["7", "Viddano"], "7, viddano"])
def test_sent_codes_are_a_list_or_comma_separated_and_of_one_kind(codes: object) -> None:
    switch_settings = SwitchSettings.model_validate({"sent_order": codes})

    assert switch_settings.sent["order"] == {"7", "viddano"}
    assert switch_settings.sent["proposal"] == SENT["proposal"]


def test_an_age_is_in_days() -> None:
    assert SwitchSettings.model_validate({"max_age_days": "45"}).age_max == timedelta(days=45)


@pytest.mark.parametrize(
    "wrong",
    [{"max_age_days": 0}, {"max_age_days": "soon"}, {"sent_order": []}, {"sent_order": ","}, {"sentorder": "4"}],
)
def test_a_wrong_setting_is_refused_and_never_stops_the_reading(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SwitchSettings.model_validate(wrong)
    assert read(wrong) == SwitchSettings()


@pytest.mark.parametrize("stored", [None, [], "x", 5])
def test_stored_settings_that_are_no_object_are_defaults(stored: object) -> None:
    assert read(stored) == SwitchSettings()


def test_a_setting_means_something_for_some_triggers_only() -> None:
    assert names_for(BY_ID["position_status_sent"]) == {"sent_proposal", "sent_order"}
    assert names_for(BY_ID["meeting_reminder"]) == {"timing", "before"}
    assert names_for(BY_ID["contact_birthday"]) == {"timing", "hour"}
    of_an_invoice = {"timing", "hour", "after_days", "every_days", "at_most", "max_age_days"}
    assert names_for(BY_ID["invoice_overdue_notice"]) == of_an_invoice
    assert names_for(BY_ID["order_created"]) == set()
