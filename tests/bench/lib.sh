# lib: what the scenes share: private servers, the meter, medians, ratios and the rows of a table. Sourced by scene.sh,
# which sets: work (the scene's own folder), shared (a folder for all scenes of this run), build (where the programs are),
# full (yes or no).

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
}

# wait_until SECONDS COMMAND...: until it succeeds, looked at twenty times a second; false when it never does.
wait_until() {
    tries=$(($1 * 20))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}
answers() { cli ping 2>/dev/null | grep -q PONG; }

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
    if ! wait_until 10 answers; then
        say "redis-server '$name' does not start"
        cat "$work/$name.log" >&2
        exit 1
    fi
}
cli() { redis-cli -s "$sock" "$@"; }
at() { sock=$work/$1.sock url=unix://$work/$1.sock; } # the server of that name is the one that is meant now

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

# A busy platform until stir_end: some 650 commands a second. What each tenth of a second did is noted in $sock.stirred.
stir() {
    cli config resetstat >/dev/null # its ticks are counted from here
    stdbuf -oL redis-cli -s "$sock" -r -1 -i 0.1 --eval tests/bench/stir.lua >"$sock.stirred" 2>/dev/null &
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
figure() { awk -F '\t' -v n="$2" '$1 == n && $2 != -1 { v = $2 } END { print v == "" ? "?" : v }' "$1" 2>/dev/null || echo '?'; }
median() { printf '%s\n' "$@" | grep -v '?' | sort -g | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "?" }'; }
# medians N NAME... -- COMMAND...: the command's lines "name<TAB>value", run N times; each figure's median becomes a line of
# the same form in $work/medians.tsv.
medians() {
    count=$1 wanted=
    shift
    while [ "$1" != -- ]; do
        wanted="$wanted $1"
        shift
    done
    shift
    : >"$work/all.tsv"
    while [ "$count" -gt 0 ]; do
        "$@" >>"$work/all.tsv" 2>/dev/null || true
        count=$((count - 1))
    done
    for name in $wanted; do
        # shellcheck disable=SC2046
        printf '%s\t%s\n' "$name" "$(median $(awk -F '\t' -v n="$name" '$1 == n && $2 != -1 { print $2 }' "$work/all.tsv"))"
    done >"$work/medians.tsv"
}
# calc EXPRESSION [FORMAT]: a '?' anywhere makes it '?'.
calc() {
    case $1 in
    *\?*) echo '?' ;;
    *) awk "BEGIN { printf \"${2:-%.2f}\", $1 }" ;;
    esac
}
# met A B: whether A <= B.
met() { case "$1$2" in *\?*) echo '?' ;; *) awk "BEGIN { print $1 <= $2 ? \"yes\" : \"**no**\" }" ;; esac; }
both() { case "$1$2" in yesyes) echo yes ;; *no*) echo '**no**' ;; *) echo '?' ;; esac; }
human_bytes() { awk -v b="$1" 'BEGIN { if (b >= 1048576) printf "%.1f MiB", b / 1048576; else printf "%.0f KiB", b / 1024 }'; }
mib() { calc "$1 / 1024" %.1f; }
# ratio A B: how many times B it is; nothing when B is none.
ratio() {
    case "$1$2" in
    *\?*) echo '?' ;;
    *) awk -v a="$1" -v b="$2" 'BEGIN { if (b <= 0) { print "-"; exit }
        r = a / b; printf((r >= 10 ? "%.0f" : r >= 1 ? "%.1f" : "%.2g"), r) }' ;;
    esac
}
# exponents N1 T1 N2 T2 ...: how T grows with N between the points, as the power of N.
exponents() {
    echo "$*" | awk '/\?/ { print "?"; exit }
        { for (i = 3; i < NF; i += 2)
              printf("%s%.2f", (i > 3 ? ", " : ""), ($(i - 1) > 0 && $(i + 1) > 0 ? log($(i + 1) / $(i - 1)) / log($i / $(i - 2)) : 0)) }'
}
# grows N1 T1 N2 T2 ...: whether T grows nowhere faster than n log n.
grows() {
    echo "$*" | awk '/\?/ { print "?"; exit }
        { for (i = 3; i < NF; i += 2)
              if ($(i - 1) > 0 && $(i + 1) / $(i - 1) > $i * log($i + 1) / ($(i - 2) * log($(i - 2) + 1))) { print "**no**"; exit }
          print "yes" }'
}

