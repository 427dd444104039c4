"""The name that a person gives."""

NAME_MAX = 100


def is_name(text: str) -> str:
    """Return the name, trimmed.

    Raises:
        ValueError: it is blank, too long, or no single line.
    """
    name = text.strip()
    if not name or not name.isprintable() or len(name) > NAME_MAX:
        raise ValueError(f"is no name of one line and at most {NAME_MAX} characters")
    return name
