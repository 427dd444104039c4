"""The text of `sms.send_requested` looked at as an admin's is, in words for whoever writes the CRM."""

from collections.abc import Collection, Iterator, Mapping

from worker.core.authoring.lint_findings import Rules, findings
from worker.core.contract.data import Data
from worker.core.texts.shortcodes import SECTIONS
from worker.language import _, marked

#: By the linter's code: what is wrong with the place that is shown before it, and what to do.
PROBLEMS: Mapping[str, tuple[str, str]] = {
    "markup": (marked("is markup: it is taken out"), marked("write plain text")),
    "lost_link": (marked("is markup: the address in it is lost"), marked("write the address into the text itself")),
    "entity": (marked("is an entity of HTML: the character is sent"), marked("write the character itself")),
    "double_braces": (marked("is read with single braces"), marked("write {code}")),
    "unknown_shortcode": (
        marked("is no shortcode"),
        marked("give it in data.shortcodes, or see perfectum-sms template shortcodes"),
    ),
    "stray_brace": (marked("stays in the text: it has no other half"), marked("write {code}, or leave the brace out")),
    "unknown_filter": (marked("asks for a filter that there is not"), marked("write it without the filter")),
    "unfit_filter": (marked("asks for a filter that is for other values"), marked("write it without the filter")),
    "staff_link": (marked("leads where only colleagues get in"), marked("give a link that is open to this person")),
}
SHOWN = 40


def text_problems(data: Data) -> Iterator[tuple[str, str]]:
    """What a text that somebody wrote by hand holds and nobody should read: the problem and the fix."""
    text = data.text
    is_staff = all(person.kind == "staff" for person in data.recipients)
    rules = Rules(tuple(SECTIONS), tuple(data.shortcodes.json), is_staff=is_staff)
    for finding in sorted(findings(text, rules, locale="uk"), key=lambda finding: finding.start):
        if finding.code in PROBLEMS:
            problem, fix = PROBLEMS[finding.code]
            yield f"{text[finding.start : finding.end][:SHOWN]} {_(problem)}", _(fix)


def unknown_shortcodes(text: str, known: Collection[str]) -> list[str]:
    """What in a text looks like a shortcode that nobody fills in: everybody would get it with a hole there."""
    rules = Rules(tuple(SECTIONS), tuple(known), is_staff=False)
    unknown = (finding for finding in findings(text, rules, locale="uk") if finding.code == "unknown_shortcode")
    return [text[finding.start : finding.end] for finding in unknown]
