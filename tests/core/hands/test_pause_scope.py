from worker.core.hands.pause_scope import scopes_of


def test_a_text_is_held_by_whatever_is_paused_of_it() -> None:
    every = {"account", "provider", "trigger/order_created", "hand", "hand/trigger/order_created", "hand/lane/urgent"}

    assert scopes_of("order_created", "urgent", "sms") == every | {"hand/channel/sms"}
    assert scopes_of("order_created", "urgent", "viber", b"\x00\xff") == every | {
        *("hand/channel/viber", "viber", "person/00ff")
    }
    assert scopes_of("order_created", "urgent", "viber_then_sms") == every | {"hand/channel/sms", "hand/channel/viber"}
