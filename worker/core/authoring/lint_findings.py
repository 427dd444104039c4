"""What is wrong in an admin's text and how to correct it, in Ukrainian."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from worker.core.contract.data import Person
from worker.core.texts.formatting import LONGEST_VALUE, visible
from worker.core.texts.html_markup import DOUBLED, ENTITY, TAG, entity
from worker.core.texts.segments import OUTSIDE_GSM
from worker.core.texts.shortcodes import (
    FILTERS,
    SAMPLE_ZONE,
    SAMPLES,
    SECTIONS,
    SHORT,
    SHORTCODES,
    Values,
    ValueType,
    codes_of,
)
from worker.core.texts.template import TOKEN, Blank
from worker.core.texts.transliteration import plain
from worker.language import _


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    is_error: bool
    start: int
    end: int
    message: str
    hint: str

    def place_in(self, text: str) -> tuple[int, int]:
        """Where it begins: line and column, as editors count them."""
        before = text[: self.start]
        return before.count("\n") + 1, self.start - (before.rfind("\n") + 1) + 1


@dataclass(frozen=True, slots=True)
class Rules:
    sections: Collection[str]
    custom: Collection[str]
    is_staff: bool

    @property
    def allowed(self) -> tuple[str, ...]:
        return (*codes_of(self.sections), *self.custom)


TextSpan = tuple[int, int]


def error(code: str, span: TextSpan, message: str, hint: str) -> Finding:
    return Finding(code, is_error=True, start=span[0], end=span[1], message=message, hint=hint)


def warning(code: str, span: TextSpan, message: str, hint: str) -> Finding:
    return Finding(code, is_error=False, start=span[0], end=span[1], message=message, hint=hint)


_BRACES = re.compile(rf"{DOUBLED.pattern}|\{{(?P<name>[^{{}}]*)\}}|[{{}}]")
_ADDRESSED = re.compile(r"\s(?:href|src)\s*=", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
# A phone opens an address without https:// too; a shortcode may be anywhere in it.
_IN_ADDRESS = r"(?:\{[^{}]*\}|[^\s{}\[\]])*"
_HOST = r"(?:https?://|(?<![\w.-])(?:[\w-]+\.)+[\w-]+(?::\d+)?(?=/))"
_ADMIN_LINK = re.compile(rf"{_HOST}{_IN_ADDRESS}?/admin\b{_IN_ADDRESS}", re.IGNORECASE)
_NAMES_LONGEST = 60


def findings(text: str, rules: Rules, *, locale: str) -> Iterator[Finding]:
    if not text.strip():
        hint = _("Write a text if it is wanted.")
        yield warning("blank", (0, len(text)), _("A blank text switches its trigger off."), hint)
    for match in _BRACES.finditer(text):
        yield from _braces(match, rules)
    yield from _brackets(text)
    yield from _markup(text)
    yield from _admin_links(text, rules)
    yield from _invisible(text)
    yield from _wide(text, locale)


def _braces(match: re.Match[str], rules: Rules) -> Iterator[Finding]:
    if match[1]:
        hint = _("Write {shortcode}.", shortcode=f"{{{match[1].strip()}}}")
        message = _("{text} has double braces: they are read as single ones.", text=match[0])
        yield warning("double_braces", match.span(), message, hint)
    token = TOKEN.fullmatch(visible(f"{{{match[1]}}}" if match[1] else match[0]))
    if token is not None:
        yield from _blank(token, match.span(), rules)
    elif match["name"] is None:
        hint = _("Complete the shortcode, as {contact_firstname}, or take the brace away.")
        yield error("stray_brace", match.span(), _("A brace without its other half stays in the text."), hint)
    else:
        name = re.split("[|:]", match["name"])[0].strip().lower()
        yield error(
            "unknown_shortcode",
            match.span(),
            _("There is no shortcode {shortcode}.", shortcode=match[0]),
            _instead(name, rules),
        )


def _blank(token: re.Match[str], span: TextSpan, rules: Rules) -> Iterator[Finding]:
    code, shortcode = token["code"], SHORTCODES.get(token["code"])
    if shortcode is None and code not in rules.custom:
        message = _("There is no shortcode {shortcode}.", shortcode=f"{{{code}}}")
        yield error("unknown_shortcode", span, message, _instead(code, rules))
        return
    if shortcode and shortcode.section not in rules.sections and code not in rules.custom:
        label = SECTIONS[shortcode.section].label
        here = ", ".join(f"«{SECTIONS[name].label}»" for name in rules.sections)
        message = _(
            "{shortcode} is of the section «{section}»: here its value is always empty.",
            shortcode=f"{{{code}}}",
            section=label,
        )
        yield error("wrong_section", span, message, _("Sections here: {sections}.", sections=here))
    if shortcode and shortcode.is_staff_only and not rules.is_staff:
        message = _("{shortcode} leads into the CRM's own part: a client cannot open it.", shortcode=f"{{{code}}}")
        yield error("staff_link", span, message, _("Take this link away."))
    yield from _filter(code, token["filter"], shortcode.value_type if shortcode else "text", span)


def _filter(code: str, name: str | None, value_type: ValueType, span: TextSpan) -> Iterator[Finding]:
    if name and name not in FILTERS:
        known = _("There are {filters}.", filters=", ".join(FILTERS))
        yield error("unknown_filter", span, _("There is no filter «{name}».", name=name), known)
    elif name and value_type not in FILTERS[name]:
        message = _("The filter «{name}» is not for {shortcode}.", name=name, shortcode=f"{{{code}}}")
        yield error("unfit_filter", span, message, _("Take «:{name}» away.", name=name))
    elif value_type == "long" and not name:
        most = {"shortcode": f"{{{code}}}", "most": LONGEST_VALUE}
        hint = _("{shortcode} leaves {most} at most.", shortcode=f"{{{code}:short}}", most=SHORT)
        yield warning("long_value", span, _("{shortcode} may be long: up to {most} characters.", **most), hint)


def _instead(name: str, rules: Rules) -> str:
    near = nearest(name, rules)
    if near is None:
        return _("All shortcodes: perfectum-sms template shortcodes.")
    label = f" ({SHORTCODES[near].label})" if near in SHORTCODES else ""
    return _("Did you mean {shortcode}?", shortcode=f"{{{near}}}{label}")


def nearest(name: str, rules: Rules) -> str | None:
    for codes, alike in ((rules.allowed, 0.75), (tuple(SHORTCODES), 0.75), (rules.allowed, 0.55)):
        meant = _names(codes)
        matches = get_close_matches(name[:_NAMES_LONGEST], meant, 1, alike)
        if matches:
            return meant[matches[0]]
    return None


def _names(codes: Collection[str]) -> Mapping[str, str]:
    labels = {SHORTCODES[code].label.lower(): code for code in reversed(tuple(codes)) if code in SHORTCODES}
    return {**labels, **{code: code for code in codes}}


def _brackets(text: str) -> Iterator[Finding]:
    opened: re.Match[str] | None = None
    is_group = False
    for token in TOKEN.finditer(text):
        if token["code"]:
            is_group = opened is not None
        elif token[0] == "[":
            if opened is not None:
                yield _bracket(opened)
            opened, is_group = token, False
        else:
            if not is_group:
                yield from (_bracket(match) for match in (opened, token) if match is not None)
            opened, is_group = None, False
    if opened is not None:
        yield _bracket(opened)


def _bracket(match: re.Match[str]) -> Finding:
    hint = _("A group that goes without its value is […] around a shortcode; groups do not hold groups.")
    return warning("plain_bracket", match.span(), _("The bracket stays in the text."), hint)


def _markup(text: str) -> Iterator[Finding]:
    for match in TAG.finditer(text):
        if _ADDRESSED.search(match[0]):
            message = _("{tag} is HTML: the address in it does not come into the SMS.", tag=match[0])
            yield error("lost_link", match.span(), message, _("Write the address into the text itself."))
        else:
            message = _("{tag} is HTML: it does not come into the SMS.", tag=match[0])
            yield warning("markup", match.span(), message, _("Write the text without it."))
    for match in ENTITY.finditer(text):
        meant = visible(entity(match))
        if meant != match[0]:
            message = _("{entity} is HTML: the SMS has «{character}».", entity=match[0], character=meant)
            yield warning("entity", match.span(), message, _("Write the character itself."))


def _admin_links(text: str, rules: Rules) -> Iterator[Finding]:
    if not rules.is_staff:
        for match in _ADMIN_LINK.finditer(text):
            message = _("The link leads into the CRM's own part: a client cannot open it.")
            yield error("staff_link", match.span(), message, _("Give a link that is open to clients."))


def _invisible(text: str) -> Iterator[Finding]:
    for match in re.finditer(r"[^\n -~]", text):
        # The joiner inside an emoji stays.
        around = visible(text[max(match.start() - 1, 0) : match.end() + 1])
        if not visible(match[0]) and match[0] not in around:
            message = _("An invisible character: it does not come into the SMS.")
            yield warning("invisible", match.span(), message, _("Delete it."))


def _wide(text: str, locale: str) -> Iterator[Finding]:
    literal = _LINK.sub(lambda link: " " * len(link[0]), TOKEN.sub(_masked, text))
    runs = [run for run in OUTSIDE_GSM.finditer(literal) if OUTSIDE_GSM.search(visible(run[0]).strip())]
    wide = sum(map(str.isalpha, "".join(run[0] for run in runs)))
    latin = sum(map(str.isalpha, literal)) - wide
    if not latin or 2 * wide > latin:
        return
    for run in runs:
        better = plain(run[0])
        hint = _("Take it away, or write another.") if OUTSIDE_GSM.search(better) else _("Write {text}", text=better)
        message = _("«{text}» makes the whole text UCS-2: up to 70 characters a segment, not 160.", text=run[0])
        yield warning("wide_character", run.span(), message, hint)
    values = Values(SAMPLES, Person(), locale, SAMPLE_ZONE)
    for token in TOKEN.finditer(text):
        if token["code"] and OUTSIDE_GSM.search(values.of(Blank(token["code"], "", token["filter"] or ""))):
            message = _(
                "The value of {shortcode} is mostly Cyrillic: it makes the whole text UCS-2, up to 70 characters a "
                "segment, not 160.",
                shortcode=f"{{{token['code']}}}",
            )
            hint = _("Mind the price, or switch transliteration on.")
            yield warning("wide_value", token.span(), message, hint)


def _masked(token: re.Match[str]) -> str:
    start, end = token.span("fallback") if token["fallback"] else (token.end(), token.end())
    whole = token[0]
    first, last = start - token.start(), end - token.start()
    return " " * first + whole[first:last] + " " * (len(whole) - last)
