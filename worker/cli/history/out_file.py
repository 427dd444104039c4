"""A file that a command writes: asked for before it is replaced, whole in its place, and its owner's alone."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from errno import EINVAL
from pathlib import Path
from tempfile import TemporaryDirectory

from worker.cli.terminal import Exit, agree, stop
from worker.language import _


def insist_on_place(out: Path, *, yes: bool) -> None:
    """Ask before a file is replaced; refuse a folder that is not there, and what is no file."""
    if not out.parent.is_dir():
        raise stop(_("--out: there is no folder {folder}.", folder=out.parent), Exit.USAGE)
    if out.exists() and not out.is_file():
        raise stop(_("{file} could not be written: {why}.", file=out, why=os.strerror(EINVAL)))
    if out.exists():
        agree(_("Replace {file}?", file=out), yes=yes)


@contextmanager
def whole_file(out: Path) -> Generator[Path]:
    """A path to write to, which becomes the file in the end; what could not be finished leaves nothing behind."""
    try:
        with TemporaryDirectory(dir=out.parent, prefix=".export-") as folder:
            part = Path(folder, out.name)
            yield part
            part.chmod(0o600)
            part.replace(out)
    except OSError as error:
        raise stop(_("{file} could not be written: {why}.", file=out, why=error.strerror or error)) from None
