"""A text on a terminal with a place in it marked underneath, and two versions of one beside each other."""

import difflib

from rich.cells import cell_len

from worker.logs.redaction import visible

#: Cells of a line that are shown around a place.
LINE_MAX = 100
CUT = "…"


def marked(text: str, start: int, end: int) -> tuple[str, str]:
    """The line of a text that holds a place, and a line with carets under it.

    A long line is cut around the place. What a terminal would not show as it is shows as a replacement character, so
    that the carets are where they should be. A place that goes over several lines is marked in its first.
    """
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", start)
    line = text[begin:] if stop < 0 else text[begin:stop]
    first, last = start - begin, min(end - begin, len(line))
    before, marked_part, after = line[:first], line[first:last], line[last:]
    if cell_len(line) > LINE_MAX:
        before, marked_part, after = cut(before, marked_part, after)
    shown = [visible(part.replace("\t", " ")) for part in (before, marked_part, after)]
    return "".join(shown), " " * cell_len(shown[0]) + "^" * max(1, cell_len(shown[1]))


def cut(before: str, marked_part: str, after: str) -> tuple[str, str, str]:
    room = LINE_MAX // 3
    if len(marked_part) > room:
        marked_part, after = marked_part[: room - 1] + CUT, ""
    if len(before) > room:
        before = CUT + before[len(before) - room + 1 :]
    if len(after) > room:
        after = after[: room - 1] + CUT
    return before, marked_part, after


def difference(before: str, after: str) -> list[str]:
    """What changed from one text to another: lines that went with a minus, lines that came with a plus."""
    was, now, lines = before.splitlines(), after.splitlines(), list[str]()
    for tag, was_from, was_to, is_from, is_to in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag != "equal":
            lines += [f"- {line}" for line in was[was_from:was_to]]
            lines += [f"+ {line}" for line in now[is_from:is_to]]
    return lines
