"""What became of a text, in words."""

from worker.core.receipts.reason_labels import reason_label, reason_of_status
from worker.core.receipts.receipt import DeliveryStatus
from worker.core.receipts.receipt_labels import Label, label_of
from worker.store.history.entries import HistoryEntry
from worker.turbosms.codes import of_reason


def meaning(entry: HistoryEntry) -> Label | None:
    """What became of a text in words: by its receipt, by a reason of ours, or by a code of TurboSMS."""
    status = DeliveryStatus(entry.state, entry.reason)
    if label := label_of(status) or reason_label(status):
        return label
    code = of_reason(reason_of_status(status) or "")
    return Label(code.en, code.uk) if code else None
