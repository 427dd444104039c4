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


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    is_error: bool
    start: int
    end: int
    message: str
    hint: str


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
        hint = "Напишіть текст, якщо вона потрібна."
        yield warning("blank", (0, len(text)), "Порожній текст вимикає подію.", hint)
    for match in _BRACES.finditer(text):
        yield from _braces(match, rules)
    yield from _brackets(text)
    yield from _markup(text)
    yield from _admin_links(text, rules)
    yield from _invisible(text)
    yield from _wide(text, locale)


def _braces(match: re.Match[str], rules: Rules) -> Iterator[Finding]:
    if match[1]:
        hint = f"Напишіть {{{match[1].strip()}}}."
        yield warning("double_braces", match.span(), f"{match[0]} — подвійні дужки: читаємо їх як одинарні.", hint)
    token = TOKEN.fullmatch(visible(f"{{{match[1]}}}" if match[1] else match[0]))
    if token is not None:
        yield from _blank(token, match.span(), rules)
    elif match["name"] is None:
        hint = "Допишіть шорткод, наприклад {contact_firstname}, або приберіть дужку."
        yield error("stray_brace", match.span(), "Дужка без пари лишиться в тексті.", hint)
    else:
        name = re.split("[|:]", match["name"])[0].strip().lower()
        yield error("unknown_shortcode", match.span(), f"Немає шорткоду {match[0]}.", _instead(name, rules))


def _blank(token: re.Match[str], span: TextSpan, rules: Rules) -> Iterator[Finding]:
    code, shortcode = token["code"], SHORTCODES.get(token["code"])
    if shortcode is None and code not in rules.custom:
        yield error("unknown_shortcode", span, f"Немає шорткоду {{{code}}}.", _instead(code, rules))
        return
    if shortcode and shortcode.section not in rules.sections and code not in rules.custom:
        label = SECTIONS[shortcode.section].label
        here = ", ".join(f"«{SECTIONS[name].label}»" for name in rules.sections)
        message = f"{{{code}}} — з розділу «{label}»: тут його значення завжди порожнє."
        yield error("wrong_section", span, message, f"Тут є розділи: {here}.")
    if shortcode and shortcode.is_staff_only and not rules.is_staff:
        message = f"{{{code}}} веде в адмінчастину CRM: клієнт за ним не зайде."
        yield error("staff_link", span, message, "Приберіть це посилання.")
    yield from _filter(code, token["filter"], shortcode.value_type if shortcode else "text", span)


def _filter(code: str, name: str | None, value_type: ValueType, span: TextSpan) -> Iterator[Finding]:
    if name and name not in FILTERS:
        yield error("unknown_filter", span, f"Немає фільтра «{name}».", f"Є: {', '.join(FILTERS)}.")
    elif name and value_type not in FILTERS[name]:
        yield error("unfit_filter", span, f"Фільтр «{name}» не для {{{code}}}.", f"Приберіть «:{name}».")
    elif value_type == "long" and not name:
        message = f"{{{code}}} буває довгим: до {LONGEST_VALUE} знаків."
        yield warning("long_value", span, message, f"{{{code}:short}} лишить не більше {SHORT}.")


def _instead(name: str, rules: Rules) -> str:
    near = nearest(name, rules)
    if near is None:
        return "Усі шорткоди: perfectum-sms template shortcodes."
    label = f" ({SHORTCODES[near].label})" if near in SHORTCODES else ""
    return f"Можливо, {{{near}}}{label}."


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
    hint = "Група, що зникає без значення, — це […] навколо шорткоду; групи не вкладаються."
    return warning("plain_bracket", match.span(), "Дужка лишиться в тексті.", hint)


def _markup(text: str) -> Iterator[Finding]:
    for match in TAG.finditer(text):
        if _ADDRESSED.search(match[0]):
            message = f"{match[0]} — розмітка HTML: адреси з неї в SMS не буде."
            yield error("lost_link", match.span(), message, "Напишіть адресу просто в тексті.")
        else:
            message = f"{match[0]} — розмітка HTML: у SMS її не буде."
            yield warning("markup", match.span(), message, "Напишіть текст без розмітки.")
    for match in ENTITY.finditer(text):
        meant = visible(entity(match))
        if meant != match[0]:
            message = f"{match[0]} — запис HTML: у SMS піде «{meant}»."
            yield warning("entity", match.span(), message, "Напишіть сам знак.")


def _admin_links(text: str, rules: Rules) -> Iterator[Finding]:
    if not rules.is_staff:
        for match in _ADMIN_LINK.finditer(text):
            message = "Посилання веде в адмінчастину CRM: клієнт за ним не зайде."
            yield error("staff_link", match.span(), message, "Дайте посилання, відкрите для клієнта.")


def _invisible(text: str) -> Iterator[Finding]:
    for match in re.finditer(r"[^\n -~]", text):
        # The joiner inside an emoji stays.
        around = visible(text[max(match.start() - 1, 0) : match.end() + 1])
        if not visible(match[0]) and match[0] not in around:
            yield warning("invisible", match.span(), "Невидимий знак: у SMS його не буде.", "Видаліть його.")


def _wide(text: str, locale: str) -> Iterator[Finding]:
    literal = _LINK.sub(lambda link: " " * len(link[0]), TOKEN.sub(_masked, text))
    runs = [run for run in OUTSIDE_GSM.finditer(literal) if OUTSIDE_GSM.search(visible(run[0]).strip())]
    wide = sum(map(str.isalpha, "".join(run[0] for run in runs)))
    latin = sum(map(str.isalpha, literal)) - wide
    if not latin or 2 * wide > latin:
        return
    for run in runs:
        better = plain(run[0])
        hint = "Приберіть або замініть." if OUTSIDE_GSM.search(better) else f"Напишіть {better}"
        yield warning("wide_character", run.span(), f"Через «{run[0]}» {_UCS_2}.", hint)
    values = Values(SAMPLES, Person(), locale, SAMPLE_ZONE)
    for token in TOKEN.finditer(text):
        if token["code"] and OUTSIDE_GSM.search(values.of(Blank(token["code"], "", token["filter"] or ""))):
            message = f"Значення {{{token['code']}}} зазвичай кирилицею: через нього {_UCS_2}."
            yield warning("wide_value", token.span(), message, "Зважте на ціну або ввімкніть транслітерацію.")


_UCS_2 = "весь текст іде як UCS-2, до 70 знаків у частині замість 160"


def _masked(token: re.Match[str]) -> str:
    start, end = token.span("fallback") if token["fallback"] else (token.end(), token.end())
    whole = token[0]
    first, last = start - token.start(), end - token.start()
    return " " * first + whole[first:last] + " " * (len(whole) - last)
