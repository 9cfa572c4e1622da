#!/bin/sh
# Resolves the lock files anew: `sh .ci/lock.sh UV`. UPGRADE=1 takes newer versions where pyproject.toml lets it.
# One lock serves Python 3.11 to 3.13 (markers); no host is named in it, only versions and hashes.
set -eu
uv=$1
upgrade=${UPGRADE:+--upgrade}
compile() {
    out=$1
    shift
    # shellcheck disable=SC2086  # empty or one word
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $upgrade --output-file "$out" "$@" >/dev/null
}
compile requirements/lock.txt pyproject.toml --extra verifier --extra keys --extra issuer --extra dev
compile requirements/spark.txt pyproject.toml --extra spark --constraint requirements/lock.txt
compile requirements/verifier.txt pyproject.toml --extra verifier
compile requirements/peers.txt requirements/peers.in
