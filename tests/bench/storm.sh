# storm: key events as fast as redis-benchmark can cause them. Sourced by run.sh.

# As fast as it goes: SET of cached keys, each an event. COUNT.
blow() { redis-benchmark -s "$sock" -c 8 -P 32 -n "$1" -r 1000000 -q SET exam:questions:__rand_int__ xxxxxxxxxxxxxxxx; }
# Until nothing waits for a subscriber any more.
drained() {
    tries=0
    while cli client list type pubsub | grep -qv ' omem=0 ' && [ $tries -lt 200 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    sleep 0.5
}

scene_storm() {
    peers
    section 'A storm of key events'
    server storm
    small_data
    meter --warm 1s --window 40s --pid-file "$work/console.pid" -- "$build/redai-console" "$url" >"$work/storm.tsv" 2>/dev/null &
    meter_pid=$!
    own $meter_pid
    sleep 3
    console_pid=$(cat "$work/console.pid")
    id=$(feed_id)
    "$build/tests/bench/bench_feed" count "$sock" &
    counter_pid=$!
    own $counter_pid
    cpus='' rates='' counts='' cut=no
    meter --cpu "$console_pid" >"$work/cpu0.tsv"
    for _ in 1 2 3; do
        meter --cpu "$console_pid" >"$work/before.tsv"
        meter --cpu $counter_pid >"$work/before2.tsv"
        sets=$(sets_done)
        begun=$(date +%s%N)
        blow 1000000 >/dev/null 2>&1
        rates="$rates $(calc "($(sets_done) - $sets) / ($(date +%s%N) - $begun) * 1e6" %.0f)"
        drained
        meter --cpu "$console_pid" >"$work/after.tsv"
        meter --cpu $counter_pid >"$work/after2.tsv"
        cpus="$cpus $(calc "$(figure "$work/after.tsv" cpu_s) - $(figure "$work/before.tsv" cpu_s)")"
        counts="$counts $(calc "$(figure "$work/after2.tsv" cpu_s) - $(figure "$work/before2.tsv" cpu_s)")"
        [ "$(feed_id)" = "$id" ] || cut=yes
    done
    # shellcheck disable=SC2086
    cpu=$(median $cpus) rate=$(median $rates) count=$(median $counts)
    end $counter_pid
    row "a million SETs at ${rate} k/s, three times: was the feed cut off?" "$cut" "$(psubscribe_peer)" 'never' \
        "$([ $cut = no ] && echo yes || echo '**no**')"
    row 'CPU of the console' "$cpu s per million events" '' 'under 0.8 s' "$(met "$cpu" 0.8)"
    row 'the same beside a subscriber that only counts bytes' "$(calc "$cpu / $count" %.1f) times" "$count s per million events" \
        'at most twice' "$(met "$(calc "$cpu / $count")" 2)"
    row 'resident memory before and after three millions' \
        "$(mib "$(figure "$work/cpu0.tsv" rss_kib)"), $(mib "$(figure "$work/after.tsv" rss_kib)") MiB" '' 'flat' \
        "$(met "$(figure "$work/after.tsv" rss_kib)" "$(calc "$(figure "$work/cpu0.tsv" rss_kib) + 1024")")"
    end "$console_pid"
    wait $meter_pid
    blow 100000000 >/dev/null 2>&1 &
    blow_pid=$!
    own $blow_pid
    sets=$(sets_done) begun=$(date +%s%N)
    meter --warm 2s --window 3s --keys '+,80' --echo '2 cache' -- "$build/redai-console" "$url" >"$work/storm.tsv" 2>/dev/null
    rate=$(calc "($(sets_done) - $sets) / ($(date +%s%N) - $begun) * 1e6" %.0f)
    end $blow_pid
    key=$(figure "$work/storm.tsv" key_p99_ms)
    row "key press (zoom) to the changed screen, during ${rate} k events/s" \
        "p50 $(figure "$work/storm.tsv" key_p50_ms), p99 $key, max $(figure "$work/storm.tsv" key_max_ms) ms" '' 'p99 under 20 ms' "$(met "$key" 20)"
    row 'bytes to the terminal meanwhile' "$(figure "$work/storm.tsv" bytes_per_s) B/s" "htop ${htop_bytes:-?} B/s" "below htop's" \
        "$(met "$(figure "$work/storm.tsv" bytes_per_s)" "${htop_bytes:-?}")"
    end $server_pid
}

# How many of a million events redis-cli sees before the server cuts it off.
psubscribe_peer() {
    redis-cli -s "$sock" psubscribe '__keyevent@0__:*' >"$work/heard" 2>&1 &
    heard_pid=$!
    own $heard_pid
    sleep 0.3
    blow 1000000 >/dev/null 2>&1
    drained
    if cli client list type pubsub | grep -q 'cmd=psubscribe.* name= \| name= .*cmd=psubscribe'; then
        state='not cut off'
    else
        state='cut off'
    fi
    end $heard_pid
    echo "redis-cli psubscribe: $state, $(grep -c '^pmessage' "$work/heard") of 1000000 events heard"
    rm -f "$work/heard"
}

scene_feed() {
    section 'The feed alone: two millions of events from a socket'
    for i in 1 2 3; do
        "$build/tests/bench/bench_feed" 2 >"$work/feed$i" 2>/dev/null
    done
    count=$(median $(sed -n 's/^byte counting reader *\([0-9.]*\).*/\1/p' "$work"/feed[123]))
    link=$(median $(sed -n 's/^feed link  *\([0-9.]*\) .*/\1/p' "$work"/feed[123]))
    model=$(median $(sed -n 's/^feed link to model  *\([0-9.]*\) .*/\1/p' "$work"/feed[123]))
    parser=$(median $(sed -n 's/^parser alone *\([0-9.]*\).*/\1/p' "$work"/feed[123]))
    row 'from socket to messages' "$link CPU s per million ($(calc "$link / $count" %.1f) times; the parser alone $parser)" \
        "a reader that only counts bytes: $count" 'at most twice' "$(met "$(calc "$link / $count")" 2)"
    row 'on to the counters of families in the model' "$model CPU s per million ($(calc "$model / $count" %.1f) times)" '' '' ''
}
