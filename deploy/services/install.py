"""Installs what is missing from the distribution's packages, where that is allowed without asking."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from deploy.services.errors import ServicesError, say

SCRIPT = Path(__file__).with_name("install.sh")
COMMANDS = {
    "apt-get": "sudo apt-get install -y",
    "dnf": "sudo dnf install -y",
    "zypper": "sudo zypper install -y",
    "pacman": "sudo pacman -S --noconfirm",
}
#: What other distributions call a package of Debian's.
NAMES = {
    ("dnf", "postgresql"): "postgresql-server",
    ("dnf", "prometheus"): "golang-github-prometheus",
    ("zypper", "postgresql"): "postgresql-server",
    ("zypper", "prometheus"): "golang-github-prometheus-prometheus",
    ("pacman", "rabbitmq-server"): "rabbitmq",
}


def install(packages: tuple[str, ...], *, path: str, otherwise: str = "") -> None:
    """Installs Debian or Ubuntu packages as root or with a sudo that asks nothing; starts none of their services.

    Raises ServicesError with the command to type, and what to do otherwise, when that is not possible or fails.
    """
    become_root = _become_root(path)
    missing = " and ".join(packages)
    if become_root is None or not shutil.which("apt-get", path=path):
        raise ServicesError(f"{missing}: not on this machine. {remedy(packages, path=path, otherwise=otherwise)}")
    say(f"installing {missing} with apt-get (once, about a minute); their system services stay stopped")
    if _finish([*become_root, "sh", str(SCRIPT), *packages]) != 0:
        advice = remedy(packages, path=path, otherwise=otherwise)
        raise ServicesError(f"apt-get could not install {missing}: see above. {advice}")


def remedy(packages: tuple[str, ...], *, path: str, otherwise: str = "") -> str:
    """What a person can do, as one command where the package manager is known."""
    commands = [
        " ".join((command, *(NAMES.get((manager, package), package) for package in packages)))
        for manager, command in COMMANDS.items()
        if shutil.which(manager, path=path)
    ]
    them = "it" if len(packages) == 1 else "them"
    install_them = f"Install {them}: {commands[0]}" if commands else f"Install {' and '.join(packages)}"
    return f"{install_them} {otherwise}".strip() + "."


def _become_root(path: str) -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo", path=path)
    if not sudo:
        return None
    asked = subprocess.run((sudo, "-n", "true"), capture_output=True, check=False)  # noqa: S603 - fixed words
    return [sudo, "-n"] if asked.returncode == 0 else None


def _finish(command: list[str]) -> int:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own script
    try:
        return process.wait()
    except BaseException:
        # Half an installation is worse than a late exit: the script puts things in order before it ends.
        with suppress(OSError):
            process.terminate()
        process.wait()
        raise
