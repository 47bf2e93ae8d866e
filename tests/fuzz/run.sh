#!/bin/sh
# Runs every fuzz target for so many seconds (default 30), as many at a time as there are processors; a finding is shown
# whole, stays in the build folder, and ends it with status 1.
# Usage: run.sh [SECONDS [TARGET...]]
set -eu
seconds=${1:-30}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../.."
build=${REDAI_FUZZ_BUILD:-build/fuzz}
jobs=$(nproc)

mkdir -p "$(dirname "$build")"
cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DREDAI_FUZZ=ON -DREDAI_SANITIZE=ON >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
rm -f "$build.log"
cmake --build "$build" --target redai_fuzz -j "$jobs" >&2

# one NAME: a target's run; what it found is in its log, and in NAME.failed its status.
one() {
    grown="$build/corpus/$1"
    mkdir -p "$grown"
    # The first folder takes what is found; the others are only read.
    # shellcheck disable=SC2046
    "$build/tests/fuzz/$1" -max_total_time="$seconds" -max_len=4096 -timeout=25 -rss_limit_mb=1024 \
        -print_final_stats=1 -dict="$build/tests/fuzz/$1.dict" -artifact_prefix="$build/finding-$1-" \
        "$grown" $(cat "$build/tests/fuzz/$1.corpus") >"$build/$1.log" 2>&1 || echo $? >"$build/$1.failed"
}

wanted=
for list in "$build"/tests/fuzz/fuzz_*.corpus; do
    name=$(basename "$list" .corpus)
    if [ $# -gt 0 ]; then
        case " $* " in *" ${name#fuzz_} "*) ;; *) continue ;; esac
    fi
    wanted="$wanted $name"
done
[ -n "$wanted" ] || { echo "fuzz: no such target: $*" >&2; exit 2; }

rm -f "$build"/*.failed
set -f
# shellcheck disable=SC2086
set -- $wanted
while [ $# -gt 0 ]; do
    i=0
    while [ $i -lt "$jobs" ] && [ $# -gt 0 ]; do
        one "$1" &
        shift
        i=$((i + 1))
    done
    wait
done
set +f

status=0
count=0
for name in $wanted; do
    count=$((count + 1))
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log")
    cover=$(sed -n 's/.* cov: \([0-9]*\) ft:.*/\1/p' "$build/$name.log" | tail -n 1)
    printf 'fuzz: %-18s %10s runs, %5s edges\n' "${name#fuzz_}" "${runs:-?}" "${cover:-?}" >&2
    # A target that has run nothing has proved nothing.
    if [ -e "$build/$name.failed" ] || [ "${runs:-0}" -eq 0 ]; then
        status=1
        cat "$build/$name.log" >&2
        echo "fuzz: ${name#fuzz_} has a finding" >&2
    fi
done
[ $status -ne 0 ] || echo "fuzz: all $count targets ran $seconds s without a finding" >&2
exit $status
