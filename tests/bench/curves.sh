# curves: the same console on more and more of one thing: CPU, memory, key presses. Sourced by scene.sh.

# point NAME OPTION...: a console on the server of that name, which reads all it may; its last screen in $work/NAME.screen.
point() {
    name=$1
    shift
    meter --rounds 3 --window 2s --show "$@" -- "$build/redai-console" --budget 1000000 "unix://$work/$name.sock" \
        >"$work/$name.tsv" 2>"$work/$name.screen" &
    own $!
    metered_pids="$metered_pids $!"
}
zoom() { point "$@" --keys '+,20' --echo '2 cache'; }

# known THING COUNT PANE: what the title of the pane says the console knows of.
known() { sed -n "s/.*$3 \([0-9.]*[kM]*\) .*/\1/p" "$work/$1-$2.screen" | grep . || echo '?'; }

# all_known THING COUNT PANE: whether that is nearly all of them; else a figure at that count is one of another count.
all_known() {
    known "$1" "$2" "$3" | awk -v count="$2" '{ n = $1 + 0; if ($1 ~ /k$/) n *= 1000; if ($1 ~ /M$/) n *= 1000000; exit !(n >= count * 0.95) }'
}

# curve_row WHAT FIGURE UNIT SCALE COUNT...: a figure at each count (files $work/WHAT-COUNT.tsv), how it grows, and whether
# no faster than n log n.
curve_row() {
    thing=$1 name=$2 unit=$3 scale=$4
    shift 4
    points='' words='' comma=''
    for count in "$@"; do
        value='?'
        all_known "$thing" "$count" "$pane" && value=$(calc "$(figure "$work/$thing-$count.tsv" "$name") / $scale" %.2f)
        points="$points $count $value"
        words="$words$comma$count: $value"
        comma=', '
    done
    # shellcheck disable=SC2086
    row "$what" "$words $unit" '' 'no faster than n log n' "$(grows $points)" "power $(exponents $points)"
}

# curve WHAT PANE COUNT...: all figures of one curve; the pane's title says how many the console knew of at the largest.
curve() {
    thing=$1 pane=$2
    shift 2
    what="$thing: CPU while nobody presses a key"
    curve_row "$thing" cpu_percent % 1 "$@"
    what="$thing: CPU of a key and its frame"
    curve_row "$thing" key_cpu_us us 1 "$@"
    what="$thing: resident memory"
    curve_row "$thing" rss_kib MiB 1024 "$@"
    what="$thing: key press to the changed screen, p50"
    curve_row "$thing" key_p50_ms ms 1 "$@"
    for count in "$@"; do largest=$count; done
    key=$(figure "$work/$thing-$largest.tsv" key_p99_ms)
    row "$thing: the same at $largest (\"$pane $(known "$thing" "$largest" "$pane")\" says the pane), p99, longest" "$key, $(figure "$work/$thing-$largest.tsv" key_max_ms) ms" '' 'under 20 ms' "$(met "$key" 20)"
}

# filled THING COUNT KIND [BYTES]: a server THING-COUNT that holds so many of them, kind as fill.lua has it.
filled() {
    server "$1-$2"
    small_data
    fill "$3" "$2" "${4:-60}"
    filled_pids="${filled_pids:-} $server_pid"
}
empty_all() {
    # shellcheck disable=SC2086
    end $filled_pids
    filled_pids=
}

scene_curves() {
    section 'The more there is: sessions, queues, batches, tasks' \
        'each point: the median of 3 windows of 2 s, and of 3 times 20 key presses (zoom; tasks: j and k in their pane)'
    for count in 10 1000 100000; do
        filled sessions $count sessions
        zoom sessions-$count --warm 10s
    done
    metered_all
    curve sessions '1 sessions' 10 1000 100000
    empty_all
    for count in 1 100 2000; do
        filled queues $count manyqueues
        zoom queues-$count --warm 8s
    done
    for count in 10 1000 10000; do
        filled batches $count batches
        zoom batches-$count --warm 8s
    done
    metered_all
    curve queues '3 queues' 1 100 2000
    curve batches '4 batches' 10 1000 10000
    empty_all
    for count in 10 1000 100000; do
        server tasks-$count
        small_data
        filled_pids="${filled_pids:-} $server_pid"
        point tasks-$count --warm 2s --after "$work/all_told" --limit 90s --before 6 --keys 'jk,20'
    done
    sleep 2
    for count in 10 1000 100000; do # each task is told of three times
        per_s=$((count * 3)) seconds=1
        [ $per_s -le 10000 ] || per_s=10000 seconds=$((count * 3 / 10000))
        "$build/tests/bench/bench_tasks" "$work/tasks-$count.sock" $per_s $seconds >/dev/null
    done
    sleep 2
    : >"$work/all_told"
    metered_all
    curve tasks '6 tasks' 10 1000 100000
    memory='?'
    all_known tasks 100000 '6 tasks' && memory=$(mib "$(figure "$work/tasks-100000.tsv" rss_kib)")
    row 'resident with 100 k known tasks' "$memory MiB" '' 'under 64 MiB' "$(met "$memory" 64)"
    empty_all
}

scene_keys() {
    section 'The more keys there are' 'each point: the median of 3 windows of 2 s, and of 3 times 20 key presses'
    counts='1000 10000 100000 1000000'
    for count in $counts; do
        filled keys $count cache 40
    done
    for count in $counts; do
        zoom keys-$count --warm 10s
    done
    metered_all
    # shellcheck disable=SC2086
    curve keys '2 cache' $counts
    hundred=$(mib "$(figure "$work/keys-100000.tsv" rss_kib)")
    row 'resident at 100 k keys' "$hundred MiB" '' 'under 12 MiB' "$(met "$hundred" 12)"
    empty_all
}

scene_huge() {
    section 'Ten million keys, 100 k sessions (--full)' \
        'the median of 3 windows of 2 s, and of 3 times 60 key presses; walks: of 1; another client: as in the census'
    peers
    server keys-10000000
    fill cache 10000000 40
    fill sessions 100000
    fill queues 40
    walked '10 M' 1
    metered echo --warm 1s --window 0s --rounds 3 --keys 'x,60' -- sh -c 'stty raw -echo; printf .; exec cat'
    metered_all
    point keys-10000000 --warm 90s --keys '+,60' --echo '2 cache'
    metered_all
    memory=$(mib "$(figure "$work/keys-10000000.tsv" rss_kib)")
    row 'resident' "$memory MiB" '' 'under 64 MiB' "$(met "$memory" 64)"
    row 'CPU while nobody presses a key' "$(figure "$work/keys-10000000.tsv" cpu_percent) %" '' '' ''
    latency_rows 'a key press (zoom) to the changed screen' "$work/keys-10000000.tsv"
    disturbed '10 M' 600
    end $server_pid
}
