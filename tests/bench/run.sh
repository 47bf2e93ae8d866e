#!/bin/sh
# run.sh [--full] [--out FILE | --scene NAME]: every figure of docs/benchmarks.md, each beside a peer on this machine in the same
# run. Private redis-servers on unix sockets in a folder of its own; what was started here is ended here, by its id.
# --full adds ten million keys and the curves that take minutes; --scene measures one scene alone and writes no page.
# $BENCH_BUILD names another build folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
LC_ALL=C
export LC_ALL

full=no
scene=
out=docs/benchmarks.md
build=${BENCH_BUILD:-build/release}
while [ $# -gt 0 ]; do
    case $1 in
    --full) full=yes ;;
    --out)
        out=${2:?--out needs a file}
        shift
        ;;
    --scene)
        scene=${2:?--scene needs a name}
        shift
        ;;
    *)
        echo "usage: run.sh [--full] [--out FILE | --scene NAME]" >&2
        exit 2
        ;;
    esac
    shift
done

work=$(mktemp -d /tmp/redai-bench-XXXXXX) || exit 1
. tests/bench/lib.sh
. tests/bench/screen.sh
. tests/bench/storm.sh
. tests/bench/census.sh
. tests/bench/tasks.sh
. tests/bench/trace.sh
. tests/bench/revoke.sh
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
# Nothing of the person's own settings: neither the console's nor a peer's.
mkdir -p "$work/config/btop"
XDG_CONFIG_HOME=$work/config HTOPRC=$work/config/htoprc
unset REDIS_URL REDIS_HOST REDIS_PORT REDIS_DB REDIS_PASSWORD
export XDG_CONFIG_HOME HTOPRC
printf 'update_ms = 1000\n' >"$work/config/btop/btop.conf"

version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo '?'; }
head_of_page() {
    cat <<END
# Figures

Written by \`./run bench\` on $(date -u +%Y-%m-%d). Every figure stands beside a peer on the same machine in the same
run; medians where several runs are cheap. A bold **no** is a target that was missed. A \`?\` could not be measured.

- machine: $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r), load
  $(cut -d ' ' -f 1 /proc/loadavg) when it began
- redis-server $(version_of redis-server), htop $(version_of htop), top (procps) $(version_of procps), btop
  $(version_of btop), prometheus-redis-exporter $(version_of prometheus-redis-exporter), hiredis
  $(version_of libhiredis0.14)
- CPU is the process' own clock, all its threads; terminal: 120x40 unless said otherwise, one refresh a second
END
}

began=$(date +%s)
head_of_page >"$work/head"
: >"$work/table"
if [ -n "$scene" ]; then
    "scene_$scene"
    cat "$work/table"
    exit
fi
scene_start
scene_idle
scene_busy
scene_frame
scene_join
scene_judge
scene_storm
scene_feed
scene_tasks
scene_trace
scene_revoke
scene_census
scene_memory
[ "$full" = no ] || scene_full
scene_size
{
    cat "$work/head" "$work/table"
    printf '\nMeasured in %s s%s.\n' $(($(date +%s) - began)) "$([ $full = no ] || echo ', with --full')"
} >"$work/page"
cat "$work/page"
cp "$work/page" "$out"
say "written to $out"
