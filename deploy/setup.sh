#!/bin/sh
# Makes .venv with the locked dependencies. Installs Debian's python3-venv first where that is what is missing.
set -eu
cd "$(dirname "$0")/.."

python=
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "setup: Python 3.11 or newer is needed and was not found. On Debian or Ubuntu: apt-get install python3.11 python3.11-venv" >&2
    exit 1
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    root=
    [ "$(id -u)" -eq 0 ] || root="sudo -n"
    echo "setup: installing python$version-venv from the distribution's packages" >&2
    if ! { $root apt-get update -qq && $root apt-get install -qq -y "python$version-venv"; } >&2; then
        echo "setup: could not install it; run: sudo apt-get install python$version-venv" >&2
        exit 1
    fi
fi

echo "setup: Python dependencies into .venv (once, about half a minute)" >&2
rm -f .venv/.ready
"$python" -m venv --clear .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement tests/requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
touch .venv/.ready
