"""`/shortcodes`: what may stand in a text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from worker.core.texts.shortcodes import SECTIONS, SHORTCODES
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.store.accounts import account_settings
from worker.store.db.postgres import each_alone
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, Words, about
from worker.web.api.problems import Problem, wrong_field

#: The section of what an account's CRM sends ready-made.
CUSTOM = "custom"


class WhichShortcodes(Fields):
    trigger: Annotated[Words | None, about("Only those that this one carries.", "booking_confirmed")] = None
    section: Annotated[Words | None, about("Only of this section.", "invoice")] = None


@dataclass(frozen=True, slots=True)
class ShortcodeOfText:
    """A name in braces that a value of the event takes the place of."""

    code: Annotated[str, about("As it is written in a text.", "{invoice_number}")]
    section: Annotated[str, about("Its section; `custom`: of the account's own.", "invoice")]
    section_label: Annotated[str, about("What the settings page calls the section, in Ukrainian.")]
    label: Annotated[str, about("What it calls the shortcode.")]
    type: Annotated[str, about("Of its value: `text`, `number`, `money`, `date`, `time`, `moment`, `link` …")]
    sample: Annotated[str, about("A believable value, as a text shows it.")]
    is_ours: Annotated[bool, about("Whether the settings page lacks it.")]


@dataclass(frozen=True, slots=True)
class ShortcodesOfTexts:
    """Shortcodes, section by section."""

    items: list[ShortcodeOfText]


@endpoint("GET", "/shortcodes", scope="read", tag="templates", answer=ShortcodesOfTexts)
def list_shortcodes(call: Call[WhichShortcodes, None]) -> Answer | Problem:
    """List what may stand in texts.

    Of a trigger, of a section, or all; the account's own, which any text may hold, are among them.
    """
    asked = call.parameters
    if asked.trigger and asked.trigger not in BY_ID:
        return wrong_field("trigger", _("is none: GET /triggers lists them"))
    if asked.section and asked.section not in {*SECTIONS, CUSTOM}:
        return wrong_field("section", _("is none of {names}", names=", ".join((*SECTIONS, CUSTOM))))
    with each_alone(call.pool) as connection:
        settings = account_settings.read(connection, call.account)
    own = settings.custom_shortcodes if settings else ()
    sections = set(BY_ID[asked.trigger].sections) if asked.trigger else set(SECTIONS)
    items = [item for item in (*of_catalogue(sections), *map(of_account, own)) if asked.section in {None, item.section}]
    return Answer(ShortcodesOfTexts(items))


def of_catalogue(sections: set[str]) -> Iterator[ShortcodeOfText]:
    for shortcode in SHORTCODES.values():
        if shortcode.section in sections:
            yield ShortcodeOfText(
                f"{{{shortcode.code}}}",
                shortcode.section,
                SECTIONS[shortcode.section].label,
                shortcode.label,
                shortcode.value_type,
                shortcode.sample,
                shortcode.ours,
            )


def of_account(code: str) -> ShortcodeOfText:
    return ShortcodeOfText(f"{{{code}}}", CUSTOM, "Власні шорткоди", code, "text", "", is_ours=False)
