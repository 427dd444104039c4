"""Secrets in files, as Docker and Kubernetes mount them: `SMS_SECRET_KEY_FILE` is the one of `SMS_SECRET_KEY`."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from worker.language import _

SUFFIX = "_FILE"
#: More than any key or URL has; a whole disk is not read by mistake.
SIZE_MAX = 64 * 1024


class SecretFileError(Exception):
    """What is wrong with a file that should hold a secret; never what is in it."""


def named_files(environ: Mapping[str, str], secrets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give each secret that is to be read from a file, with its path; an empty path counts as unset."""
    for secret in secrets:
        if path := environ.get(secret + SUFFIX, "").strip():
            yield secret, path


def secret_in(path: str, *, beside: str = "") -> str:
    """Read a secret without the line end that editors leave; `beside` is the variable that holds it too."""
    if beside:
        raise SecretFileError(_("is set, and {name} too", name=beside))
    try:
        with Path(path).open("rb") as file:
            content = file.read(SIZE_MAX + 1)
        if len(content) > SIZE_MAX:
            raise SecretFileError(_("names {path}, which is too long for a secret", path=path))
        text = content.decode().strip()
    except FileNotFoundError:
        raise SecretFileError(_("names {path}, which is not there", path=path)) from None
    except (OSError, ValueError):
        raise SecretFileError(_("names {path}, which cannot be read", path=path)) from None
    if not text:
        raise SecretFileError(_("names {path}, which is empty", path=path))
    return text
