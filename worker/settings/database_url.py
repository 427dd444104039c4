"""`SMS_DATABASE_URL`, read as libpq reads it, and every fault in words."""

import difflib
import re

from worker.language import _

SCHEMES = ("postgresql", "postgres")
#: Parameters that are whole numbers; libpq looks at them only when it connects.
NUMBERS = (
    *("connect_timeout", "tcp_user_timeout", "keepalives", "keepalives_idle", "keepalives_interval"),
    "keepalives_count",
)


def insist_on_database(url: str) -> str:
    """Return the URL if libpq can read it.

    Raises:
        ValueError: what is wrong with it, in words that hold none of its values.
    """
    import psycopg  # noqa: PLC0415 (help must be quick)
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    if url.partition("://")[0] not in SCHEMES:
        raise ValueError(_("does not begin with {scheme}://", scheme=SCHEMES[0]))
    # libpq takes the first @ for the end of the password, and # for nothing special.
    if url.partition("?")[0].count("@") > 1 or "#" in url or "@" in url.partition("://")[2].partition("/")[2]:
        raise ValueError(_("has a sign that must be percent-encoded"))
    try:
        parameters = conninfo_to_dict(url)
    except psycopg.Error as error:
        raise ValueError(unread(str(error))) from None
    if wrong := [
        name for name in NUMBERS if name in parameters and not re.fullmatch(r"-?\d{1,9}", str(parameters[name]))
    ]:
        raise ValueError(_("has {wrong} without a whole number", wrong=", ".join(wrong)))
    ports = str(parameters.get("port") or "").split(",")
    if not all(port == "" or (port.isdecimal() and 0 < int(port) < 65_536) for port in ports):  # noqa: PLR2004 (of TCP)
        raise ValueError(_("names no usable port"))
    return url


def unread(text: str) -> str:
    from psycopg.pq import Conninfo  # noqa: PLC0415 (as above)

    parameter = re.search(r'invalid URI query parameter: "(\w+)"', text)
    if not parameter:
        return _("is not a URL that can be read: separate parameters with &, and write %3D for = within one")
    close = difflib.get_close_matches(
        parameter[1], [option.keyword.decode() for option in Conninfo.get_defaults()], n=1
    )
    if close:
        return _("has an unknown parameter: did you mean {near}?", near=close[0])
    return _("has an unknown parameter, see libpq")
