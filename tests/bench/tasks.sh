# tasks: what workers tell, and long queues. Sourced by run.sh.

# cpu_of PID: CPU seconds by now.
cpu_of() { meter --cpu "$1" >"$work/cpu.tsv" && figure "$work/cpu.tsv" cpu_s; }

scene_tasks() {
    section 'Tasks: 5000 worker events a second'
    server tasks
    small_data
    per_s=5000 seconds=8
    meter --warm 2s --window 20s --pid-file "$work/console.pid" -- "$build/redai-console" "$url" >"$work/tasks.tsv" 2>/dev/null &
    meter_pid=$!
    own $meter_pid
    meter --warm 2s --window 20s --pid-file "$work/celery.pid" -- /usr/bin/python3 -m celery -b "redis+socket://$sock" events -F 1 \
        >"$work/celery.tsv" 2>/dev/null &
    celery_pid=$!
    own $celery_pid
    sleep 4
    console_pid=$(cat "$work/console.pid") celery_events=$(cat "$work/celery.pid")
    ours=$(cpu_of "$console_pid") theirs=$(cpu_of "$celery_events")
    begun=$(date +%s%N)
    "$build/tests/bench/bench_tasks" "$sock" $per_s $seconds >"$work/sent.tsv"
    sleep 0.3
    past=$(calc "($(date +%s%N) - $begun) / 1e9")
    ours=$(calc "($(cpu_of "$console_pid") - $ours) / $past * 100" %.1f)
    theirs=$(calc "($(cpu_of "$celery_events") - $theirs) / $past * 100" %.1f)
    row "CPU while $(figure "$work/sent.tsv" per_s) events/s are published, each by itself" "$ours %" \
        "celery events on the same stream: $theirs %; flower: not in Debian" 'under 20 % of a core' "$(met "$ours" 20)"
    drained
    end "$console_pid" "$celery_events"
    wait $meter_pid $celery_pid
    end $server_pid

    server many
    small_data
    meter --warm 34s --window 2s --pid-file "$work/console.pid" --before 6 --keys 'jk,40' -- "$build/redai-console" "$url" \
        >"$work/many.tsv" 2>/dev/null &
    meter_pid=$!
    own $meter_pid
    sleep 2
    "$build/tests/bench/bench_tasks" "$sock" 10000 30 >"$work/sent.tsv"
    wait $meter_pid
    row 'resident with 100 k known tasks' "$(mib "$(figure "$work/many.tsv" rss_kib)") MiB" '' 'under 64 MiB' \
        "$(met "$(figure "$work/many.tsv" rss_kib)" 65536)"
    row 'key press (j, k) to the changed screen with the tasks pane in focus' \
        "p50 $(figure "$work/many.tsv" key_p50_ms), p99 $(figure "$work/many.tsv" key_p99_ms) ms" '' 'p99 under 20 ms' \
        "$(met "$(figure "$work/many.tsv" key_p99_ms)" 20)"
    end $server_pid

    server long
    fill queues 4000000
    for _ in 1 2 3 4 5; do
        meter --warm 3s --window 0s --before 3 --keys "$(printf '\r'),1" --echo '[7,3]' -- \
            "$build/redai-console" "$url" >"$work/long.tsv" 2>/dev/null
        values="${values:-} $(figure "$work/long.tsv" key_p50_ms)"
    done
    # shellcheck disable=SC2086
    opened=$(median $values)
    row 'opening a queue of a million messages: Enter to the first of them' "$opened ms" '' 'under 100 ms' "$(met "$opened" 100)"
    end $server_pid
}
