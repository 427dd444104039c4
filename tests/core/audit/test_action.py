from worker.core.audit.action import difference


def test_a_note_keeps_what_differs() -> None:
    before = {"switched_on": True, "channel": "sms", "daily_segments": None}

    assert difference(before, {**before, "switched_on": False}) == ({"switched_on": True}, {"switched_on": False})


def test_what_was_not_there_before_is_in_one_half_only() -> None:
    assert difference({}, {"uk": 1}) == ({}, {"uk": 1})
    assert difference({"uk": 1}, {}) == ({"uk": 1}, {})


def test_a_phone_among_settings_is_masked() -> None:
    before, after = difference({"alert_phone": None}, {"alert_phone": "+380671234567"})

    assert (before, after) == ({"alert_phone": None}, {"alert_phone": "+38067***4567"})
