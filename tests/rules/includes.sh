#!/bin/sh
# The room table of docs/map.md, enforced: a room includes itself and what its row allows, nothing else; third-party
# headers only where the row names the library. Prints each offence; exit 1 when there is one.
cd "$(dirname "$0")/../.." || exit 2

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

# One awk over all files: a process for each include took half a minute.
printf '%s\n' "$table" | awk -v foreign="^($foreign)\$" -F: '
    NF == 3 {
        rooms[$1] = $1 " " $2
        if ($2 ~ /(^| )model/) rooms[$1] = rooms[$1] " schema" # schema'"'"'s own table types ride along with facts
        headers[$1] = $3
    }
    function may(room, path,    allowed, n, i) {
        n = split(rooms[room], allowed, " ")
        for (i = 1; i <= n; i++)
            if (index(path, allowed[i] "/") == 1 || path == allowed[i] ".h") return 1
        return 0
    }
    function offence(what) { print file ": room " room " may not include " what; bad = 1 }
    END {
        for (room in rooms) {
            list = "find src/" room " include/redai/" room " -name \"*.[ch]\" 2>/dev/null"
            while ((list | getline file) > 0) {
                files++
                while ((getline line < file) > 0) {
                    if (line !~ /^#include /) continue
                    name = substr(line, 11)
                    sub(/[">].*/, "", name)
                    if (line ~ /^#include "redai\//) {
                        sub(/^redai\//, "", name)
                        if (!may(room, name)) offence("redai/" name)
                    } else if (line ~ /^#include </ && name ~ foreign)
                        if (headers[room] == "" || name !~ ("^(" headers[room] ")$")) offence("<" name ">")
                }
                close(file)
            }
            close(list)
        }
        if (!files) { print "no source was found"; bad = 1 }
        exit bad
    }'
