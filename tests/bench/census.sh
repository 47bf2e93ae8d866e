# census: the walk of all keys, its memory, and what it does to others. Sourced by run.sh.

plain() { meter --plain -- "$@" >"$work/plain.tsv" 2>/dev/null; }
timed() { # COMMAND...: "WALL s (CPU s)"
    plain "$@"
    wall=$(figure "$work/plain.tsv" wall_s) used=$(figure "$work/plain.tsv" cpu_s)
}

walked() { # KEYS-AS-TEXT: the row of a walk over what the server at $sock holds
    scans='' ours_all='' cpus_all=''
    for _ in 1 2 3; do
        timed redis-cli -s "$sock" --scan
        scans="$scans $wall"
        scan_cpu=$used
        timed "$build/redai-console" snapshot "$url" --budget 1000000
        ours_all="$ours_all $wall"
        cpus_all="$cpus_all $used"
    done
    # shellcheck disable=SC2086
    scan=$(median $scans) ours=$(median $ours_all) ours_cpu=$(median $cpus_all)
    timed redis-cli -s "$sock" --bigkeys
    big=$wall big_cpu=$used
    timed redis-cli -s "$sock" --memkeys
    mem=$wall mem_cpu=$used
    row "walk of $1 keys: \`snapshot --budget 1000000\`, wall (CPU)" "$ours s ($ours_cpu s)" \
        "redis-cli --scan $scan s ($scan_cpu s), --bigkeys $big s ($big_cpu s), --memkeys $mem s ($mem_cpu s)" \
        'within 1.5x of --scan, ahead of --bigkeys and --memkeys' \
        "$(both "$(met "$ours" "$(calc "$scan * 1.5")")" "$(both "$(met "$ours" "$big")" "$(met "$ours" "$mem")")")"
}

p99_of_another() { redis-benchmark -s "$sock" -c 1 -n "$1" -r 1000 --csv GET exam:questions:__rand_int__ 2>/dev/null | tail -n 1 | tr -d '"' | cut -d , -f 7; }

p99_thrice() { median "$(p99_of_another 20000)" "$(p99_of_another 20000)" "$(p99_of_another 20000)"; }

# The latency of another client: alone, while a console that has just started walks all keys, and while it walks them
# again as it does ever after.
disturbed() { # KEYS-AS-TEXT LONGEST SECONDS-OF-FIRST-WALK
    p99_of_another 20000 >/dev/null
    quiet=$(p99_thrice)
    meter --warm "$2" --window 0s -- "$build/redai-console" --census 1s "$url" >/dev/null 2>&1 &
    meter_pid=$!
    own $meter_pid
    sleep 0.1
    first=$(p99_of_another 20000)
    sleep "$3"
    cli config resetstat >/dev/null
    begun=$(date +%s%N)
    later=$(p99_thrice)
    share=$(calc "$(cli info commandstats | sed -n 's/^cmdstat_scan:.*usec=\([0-9]*\),.*/\1/p' | grep . || echo 0) / ($(date +%s%N) - $begun) * 1e5")
    end $meter_pid
    quiet=$(median "$quiet" "$(p99_thrice)")
    row "p99 of another client's GET while a console walks $1 keys, later walks" "$later ms (they take $share % of the server)" "without it $quiet ms" \
        'within 10 % (a step of the clock is 0.008 ms)' "$(met "$later" "$(calc "$quiet * 1.1 + 0.008" %.3f)")"
    row 'the same during the first walk, which may take half of the server' "$first ms" "without it $quiet ms" '' ''
}

resident() { # the console on $url, four seconds after its first screen: rss in KiB
    meter --warm "${1:-4s}" --window 1s -- "$build/redai-console" --budget 1000000 "$url" >"$work/resident.tsv" 2>/dev/null
    figure "$work/resident.tsv" rss_kib
}

scene_census() {
    section 'Census'
    server million
    fill cache 1000000 60
    fill sessions 2000
    fill queues 40
    walked '1 M'
    disturbed '1 M' 30s 12
}

scene_memory() {
    section 'Memory'
    million=$(resident)
    end $server_pid
    server hundred
    fill cache 100000 60
    fill sessions 1000
    fill queues 40
    hundred=$(resident)
    row 'resident at 100 k keys, 1 k sessions' "$(mib "$hundred") MiB" 'redis-cli --bigkeys keeps no keys either; exporter see above' 'under 12 MiB' "$(met "$hundred" 12288)"
    row 'resident at 1 M keys, 2 k sessions' "$(mib "$million") MiB" '' '' ''
    end $server_pid
    server people
    fill sessions 100000
    people=$(resident 8s)
    row 'resident at 100 k sessions (150 k keys)' "$(mib "$people") MiB" '' 'under 64 MiB' "$(met "$people" 65536)"
    meter --warm 6s --window 5s --keys '+,40' --echo '2 cache' -- "$build/redai-console" --budget 1000000 "$url" >"$work/people.tsv" 2>/dev/null
    row 'with 100 k sessions: CPU idle; key press to the changed screen' \
        "$(figure "$work/people.tsv" cpu_percent) %; p50 $(figure "$work/people.tsv" key_p50_ms), p99 $(figure "$work/people.tsv" key_p99_ms) ms" '' 'p99 under 20 ms' \
        "$(met "$(figure "$work/people.tsv" key_p99_ms)" 20)"
    end $server_pid
}

scene_full() {
    section 'At scale (--full)'
    server huge
    fill cache 10000000 40
    fill sessions 100000
    fill queues 40
    disturbed '10 M' 150s 100
    huge=$(resident 60s)
    row 'resident at 10 M keys, 100 k sessions' "$(mib "$huge") MiB" '' 'under 64 MiB' "$(met "$huge" 65536)"
    meter --warm 60s --window 5s --keys '+,60' --echo '2 cache' -- "$build/redai-console" --budget 1000000 "$url" >"$work/huge.tsv" 2>/dev/null
    row 'key press (zoom) to the changed screen at 10 M keys' "p50 $(figure "$work/huge.tsv" key_p50_ms), p99 $(figure "$work/huge.tsv" key_p99_ms) ms" '' 'p99 under 20 ms' "$(met "$(figure "$work/huge.tsv" key_p99_ms)" 20)"
    end $server_pid
    for count in 1 100 2000; do
        server "queues$count"
        fill manyqueues $count
        meter --warm 6s --window 5s --keys '+,20' --echo '2 cache' -- "$build/redai-console" "$url" >"$work/queues.tsv" 2>/dev/null
        row "$count queues: CPU, resident, key press" "$(figure "$work/queues.tsv" cpu_percent) %, $(mib "$(figure "$work/queues.tsv" rss_kib)") MiB, p99 $(figure "$work/queues.tsv" key_p99_ms) ms" '' 'p99 under 20 ms' "$(met "$(figure "$work/queues.tsv" key_p99_ms)" 20)"
        end $server_pid
    done
    server batches
    fill batches 10000
    meter --warm 8s --window 5s --keys '+,20' --echo '2 cache' -- "$build/redai-console" --budget 1000000 "$url" >"$work/batches.tsv" 2>/dev/null
    row '10 k batches: CPU, resident, key press' "$(figure "$work/batches.tsv" cpu_percent) %, $(mib "$(figure "$work/batches.tsv" rss_kib)") MiB, p99 $(figure "$work/batches.tsv" key_p99_ms) ms" '' 'p99 under 20 ms' "$(met "$(figure "$work/batches.tsv" key_p99_ms)" 20)"
    end $server_pid
}
