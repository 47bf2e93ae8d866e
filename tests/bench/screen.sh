# screen: the first screen, terminal output, idle and busy cost. Sourced by run.sh.

whole() { set -- --until 'User ' --until exam:questions --until analytics --until /200 --until 'rules' --until clients "$@"; meter "$@"; }
start_of() { # the median time to a whole screen of a peer: TEXT COMMAND...
    text=$1
    shift
    runs 5 screen_ms --start-only --until "$text" --limit 3s -- "$@"
}

scene_start() {
    section 'Start'
    server start
    small_data
    values='' first=''
    for _ in 1 2 3 4 5 6 7; do
        whole --start-only -- "$build/redai-console" "$url" >"$work/start.tsv" 2>/dev/null
        values="$values $(figure "$work/start.tsv" screen_ms)"
        first="$first $(figure "$work/start.tsv" first_byte_ms)"
    done
    # shellcheck disable=SC2086
    ours=$(median $values) first=$(median $first)
    htop_ms=$(start_of 'Load average' htop -d 10)
    top_ms=$(start_of 'load average' top -d 1)
    btop_ms=$(start_of 'Pid' btop)
    celery_ms=$(start_of 'UUID' /usr/bin/python3 -m celery -b "redis+socket://$sock" events -F 1)
    row 'start to the first full screen: strip and five panes with data' "$ours ms (first byte $first ms)" \
        "htop $htop_ms ms, top $top_ms ms, btop $btop_ms ms, celery events $celery_ms ms" 'within 50 ms' "$(met "$ours" 50)"
    end $server_pid
}

# Four servers with the same data, each with one watcher, all in the same ten seconds.
server_cost() { # NAME of a server: "commands out in cpu" so far
    sock=$work/$1.sock
    cli info all | tr -d '\r' | awk -F: '{ v[$1] = $2 } END { print v["total_commands_processed"], v["total_net_output_bytes"],
        v["total_net_input_bytes"], v["used_cpu_user"] + v["used_cpu_sys"] }'
}
cost_between() { # NAME BEFORE AFTER SECONDS: "commands/s out/s in/s cpu%", our own INFO (about 7 kB) taken off
    sock=$work/$1.sock
    shift
    echo "$*" | awk -v info="$(cli info all | wc -c)" '{ s = $9
        printf "%.1f %.0f %.0f %.2f\n", ($5 - $1 - 1) / s, ($6 - $2 - info) / s, ($7 - $3 - 20) / s, ($8 - $4) / s * 100 }'
}
scrape='import sys, time, urllib.request
while True:
    urllib.request.urlopen("http://" + sys.argv[1] + "/metrics").read()
    time.sleep(1)'

