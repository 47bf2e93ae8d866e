# latency: from a key press to the screen that answers it. Sourced by scene.sh.

# latency_row WHEN FILE: beside the peers and beside the least a program on a terminal can do: give back what was typed.
latency_rows() {
    # shellcheck disable=SC2046
    compare "$1, p50" "$(figure "$2" key_p50_ms)" ms '' '' echo_alone "$(figure "$work/echo.tsv" key_p50_ms)" $(beside key_p50_ms)
    key=$(figure "$2" key_p99_ms)
    # shellcheck disable=SC2046
    compare "$1, p99 (longest of all $(figure "$2" key_max_ms) ms)" "$key" ms 'under 20 ms' "$(met "$key" 20)" \
        echo_alone "$(figure "$work/echo.tsv" key_p99_ms)" $(beside key_p99_ms)
}

scene_latency() {
    peers
    section 'A key press (zoom) to the changed screen' 'medians of 3 times 60 presses (peers 3 times 40)'
    server quiet
    small_data
    server busy
    small_data
    stir
    set -- --warm 4s --window 0s --rounds 3
    metered echo "$@" --keys 'x,60' -- sh -c 'stty raw -echo; printf .; exec cat'
    metered quiet "$@" --keys '+,60' --echo '2 cache' -- "$build/redai-console" "unix://$work/quiet.sock"
    metered busy "$@" --keys '+,60' --echo '2 cache' -- "$build/redai-console" "unix://$work/busy.sock"
    metered_all
    stir_end
    latency_rows 'idle' "$work/quiet.tsv"
    latency_rows 'busy: 650 commands a second' "$work/busy.tsv"
    at quiet
    blow 100000000 >/dev/null 2>&1 &
    blow_pid=$!
    own $blow_pid
    sets=$(sets_done) begun=$(date +%s%N)
    meter "$@" --keys '+,60' --echo '2 cache' -- "$build/redai-console" "$url" >"$work/storm.tsv" 2>/dev/null
    rate=$(calc "($(sets_done) - $sets) / ($(date +%s%N) - $begun) * 1e6" %.0f)
    end $blow_pid
    latency_rows "storm: $rate k events a second" "$work/storm.tsv"
}
