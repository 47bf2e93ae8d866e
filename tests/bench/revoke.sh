# revoke: ten thousand sessions at once, and back again. Sourced by run.sh.

# revoke_rows WHAT PREFIX: how long the server is busy with it at a time, and what others notice.
revoke_rows() {
    group=$(calc "$(figure "$work/revoke.tsv" "$2_cpu_us") * 50 / 1000" %.2f)
    row "$1: CPU of the server for a group of 50" "$group ms" '' 'below 2 ms' "$(met "$group" 2)"
    slow=$(calc "$(figure "$work/revoke.tsv" "$2_slowest_us") / 1000" %.2f)
    row 'the longest command by its slow log (0: none above 0.5 ms)' "$slow ms" '' 'below 2 ms' "$(met "$slow" 2)"
    row "another client's PING meanwhile: p50, p99, max" "$(pings "$2")" "without it $(pings idle)" '' ''
    row 'it took' "$(figure "$work/revoke.tsv" "$2_ms") ms" '' '' ''
}
pings() {
    echo "$(figure "$work/revoke.tsv" "$1_ping_p50_us"), $(figure "$work/revoke.tsv" "$1_ping_p99_us")," \
        "$(figure "$work/revoke.tsv" "$1_ping_max_us") us"
}

# The probe takes its part of the server's CPU: that is measured apart.
revoke_run() {
    "$build/tests/bench/bench_revoke" 10000 300 "$1" probe | grep -v cpu >"$work/revoke.tsv"
    "$build/tests/bench/bench_revoke" 10000 300 "$1" no-probe | grep cpu >>"$work/revoke.tsv"
}

scene_revoke() {
    section 'Ten thousand sessions revoked at once, of 2000 users'
    revoke_run no-undo
    revoke_rows 'revoked, nothing kept' revoke
    revoke_run undo
    revoke_rows 'revoked, all of it kept for undo' revoke
    revoke_rows 'put back by undo' undo
}
