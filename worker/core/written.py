"""A template filled in for one person: the text, what it costs, and what had to be mended on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from worker.core.markup import as_meant
from worker.core.segment import Segments, is_too_long, segments
from worker.core.shortcode import Values
from worker.core.spelling import AS_WRITTEN, Spelling, spelled
from worker.core.template import compile_template, missing, render

#: What values are cut to, one after the other, while the text is longer than TurboSMS takes.
TIGHTER = (200, 60)


@dataclass(frozen=True, slots=True)
class Written:
    """A text and how it came about.

    Attributes:
        holes: shortcodes whose missing value the template does not forgive.
        cleaned: values that held markup, escapes, controls or odd spaces.
        cut: values that were too long.
    """

    text: str
    segments: Segments
    holes: tuple[str, ...]
    cleaned: int
    cut: int


def write(template: str, values: Values, spelling: Spelling = AS_WRITTEN, *, fails_on_holes: bool = False) -> Written:
    """Fill a template in; `values` has been asked nothing yet. A text that would be too long has its values cut."""
    compiled = compile_template(as_meant(template))
    holes = missing(compiled, replace(values).of) if fails_on_holes else ()
    text = spelled(render(compiled, values.of), spelling)
    counted = segments(text)
    for longest in TIGHTER:
        if is_too_long(counted):
            values = replace(values, longest=longest, cleaned=0, cut=0)
            text = spelled(render(compiled, values.of), spelling)
            counted = segments(text)
    return Written(text, counted, holes, values.cleaned, values.cut)