# --- the meter ---

meter() { "$build/tests/bench/ptymeter" "$@"; }
console() { "$build/redai-console" "$@"; }
# metered NAME OPTION... -- COMMAND...: the meter in the background, its figures in $work/NAME.tsv; joined by metered_all.
metered_pids=
metered() {
    to=$work/$1.tsv
    shift
    meter "$@" >"$to" 2>/dev/null &
    own $!
    metered_pids="$metered_pids $!"
}
metered_all() {
    # shellcheck disable=SC2086
    wait $metered_pids
    metered_pids=
}
# runs N NAME COMMAND...: the median of a figure over N runs of `meter COMMAND...`.
runs() {
    runs_of=$1 runs_name=$2
    shift 2
    medians "$runs_of" "$runs_name" -- meter "$@"
    figure "$work/medians.tsv" "$runs_name"
}

# Peers on a terminal of the same size, measured once in a run: bytes, CPU and memory, key presses, whole repaints.
peers() {
    if ! [ -e "$shared/peers" ]; then
        say 'htop, top and btop'
        set -- --warm 3s --rounds 3 --window 3s --resizes 9
        metered peer_htop "$@" --keys 'I,40' -- htop -d 10
        metered peer_top "$@" --keys 'R,40' -- top -d 1
        metered peer_btop "$@" --keys 'r,40' -- btop
        metered_all
        mv "$work"/peer_*.tsv "$shared/"
        : >"$shared/peers"
    fi
    htop=$shared/peer_htop.tsv top=$shared/peer_top.tsv btop=$shared/peer_btop.tsv
    peers_met
}
# The same three while something else goes on: joined by metered_all like the rest of it, and meant from then on by beside
# and "below htop's". They look at the machine that all of it runs on.
peers_meanwhile() { # OPTION...
    metered peer_htop "$@" -- htop -d 10
    metered peer_top "$@" -- top -d 1
    metered peer_btop "$@" -- btop
    htop=$work/peer_htop.tsv top=$work/peer_top.tsv btop=$work/peer_btop.tsv
}
peers_met() {
    htop_bytes=$(figure "$htop" bytes_per_s)
    htop_cpu=$(figure "$htop" cpu_percent)
}
# beside NAME: that figure of the three as "htop 1 top 2 btop 3", for compare.
beside() { echo "htop $(figure "$htop" "$1") top $(figure "$top" "$1") btop $(figure "$btop" "$1")"; }

# --- the table ---

# section TITLE [HOW]: HOW says of how many runs the figures are medians.
section() {
    printf '## %s\n\n| what | redai-console | beside it | ratio | target | met |\n|---|---|---|---|---|---|\n' "$1" >"$work/table"
    printf '%s' "${2:-}" >"$work/how"
    say "$1"
}
line() {
    printf '| %s | %s | %s | %s | %s | %s |\n' "$@" >>"$work/table"
    printf '  %s: %s (beside it: %s; ratio: %s; target: %s; met: %s)\n' "$@" >&2
}
# row WHAT OURS BESIDE TARGET MET [RATIO]
row() { line "$1" "$2" "$3" "${6:-}" "$4" "$5"; }
# compare WHAT OURS UNIT TARGET MET PEER FIGURE [PEER FIGURE]...: the ratio to each peer; an underscore in a name is a blank.
compare() {
    compared=$1 figure_of_ours=$2 unit=$3 target=$4 is_met=$5 others='' ratios='' comma=''
    shift 5
    while [ $# -gt 1 ]; do
        peer=$(printf '%s' "$1" | tr '_' ' ')
        others="$others$comma$peer $2"
        ratios="$ratios$comma$(ratio "$figure_of_ours" "$2") of $peer"
        comma=', '
        shift 2
    done
    line "$compared" "$figure_of_ours $unit" "$others $unit" "$ratios" "$target" "$is_met"
}
remark() { printf '\n%s\n' "$1" >>"$work/table"; }
