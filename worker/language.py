"""The language that people are spoken to in: English, which the code has, or Ukrainian, from the catalogue.

An English text is the id of its translation in `worker/locale/uk/LC_MESSAGES/messages.po`, where `_` and `ngettext`
look it up when it is said: `_("No account {id}.", id=account)`. What is stored, logged or printed as JSON is never
translated. The language is the context's: of a command, or of one request.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal, Protocol, get_args

Language = Literal["en", "uk"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
CATALOGUE = "locale/{language}/LC_MESSAGES/messages.po"
#: The first that is set counts, as gettext has it.
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")

_spoken: ContextVar[Language] = ContextVar("language", default="en")


def spoken() -> Language:
    return _spoken.get()


def speak(language: Language) -> None:
    """Speak a language from now on in this context."""
    _spoken.set(language)


@contextmanager
def speaking(language: Language) -> Generator[None]:
    """Speak a language for a while."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def language_of(environ: Mapping[str, str]) -> Language:
    """The language that an environment asks for; English where it asks for one that we do not have."""
    wanted = next((environ[name] for name in VARIABLES if environ.get(name)), "")
    name = wanted.replace("-", "_").partition("_")[0].lower()
    return name if name in LANGUAGES else "en"


def language_accepted(header: str) -> Language:
    """The first language of ours that `Accept-Language` names, where clients write the best one first; else English."""
    for part in header.split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name in LANGUAGES:
            return name
    return "en"


@cache
def translations(language: Language) -> NullTranslations:
    """What is said in a language: read from the catalogue's source, which takes 40 ms and needs no build."""
    if language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 (English is quicker without)
    from babel.messages.pofile import read_po  # noqa: PLC0415

    source, compiled = files("worker").joinpath(CATALOGUE.format(language=language)).read_bytes(), BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _(message: str, /, **values: object) -> str:
    """Say a text in the language of the context, with these values for its names in braces."""
    # gettext keeps the catalogue's header under the empty id.
    text = translations(spoken()).gettext(message) if message else ""
    return text.format(**values) if values else text


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Say a text in the form that goes with a number, which both name as `{count}` where they show it."""
    text = translations(spoken()).ngettext(one, many, number)
    return text.format(**{"count": number, **values})


class Pair(Protocol):
    """A text that the core has in both languages, for it is stored or sent in either."""

    @property
    def en(self) -> str: ...

    @property
    def uk(self) -> str: ...


def of_pair(pair: Pair) -> str:
    return pair.uk if spoken() == "uk" else pair.en


def marked(message: str, /) -> str:
    """Mark a text of a table of constants as one to translate; `_` says it where it is shown."""
    return message
