# start: from exec to the first whole screen, warm and cold. Sourced by scene.sh.

whole() { meter --until 'User ' --until exam:questions --until analytics --until /200 --until 'rules' --until op/s "$@"; }

# Nothing of a program is in memory any more when it starts: all of the page cache (root), or else what the program and its
# libraries have there and no other program uses.
all_dropped=no
if [ -w /proc/sys/vm/drop_caches ]; then all_dropped=yes; fi
chill() { # PROGRAM
    if [ $all_dropped = yes ]; then
        sync
        echo 3 >/proc/sys/vm/drop_caches
    else
        for part in "$1" $(ldd "$1" | sed -n 's/.*=> \([^ ]*\).*/\1/p'); do
            dd if="$part" iflag=nocache count=0 2>/dev/null
        done
    fi
}

started() { # HOW-OFTEN TEXT COMMAND...: the median time to a whole screen of a peer
    times=$1 text=$2
    shift 2
    runs "$times" screen_ms --start-only --until "$text" --limit 20s -- "$@"
}
cold_start() { # TEXT COMMAND...
    text=$1
    shift
    values=
    for _ in 1 2 3; do
        chill "$(command -v "$1")"
        values="$values $(started 1 "$text" "$@")"
    done
    # shellcheck disable=SC2086
    median $values
}

scene_start() {
    section 'Start' 'warm: medians of 7 starts (peers 5), cold: of 3'
    server start
    small_data
    medians 7 screen_ms first_byte_ms -- whole --start-only -- "$build/redai-console" "$url"
    ours=$(figure "$work/medians.tsv" screen_ms) first=$(figure "$work/medians.tsv" first_byte_ms)
    celery="/usr/bin/python3 -m celery -b redis+socket://$sock events -F 1"
    # shellcheck disable=SC2086
    compare "start to the first full screen, warm: strip and five panes with data (first byte after $first ms)" "$ours" ms \
        'within 50 ms' "$(met "$ours" 50)" htop "$(started 5 'Load average' htop -d 10)" top "$(started 5 'load average' top -d 1)" \
        btop "$(started 5 'Pid' btop)" celery_events "$(started 5 UUID $celery)"
    values=
    for _ in 1 2 3; do
        chill "$build/redai-console"
        whole --start-only -- "$build/redai-console" "$url" >"$work/cold.tsv" 2>/dev/null
        values="$values $(figure "$work/cold.tsv" screen_ms)"
    done
    # shellcheck disable=SC2086
    ours=$(median $values)
    how='nothing of it in memory: the page cache dropped'
    [ $all_dropped = yes ] || how='the pages of the program and of its libraries dropped that no other program uses'
    set -- htop "$(cold_start 'Load average' htop -d 10)" top "$(cold_start 'load average' top -d 1)" btop "$(cold_start Pid btop)"
    # shellcheck disable=SC2086
    [ $all_dropped = no ] || set -- "$@" celery_events "$(cold_start UUID $celery)"
    compare "the same, cold ($how)" "$ours" ms '' '' "$@"
    end $server_pid
}
