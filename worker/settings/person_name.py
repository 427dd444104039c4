"""The name that a person gives."""

from worker.language import _

NAME_MAX = 100


def is_name(text: str) -> str:
    """Return the name, trimmed.

    Raises:
        ValueError: it is blank, too long, or no single line.
    """
    name = text.strip()
    if not name or not name.isprintable() or len(name) > NAME_MAX:
        raise ValueError(_("is no name of one line and at most {most} characters", most=NAME_MAX))
    return name
