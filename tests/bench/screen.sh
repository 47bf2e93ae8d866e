# screen: what goes to the terminal: by what happens, for a whole repaint, and over a slow line. Sourced by scene.sh.

# kind of event.lua | what it is
screen_kinds='miss|a read of a cached answer that is not there
write|a cached answer written
drop|a cached answer deleted
login|a user logs in
logout|a user logs out
message|a message into a queue, or out of it
batch|a batch moves on
alert|an alert comes, or goes (as often as a second shows it)'

scene_screen() {
    peers
    section 'Bytes to the terminal: ten events a second of one kind' 'medians of 3 windows of 4 s, all in the same time; repaints: of 9'
    server quiet
    small_data
    metered quiet --warm 4s --rounds 3 --window 4s --resizes 9 --keys "$(printf '\014'),9" -- "$build/redai-console" "$url"
    printf '%s\n' "$screen_kinds" >"$work/kinds"
    while IFS='|' read -r kind _; do
        server "$kind"
        small_data
        redis-cli -s "$sock" -r -1 -i 0.1 --eval tests/bench/event.lua , "$kind" </dev/null >/dev/null 2>&1 &
        own $!
        metered "$kind" --warm 4s --rounds 3 --window 4s -- "$build/redai-console" "$url" </dev/null
    done <"$work/kinds"
    server beats
    small_data
    "$build/tests/bench/bench_tasks" "$sock" 10 40 beats >/dev/null &
    own $!
    metered beats --warm 4s --rounds 3 --window 4s -- "$build/redai-console" "$url"
    # What workers tell has a peer that shows the same: at three rates.
    for rate in 10 100 1000; do
        server tasks$rate
        small_data
        "$build/tests/bench/bench_tasks" "$sock" $rate 40 >/dev/null &
        own $!
        metered tasks$rate --warm 4s --rounds 3 --window 4s --before 6 -- "$build/redai-console" "$url"
        metered celery$rate --warm 4s --rounds 3 --window 4s -- /usr/bin/python3 -m celery -b "redis+socket://$sock" events -F 1
    done
    peers_meanwhile --warm 4s --rounds 3 --window 4s
    metered_all
    peers_met
    idle=$(figure "$work/quiet.tsv" bytes_per_s)
    # shellcheck disable=SC2046
    compare 'nothing happens' "$idle" B/s "below htop's" "$(met "$idle" "$htop_bytes")" $(beside bytes_per_s)
    while IFS='|' read -r kind words; do
        ours=$(figure "$work/$kind.tsv" bytes_per_s)
        # shellcheck disable=SC2046
        compare "$words: $(calc "($ours - $idle) / 10" %.0f) bytes an event above that" "$ours" B/s "below htop's" "$(met "$ours" "$htop_bytes")" $(beside bytes_per_s)
    done <"$work/kinds"
    ours=$(figure "$work/beats.tsv" bytes_per_s)
    # shellcheck disable=SC2046
    compare "a worker's heartbeat: $(calc "($ours - $idle) / 10" %.0f) bytes an event above that" "$ours" B/s "below htop's" \
        "$(met "$ours" "$htop_bytes")" $(beside bytes_per_s)
    for rate in 10 100 1000; do
        ours=$(figure "$work/tasks$rate.tsv" bytes_per_s)
        # shellcheck disable=SC2046
        compare "a worker tells of a task, $rate/s, the tasks pane open: $(calc "$ours / $rate" %.1f) bytes an event" "$ours" B/s \
            '' '' celery_events "$(figure "$work/celery$rate.tsv" bytes_per_s)" $(beside bytes_per_s)
    done
    peers
    # shellcheck disable=SC2046
    compare 'a whole repaint (the terminal changes its size): bytes' "$(figure "$work/quiet.tsv" repaint_bytes)" B '' '' $(beside repaint_bytes)
    # shellcheck disable=SC2046
    compare 'the same: CPU' "$(figure "$work/quiet.tsv" repaint_cpu_us)" us '' '' $(beside repaint_cpu_us)
    row 'a whole repaint by Ctrl-L: bytes, CPU' "$(figure "$work/quiet.tsv" key_bytes) B, $(figure "$work/quiet.tsv" key_cpu_us) us" '' '' ''
}

# A busy platform seen over a slow line: a letter of a command, and of a filter of htop.
scene_slow() {
    section 'A line of 9600 baud, 80x24' 'medians of 3 times 14 letters'
    server slow
    small_data
    stir
    set -- --size 80x24 --baud 9600 --warm 6s --window 0s --rounds 3
    metered slow "$@" --before : --keys "$(printf 'x\177'),14" --echo ':x' -- "$build/redai-console" "$url"
    # shellcheck disable=SC1003
    metered slow_htop "$@" --before '\' --keys "$(printf 'x\177'),14" --echo 'Filter: x' -- htop -d 10
    metered_all
    compare "typed letter to its echo, p50; $(figure "$work/slow.tsv" keys_lost) of 42 not within 2 s" "$(figure "$work/slow.tsv" key_p50_ms)" ms '' '' \
        'htop,_filter' "$(figure "$work/slow_htop.tsv" key_p50_ms)"
    key=$(figure "$work/slow.tsv" key_p99_ms)
    compare 'the same, p99' "$key" ms 'under 300 ms' "$(met "$key" 300)" 'htop,_filter' "$(figure "$work/slow_htop.tsv" key_p99_ms)"
}
