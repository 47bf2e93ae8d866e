# watch: what watching costs, in the watcher and in the server, while nothing happens and on a busy platform. Sourced by
# scene.sh. Servers with the same data, each with one watcher, all in the same time.

# counters NAME: "seconds commands out in cpu evals" of that server so far.
counters() {
    at "$1"
    cli info all | tr -d '\r' | awk -F '[:,=]' -v now="$(date +%s.%N)" '{ v[$1] = $2; if ($1 == "cmdstat_eval") evals = $3 }
        END { printf("%s %d %.0f %.0f %.6f %d\n", now, v["total_commands_processed"], v["total_net_output_bytes"],
              v["total_net_input_bytes"], v["used_cpu_user"] + v["used_cpu_sys"], evals) }'
}

# costs NAME: "commands/s out/s in/s cpu%" that its watcher caused: the median of the windows between the samples. Taken off: our
# INFO (its answer: about 7 kB), and what the platform did: each of its ticks tells how many commands it was; bytes and CPU
# of a tick, or of a second without ticks, are those of the server that nobody watches.
costs() {
    at "$1"
    set -- "$work/cost.nobody" "$work/cost.$1"
    [ ! -e "$sock.stirred" ] || set -- "$sock.stirred" "$@"
    awk -v info="$(cli info all | wc -c)" '
        FILENAME ~ /stirred$/ { calls[FNR] = $1; next }
        FILENAME ~ /nobody$/ {
            if (n++) { time += $1 - last[1]; out += $3 - last[3] - info; into += $4 - last[4] - 20; cpu += $5 - last[5]; evals += $6 - last[6] }
            split($0, last); next }
        FNR > 1 {
            s = $1 - old[1]; ticks = $6 - old[6]; by_platform = 0
            for (i = old[6] + 1; i <= $6; i++) by_platform += calls[i] + 1
            share = evals ? ticks / evals : s / time
            printf("%.2f %.0f %.0f %.3f\n", ($2 - old[2] - 1 - by_platform) / s, ($3 - old[3] - info - out * share) / s,
                ($4 - old[4] - 20 - into * share) / s, ($5 - old[5] - cpu * share) / s * 100) }
        { split($0, old) }' "$@" >"$work/windows"
    for part in 1 2 3 4; do
        # shellcheck disable=SC2046
        median $(cut -d ' ' -f $part "$work/windows" | sed 's/^-\(0[.0]*\)$/\1/')
    done | tr '\n' ' '
}
column() { # N WORD...
    shift "$1"
    echo "$1"
}

scrape='import sys, time, urllib.request
while True:
    urllib.request.urlopen("http://" + sys.argv[1] + "/metrics").read()
    time.sleep(1)'

# watch_all NAME...: the watchers of the servers of those names, three windows of four seconds. Figures in $work/*.tsv, costs in
# cost_NAME.
watch_all() {
    port=$((20000 + $$ % 20000))
    redis-cli -s "$work/stat.sock" --stat -i 1 >/dev/null 2>&1 &
    stat_pid=$!
    prometheus-redis-exporter -redis.addr "unix://$work/exporter.sock" -web.listen-address "127.0.0.1:$port" >/dev/null 2>&1 &
    exporter_pid=$!
    own $stat_pid
    own $exporter_pid
    sleep 1
    python3 -c "$scrape" "127.0.0.1:$port" >/dev/null 2>&1 &
    scrape_pid=$!
    own $scrape_pid
    metered console --warm 4s --rounds 3 --window 4s -- "$build/redai-console" "unix://$work/console.sock"
    metered celery --warm 4s --rounds 3 --window 4s -- /usr/bin/python3 -m celery -b "redis+socket://$work/celery.sock" events -F 1
    peers_meanwhile --warm 4s --rounds 3 --window 4s
    [ ! -e "$work/backlog.sock" ] || metered backlog --warm 4s --window 12s -- "$build/redai-console" "unix://$work/backlog.sock"
    sleep 4
    exporter_s=$(cpu_of $exporter_pid) stat_s=$(cpu_of $stat_pid)
    for sample in 1 2 3 4; do
        for name in "$@"; do
            counters "$name" >>"$work/cost.$name"
        done
        [ $sample = 4 ] || sleep 3.8
    done
    exporter_cpu=$(calc "($(cpu_of $exporter_pid) - $exporter_s) / 11.6 * 100" %.3f)
    meter --cpu $exporter_pid >"$work/exporter.tsv"
    stat_cpu=$(calc "($(cpu_of $stat_pid) - $stat_s) / 11.6 * 100" %.3f)
    meter --cpu $stat_pid >"$work/stat.tsv"
    metered_all
    peers_met
    end $scrape_pid $exporter_pid $stat_pid
    for name in console stat exporter celery backlog; do
        [ ! -e "$work/cost.$name" ] || eval "cost_$name=\$(costs $name)"
    done
}

