"""`make package`: build wheel and sdist, check them, try the wheel in an empty environment, list what it brings."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "build/dist"
SBOM = ROOT / "build/sbom"
TOOLS = ROOT / "build/release-tools"
EMPTY = ROOT / "build/release-empty"
LOCK = ROOT / "deploy/release.lock"
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+\S*) - \d{4}-\d\d-\d\d$", re.MULTILINE)
#: Packages of one name begin alike (W002), and sql/ is read, not imported (W010).
WHEEL = ("--toplevel", "schedules,sql,worker", "--ignore", "W002,W010")
SHIPPED = """
from pathlib import Path
from worker.store.db.migrations import FOLDER, read
assert read(FOLDER)
assert Path("share/man/man1/perfectum-sms.1").exists()
"""


def version() -> str:
    """The version, from the one place where it stands."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def unfit(tag: str, wanted: str, changelog: str) -> str | None:
    """Why a tag may not be released, if it may not."""
    if tag != f"v{wanted}":
        return f"the tag is {tag}, but pyproject.toml says {wanted}"
    newest = RELEASE.search(changelog)
    if not newest or newest[1] != wanted:
        return f"the newest release in CHANGELOG.md is {newest[1] if newest else 'none'}, not {wanted}"
    return None


def main(arguments: Sequence[str]) -> int:
    """0 if everything is fit to be published."""
    parser = argparse.ArgumentParser(prog="python -m deploy.package", description=__doc__)
    parser.add_argument("--tag", default="", help="refuse if it is not the version of pyproject.toml and CHANGELOG.md")
    tag: str = parser.parse_args(arguments).tag
    fault = unfit(tag, version(), (ROOT / "CHANGELOG.md").read_text()) if tag else None
    if fault:
        sys.stderr.write(f"package: {fault}\n")
        return 1
    try:
        wheel = built()
        checked(wheel)
        installed(wheel)
        listed()
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"package: {' '.join(map(str, error.cmd))} ended with {error.returncode}\n")
        return 1
    files = [*sorted(DIST.iterdir()), *sorted(SBOM.iterdir())]
    sys.stdout.write("".join(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes\n" for path in files))
    return 0


def built() -> Path:
    """Wheel and sdist, the wheel from the sdist; times within are those of the commit."""
    tools()
    shutil.rmtree(DIST, ignore_errors=True)
    log = ("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    epoch = subprocess.run(log, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 (git)
    run(TOOLS / "bin/python", "-m", "build", "--no-isolation", "--outdir", DIST, ROOT, SOURCE_DATE_EPOCH=epoch)
    (wheel,) = DIST.glob("*.whl")
    return wheel


def checked(wheel: Path) -> None:
    """What PyPI would refuse, and what a wheel had better not hold."""
    run(TOOLS / "bin/twine", "check", "--strict", *sorted(DIST.iterdir()))
    run(TOOLS / "bin/check-wheel-contents", *WHEEL, wheel)


def installed(wheel: Path) -> None:
    """It works by itself, with the locked dependencies and nothing else, outside of this folder."""
    venv.create(EMPTY, clear=True, with_pip=True)
    python = EMPTY / "bin/python"
    run(python, *PIP, "--require-hashes", "--no-deps", "--requirement", ROOT / "requirements.lock")
    run(python, *PIP, "--no-deps", "--no-index", wheel)
    program = EMPTY / "bin/perfectum-sms"
    for arguments in (("--version",), ("--help",), ("event", "types"), ("simulator", "--help")):
        run(program, *arguments, quiet=True)
    run(python, "-c", SHIPPED, quiet=True)


def listed() -> None:
    """What the locked dependencies are, as CycloneDX; the same each time."""
    shutil.rmtree(SBOM, ignore_errors=True)
    SBOM.mkdir(parents=True)
    output = SBOM / f"perfectum_sms-{version()}.cdx.json"
    options = ("--pyproject", "pyproject.toml", "--output-reproducible", "--output-format", "JSON", "--validate")
    run(TOOLS / "bin/cyclonedx-py", "requirements", *options, "--output-file", output, "requirements.lock")


PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def tools() -> None:
    """The locked programs, in an environment of their own: nothing of them is needed for work or tests."""
    mark = TOOLS / LOCK.name
    if mark.exists() and mark.read_bytes() == LOCK.read_bytes():
        return
    venv.create(TOOLS, clear=True, with_pip=True)
    run(TOOLS / "bin/python", *PIP, "--require-hashes", "--no-deps", "--requirement", LOCK)
    mark.write_bytes(LOCK.read_bytes())


def run(program: Path, *arguments: object, quiet: bool = False, **environment: str) -> None:
    """A program, from the root of the repository, without what our own environment says of Python.

    Raises CalledProcessError when it fails.
    """
    away = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    left = {name: value for name, value in os.environ.items() if name not in away}
    subprocess.run(  # noqa: S603 (the locked ones)
        [str(program), *map(str, arguments)],
        check=True,
        cwd=EMPTY if quiet else ROOT,
        env={**left, **environment},
        stdout=subprocess.DEVNULL if quiet else None,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