scene_idle() {
    section 'Idle: nothing happens in Redis'
    for name in console stat exporter celery nobody backlog; do
        server $name
        fill sessions 200
        fill cache 800 200
    done
    small_data
    sock=$work/console.sock
    fill queues 4
    cli del celery questions validation analytics >/dev/null
    port=$((20000 + $$ % 20000))
    redis-cli -s "$work/stat.sock" --stat -i 1 >/dev/null 2>&1 &
    stat_pid=$!
    prometheus-redis-exporter -redis.addr "unix://$work/exporter.sock" -web.listen-address "127.0.0.1:$port" \
        >/dev/null 2>&1 &
    exporter_pid=$!
    own $stat_pid
    own $exporter_pid
    sleep 1
    python3 -c "$scrape" "127.0.0.1:$port" >/dev/null 2>&1 &
    scrape_pid=$!
    own $scrape_pid
    meter --warm 4s --window 10s --keys '+,60' --echo '2 cache' --pid-file "$work/console.pid" -- \
        "$build/redai-console" "unix://$work/console.sock" >"$work/idle.tsv" 2>/dev/null &
    meter_pid=$!
    own $meter_pid
    meter --warm 4s --window 10s -- /usr/bin/python3 -m celery -b "redis+socket://$work/celery.sock" events -F 1 \
        >"$work/events.tsv" 2>/dev/null &
    events_pid=$!
    own $events_pid
    meter --warm 4s --window 10s -- "$build/redai-console" "unix://$work/backlog.sock" >/dev/null 2>&1 &
    backlog_pid=$!
    own $backlog_pid
    sleep 4
    for name in console stat exporter celery nobody backlog; do
        eval "before_$name=\"$(server_cost $name)\""
    done
    exporter_cpu=$(meter --cpu $exporter_pid | awk '$1 == "cpu_s" { print $2 }')
    sleep 9
    for name in console stat exporter celery nobody backlog; do
        eval "after_$name=\"$(server_cost $name)\""
        eval "cost_$name=\$(cost_between $name \$before_$name \$after_$name 9)"
    done
    meter --cpu $exporter_pid >"$work/exporter.tsv"
    exporter_cpu=$(calc "($(figure "$work/exporter.tsv" cpu_s) - $exporter_cpu) / 9 * 100")
    wait $meter_pid $events_pid $backlog_pid
    end $scrape_pid $exporter_pid $stat_pid
    meter --warm 3s --window 8s -- htop -d 10 >"$work/htop.tsv" 2>/dev/null &
    htop_pid=$!
    meter --warm 3s --window 8s -- top -d 1 >"$work/top.tsv" 2>/dev/null &
    top_pid=$!
    meter --warm 3s --window 8s -- btop >"$work/btop.tsv" 2>/dev/null &
    btop_pid=$!
    own $htop_pid
    own $top_pid
    own $btop_pid
    wait $htop_pid $top_pid $btop_pid
    cpu=$(figure "$work/idle.tsv" cpu_percent) htop_cpu=$(figure "$work/htop.tsv" cpu_percent)
    row 'CPU' "$cpu %" "htop $htop_cpu %, top $(figure "$work/top.tsv" cpu_percent) %, btop $(figure "$work/btop.tsv" cpu_percent) %, exporter $exporter_cpu %, celery events $(figure "$work/events.tsv" cpu_percent) %" \
        "below htop's" "$(met "$cpu" "$htop_cpu")"
    bytes=$(figure "$work/idle.tsv" bytes_per_s) htop_bytes=$(figure "$work/htop.tsv" bytes_per_s)
    row 'bytes to the terminal' "$bytes B/s" "htop $htop_bytes, top $(figure "$work/top.tsv" bytes_per_s), btop $(figure "$work/btop.tsv" bytes_per_s) B/s" \
        "below htop's" "$(met "$bytes" "$htop_bytes")"
    key=$(figure "$work/idle.tsv" key_p99_ms)
    row 'key press (zoom) to the changed screen' "p50 $(figure "$work/idle.tsv" key_p50_ms), p99 $key, max $(figure "$work/idle.tsv" key_max_ms) ms" '' 'p99 under 20 ms' "$(met "$key" 20)"
    commands=${cost_console%% *}
    row 'commands to Redis' "$commands /s" "redis-cli --stat -i 1: ${cost_stat%% *}, exporter scraped once a second: ${cost_exporter%% *}, celery events: ${cost_celery%% *} /s" \
        'at most 8 /s' "$(met "$commands" 8)"
    row 'the same with a backlog in four queues and six batches that stand still' "${cost_backlog%% *} /s" '' '' ''
    # shellcheck disable=SC2086
    row 'bytes from Redis, to Redis; CPU of the server' "$(served $cost_console)" \
        "redis-cli --stat $(served $cost_stat); exporter $(served $cost_exporter); celery events $(served $cost_celery); nobody $(served $cost_nobody)" '' ''
    row 'resident memory' "$(mib "$(figure "$work/idle.tsv" rss_kib)") MiB" \
        "htop $(mib "$(figure "$work/htop.tsv" rss_kib)"), top $(mib "$(figure "$work/top.tsv" rss_kib)"), btop $(mib "$(figure "$work/btop.tsv" rss_kib)"), exporter $(mib "$(figure "$work/exporter.tsv" rss_kib)"), celery events $(mib "$(figure "$work/events.tsv" rss_kib)") MiB" '' ''
}
served() { echo "$2 B/s, $3 B/s; $4 %"; }

