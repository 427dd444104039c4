"""How many examples a property is tried with: fewer beside everything else, many more in `make faults`."""

import os

#: A seventh of what a test asks for, or as many times as the environment says.
TIMES = float(os.environ.get("TESTS_TRIES", "0.15"))


def tries(many: int = 100) -> int:
    """So many examples, of as many as a test would have."""
    return max(5, round(many * TIMES))
