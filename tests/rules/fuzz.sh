#!/bin/sh
# Every decoder of foreign bytes is fuzzed: each function that a header of schema gives out and that takes bytes is called
# by a target, and so are the others of this table, which stand elsewhere.
set -u
cd "$(dirname "$0")/../.."
status=0

fail() {
    echo "$1" >&2
    status=1
}

# What gives out bytes of our own tables.
exempt=' need_args '

targets=$(ls tests/fuzz/fuzz_*.c)
for header in include/redai/schema/*.h; do
    # Declarations on one line each, comments gone.
    tr '\n' ' ' <"$header" | sed 's#/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/##g' | tr ';' '\n' |
        sed -n 's/^.*[ *]\([a-z0-9_]*\)(.*struct span.*$/\1/p'
done | sort -u >/tmp/fuzz-rule.$$
while read -r name; do
    case "$exempt" in *" $name "*) continue ;; esac
    # shellcheck disable=SC2086
    grep -qw "$name" $targets || fail "schema: $name takes foreign bytes and no fuzz target calls it"
done </tmp/fuzz-rule.$$
[ "$(wc -l </tmp/fuzz-rule.$$)" -gt 30 ] || fail "the headers of schema are not understood"
rm -f /tmp/fuzz-rule.$$

# The names of targets: of their own calls, and of lists.
built=$(tr '\n' ' ' <tests/fuzz/CMakeLists.txt | grep -Eo '(redai_fuzz_target|redai_fuzz_scripted|foreach)\([^)]*' |
    sed 's/^foreach(decoder//; s/^[a-z_]*(\([a-z_]*\).*/\1/' | tr '\n' ' ' | tr -s ' ')

# source of a decoder | what it reads | target
while IFS='|' read -r source what target; do
    [ -n "$source" ] || continue
    [ -e "$source" ] || fail "$source ($what) is gone: take it from this table"
    [ -e "tests/fuzz/fuzz_$target.c" ] || fail "$what: tests/fuzz/fuzz_$target.c is missing"
    case " $built " in *" $target "*) ;; *) fail "$what: tests/fuzz/CMakeLists.txt does not build fuzz_$target" ;; esac
done <<'TABLE'
src/link/inbox.c|the protocol|inbox
src/link/push.c|messages of pub/sub|inbox
src/link/glance.c|messages of pub/sub where they lie|inbox
src/link/lines.c|the stream of MONITOR|lines
src/link/address_parse.c|a URL|address
src/link/sentinel.c|what sentinels say|sentinel
src/collect/collect.c|every reply that is asked for to be shown|collect
src/collect/feed.c|what is heard|collect
src/collect/doctor.c|the doctor's replies|collect
src/action/runner.c|every reply to an action|action
src/action/order_parse.c|a command line|order
src/conf/keymap.c|key bindings|config
src/tty/palette.c|a theme|theme
src/tty/input.c|keys of a terminal|input
src/app/settings.c|the configuration|settings
src/app/connection.c|named connections|settings
src/app/envfile.c|an env file|envfile
src/action/template.c|short names of tasks|settings
src/model/fact_parse.c|a file of facts|fact
src/model/rule_parse.c|alert rules|alert_line
src/view/ui.c|facts, on the screen|screen
src/base/utf8.c|any text for the screen|sanitise
src/base/veil.c|any name behind the curtain|veil
src/base/secret.c|what is secret within a text|secret
src/base/num.c|numbers|scalars
src/base/isotime.c|times|scalars
src/base/base64.c|base64|scalars
src/base/glob.c|patterns|scalars
TABLE
exit $status
