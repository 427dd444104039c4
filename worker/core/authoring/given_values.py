"""What people give for a text: its words without what nobody sees, its language, the section of its shortcodes."""

import re

from babel import Locale, UnknownLocaleError

from worker.core.authoring.nearest_name import nearest
from worker.core.contract.event import UNSTORABLE
from worker.core.texts.formatting import visible
from worker.core.texts.shortcodes import SECTIONS
from worker.language import _

LANGUAGE = re.compile("[a-z]{2}")


def tidy(text: str) -> str:
    """A text without what nobody sees, and without the line break that editors leave at its end."""
    return visible(UNSTORABLE.sub("", text)).strip()


def language(text: str) -> str:
    """A language by its two letters; ValueError for whoever wrote it."""
    try:
        if LANGUAGE.fullmatch(text) and Locale.parse(text):
            return text
    except (UnknownLocaleError, ValueError):
        pass
    raise ValueError(_("{text} is no language: write two letters, as uk, en or pl", text=text))


def section_known(name: str) -> str:
    """A section of shortcodes, by its id or as tables and the settings page call it; ValueError if it is none."""
    known = {name.casefold(): section.id for section in SECTIONS.values() for name in (section.label, section.id)}
    section_id = known.get(" ".join(name.split()).casefold())
    if section_id:
        return section_id
    near = nearest(name, known)
    every = ", ".join(f"{section.id} ({section.label})" for section in SECTIONS.values())
    hint = _("did you mean {near}?", near=known[near]) if near else every
    raise ValueError(_("{name} is none: {hint}", name=name, hint=hint))
