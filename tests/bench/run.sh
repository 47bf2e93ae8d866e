#!/bin/sh
# run.sh [--full] [--out FILE] [--scene NAME]...: every figure of docs/benchmarks.md, each beside a peer on this machine in
# the same run. Private redis-servers on unix sockets in a folder of its own; what was started here is ended here, by its id.
#
# Each scene is a section of the page with the day, the load and what it is a median of. --scene measures one alone (may be
# given several times) and leaves the other sections as they are; --full adds ten million keys, which takes minutes. A scene
# that fails or takes too long is named at the end and the exit code is 1; what it did not measure is a '?'.
# $BENCH_BUILD names another build folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
LC_ALL=C
export LC_ALL

# In the order of the page: name and the longest it may take, in seconds. The last ones only with --full.
plain_scenes='start:180 idle:180 busy:180 screen:180 slow:180 latency:240 frame:180 curves:400 keys:300 storm:300 feed:180
    tasks:300 trace:180 revoke:180 census:400 join:180 judge:180 size:60'
full_scenes='huge:1800'

full=no
scenes=
out=docs/benchmarks.md
build=${BENCH_BUILD:-build/release}
usage() {
    echo "usage: run.sh [--full] [--out FILE] [--scene NAME]..."
    echo "scenes: $(echo $plain_scenes $full_scenes | sed 's/:[0-9]*//g')"
}
while [ $# -gt 0 ]; do
    case $1 in
    --full) full=yes ;;
    --out)
        out=${2:?--out needs a file}
        shift
        ;;
    --scene)
        limit=$(echo $plain_scenes $full_scenes | tr ' ' '\n' | sed -n "s/^${2:?--scene needs a name}:/&/p")
        [ -n "$limit" ] || { usage >&2; exit 2; }
        scenes="$scenes $limit"
        shift
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
    shift
done
[ -n "$scenes" ] || { scenes=$plain_scenes; [ $full = no ] || scenes="$scenes $full_scenes"; }

say() { printf 'bench: %s\n' "$*" >&2; }
top=$(mktemp -d /tmp/redai-bench-XXXXXX) || exit 1
running=
clean_up() {
    trap - EXIT
    [ -z "$running" ] || { kill "$running" 2>/dev/null && wait "$running"; } # timeout hands it on to all of the scene
    rm -rf "$top"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
# Nothing of the person's own settings: neither the console's nor a peer's.
mkdir -p "$top/config/btop" "$top/shared"
XDG_CONFIG_HOME=$top/config HTOPRC=$top/config/htoprc
unset REDIS_URL REDIS_HOST REDIS_PORT REDIS_DB REDIS_PASSWORD
shared=$top/shared
export XDG_CONFIG_HOME HTOPRC shared build full
printf 'update_ms = 1000\n' >"$top/config/btop/btop.conf"

version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo '?'; }
head_of_page() {
    cat <<END
# Figures

Written by \`./run bench\`, last on $(date -u +%Y-%m-%d); nothing here is written by hand. Every figure stands beside a peer, or the
limit of the machine, measured on the same machine in the same run; a ratio is ours to theirs: below 1 is less than the peer. A
power says how a figure grows from one count to the next: 0 not at all, 1 with the count, 2 with its square.
Under each table stands when it was measured and of how many runs its figures are medians. A bold **no** is a target
that was missed. A \`?\` could not be measured.

- machine: $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), $(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), Linux $(uname -r)
- redis-server $(version_of redis-server), htop $(version_of htop), top (procps) $(version_of procps), btop
  $(version_of btop), prometheus-redis-exporter $(version_of prometheus-redis-exporter), celery
  $(version_of celery), hiredis $(version_of libhiredis0.14)
- CPU is the process' own clock, all its threads; terminal: 120x40 unless said otherwise, one refresh a second
END
}

# section_of NAME FILE: what stands between the marks of that scene.
section_of() { [ -e "$2" ] && awk -v mark="<!-- scene: $1 -->" '$0 == mark { on = 1; next } /^<!-- end -->$/ { on = 0 } on' "$2"; }

# Rows of the last page that this run has not: they are not known now.
missing_rows() { # NAME TABLE
    section_of "$1" "$out" | awk -F ' *[|] *' 'FNR == NR { has[$2] = 1; next }
        /^\|/ && !($2 in has) { printf "| %s | ? |  |  |  | ? |\n", $2; n++ }
        END { if (!n) print "| the rest | ? |  |  |  | ? |" }' "$2" -
}

# measure NAME LIMIT: its section goes to $top/section.NAME.
failed=
measure() {
    work=$top/$1
    export work
    mkdir -p "$work"
    began=$(date +%s) load=$(cut -d ' ' -f 1 /proc/loadavg) why=
    timeout --kill-after=10 "$2" sh tests/bench/scene.sh "$1" >&2 &
    running=$!
    wait $running
    status=$?
    kill -KILL -- "-$running" 2>/dev/null # what a scene left behind: it has ended, and they are of its group
    running=
    [ -e "$work/table" ] || printf '## %s\n\n| what | redai-console | beside it | ratio | target | met |\n|---|---|---|---|---|---|\n' "$1" >"$work/table"
    if [ $status = 124 ]; then
        why="it took longer than $2 s"
    elif [ $status != 0 ]; then
        why="it ended with $status"
    elif grep -q '^|.*[ (]?[ ,;:)"]' "$work/table"; then
        why='not all of it could be measured'
    fi
    {
        cat "$work/table"
        [ $status = 0 ] || missing_rows "$1" "$work/table"
        printf '\nMeasured on %s UTC in %s s, load %s when it began%s%s.\n' "$(date -u '+%Y-%m-%d %H:%M')" $(($(date +%s) - began)) \
            "$load" "$(sed 's/^./; &/' "$work/how" 2>/dev/null)" "${why:+; **$why**}"
    } >"$top/section.$1"
    [ -z "$why" ] || { failed="$failed $1 ($why)"; say "scene $1: $why"; }
    rm -rf "$work"
}

started=$(date +%s)
total=$(echo $scenes | wc -w) number=0
for scene in $scenes; do
    number=$((number + 1))
    say "scene $number of $total: ${scene%:*}, $(($(date +%s) - started)) s so far"
    measure "${scene%:*}" "${scene#*:}"
done
{
    head_of_page
    for scene in $plain_scenes $full_scenes; do
        name=${scene%:*}
        [ -e "$top/section.$name" ] || section_of "$name" "$out" >"$top/section.$name"
        [ -s "$top/section.$name" ] || continue
        printf '\n<!-- scene: %s -->\n' "$name"
        cat "$top/section.$name"
        echo '<!-- end -->'
    done
} >"$top/page"
for scene in $scenes; do
    printf '\n'
    cat "$top/section.${scene%:*}"
done
cp "$top/page" "$out"
say "written to $out, $total scenes in $(($(date +%s) - started)) s"
[ -z "$failed" ] || { say "failed:$failed"; exit 1; }
