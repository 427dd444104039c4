"""What must never be in a log: the phones, names, texts and secrets that the tests use."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.crm import SECRET, TOKEN

# Phones in any spelling, but no ten digits from the middle of a key in hex; names, and parts of the default texts, as
# UTF-8 or \u escapes.
BETWEEN = r"[^\da-zA-Z]{0,2}"
PHONE = (
    rf"(?<![\da-f])(?:\+?3?8?{BETWEEN})?0{BETWEEN}(?:67|50|68|95|99|63|73){BETWEEN}\d{{3}}"
    rf"{BETWEEN}\d{{2}}{BETWEEN}\d{{2}}(?![\da-f])"
)
SECRETS = (
    "Олена",
    "Дем'янюк",
    "прострочено",
    "отримано",
    "прийнято",
    "узгоджено",
    "скасовано",
    "підтверджено",
    "пропозиц",
    "договор",
    "зустріч",
    "днем народження",
    "завдання",
)
ESCAPED = tuple(text.encode("unicode_escape").decode() for text in SECRETS)
NEVER = re.compile("|".join([PHONE, *map(re.escape, (*SECRETS, *ESCAPED, TOKEN, SECRET))]))


def secret_in(text: str) -> str | None:
    """The beginning of what leaked, if anything did."""
    match = NEVER.search(text)
    return f"{match[0][:4]}…" if match else None


def leaks(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.log")):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if leaked := secret_in(line):
                yield f"{path.name}:{number}: {leaked}"
