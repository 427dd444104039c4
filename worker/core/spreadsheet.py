"""Cells of files that people open in a spreadsheet."""

#: What a spreadsheet that reads CSV takes for the beginning of a formula; the wide ones are typed in Asia.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(value: object) -> str:
    """A cell of CSV that no spreadsheet calculates: a text after an apostrophe stays as it is, and so does a phone."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
