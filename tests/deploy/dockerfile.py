"""A Dockerfile as its instructions, and the build context as .dockerignore leaves it; enough for ours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy/Dockerfile"
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its continued lines joined; `stage` counts the FROMs before it."""

    name: str
    rest: str
    stage: int


def instructions() -> tuple[Instruction, ...]:
    return tuple(_read(DOCKERFILE.read_text()))


def _read(text: str) -> Iterator[Instruction]:
    without_comments = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    stage = -1
    for line in re.sub(r"\s*\\\n\s*", " ", without_comments).splitlines():
        keyword, _, rest = line.partition(" ")
        stage += keyword == "FROM"
        if keyword:
            yield Instruction(keyword, rest, stage)


def is_sent(path: str) -> bool:
    """Whether the daemon gets to see this file of the tree; the last pattern that fits it decides."""
    sent = True
    for pattern in IGNORED:
        if not pattern or pattern.startswith("#"):
            continue
        kept = pattern.startswith("!")
        whole = PurePosixPath(path)
        if any(fnmatch(str(part), pattern.removeprefix("!")) for part in (whole, *whole.parents)):
            sent = kept
    return sent


def files(source: str) -> list[str]:
    """The files that COPY finds under a name, relative to the tree."""
    folder = ROOT / source
    paths = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
    names = [path.relative_to(ROOT).as_posix() for path in paths if path.is_file()]
    return [name for name in names if is_sent(name)]
