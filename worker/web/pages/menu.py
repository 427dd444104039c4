"""The menu: which pages somebody finds, in the order in which they are needed."""

from collections.abc import Iterator
from dataclasses import dataclass

from worker.core.access.user import Permission, User
from worker.language import marked


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu.

    Attributes:
        name: of its function.
        path: below the account's.
        key: goes there after `g`.
    """

    name: str
    path: str
    label: str
    key: str
    may: Permission = "look"


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    entries: tuple[Entry, ...]


#: Of one account.
MENU: tuple[Group, ...] = (
    Group(
        marked("SMS settings"),
        (
            Entry("connection", "/connection", marked("TurboSMS connection"), "c"),
            Entry("viber", "/viber", "Viber", "v"),
            Entry("triggers", "/triggers", marked("Events"), "e"),
            Entry("shortcodes", "/shortcodes", marked("Available shortcodes"), "k"),
            Entry("custom_templates", "/templates", marked("Custom templates"), "t"),
            Entry("show_settings", "/settings", marked("Settings"), "n"),
        ),
    ),
    Group(
        marked("SMS"),
        (
            Entry("overview", "/overview", marked("Overview"), "o"),
            Entry("show_send", "/send", marked("Send"), "s", "send"),
            Entry("history", "/history", marked("History of SMS"), "h"),
            Entry("coming_reminders", "/coming", marked("What is coming"), "f"),
            Entry("spending", "/spending", marked("Money"), "m"),
            Entry("stop_list", "/stop-list", marked("Stop-list"), "b"),
            Entry("pauses", "/pauses", marked("Pauses"), "p"),
        ),
    ),
    Group(
        marked("Behind it"),
        (
            Entry("desk", "/desk", marked("Desk"), "d"),
            Entry("list_jobs", "/jobs", marked("Work on many"), "q"),
            Entry("crm_events", "/events", marked("Events of the CRM"), "r"),
            Entry("system", "/system", marked("State of the system"), "y"),
            Entry("error_reference", "/errors", marked("What errors mean"), "w"),
        ),
    ),
    Group(
        marked("Access"),
        (
            Entry("list_people", "/people", marked("People"), "l", "people"),
            Entry("list_keys", "/keys", marked("Keys of the API"), "a", "people"),
            Entry("journal", "/journal", marked("Journal"), "j", "journal"),
        ),
    ),
)


def groups(user: User) -> Iterator[tuple[str, list[Entry]]]:
    """What somebody may open."""
    for group in MENU:
        entries = [entry for entry in group.entries if user.may(entry.may)]
        if entries:
            yield group.label, entries
