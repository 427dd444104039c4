"""Programs that tests need beside the servers, installed like those where they are missing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from deploy.services.errors import ServicesError
from deploy.services.install import install, remedy
from deploy.services.programs import THIS_MACHINE, Machine

#: The Debian package of each.
PACKAGES: Mapping[str, str] = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "systemd-analyze": "systemd",
    "pgbouncer": "pgbouncer",
}
#: Where daemons are, which a person's PATH may leave out.
DAEMONS = "/usr/sbin"


def needed_program(name: str, machine: Machine = THIS_MACHINE) -> Path:
    """Where one of `PACKAGES` is, installed first where it is missing and that is possible; its service stays stopped.

    Raises ServicesError with the command that installs it.
    """
    places = f"{machine.path}:{DAEMONS}"
    if not shutil.which(name, path=places):
        install((PACKAGES[name],), path=machine.path)
    found = shutil.which(name, path=places)
    if found is None:
        advice = remedy((PACKAGES[name],), path=machine.path)
        raise ServicesError(f"installed, but not found: {name}. {advice}")
    return Path(found)
