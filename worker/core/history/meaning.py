"""What a code says in words, and what somebody can do about it."""

from dataclasses import dataclass

from worker.core.receipts.receipt_labels import Label


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code in words; without `remedy` nothing is to be done, or it is done by itself."""

    sentence: Label
    remedy: Label | None = None


def meaning(en: str, uk: str, remedy_en: str = "", remedy_uk: str = "") -> Meaning:
    return Meaning(Label(en, uk), Label(remedy_en, remedy_uk) if remedy_en else None)
