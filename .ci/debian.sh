#!/bin/sh
# Installs Debian packages that are missing, when this user may: `sh .ci/debian.sh [PACKAGE...]`.
# Without names: those of tests/debian-packages.txt. It never asks a question and never fails for want of rights or
# of a network: the tests that need a missing package are then skipped, and listed at the end of the run.
set -eu
here=$(dirname "$0")
if [ $# -eq 0 ]; then
    # shellcheck disable=SC2046  # one word a package
    set -- $(sed 's/#.*//' "$here/../tests/debian-packages.txt")
fi

say() { echo "setup: $*" >&2; }

command -v dpkg-query >/dev/null || { say "no Debian packages here; wanted: $*"; exit 0; }
missing=
for package in "$@"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root='sudo -n'
else
    say "not installed, for want of rights:$missing"
    exit 0
fi
say "installing Debian packages:$missing"
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >/dev/null; }
# shellcheck disable=SC2086  # one word a package
if ! { apt update && apt install --yes --no-install-recommends $missing; }; then
    say "could not be installed:$missing"
fi
