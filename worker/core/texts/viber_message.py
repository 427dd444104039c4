"""The Viber part of a text, within the limits of https://turbosms.ua/en/api.html and of public clients."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import ConfigDict, StrictBool, StrictInt, StrictStr, TypeAdapter, ValidationError

from worker.language import _

#: Characters in a text for Viber; more are refused with 413.
TEXT_MAX = 1_000
#: Characters on a button; more are refused with 408.
CAPTION_MAX = 30
#: Seconds that Viber may try, as both the older and the newer descriptions allow; unasked it tries for an hour.
TTL_MIN, TTL_MAX, TTL_UNASKED = 60, 86_400, 3_600

_SHAPE = ConfigDict(extra="forbid")
_ADDRESS = re.compile(r"https?://\S{1,2000}")
#: An address, or what becomes one: `{invoice_link}`.
_ADDRESS_TO_BE = re.compile(r"(?:https?://|\{[a-z])\S{1,2000}")


@dataclass(frozen=True, slots=True)
class Button:
    __pydantic_config__: ClassVar[ConfigDict] = _SHAPE

    caption: StrictStr
    link: StrictStr


@dataclass(frozen=True, slots=True)
class Options:
    """What a template asks of Viber besides its words; link and picture may hold shortcodes.

    `ttl` is in seconds; an SMS of `viber_then_sms` waits for it too. `transactional` texts match a registered pattern.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _SHAPE

    ttl: StrictInt | None = None
    button: Button | None = None
    picture: StrictStr | None = None
    transactional: StrictBool = False


@dataclass(frozen=True, slots=True)
class Viber:
    sender: str
    options: Options = field(default_factory=Options)

    def within(self, left: timedelta) -> Viber:
        """The same, given up when the text is worth nothing any more, as far as Viber allows."""
        seconds = max(TTL_MIN, int(left.total_seconds()))
        if seconds >= (self.options.ttl or TTL_UNASKED):
            return self
        return replace(self, options=replace(self.options, ttl=seconds))


_OPTIONS = TypeAdapter(Options)


def read_options(value: object) -> Options:
    """Options as an admin writes them: `{"ttl": 600, "button": {"caption": "Сплатити", "link": "{invoice_link}"}}`.

    Raises:
        ValueError: a field is unknown or has another type, or TurboSMS would refuse it; every such field is named,
            with what it may be.
    """
    try:
        options = _OPTIONS.validate_python(value)
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, fault['loc'])) or 'viber'}: {fault['msg']}" for fault in error.errors())
        raise ValueError("; ".join(wrong)) from None
    if wrong := list(faults(options)):
        raise ValueError("; ".join(wrong))
    return options


def faults(options: Options) -> Iterator[str]:
    button, picture = options.button, options.picture
    if options.ttl is not None and not TTL_MIN <= options.ttl <= TTL_MAX:
        yield _("ttl: give {least} to {most} seconds", least=TTL_MIN, most=TTL_MAX)
    if button and not 0 < len(button.caption.strip()) <= len(button.caption) <= CAPTION_MAX:
        yield _("button.caption: give 1 to {most} characters", most=CAPTION_MAX)
    if button and "{" in button.caption:
        yield _("button.caption: write it without shortcodes, it is the same for everybody")
    for name, address in (("button.link", button and button.link), ("picture", picture)):
        if address is not None and not _ADDRESS_TO_BE.fullmatch(address):
            yield _("{name}: give an address that begins with https://, or a shortcode that holds one", name=name)
    if picture is not None and button is None:
        yield _("picture: give a button as well, Viber shows no picture above words without one")
    if options.transactional and (button or picture is not None):
        yield _("transactional: leave button and picture out, a transactional message is words only")


def filled(options: Options, fill: Callable[[str], str]) -> Options:
    """The options for one person; what has no address for them is left out, or TurboSMS would refuse the whole text."""
    button = options.button and replace(options.button, link=fill(options.button.link))
    if button is None or not _ADDRESS.fullmatch(button.link):
        return replace(options, button=None, picture=None)
    picture = fill(options.picture) if options.picture else ""
    return replace(options, button=button, picture=picture if _ADDRESS.fullmatch(picture) else None)


def options_as_json(options: Options) -> dict[str, Any]:
    return {name: value for name, value in asdict(options).items() if value}


def addresses(options: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What may hold shortcodes of options that are kept: its path in them, and the address."""
    asked = {("button", "link"): options.get("button", {}).get("link"), ("picture",): options.get("picture")}
    yield from ((path, address) for path, address in asked.items() if address)


def as_json(viber: Viber) -> dict[str, Any]:
    return {"sender": viber.sender, **options_as_json(viber.options)}


def viber_of(kept: Mapping[str, Any]) -> Viber:
    button = kept.get("button")
    options = Options(
        ttl=kept.get("ttl"),
        button=Button(**button) if button else None,
        picture=kept.get("picture"),
        transactional=kept.get("transactional", False),
    )
    return Viber(kept["sender"], options)
