# trace: what it costs to listen to every command. Sourced by scene.sh.

# Reads as fast as they come, one by one from eight clients, so that each is written to MONITOR by itself.
read_on() { redis-benchmark -s "$sock" -c 8 -n 100000000 -r 100000 -q GET exam:questions:__rand_int__ >/dev/null 2>&1; }
commands_done() { cli info stats | sed -n 's/^total_commands_processed:\([0-9]*\).*/\1/p'; }
# rate_over SECONDS: commands a second.
rate_over() {
    was=$(commands_done) from=$(date +%s%N)
    sleep "$1"
    calc "($(commands_done) - $was) / ($(date +%s%N) - $from) * 1e9" %.0f
}
is_monitored() { cli client list | grep -q cmd=monitor; }

scene_trace() {
    section 'A trace of 3 s beside redis-benchmark' 'medians of 3 traces'
    server trace
    small_data
    read_on &
    own $!
    reader_pid=$!
    sleep 1
    befores='' durings='' cpus='' bytes='' heard='' peers_during='' peers_cpu=''
    for _ in 1 2 3; do
        befores="$befores $(rate_over 1)"
        "$build/tests/bench/bench_trace" "$sock" 3s >"$work/trace.tsv" &
        trace_pid=$!
        own $trace_pid
        wait_until 5 is_monitored
        durings="$durings $(rate_over 2)"
        wait $trace_pid
        cpus="$cpus $(calc "$(figure "$work/trace.tsv" cpu_s) / $(figure "$work/trace.tsv" commands) * 1e6" %.2f)"
        bytes="$bytes $(calc "$(figure "$work/trace.tsv" bytes) / $(figure "$work/trace.tsv" seconds) / 1048576" %.1f)"
        heard="$heard $(calc "$(figure "$work/trace.tsv" commands) / $(figure "$work/trace.tsv" seconds)" %.0f)"
        redis-cli -s "$sock" monitor >/dev/null 2>&1 &
        monitor_pid=$!
        own $monitor_pid
        wait_until 5 is_monitored
        used=$(cpu_of $monitor_pid)
        rate=$(rate_over 2)
        peers_during="$peers_during $rate"
        peers_cpu="$peers_cpu $(calc "($(cpu_of $monitor_pid) - $used) / ($rate * 2) * 1e6" %.2f)"
        end $monitor_pid
    done
    # shellcheck disable=SC2086
    {
        compare 'commands a second that the server does meanwhile (more is better)' "$(median $durings)" /s '' '' \
            redis-cli_monitor "$(median $peers_during)" nobody_listens "$(median $befores)"
        compare 'CPU of the listener for a million commands' "$(median $cpus)" s '' '' redis-cli_monitor "$(median $peers_cpu)"
        row 'heard, and bytes for it' "$(median $heard) commands/s, $(median $bytes) MiB/s" '' '' ''
    }
    end $reader_pid
    end $server_pid
}
