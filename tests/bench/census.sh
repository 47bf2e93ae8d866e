# census: the walk of all keys, and what it does to others. Sourced by scene.sh.

plain() { meter --plain -- "$@" >"$work/plain.tsv" 2>/dev/null; }
timed() { # COMMAND...: "WALL s (CPU s)"
    plain "$@"
    wall=$(figure "$work/plain.tsv" wall_s) used=$(figure "$work/plain.tsv" cpu_s)
}

walked() { # KEYS-AS-TEXT HOW-OFTEN: the rows of a walk over what the server at $sock holds
    medians "$2" wall_s cpu_s -- meter --plain -- redis-cli -s "$sock" --scan
    scan=$(figure "$work/medians.tsv" wall_s) scan_cpu=$(figure "$work/medians.tsv" cpu_s)
    : >"$work/walked"
    medians "$2" wall_s cpu_s -- meter --plain -- sh -c "exec $build/redai-console snapshot $url --budget 1000000 --within 900s >>$work/walked"
    walk=$(figure "$work/medians.tsv" wall_s) walk_cpu=$(figure "$work/medians.tsv" cpu_s)
    if grep -q 'not complete' "$work/walked" || [ "$(grep -c '^cache' "$work/walked")" != "$2" ]; then
        walk='?' walk_cpu='?'
    fi
    timed redis-cli -s "$sock" --bigkeys
    big=$wall big_cpu=$used
    timed redis-cli -s "$sock" --memkeys
    mem=$wall mem_cpu=$used
    compare "walk of $1 keys: \`snapshot --budget 1000000\`, wall" "$walk" s 'within 1.5x of --scan, ahead of --bigkeys and --memkeys' \
        "$(both "$(met "$walk" "$(calc "$scan * 1.5")")" "$(both "$(met "$walk" "$big")" "$(met "$walk" "$mem")")")" \
        redis-cli_--scan "$scan" --bigkeys "$big" --memkeys "$mem"
    compare 'the same: CPU' "$walk_cpu" s '' '' redis-cli_--scan "$scan_cpu" --bigkeys "$big_cpu" --memkeys "$mem_cpu"
}

# What another client reads: redis-benchmark writes its random numbers with twelve digits.
there='exam:questions:there:' missing='exam:questions:missing:'
put_there() { cli eval "for i = 0, 999 do redis.call('SETEX', string.format('$there%012d', i), 3600, string.rep('x', 300)) end" 0 >/dev/null; }
p99_of_another() { # HOW-MANY KEYS
    redis-benchmark -s "$sock" -c 1 -n "$1" -r 1000 --csv GET "$2__rand_int__" 2>/dev/null | tail -n 1 | tr -d '"' | cut -d , -f 7
}

# PID KEYS: the other client alone (the console is stopped) and beside it, in turns, since a machine's mood changes within a
# minute and one run in twenty is twice another by nothing but chance. Sets alone, beside and beside_ns, how long
# it was beside.
p99_in_turns() {
    alone='' beside='' beside_ns=0
    for _ in 1 2 3 4 5 6 7 8 9; do
        kill -STOP "$1"
        alone="$alone $(p99_of_another 20000 "$2")"
        kill -CONT "$1"
        begun=$(date +%s%N)
        sleep 1.5 # what it has missed is read
        beside="$beside $(p99_of_another 20000 "$2")"
        beside_ns=$((beside_ns + $(date +%s%N) - begun))
    done
    # shellcheck disable=SC2086
    alone=$(median $alone) beside=$(median $beside)
    kill -0 "$1" || alone='?' beside='?' # it was beside nobody
}

scans() { cli info commandstats | sed -n 's/^cmdstat_scan:calls=\([0-9]*\),.*/\1/p' | grep . || echo 0; }
scanned_since() { [ "$(scans)" -gt "$1" ]; }
# The first walk, and reading what it has found, are as fast as they may be; ever after there is little to ask.
first_walk_over() { # LONGEST
    waited=0 asked=$(info total_commands_processed) calm=0
    while sleep 2; do
        before=$asked asked=$(info total_commands_processed) waited=$((waited + 2))
        calm=$((calm + 1))
        [ -n "$asked" ] && [ $((asked - before)) -le 1000 ] || calm=0
        [ $calm -lt 2 ] || return 0
        [ $waited -lt "$1" ] || return 1
    done
}

# The first walk as gently as somebody may ask for it; it must not be over while the other client is measured.
gently_disturbed() { # KEYS-AS-TEXT
    cli config resetstat >/dev/null
    rm -f "$work/gentle.pid"
    meter --warm 120s --window 0s --pid-file "$work/gentle.pid" -- "$build/redai-console" --budget 20 "$url" >/dev/null 2>&1 &
    gentle_pid=$!
    own $gentle_pid
    beside='?' alone='?'
    wait_until 10 scanned_since 3 && p99_in_turns "$(cat "$work/gentle.pid")" $there
    cli config resetstat >/dev/null
    wait_until 2 scanned_since 12 || beside='?' # a later walk asks for eight pages at most
    compare "p99 of another client's GET during the first walk of $1 keys with \`--budget 20\`: at most a two-hundredth of the server" \
        "$beside" ms 'within 10 % (a step of the clock is 0.008 ms)' "$(met "$beside" "$(calc "$alone * 1.1 + 0.008" %.3f)")" \
        without_it "$alone"
    end $gentle_pid
}

# The latency of another client: beside a console that has just started and walks all keys, and beside one that walks them
# again as it does ever after.
disturbed() { # KEYS-AS-TEXT LONGEST-OF-FIRST-WALK
    put_there
    p99_of_another 20000 $there >/dev/null
    quiet=$(median "$(p99_of_another 20000 $there)" "$(p99_of_another 20000 $there)" "$(p99_of_another 20000 $there)")
    before=$(scans)
    meter --warm "$(($2 + 200))s" --window 0s --pid-file "$work/console.pid" -- "$build/redai-console" --census 1s "$url" >/dev/null 2>&1 &
    meter_pid=$!
    own $meter_pid
    if wait_until 10 scanned_since "$before"; then
        first=$(p99_of_another 20000 $there)
    else
        first='?'
    fi
    compare "p99 of another client's GET during the first walk of $1 keys, which may take half of the server" "$first" ms '' '' without_it "$quiet"
    over=yes
    first_walk_over "$2" || over=no
    cli config resetstat >/dev/null
    p99_in_turns "$(cat "$work/console.pid")" $there
    [ $over = yes ] || beside='?' alone='?' # that was the first one
    share=$(calc "$(cli info commandstats | sed -n 's/^cmdstat_scan:.*usec=\([0-9]*\),.*/\1/p' | grep . || echo 0) / $beside_ns * 1e5")
    compare "the same during later walks (they take $share % of the server)" "$beside" ms \
        'within 10 % (a step of the clock is 0.008 ms)' "$(met "$beside" "$(calc "$alone * 1.1 + 0.008" %.3f)")" without_it "$alone"
    p99_in_turns "$(cat "$work/console.pid")" $missing
    [ $over = yes ] || beside='?' alone='?'
    compare 'the same when each GET is a miss, which the server tells the console, also a stopped one' "$beside" ms '' '' without_it "$alone"
    end $meter_pid
    gently_disturbed "$1"
}

scene_census() {
    section 'Census' 'walks: medians of 3, --bigkeys and --memkeys: of 1; another client: p99 of 20 000 GETs, medians of 9, in turns with the console stopped'
    server million
    fill cache 1000000 60
    fill sessions 2000
    fill queues 40
    walked '1 M' 3
    disturbed '1 M' 60
}
