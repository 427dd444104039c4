"""A page: one function, from whose declaration it is served; what it is asked with, and what it answers with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from worker.core.access.user import Permission, User
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool
from worker.web.pages.forms import Form

Method = Literal["GET", "POST"]
#: Bytes of a form; a page that takes a spreadsheet says so itself.
FORM_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who may ask this.

    Attributes:
        cache: what admins set, as this process has read it.
        public_url: at which the internet finds the console, without a slash at its end; "" where that is not set.
        origin: at which the browser that asks has found it, which is that where it is not set.
        turbosms_url: where TurboSMS answers.
        somebody: who has signed in; None on pages that are open to all.
        now: PostgreSQL's time.
        account: whose page it is; "" for a page of none.
        zone: the account's, in which moments are shown; Kyiv's on a page of none.
        path: what the address names, as its page declares.
        session: the secret of the cookie.
        is_fragment: htmx asks, which wants a part of the page.
    """

    pool: Pool
    seal: Seal
    cache: ConfigurationCache
    public_url: str
    origin: str
    turbosms_url: str
    somebody: User | None
    now: datetime
    account: str
    zone: ZoneInfo
    path: Mapping[str, str]
    query: Form
    form: Form
    session: str = ""
    is_fragment: bool = False

    @property
    def user(self) -> User:
        if self.somebody is None:
            raise LookupError("a page that is open to all knows nobody")
        return self.somebody

    @property
    def home(self) -> str:
        """Where the account's pages begin."""
        return f"/a/{self.account}"

    @property
    def by(self) -> str:
        """How the audit names who asks."""
        return self.user.as_operator


@dataclass(frozen=True, slots=True)
class Html:
    """A template with what it shows; of which one `block`, for htmx to put into the page that is there."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    block: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on at another page of ours, which says `note` at its head; with `session` somebody is signed in or out."""

    to: str
    note: str = ""
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the browser keeps."""

    content: bytes
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page that cannot be shown, or a change that is not made: what is wrong, and what to do, in a sentence each."""

    status: int
    title: str
    hint: str


Shown = Html | Redirect | Download | Refusal
Handle = Callable[[Visit], Shown]


@dataclass(frozen=True, slots=True)
class Page:
    """Where a function is found, and who may ask it.

    Attributes:
        path: as Starlette has it; `{account}` is checked against who asks.
        may: what who asks must be allowed; None: it is open to all.
        most: bytes of its form.
    """

    method: Method
    path: str
    may: Permission | None
    most: int
    handle: Handle

    @property
    def name(self) -> str:
        return self.handle.__name__


def page(method: Method, path: str, *, may: Permission | None, most: int = FORM_MAX) -> Callable[[Handle], Page]:
    """Make a page of a function."""
    return lambda handle: Page(method, path, may, most, handle)
