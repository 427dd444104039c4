"""The settings of the environment, checked as a whole: every fault is reported at once, and no secret is ever shown."""

import base64
import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from worker.language import _, marked
from worker.settings.amqp_url import amqp_url
from worker.settings.database_url import insist_on_database
from worker.settings.person_name import NAME_MAX, is_name
from worker.settings.secret_files import SUFFIX, SecretFileError, named_files, secret_in

PREFIX = "SMS_"
AMQP, DATABASE, SECRET_KEY = "SMS_AMQP_URL", "SMS_DATABASE_URL", "SMS_SECRET_KEY"
TURBOSMS, LOG_LEVEL, LISTEN = "SMS_TURBOSMS_URL", "SMS_LOG_LEVEL", "SMS_LISTEN"
RECEIPTS, PUBLIC, OPERATOR = "SMS_RECEIPTS_LISTEN", "SMS_PUBLIC_URL", "SMS_OPERATOR"
CALLBACK_KEY, OTEL = "SMS_CALLBACK_KEY", "SMS_OTEL_ENDPOINT"
NAMES = (AMQP, DATABASE, SECRET_KEY, CALLBACK_KEY, TURBOSMS, LOG_LEVEL, LISTEN, RECEIPTS, PUBLIC, OPERATOR, OTEL)
#: What may lie in a file, which the same name with `_FILE` tells.
SECRETS = (AMQP, DATABASE, SECRET_KEY, CALLBACK_KEY)
FILES = tuple(name + SUFFIX for name in SECRETS)
#: What a process needs that does the whole work.
EVERYTHING = (AMQP, DATABASE, SECRET_KEY)
#: Variables of Kubernetes and Docker's links for services that are called `sms-…`: none of them is ours.
LINKS = re.compile(r"\w+_SERVICE_(HOST|PORT(_\w+)?)|\w+_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|\w+_ENV_\w+")
#: How like one of ours a name must be to be a slip, of 1; less is another program's.
LIKENESS = 0.81

TURBOSMS_URL = "https://api.turbosms.ua"
SECRET_KEY_MIN = 16
#: Of AES-256.
DERIVED_KEY_BYTES = 32
#: `SMS_LISTEN` of a process without probes.
OFF = "off"

