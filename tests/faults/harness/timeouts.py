"""The waits of our processes while they are broken on purpose."""

#: Short enough for hundreds of faults, and in the same order as in production.
WAITS = (
    "POST_DEADLINE=1.2,LEASE=4,LEASE_LEFT_MIN=1.5,NUDGE_WAIT=2,NUDGE_WAIT_MAX=8,REPEAT_WAIT=0.5,REPEAT_WAIT_MAX=2,"
    "DUPLICATE_WAIT=3,TRY_WAIT=1,PAUSE_WAIT=1,PROBE_WAIT=1,PROBE_WAIT_MAX=2,BREAK_WAIT=1,BREAK_WAIT_MAX=2,CRAWL=0.8,"
    "UNREACHABLE_WAIT=1,LATER_WAIT=1,RATE_WAIT=2,RATE_RECOVERY=2"
)
#: The provider's window for the same text is shortened with DUPLICATE_WAIT.
DUPLICATE_WINDOW_S = 2


def merged(waits: str, changes: str) -> str:
    """Waits with some set anew."""
    settings = (part.partition("=") for part in f"{waits},{changes}".split(",") if part)
    return ",".join(f"{name}={value}" for name, value in {name: value for name, _, value in settings}.items())
