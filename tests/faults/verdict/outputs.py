"""What the processes wrote: no phone, text or secret (I9), no line above 16 KB (I10)."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.faults.harness.events import MARK
from tests.support.leaks import ESCAPED, SECRETS
from worker.logs.formatter import LINE_MAX

#: What a person may write between the digits of a phone.
BETWEEN = re.compile(r"(?<=\d)[ ()-]+(?=\d)")
#: A Ukrainian number without its country: the part that every spelling has in common.
NATIONAL = 9
#: The id of a line's event, which is the CRM's own choice: what was mutated may have words of a text there.
EVENT_ID = re.compile(r'"sms\.event_id": "((?:[^"\\]|\\.)+)"')
ACTION = re.compile(rb'"event\.action": "([^"]*)"')
#: Digits in the middle of a key in hex are none.
RUN = re.compile(rf"(?<![\da-f])\d{{{NATIONAL},}}(?![\da-f])")


def faults(folder: Path, phones: Collection[str], secrets: Collection[str]) -> Iterator[str]:
    """Every line with personal data or a secret."""
    nationals = frozenset(phone[-NATIONAL:] for phone in phones)
    never = re.compile("|".join(map(re.escape, (*SECRETS, *ESCAPED, *secrets))))
    for path in sorted(folder.glob("*.log")):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if len(line) > LINE_MAX:
                yield f"{path.name}:{number}: a line of {len(line)} characters"
            if match := never.search(line) or MARK.search(without_event_id(line)):
                yield f"{path.name}:{number}: {match[0][:4]}…"
            elif shown := phone_in(line, nationals):
                yield f"{path.name}:{number}: a phone that ends in {shown[-2:]}"


def without_event_id(line: str) -> str:
    named = EVENT_ID.search(line)
    return line.replace(named[1], "") if named else line


def is_about_work(action: str | None) -> bool:
    """Whether a line is the one that each batch, event, text or letter has; whoever floods a log writes others."""
    return (action or "").startswith(("events.accepted", "event.", "text.", "dead_letter."))


def size_besides_work(log: bytes) -> int:
    """How many bytes of a log are about anything else."""
    lines = ((line, ACTION.search(line)) for line in log.splitlines())
    return sum(len(line) for line, action in lines if not is_about_work(action[1].decode() if action else None))


def phone_in(line: str, nationals: Collection[str]) -> str | None:
    """A phone of ours in any spelling."""
    for run in RUN.findall(BETWEEN.sub("", line)):
        for start in range(len(run) - NATIONAL + 1):
            if (window := run[start : start + NATIONAL]) in nationals:
                return window
    return None
