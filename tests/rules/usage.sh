#!/bin/sh
# docs/usage.md is what `redai-console usage` prints; with --write it becomes so. Usage: usage.sh PROGRAM [--write]
program=$(realpath "$1") || exit 2
cd "$(dirname "$0")/../.." || exit 2
printed=$(mktemp) || exit 2
trap 'rm -f "$printed"' EXIT
# Nobody's own configuration has a say.
env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 "$program" usage >"$printed" || exit 1
if [ "$2" = --write ]; then
    cp "$printed" docs/usage.md
elif ! diff -u docs/usage.md "$printed"; then
    echo "docs/usage.md is not what '$program usage' prints: sh tests/rules/usage.sh $program --write" >&2
    exit 1
fi
