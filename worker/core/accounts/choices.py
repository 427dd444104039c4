"""What is chosen of a few for an account's triggers and texts."""

from typing import Literal

#: How a trigger's texts travel.
Channel = Literal["sms", "viber", "viber_then_sms", "both"]
#: What becomes of a text that TurboSMS never answered about.
IfUnconfirmed = Literal["keep", "resend"]
#: What becomes of a text that has no value for one of its shortcodes.
Missing = Literal["drop", "fail"]
