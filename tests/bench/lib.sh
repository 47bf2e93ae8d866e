# lib: what the scenarios share: private servers, the meter, medians and the rows of the table. Sourced by run.sh,
# which sets: work (a folder of its own), build (where the programs are), full (yes or no).

say() { printf 'bench: %s\n' "$*" >&2; }

# --- processes: what was started here is ended here, by its id ---

pids=
own() { pids="$pids $1"; }
end() {
    for pid in "$@"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
    return 0
}
clean_up() {
    trap - EXIT
    # shellcheck disable=SC2086
    end $pids
    rm -rf "$work"
}

# server NAME [ARGUMENT...]: a redis-server on $work/NAME.sock that saves nothing; sets sock, url and server_pid.
server() {
    name=$1
    shift
    sock=$work/$name.sock
    url=unix://$sock
    redis-server --port 0 --unixsocket "$sock" --save '' --appendonly no --dir "$work" --logfile "$work/$name.log" \
        --notify-keyspace-events 'Eg$xem' --maxmemory-policy volatile-ttl "$@" >/dev/null 2>&1 &
    server_pid=$!
    own $server_pid
    tries=0
    until redis-cli -s "$sock" ping 2>/dev/null | grep -q PONG; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ]; then
            say "redis-server '$name' does not start"
            cat "$work/$name.log" >&2
            exit 1
        fi
        sleep 0.05
    done
}
cli() { redis-cli -s "$sock" "$@"; }

# fill WHAT COUNT [BYTES]: keys of the platform's families, in steps, so that no script runs for long.
fill() {
    from=1
    while [ $from -le "$2" ]; do
        to=$((from + 49999))
        [ $to -le "$2" ] || to=$2
        cli --eval tests/bench/fill.lua , "$1" $from $to "${3:-60}" >/dev/null
        from=$((to + 1))
    done
}
small_data() { fill sessions 200; fill cache 800 200; fill batches 6; fill queues 40; }

# A busy platform until stir_end: some 650 commands a second.
stir() {
    redis-cli -s "$sock" -r -1 -i 0.1 --eval tests/bench/stir.lua >/dev/null 2>&1 &
    stir_pid=$!
    own $stir_pid
}
stir_end() { end $stir_pid; }

# info FIELD: a number of INFO.
info() { cli info all | tr -d '\r' | awk -F: -v f="$1" '$1 == f { print $2 }'; }
sets_done() { cli info commandstats | tr -d '\r' | sed -n 's/^cmdstat_set:calls=\([0-9]*\),.*/\1/p' | grep . || echo 0; }
feed_id() { cli client list | sed -n 's/^id=\([0-9]*\) .*name=redai-console[^ ]*feed.*/\1/p'; }

# --- figures ---

# figure FILE NAME: the value the meter wrote under that name; ? when there is none.
figure() { awk -F '\t' -v n="$2" '$1 == n && $2 != -1 { v = $2 } END { print v == "" ? "?" : v }' "$1"; }
median() { printf '%s\n' "$@" | grep -v '?' | sort -g | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "?" }'; }
# calc EXPRESSION [FORMAT]: a '?' anywhere makes it '?'.
calc() {
    case $1 in
    *\?*) echo '?' ;;
    *) awk "BEGIN { printf \"${2:-%.2f}\", $1 }" ;;
    esac
}
# met A B: whether A <= B.
met() { case "$1$2" in *\?*) echo '?' ;; *) awk "BEGIN { print $1 <= $2 ? \"yes\" : \"**no**\" }" ;; esac; }
both() { [ "$1" = yes ] && [ "$2" = yes ] && echo yes || echo '**no**'; }
human_bytes() { awk -v b="$1" 'BEGIN { if (b >= 1048576) printf "%.1f MiB", b / 1048576; else printf "%.0f KiB", b / 1024 }'; }
mib() { calc "$1 / 1024" %.1f; }

# --- the meter ---

meter() { "$build/tests/bench/ptymeter" "$@"; }
console() { "$build/redai-console" "$@"; }
# runs N NAME COMMAND...: the median of a figure over N runs of `meter COMMAND...`.
runs() {
    count=$1 wanted=$2
    shift 2
    values=
    while [ "$count" -gt 0 ]; do
        meter "$@" >"$work/run.tsv" 2>/dev/null || true
        values="$values $(figure "$work/run.tsv" "$wanted")"
        count=$((count - 1))
    done
    # shellcheck disable=SC2086
    median $values
}

# --- the table ---

section() { printf '\n## %s\n\n| what | redai-console | beside it | target | met |\n|---|---|---|---|---|\n' "$1" >>"$work/table"; say "$1"; }
row() {
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4" "$5" >>"$work/table"
    printf '  %s: %s (beside it: %s; target: %s; met: %s)\n' "$1" "$2" "$3" "$4" "$5" >&2
}
remark() { printf '\n%s\n' "$1" >>"$work/table"; }
