# tasks: what workers tell, and long queues. Sourced by scene.sh.

# cpu_of PID: CPU seconds by now.
cpu_of() { meter --cpu "$1" >"$work/cpu.tsv" 2>/dev/null && figure "$work/cpu.tsv" cpu_s || echo '?'; }

# In three windows of three seconds: CPU of the console and of celery events while as many events a second are published.
told_by_workers() { # PER-S
    server tasks
    small_data
    metered tasks --warm 2s --window 16s --pid-file "$work/console.pid" -- "$build/redai-console" "$url"
    metered celery --warm 2s --window 16s --pid-file "$work/celery.pid" -- /usr/bin/python3 -m celery -b "redis+socket://$sock" events -F 1
    sleep 4
    console_pid=$(cat "$work/console.pid") celery_events=$(cat "$work/celery.pid")
    "$build/tests/bench/bench_tasks" "$sock" "$1" 11 >"$work/sent.tsv" &
    sender_pid=$!
    own $sender_pid
    sleep 1
    ours='' theirs=''
    for _ in 1 2 3; do
        our_s=$(cpu_of "$console_pid") their_s=$(cpu_of "$celery_events") begun=$(date +%s%N)
        sleep 3
        past=$(calc "($(date +%s%N) - $begun) / 1e9")
        ours="$ours $(calc "($(cpu_of "$console_pid") - $our_s) / $past * 100" %.1f)"
        theirs="$theirs $(calc "($(cpu_of "$celery_events") - $their_s) / $past * 100" %.1f)"
    done
    wait $sender_pid
    # shellcheck disable=SC2086
    ours=$(median $ours) theirs=$(median $theirs)
    compare "CPU while $(figure "$work/sent.tsv" per_s) events/s are published, each by itself" "$ours" % \
        'under 20 % of a core' "$(met "$ours" 20)" celery_events "$theirs"
    end "$console_pid" "$celery_events"
    metered_all
    end $server_pid
}

scene_tasks() {
    section 'Tasks: 5000 worker events a second' \
        'medians of 3 windows of 3 s, of 5 openings; flower, the other peer, is not in the distribution'
    told_by_workers 5000

    server long
    fill longqueue 1000000
    opened=$(runs 5 key_p50_ms --warm 2s --window 0s --before 3 --keys "$(printf '\r'),1" --echo '[7,3]' -- "$build/redai-console" "$url")
    row 'opening a queue of a million messages: Enter to the first of them' "$opened ms" '' 'under 100 ms' "$(met "$opened" 100)"
    end $server_pid
}
