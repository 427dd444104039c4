"""The text of a file, or of stdin."""

import sys
from pathlib import Path

from worker.core.file_text import FileText, decoded

STDIN = Path("-")


def read_text(file: Path) -> FileText:
    """The text of a file, or of stdin.

    Raises:
        OSError: it cannot be read.
        UnreadableError: it can, and is no text.
    """
    return decoded(sys.stdin.buffer.read() if file == STDIN else file.read_bytes())