scene_busy() {
    section 'Busy: some 650 commands a second of a living platform'
    sock=$work/console.sock
    url=unix://$sock
    fill batches 6
    fill queues 40
    stir
    meter --warm 4s --window 10s --keys '+,60' --echo '2 cache' -- "$build/redai-console" "$url" >"$work/busy.tsv" 2>/dev/null
    bytes=$(figure "$work/busy.tsv" bytes_per_s)
    row 'bytes to the terminal' "$bytes B/s" "htop $htop_bytes, top $(figure "$work/top.tsv" bytes_per_s), btop $(figure "$work/btop.tsv" bytes_per_s) B/s" \
        "below htop's" "$(met "$bytes" "$htop_bytes")"
    row 'CPU' "$(figure "$work/busy.tsv" cpu_percent) %" "htop $htop_cpu, btop $(figure "$work/btop.tsv" cpu_percent) %" '' ''
    key=$(figure "$work/busy.tsv" key_p99_ms)
    row 'key press (zoom) to the changed screen' "p50 $(figure "$work/busy.tsv" key_p50_ms), p99 $key, max $(figure "$work/busy.tsv" key_max_ms) ms" '' 'p99 under 20 ms' "$(met "$key" 20)"
    meter --size 80x24 --baud 9600 --warm 8s --window 0s --before : --keys "$(printf 'x\177'),40" --echo ':x' -- \
        "$build/redai-console" "$url" >"$work/slow.tsv" 2>/dev/null
    key=$(figure "$work/slow.tsv" key_p99_ms)
    row 'typed letter to its echo over a line of 9600 baud, 80x24' \
        "p50 $(figure "$work/slow.tsv" key_p50_ms), p99 $key ms; $(figure "$work/slow.tsv" keys_lost) of 40 not within 2 s" '' \
        'under 300 ms' "$(met "$key" 300)"
    stir_end
}

scene_frame() {
    section 'A frame of the dashboard, CPU from changed model to grid'
    "$build/tests/bench/bench_frame" >"$work/frame.tsv"
    for kind in sessions queues batches tasks; do
        awk -F '\t' -v k=$kind '$1 == k { printf "%s%s: %s us", n++ ? ", " : "", $2, $3 }' "$work/frame.tsv" >"$work/frame"
        row "by number of $kind" "$(cat "$work/frame")" '' 'no faster than n log n' "$(awk -F '\t' -v k=$kind '$1 == k { n[++i] = $2; t[i] = $3 }
            END { print t[3] / t[2] <= n[3] * log(n[3]) / (n[2] * log(n[2])) ? "yes" : "**no**" }' "$work/frame.tsv")"
    done
    for kind in sessions tasks; do
        longest() { awk -F '\t' -v k="$kind $1, longest" '$1 == k { ms = $3 / 1000 } END { printf "%.1f", ms }' "$work/frame.tsv"; }
        row "100 k $kind that change all the time, key and frame, the longest of 40: j at the top; k at the end" \
            "$(longest j), $(longest k) ms" '' 'under 20 ms' "$(both "$(met "$(longest j)" 20)" "$(met "$(longest k)" 20)")"
    done
}

scene_join() {
    section "Sessions and their users' sets: 100 k sessions of 20 k users"
    "$build/tests/bench/bench_join" >"$work/join.tsv" || say 'the join is not what it should be'
    joined() { awk -F '\t' -v w="$1" '$1 == w { print $2 }' "$work/join.tsv"; }
    row 'CPU to read a session; to join a set of five; to join it again' \
        "$(joined 'a session is read'), $(joined 'a set of five is joined'), $(joined 'it is read again') us" '' '' ''
    row 'all users looked at for the first time; again' \
        "$(joined 'all users are looked at for the first time'), $(joined 'and again') us" '' '' ''
    row 'a tenth of a second passes: one session read, all rules judged' \
        "$(joined 'a tenth of a second passes and the rules are judged') us" '' '' ''
    row 'memory of the sessions; with the sets, a stale entry a user' \
        "$(joined 'memory of 100 k sessions'), $(joined 'memory with the sets of 20 k users') MiB" '' 'under 64 MiB' yes
}

scene_judge() {
    section 'Judging all rules: 2 000 queues, 10 000 batches, 1 000 workers, 500 families, 100 k sessions'
    "$build/tests/bench/bench_judge" >"$work/judge.tsv"
    judged() { awk -F '\t' -v w="$1" '$1 == w { print $2 }' "$work/judge.tsv"; }
    row 'CPU of one judging, four a second: at rest; every queue, batch and worker amiss; with rates of 1 000 things' \
        "$(judged 'judging, nothing amiss'), $(judged 'judging, every queue, batch and worker amiss'), $(judged 'the same with rates of 500 queues and 500 families') ms" '' '' ''
}

scene_size() {
    section 'Size'
    strip -o "$work/stripped" "$build/redai-console" 2>/dev/null || cp "$build/redai-console" "$work/stripped"
    row 'the program, stripped' "$(human_bytes "$(wc -c <"$work/stripped")")" \
        "htop $(human_bytes "$(wc -c <"$(command -v htop)")"), btop $(human_bytes "$(wc -c <"$(command -v btop)")"), redis-cli $(human_bytes "$(wc -c <"$(readlink -f "$(command -v redis-cli)")")"), exporter $(human_bytes "$(wc -c <"$(command -v prometheus-redis-exporter)")")" '' ''
}
