"""Values of an event for whoever may not see its phones."""

from worker.core.contract.phone import masked_digits, masked_phones
from worker.core.texts.formatting import clean
from worker.core.texts.shortcodes import Values, ValueType, written


class MaskedValues(Values):
    """Values whose phones are masked, whichever shortcode holds them, before anything is cut."""

    def _plain(self, value: object, value_type: ValueType, filter_name: str) -> str:
        text = clean(written(value))
        masked = masked_digits(text) if value_type == "phone" else masked_phones(text)
        return super()._plain(masked, value_type, filter_name)
