"""The peers' own virtual environment, build/peers: made once for each `requirements.lock`."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "build" / "peers"
LOCK = Path(__file__).with_name("requirements.lock")
INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps")


def interpreter() -> Path:
    """Its Python, with what the lock file names installed."""
    python, installed = FOLDER / "bin" / "python", FOLDER / "installed.lock"
    if not (installed.exists() and installed.read_bytes() == LOCK.read_bytes()):
        sys.stderr.write("peers: Celery, Dramatiq and FastStream into build/peers (once, about a minute)\n")
        venv.create(FOLDER, clear=True, with_pip=True)
        subprocess.run([python, *INSTALL, "--requirement", LOCK], check=True)
        installed.write_bytes(LOCK.read_bytes())
    return python
