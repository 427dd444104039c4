"""How likely a text went of which nobody knows, by what happened."""

from collections.abc import Mapping

from worker.language import _, marked

REASON_LABELS: Mapping[str, str] = {
    "key_expired": marked("No answer came as long as its key lived: perhaps sent."),
    "not_wanted": marked("No answer came, and it was no longer wanted when it was to be asked for: perhaps sent."),
    "left_out": marked("TurboSMS took its request and named no id for it: probably sent."),
    "repeat": marked("TurboSMS had taken its request before and does not say how it went: probably sent."),
    "duplicate": marked("TurboSMS had just made the same message: almost certainly sent."),
    "recipient_repeat": marked("TurboSMS found its phone twice in one request: probably sent."),
}
BY_DEFAULT = marked("An earlier try got no answer, and the last one was no acceptance: perhaps sent.")


def likelihood(reason: str) -> str:
    return _(REASON_LABELS.get(reason, BY_DEFAULT))
