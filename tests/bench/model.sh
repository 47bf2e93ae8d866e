# model: what needs no server: frames, joins, judging; and the size of the program. Sourced by scene.sh.

scene_frame() {
    section 'A frame of the dashboard, CPU from changed model to grid' 'medians of 3 runs of 40 frames each'
    for i in 1 2 3; do
        "$build/tests/bench/bench_frame" | awk -F '\t' '{ print $1 ":" $2 "\t" $3 }' >"$work/frame$i.tsv"
    done
    frame_of() { median "$(figure "$work/frame1.tsv" "$1")" "$(figure "$work/frame2.tsv" "$1")" "$(figure "$work/frame3.tsv" "$1")"; }
    for kind in sessions queues batches tasks; do
        points='' words='' comma=''
        for count in $(awk -F '[:\t]' -v k=$kind '$1 == k { print $2 }' "$work/frame1.tsv"); do
            points="$points $count $(frame_of "$kind:$count")"
            words="$words$comma$count: $(frame_of "$kind:$count") us"
            comma=', '
        done
        # shellcheck disable=SC2086
        row "by number of $kind" "$words" '' 'no faster than n log n' "$(grows $points)" "power $(exponents $points)"
    done
    for kind in sessions tasks; do
        for keys in 'j|j, from the top' 'k|k, from the end' 'filter|letters of a filter, typed and taken back' \
            'filter veiled|the same behind the curtain'; do
            longest=$(calc "$(frame_of "$kind ${keys%%|*}, longest:100000") / 1000" %.1f)
            row "100 k $kind that change all the time: ${keys#*|}: key and frame, the longest of 40" "$longest ms" '' 'under 20 ms' "$(met "$longest" 20)"
        done
    done
}

# thrice TOOL: its figures ("name<TAB>value") as medians of three runs; then told by `of NAME`.
thrice() {
    for i in 1 2 3; do
        "$build/tests/bench/$1" >"$work/run$i.tsv" || say "$1 is not what it should be"
    done
}
of() { median "$(figure "$work/run1.tsv" "$1")" "$(figure "$work/run2.tsv" "$1")" "$(figure "$work/run3.tsv" "$1")"; }

scene_join() {
    section "Sessions and their users' sets: 100 k sessions of 20 k users" 'medians of 3 runs'
    thrice bench_join
    read_us=$(of 'a session is read')
    row 'CPU to read a session' "$read_us us" '' '' ''
    compare 'to join a set of five; to join it again' "$(of 'a set of five is joined')" us '' '' again "$(of 'it is read again')" five_reads "$(calc "$read_us * 5")"
    row 'all users looked at for the first time; again' \
        "$(of 'all users are looked at for the first time'), $(of 'and again') us" '' '' ''
    row 'a tenth of a second passes: one session read, all rules judged' \
        "$(of 'a tenth of a second passes and the rules are judged') us" '' '' ''
    memory=$(of 'memory with the sets of 20 k users')
    row 'memory of the sessions; with the sets, a stale entry a user' "$(of 'memory of 100 k sessions'), $memory MiB" '' 'under 64 MiB' "$(met "$memory" 64)"
}

scene_judge() {
    section 'Judging all rules: 2 000 queues, 10 000 batches, 1 000 workers, 500 families, 100 k sessions' 'medians of 3 runs'
    thrice bench_judge
    row 'CPU of one judging, four a second: at rest; every queue, batch and worker amiss; with rates of 1 000 things' \
        "$(of 'judging, nothing amiss'), $(of 'judging, every queue, batch and worker amiss'), $(of 'the same with rates of 500 queues and 500 families') ms" '' '' ''
}

kib_of() { calc "$(wc -c <"$1") / 1024" %.0f; }
scene_size() {
    section 'Size' 'counted, once'
    strip -o "$work/stripped" "$build/redai-console" 2>/dev/null || cp "$build/redai-console" "$work/stripped"
    compare 'the program, stripped' "$(kib_of "$work/stripped")" KiB '' '' htop "$(kib_of "$(command -v htop)")" btop "$(kib_of "$(command -v btop)")" \
        redis-cli "$(kib_of "$(readlink -f "$(command -v redis-cli)")")" exporter "$(kib_of "$(command -v prometheus-redis-exporter)")"
}
