"""Fetch what browsers get from others anew, and keep its hashes: `python -m deploy.vendor` (needs npm).

What is fetched stands in `worker/web/pages/static/vendor/vendor.json`: package and version, which of its files, the
registry's integrity of the package, the SHA-256 of the file, and the licence.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "worker/web/pages/static/vendor"
LIST = FOLDER / "vendor.json"


class IntegrityError(Exception):
    """The package is not the one whose integrity is kept."""


def fetched(package: str, version: str, folder: Path) -> Path:
    """The package as the registry has it."""
    command = ("npm", "pack", "--silent", f"{package}@{version}")
    packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 (fixed words)
    return folder / packed.stdout.split()[-1]


def integrity_of(content: bytes) -> str:
    """As npm writes it: SHA-512 in base64."""
    return f"sha512-{base64.b64encode(hashlib.sha512(content).digest()).decode()}"


def renew(entry: dict[str, str]) -> dict[str, str]:
    """Put one file in its place; where its integrity is kept, the package must have it."""
    with tempfile.TemporaryDirectory(prefix="sms-vendor-") as name:
        archive = fetched(entry["package"], entry["version"], Path(name))
        integrity = integrity_of(archive.read_bytes())
        if entry.get("integrity", integrity) != integrity:
            raise IntegrityError(f"{entry['package']} {entry['version']}: {integrity} is not what is kept")
        with tarfile.open(archive) as files:
            member = files.extractfile(entry["member"])
            content = member.read() if member else b""
    (FOLDER / entry["file"]).write_bytes(content)
    return {**entry, "integrity": integrity, "sha256": hashlib.sha256(content).hexdigest()}


def main() -> None:
    """To take another version, change it in vendor.json and take its integrity out."""
    entries: list[dict[str, str]] = json.loads(LIST.read_text())
    LIST.write_text(json.dumps([renew(entry) for entry in entries], indent=2) + "\n")
    sys.stdout.write(f"{LIST}: {len(entries)} files.\n")


if __name__ == "__main__":
    main()
