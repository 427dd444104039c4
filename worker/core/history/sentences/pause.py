"""A sentence about what holds a text."""

from worker.core.hands.pause_scope import BY_HAND
from worker.core.history.meaning import Meaning
from worker.core.history.sentences.moment import spelled
from worker.core.history.story import PauseFacts
from worker.core.receipts.receipt_labels import Label


def paused_sentence(pause: PauseFacts, meaning: Meaning | None, zone: str) -> Label:
    """Since when and until when it stands still and why; of what a person paused, by whom, and their note, if known."""
    sentence, since = meaning.sentence if meaning else Label(pause.reason, pause.reason), spelled(pause.since, zone)
    en, uk = f"It stands still since {since}", f"Стоїть від {since}"
    if pause.until:
        until = spelled(pause.until, zone)
        en, uk = f"{en}, until {until}", f"{uk}, до {until}"
    if pause.reason != BY_HAND or pause.by is None:
        return Label(f"{en}: {sentence.en}.", f"{uk}: {sentence.uk}.")
    by = pause.by.removeprefix("operator/") + (f" ({pause.note})" if pause.note else "")
    return Label(f"{en}: {sentence.en}, {by}.", f"{uk}: {sentence.uk}, {by}.")
