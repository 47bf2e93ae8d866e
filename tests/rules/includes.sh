#!/bin/sh
# The room table of docs/map.md, enforced: a room includes itself and what its row allows, nothing else; third-party
# headers only where the row names the library. Prints each offence; exit 1 when there is one.
cd "$(dirname "$0")/../.." || exit 2
status=0

# room: rooms it may include: third-party headers it may include (basic regular expressions)
table='
base::ut[a-z]*\.h
conf:base:
schema:base:jansson\.h|openssl/evp\.h
model:base schema:
link:base:ev\.h|hiredis/[a-z]*\.h|openssl/[a-z0-9]*\.h
collect:base schema model/fact link:
action:base conf schema link:
view:base conf model:
tty:base conf view/grid view/role:curses\.h|ncurses\.h|term\.h
demo:base schema link:
app:base conf schema model link collect action view tty demo:ev\.h
'
foreign='ut[a-z]*\.h|jansson\.h|ev\.h|hiredis/[a-z]*\.h|openssl/[a-z0-9]*\.h|n?curses\.h|term\.h'

for row in $(printf '%s\n' "$table" | tr ' ' ','); do
    room=${row%%:*}
    rest=${row#*:}
    rooms=$(printf '%s' "${rest%%:*}" | tr ',' ' ')
    headers=${rest#*:}
    # schema's own table types ride along with model's facts
    for allowed in $rooms; do case $allowed in model | model/fact) rooms="$rooms schema" ;; esac; done
    files=$(find "src/$room" "include/redai/$room" -name '*.[ch]' 2>/dev/null)
    for file in $files; do
        for include in $(sed -n 's/^#include "redai\/\([^"]*\)".*/\1/p' "$file"); do
            ok=
            for allowed in "$room" $rooms; do
                case $include in "$allowed"/* | "$allowed".h) ok=1 ;; esac
            done
            [ -n "$ok" ] || { echo "$file: room $room may not include redai/$include"; status=1; }
        done
        for include in $(sed -n 's/^#include <\([^>]*\)>.*/\1/p' "$file" | grep -Ex "$foreign"); do
            [ -n "$headers" ] && printf '%s\n' "$include" | grep -Eqx "$headers" && continue
            echo "$file: room $room may not include <$include>"
            status=1
        done
    done
done
exit $status
