# revoke: ten thousand sessions at once, and back again. Sourced by scene.sh.

revoked() { figure "$work/revoked.$1.tsv" "$2"; } # FORM FIGURE

# revoke_rows WHAT FORM PREFIX: how long the server is busy with it at a time, and what others notice.
revoke_rows() {
    group=$(calc "$(revoked "$2" "$3_cpu_us") * 50 / 1000" %.2f)
    row "$1: CPU of the server for a group of 50" "$group ms" '' 'below 2 ms' "$(met "$group" 2)"
    slow=$(calc "$(revoked "$2" "$3_slowest_us") / 1000" %.2f)
    row "$1: the longest command by its slow log (0: none above 0.5 ms)" "$slow ms" '' 'below 2 ms' "$(met "$slow" 2)"
    for part in p50 p99 max; do
        compare "$1: another client's PING meanwhile, $part" "$(revoked "$2" "$3_ping_${part}_us")" us '' '' 'without_it' "$(revoked "$2" "idle_ping_${part}_us")"
    done
    row "$1: it took" "$(revoked "$2" "$3_ms") ms" '' '' ''
}

# The probe takes its part of the server's CPU: that is measured apart.
revoke_once() {
    "$build/tests/bench/bench_revoke" 10000 300 "$1" probe | grep -v cpu
    "$build/tests/bench/bench_revoke" 10000 300 "$1" no-probe | grep cpu
}
revoke_thrice() {
    pings='idle_ping_p50_us idle_ping_p99_us idle_ping_max_us' wanted=
    for part in revoke undo; do
        wanted="$wanted ${part}_cpu_us ${part}_slowest_us ${part}_ping_p50_us ${part}_ping_p99_us ${part}_ping_max_us ${part}_ms"
    done
    # shellcheck disable=SC2086
    medians 3 $pings $wanted -- revoke_once "$1"
    mv "$work/medians.tsv" "$work/revoked.$1.tsv"
}

scene_revoke() {
    section 'Ten thousand sessions revoked at once, of 2000 users' 'medians of 3 runs'
    revoke_thrice no-undo
    revoke_rows 'revoked, nothing kept' no-undo revoke
    revoke_thrice undo
    revoke_rows 'revoked, all of it kept for undo' undo revoke
    revoke_rows 'put back by undo' undo undo
    remark "A group of 50 is what is sent before anything else is."
}
