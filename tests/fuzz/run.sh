#!/bin/sh
# Runs every fuzz target for so many seconds (default 30); a finding ends it with status 1 and stays in the build folder.
# Usage: run.sh [SECONDS [TARGET...]]
set -eu
seconds=${1:-30}
[ $# -eq 0 ] || shift
cd "$(dirname "$0")/../.."
build=${REDAI_FUZZ_BUILD:-build/fuzz}

cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DREDAI_FUZZ=ON -DREDAI_SANITIZE=ON >"$build.log" 2>&1 || { cat "$build.log" >&2; exit 1; }
rm -f "$build.log"
cmake --build "$build" --target redai_fuzz -j 2 >&2

status=0
for list in "$build"/tests/fuzz/fuzz_*.corpus; do
    name=$(basename "$list" .corpus)
    if [ $# -gt 0 ]; then
        case " $* " in *" ${name#fuzz_} "*) ;; *) continue ;; esac
    fi
    grown="$build/corpus/$name"
    mkdir -p "$grown"
    printf 'fuzz: %s for %s s\n' "${name#fuzz_}" "$seconds" >&2
    # The first folder takes what is found; the others are only read.
    set -f
    # shellcheck disable=SC2046
    "$build/tests/fuzz/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -dict="$build/tests/fuzz/$name.dict" -artifact_prefix="$build/finding-$name-" \
        "$grown" $(cat "$list") >"$build/$name.log" 2>&1 || {
        status=1
        tail -n 60 "$build/$name.log" >&2
    }
    set +f
    grep -h 'number_of_executed_units' "$build/$name.log" >&2 || :
done
exit $status