# server_rows TARGET: what the servers had to do for it; the target of commands a second in words, or none.
server_rows() {
    # shellcheck disable=SC2154,SC2086
    for each in "1:commands to Redis:/s:$1" '2:bytes from Redis:B/s:' '3:bytes to Redis:B/s:' '4:CPU of the server beyond what it takes unwatched:%:'; do
        number=${each%%:*} each=${each#*:}
        name=${each%%:*} each=${each#*:}
        ours=$(column $number $cost_console) target=${each#*:}
        compare "$name" "$ours" "${each%%:*}" "$target" "$([ -z "$target" ] || met "$ours" 8)" redis-cli_--stat "$(column $number $cost_stat)" \
            "exporter,_a_scrape_a_second" "$(column $number $cost_exporter)" celery_events "$(column $number $cost_celery)"
    done
}

# watcher_rows: what the watchers themselves took.
watcher_rows() {
    ours=$work/console.tsv events=$work/celery.tsv
    # shellcheck disable=SC2046
    compare 'CPU of the watcher' "$(figure "$ours" cpu_percent)" % "below htop's" "$(met "$(figure "$ours" cpu_percent)" "$htop_cpu")" \
        $(beside cpu_percent) redis-cli_--stat "$stat_cpu" exporter "$exporter_cpu" celery_events "$(figure "$events" cpu_percent)"
    # shellcheck disable=SC2046
    compare 'bytes to the terminal' "$(figure "$ours" bytes_per_s)" B/s "below htop's" "$(met "$(figure "$ours" bytes_per_s)" "$htop_bytes")" \
        $(beside bytes_per_s) celery_events "$(figure "$events" bytes_per_s)"
}

scene_idle() {
    section 'Idle: nothing happens in Redis' 'medians of 3 windows of 4 s, all watchers in the same time'
    for name in console stat exporter celery nobody backlog; do
        server $name
        fill sessions 200
        fill cache 800 200
    done
    at backlog
    small_data
    at console
    fill queues 4
    cli del celery questions validation analytics >/dev/null
    watch_all console stat exporter celery nobody backlog
    watcher_rows
    server_rows 'at most 8 /s'
    # shellcheck disable=SC2154,SC2086
    row 'commands to Redis with a backlog in four queues and six batches that stand still' "$(column 1 $cost_backlog) /s" '' 'at most 8 /s' \
        "$(met "$(column 1 $cost_backlog)" 8)"
    compare 'resident memory' "$(rss "$work/console.tsv")" MiB '' '' htop "$(rss "$htop")" top "$(rss "$top")" btop "$(rss "$btop")" \
        redis-cli_--stat "$(rss "$work/stat.tsv")" exporter "$(rss "$work/exporter.tsv")" celery_events "$(rss "$work/celery.tsv")"
}
rss() { mib "$(figure "$1" rss_kib)"; }

scene_busy() {
    section 'Busy: some 650 commands a second of a living platform, on each of five servers' \
        'medians of 3 windows of 4 s, all watchers in the same time'
    for name in console stat exporter celery nobody; do
        server $name
        small_data
        stir
    done
    watch_all console stat exporter celery nobody
    watcher_rows
    server_rows ''
}
