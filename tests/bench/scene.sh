#!/bin/sh
# scene.sh NAME: one scene, in a process group of its own (run.sh sees to that and to its time). Takes from the environment:
# work, shared, build, full. Leaves its section in $work/table.
set -u
LC_ALL=C
export LC_ALL
scene=$1
: "${work:?}" "${shared:?}" "${build:?}" "${full:?}"
cd "$(dirname "$0")/../.." || exit 1
for part in lib start watch screen latency curves model storm census tasks trace revoke; do
    # shellcheck disable=SC1090
    . "tests/bench/$part.sh"
done
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
"scene_$scene"