HINTS: Mapping[str, str] = {
    AMQP: marked("Write amqp://user:password@host:5672/vhost; percent-encode signs such as @ / ? # in the password."),
    DATABASE: marked(
        "Write postgresql://user:password@host:5432/database; percent-encode signs such as @ / in the password."
    ),
    SECRET_KEY: marked("Make one with: openssl rand -base64 32. To change it: perfectum-sms key rotate --help."),
    CALLBACK_KEY: marked("Write what perfectum-sms key derive callbacks prints, where SMS_SECRET_KEY is."),
    TURBOSMS: marked("Leave it out for {turbosms}, or give the simulator's address, as http://127.0.0.1:8770."),
    LOG_LEVEL: marked("Write DEBUG, INFO, WARNING or ERROR."),
    LISTEN: marked("Write host:port, as 127.0.0.1:9464, 0.0.0.0:9464 or [::1]:9464; or off."),
    RECEIPTS: marked("Write where your TLS proxy finds the console, as host:port: 127.0.0.1:8780 or 0.0.0.0:8780."),
    PUBLIC: marked(
        "Write the address at which the internet reaches the console through your proxy, as https://sms.acme.ua."
    ),
    OTEL: marked("Write where your collector takes OTLP over HTTP, as http://127.0.0.1:4318."),
    OPERATOR: marked("Write who you are, as the audit shall name you: one line, at most {most} characters."),
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a process listens; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A wrong variable; neither text holds its value."""

    name: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.name} {self.problem}. {self.hint}"


def upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def is_amqp(url: str) -> str:
    amqp_url(url)
    return url


def is_http(url: str) -> str:
    try:
        parts = urlsplit(url)
        names_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError(_("is not a URL that can be read")) from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(_("does not begin with http://"))
    if not names_host:
        raise ValueError(_("names no host or no usable port"))
    return url.rstrip("/")


def is_address(text: str) -> str:
    return text.lower() if text.lower() == OFF else str(address(text))


def address(text: str) -> Address:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_("names no usable port")) from None
    if host is None or port is None or text.rpartition("@")[1] or parts.path or parts.query or parts.fragment:
        raise ValueError(_("is not host:port"))
    return Address(host, port)


def is_long_enough(keys: SecretStr) -> SecretStr:
    if any(len(key) < SECRET_KEY_MIN for key in split(keys)):
        raise ValueError(_("has a key shorter than {least} characters", least=SECRET_KEY_MIN))
    return keys


def is_derived(keys: SecretStr) -> SecretStr:
    try:
        lengths = {len(key) for key in derived_keys(keys)}
    except ValueError:
        raise ValueError(_("is no derived key")) from None
    if lengths != {DERIVED_KEY_BYTES}:
        raise ValueError(_("is no derived key"))
    return keys


def derived_keys(keys: SecretStr) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(key, altchars=b"-_", validate=True) for key in split(keys))


def split(keys: SecretStr) -> tuple[str, ...]:
    """Keys as written between commas, the newest first."""
    return tuple(key.strip() for key in keys.get_secret_value().split(","))


class Settings(BaseModel):
    """The environment, checked; unset settings that a command does not need are empty."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    amqp_url: Annotated[str, AfterValidator(is_amqp), Field(alias=AMQP, repr=False)] = ""
    database_url: Annotated[str, AfterValidator(insist_on_database), Field(alias=DATABASE, repr=False)] = ""
    secret_key: Annotated[SecretStr, AfterValidator(is_long_enough), Field(alias=SECRET_KEY)] = SecretStr("")
    callback_key: Annotated[SecretStr, AfterValidator(is_derived), Field(alias=CALLBACK_KEY)] = SecretStr("")
    turbosms_url: Annotated[str, AfterValidator(is_http), Field(alias=TURBOSMS, repr=False)] = TURBOSMS_URL
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(upper), Field(alias=LOG_LEVEL)
    ] = "INFO"
    listen: Annotated[str, AfterValidator(is_address), Field(alias=LISTEN)] = ""
    receipts_at: Annotated[Address, BeforeValidator(address), Field(alias=RECEIPTS)] = Address("127.0.0.1", 8780)
    public_url: Annotated[str, AfterValidator(is_http), Field(alias=PUBLIC)] = ""
    operator: Annotated[str, AfterValidator(is_name), Field(alias=OPERATOR)] = ""
    otel_endpoint: Annotated[str, AfterValidator(is_http), Field(alias=OTEL, repr=False)] = ""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that open sealed secrets; the first one seals."""
        return split(self.secret_key)

    @property
    def callback_keys(self) -> tuple[bytes, ...]:
        """Keys derived from those, which open the secrets of callbacks alone; none where none is set."""
        return derived_keys(self.callback_key) if self.callback_key.get_secret_value() else ()

    def listens_at(self, default: Address) -> Address | None:
        """Where probes are answered; None where `SMS_LISTEN` is off."""
        if self.listen == OFF:
            return None
        return address(self.listen) if self.listen else default


def load(environ: Mapping[str, str], *, needs: Collection[str] = EVERYTHING) -> Settings | tuple[Fault, ...]:
    """Read the `SMS_*` variables: settings, or every fault. An empty value counts as unset; `needs` are required."""
    given = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX) and value.strip()}
    secrets, faults = from_files(given)
    known = {name: value for name, value in given.items() if name in NAMES or (name not in FILES and meant_by(name))}
    known |= secrets
    if faults:
        return faults
    missing = tuple(Fault(name, _("is not set"), hint(name)) for name in NAMES if name in needs and name not in known)
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        return missing + tuple(fault(detail["type"], str(detail["loc"][0]), detail["msg"]) for detail in error.errors())
    return missing or settings


def from_files(given: Mapping[str, str]) -> tuple[dict[str, str], tuple[Fault, ...]]:
    """Read the secrets that lie in files, and say of each that cannot be had why."""
    secrets: dict[str, str] = {}
    faults: list[Fault] = []
    for name, path in named_files(given, SECRETS):
        try:
            secrets[name] = secret_in(path, beside=name if name in given else "")
        except SecretFileError as error:
            faults.append(Fault(name + SUFFIX, str(error), _("Set {name} or the file that holds it.", name=name)))
    return secrets, tuple(faults)


def is_given(name: str, environ: Mapping[str, str]) -> bool:
    """Whether a secret is given, itself or by its file."""
    return bool(environ.get(name) or environ.get(name + SUFFIX))


def fault(error_type: str, name: str, message: str) -> Fault:
    match error_type:
        case "extra_forbidden":
            return Fault(name, _("is not a setting"), _("Did you mean {name}?", name=meant_by(name)))
        case "value_error":
            return Fault(name, message.removeprefix("Value error, "), hint(name))
        case _:
            return Fault(name, _("has a value that is not allowed"), hint(name))


def hint(name: str) -> str:
    return _(HINTS[name], turbosms=TURBOSMS_URL, most=NAME_MAX)


def meant_by(name: str) -> str | None:
    """Guess the setting that a name was meant to be; None for another program's."""
    if LINKS.fullmatch(name):
        return None
    ours = {known.removeprefix(PREFIX): known for known in NAMES}
    close = difflib.get_close_matches(name.removeprefix(PREFIX), ours, n=1, cutoff=LIKENESS)
    return ours[close[0]] if close else None


def foreign(environ: Mapping[str, str]) -> list[str]:
    """Names with our prefix that are other programs', but for those that Kubernetes and Docker set."""
    return sorted(
        name
        for name in environ
        if name.startswith(PREFIX) and name not in (*NAMES, *FILES) and not LINKS.fullmatch(name)
    )
