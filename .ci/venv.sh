#!/bin/sh
# Makes a virtual environment and installs one lock file into it: `sh .ci/venv.sh FOLDER LOCKFILE`.
# Every package is checked against the hash in the lock file. Running it again only brings the folder up to date.
set -eu
venv=$1
lock=$2
python=${PYTHON:-python3}

say() { echo "setup: $*" >&2; }

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    newer=
    for candidate in python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && "$candidate" -c '' 2>/dev/null; then newer=$candidate; break; fi
    done
    if [ -z "$newer" ]; then
        say "Python 3.11 or newer is needed, and $python is not: install python3.11 or name one: make PYTHON=/path/to/python"
        exit 1
    fi
    python=$newer
fi

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian splits this part of Python's standard library into a package of its own
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    sh "$(dirname "$0")/debian.sh" "python$version-venv" || true
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        say "Python's venv is missing: sudo apt-get install python$version-venv, then the same command again"
        exit 1
    fi
fi

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    say "making $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv"
fi
say "installing $lock (the first time takes a minute or two)"
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
    "$venv/bin/python" -m pip install --quiet --require-hashes --requirement "$lock" </dev/null
