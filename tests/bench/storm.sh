# storm: key events as fast as redis-benchmark can cause them. Sourced by scene.sh.

# As fast as it goes: SET of cached keys, each an event. COUNT.
blow() { redis-benchmark -s "$sock" -c 8 -P 32 -n "$1" -r 1000000 -q SET exam:questions:__rand_int__ xxxxxxxxxxxxxxxx; }
# Until nothing waits for a subscriber any more.
is_drained() { ! cli client list type pubsub | grep . | grep -qv ' omem=0 '; }
drained() {
    wait_until 10 is_drained
    sleep 0.5
}

# What process PID used since FILE was written; and its memory by now, to FILE.
used_since() {
    was=$(figure "$2" cpu_s)
    meter --cpu "$1" >"$2" 2>/dev/null
    calc "$(figure "$2" cpu_s) - $was" %.3f
}

scene_storm() {
    section 'A storm of key events' 'medians of 3 storms; bytes: of 3 windows of 2 s, all in the same time'
    server storm
    small_data
    metered storm --warm 1s --window 200s --pid-file "$work/console.pid" -- "$build/redai-console" "$url"
    sleep 3
    console_pid=$(cat "$work/console.pid")
    id=$(feed_id)
    "$build/tests/bench/bench_feed" count "$sock" &
    counter_pid=$!
    own $counter_pid
    cpus='' rates='' counts='' cut=no
    meter --cpu "$console_pid" >"$work/ours.tsv"
    meter --cpu $counter_pid >"$work/theirs.tsv"
    before=$(figure "$work/ours.tsv" rss_kib)
    for _ in 1 2 3; do
        sets=$(sets_done)
        begun=$(date +%s%N)
        blow 1000000 >/dev/null 2>&1
        rates="$rates $(calc "($(sets_done) - $sets) / ($(date +%s%N) - $begun) * 1e6" %.0f)"
        drained
        cpus="$cpus $(used_since "$console_pid" "$work/ours.tsv")"
        counts="$counts $(used_since $counter_pid "$work/theirs.tsv")"
        [ "$(feed_id)" = "$id" ] || cut=yes
    done
    after=$(figure "$work/ours.tsv" rss_kib)
    [ "$after" != '?' ] || cut='?' # the console has gone: nothing is known of its feed
    # shellcheck disable=SC2086
    cpu=$(median $cpus) rate=$(median $rates) count=$(median $counts)
    end $counter_pid
    row "a million SETs at ${rate} k/s, three times: was the feed cut off?" "$cut" "$(psubscribe_peer)" 'never' \
        "$(case $cut in no) echo yes ;; yes) echo '**no**' ;; *) echo '?' ;; esac)"
    row 'CPU of the console for a million events' "$cpu s" '' 'under 0.8 s' "$(met "$cpu" 0.8)"
    compare 'the same beside a subscriber that only counts bytes' "$cpu" s 'at most twice' "$(met "$(calc "$cpu / $count")" 2)" \
        counting_bytes "$count"
    compare 'resident memory after three millions' "$(mib "$after")" MiB 'flat' "$(met "$after" "$(calc "$before + 1024")")" \
        before_them "$(mib "$before")"
    end "$console_pid"
    metered_all
    blow 100000000 >/dev/null 2>&1 &
    blow_pid=$!
    own $blow_pid
    metered endless --warm 2s --rounds 3 --window 2s -- "$build/redai-console" "$url"
    peers_meanwhile --warm 2s --rounds 3 --window 2s
    metered_all
    peers_met
    end $blow_pid
    # shellcheck disable=SC2046
    compare 'bytes to the terminal in a storm that does not end' "$(figure "$work/endless.tsv" bytes_per_s)" B/s "below htop's" \
        "$(met "$(figure "$work/endless.tsv" bytes_per_s)" "$htop_bytes")" $(beside bytes_per_s)
    end $server_pid
}

peer_listens() { cli client list type pubsub | grep -q 'cmd=psubscribe.* name= \| name= .*cmd=psubscribe'; }
# How many of a million events redis-cli sees before the server cuts it off.
psubscribe_peer() {
    redis-cli -s "$sock" psubscribe '__keyevent@0__:*' >"$work/heard" 2>&1 &
    heard_pid=$!
    own $heard_pid
    wait_until 5 peer_listens
    blow 1000000 >/dev/null 2>&1
    drained
    if peer_listens; then
        state='not cut off'
    else
        state='cut off'
    fi
    end $heard_pid
    echo "redis-cli psubscribe: $state, $(grep -c '^pmessage' "$work/heard") of 1000000 events heard"
    rm -f "$work/heard"
}

# fed LINE: the CPU seconds of that line of bench_feed, the median of three.
fed() {
    # shellcheck disable=SC2046
    median $(sed -n "s/^$1  *\([0-9.]*\).*/\1/p" "$work"/feed[123])
}

scene_feed() {
    section 'The feed alone: two millions of events from a socket' 'medians of 3 runs'
    for i in 1 2 3; do
        "$build/tests/bench/bench_feed" 2 >"$work/feed$i" 2>/dev/null
    done
    count=$(fed 'byte counting reader') whole=$(fed 'feed link to model') link=$(fed 'feed link')
    compare 'from socket to messages: CPU for a million events' "$link" s 'at most twice' "$(met "$(calc "$link / $count")" 2)" \
        counting_bytes "$count" the_parser_alone "$(fed 'parser alone')"
    compare 'on to the counters of families in the model' "$whole" s '' '' counting_bytes "$count"
}
