#!/bin/sh
# What an alert rule says helps next is a pane there is and a command there is, with the kinds of things it can
# open. Usage: next.sh PROGRAM
program=$(realpath "$1") || exit 2
env -i PATH="$PATH" HOME=/nonexistent LC_ALL=C.UTF-8 "$program" usage | awk -F' *[|] *' '
/^## / { part = $0 }
part == "## Commands" && NF > 3 { split($2, word, " "); command[word[1]] = $0 }
part == "## Columns" && NF > 3 { split($2, word, " "); pane[word[1]] = 1 }
part == "## Alert rules" && NF > 7 && $2 != "rule" && $2 !~ /^-/ { rule[$2] = $7 }
/^### Metrics/ { part = "" }
END {
    pane["server"] = 1
    split("alert task queue worker family user session key", kinds, " ")
    for (k in kinds) kind[kinds[k]] = 1
    for (name in rule) {
        rules++
        next_is = rule[name]
        where = next_is; sub(/:.*/, "", where)
        if (!(where in pane)) { print name ": there is no pane \"" where "\""; bad = 1 }
        line = next_is; sub(/^[^`]*`:/, "", line); sub(/`$/, "", line)
        count = split(line, word, " ")
        if (count == 0 || !(word[1] in command)) { print name ": there is no command \"" word[1] "\""; bad = 1 }
        if (word[1] == "open" && !(word[2] in kind)) { print name ": nothing opens a \"" word[2] "\""; bad = 1 }
        if (word[1] != "open" && word[2] ~ /^[a-z]+$/ && word[1] != "filter" && index(command[word[1]], word[2]) == 0) {
            print name ": \"" word[1] "\" does not know \"" word[2] "\""; bad = 1
        }
    }
    if (rules < 50) { print "only " rules + 0 " rules were found"; bad = 1 }
    exit bad
}'
