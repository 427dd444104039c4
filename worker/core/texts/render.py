"""A template filled in for one person: the text, what it costs, and what had to be corrected."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from worker.core.texts.html_markup import as_meant
from worker.core.texts.segments import Segments, is_too_long, segments
from worker.core.texts.shortcodes import Values
from worker.core.texts.template import READ_AT_MOST, Blank, Template, compile_template, missing, render
from worker.core.texts.transliteration import AS_WRITTEN, Spelling, spelled

#: What values are cut to, one after the other, while the text is longer than TurboSMS takes.
TIGHTER = (200, 60)


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    segments: Segments
    holes: tuple[str, ...]
    cleaned: int
    cut: int


class Asked:
    def __init__(self, value_of: Callable[[Blank], str]) -> None:
        self._value_of = value_of
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, blank: Blank) -> str:
        asked = blank.code, blank.filter_name
        if asked not in self._known:
            self._known[asked] = self._value_of(blank)
        return self._known[asked]

    @property
    def longest(self) -> int:
        return max(map(len, self._known.values()), default=0)


def write(template: str, values: Values, spelling: Spelling = AS_WRITTEN, *, fails_on_holes: bool = False) -> Written:
    """Fill a template in; `values` has been asked nothing yet. A text that would be too long has its values cut."""
    compiled = compile_template(as_meant(template))
    holes = missing(compiled, replace(values).of) if fails_on_holes else ()
    asked = Asked(values.of)
    text = render_spelled(compiled, asked, spelling)
    for longest in TIGHTER:
        if is_beyond_sms(text) and asked.longest > longest:
            values = replace(values, longest=longest, cleaned=0, cut=0)
            asked = Asked(values.of)
            text = render_spelled(compiled, asked, spelling)
    return Written(text, segments(text), holes, values.cleaned, values.cut)


def render_spelled(template: Template, asked: Asked, spelling: Spelling) -> str:
    text = render(template, asked)
    return text if len(text) > READ_AT_MOST else spelled(text, spelling)


def is_beyond_sms(text: str) -> bool:
    return len(text) > READ_AT_MOST or is_too_long(segments(text))
