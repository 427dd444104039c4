"""Events whose texts cost as much work as a stranger can make of a body of 256 KB."""

from collections.abc import Callable, Iterator

from tests.faults.harness.environment import Stage
from tests.faults.harness.events import SENT, Fate, Publication, published
from tests.faults.neighbours.neighbours import HOSTILE
from tests.support.crm import Json, execute

BY_HAND = "sms.send_requested"
SPELT = "UPDATE accounts SET plain_punctuation = TRUE, transliterate = TRUE WHERE id = %s"
#: How often a shortcode fits a text by hand, and the characters of a value that are read.
TIMES, VALUE = 660, 4000

Bomb = Callable[[Json], object]


def endless(stage: Stage, *, bomb: Bomb, people: int, fate: Fate = SENT) -> Iterator[Publication]:
    """Events by hand for so many people, each with this bomb."""
    execute(stage.pool, SPELT, HOSTILE)
    while True:
        mark, phones = stage.events.mark(), stage.events.phones(people)
        body = stage.events.body("order.created", HOSTILE, mark=mark, phones=phones)
        body |= {"type": BY_HAND, "data": {"recipients": body["data"]["recipients"], "text": f"{mark} "}}
        bomb(body["data"])
        yield published(body, mark=mark, phones=() if fate.dead else phones, fate=fate)


def repeated_shortcode(data: Json) -> None:
    """One value of a thousand emoji, six hundred and sixty times in the text."""
    data["text"] += "{a}" * TIMES
    data["shortcodes"] = {"a": "\U0001f600" * 1000}


def nested(data: Json) -> None:
    """Names whose markup hides markup, level by level, none like another."""
    for index, person in enumerate(data["recipients"]):
        depth = VALUE // 5
        person["firstname"] = f"{'<' * depth}{'b>' * depth}{index}"
    data["text"] += "{contact_firstname}"


def commented(data: Json) -> None:
    """Names of comments that never end, none like another."""
    for index, person in enumerate(data["recipients"]):
        person["firstname"] = f"{'<!--' * (VALUE // 5)}{index}"
    data["text"] += "{contact_firstname}"


def spelt_letters(data: Json) -> None:
    """A text that looks like the beginning of an address from every position."""
    data["text"] += "{a}" * TIMES
    data["shortcodes"] = {"a": "x." * 500}


def spelt_marks(data: Json) -> None:
    """As many characters to transliterate as may still be sent."""
    data["text"] += "{a}" * 400
    data["shortcodes"] = {"a": "є-"}
