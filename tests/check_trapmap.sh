#!/bin/sh
# tests/traps.txt: every numbered trap has its row, every test that a row names has a case of that name.
# shellcheck disable=SC1091
. tests/lib.sh

MAP=tests/traps.txt

# The names of the cases of one test, one a line.
cases() { sed -nE 's/.*(CASE|TEST|V|VF)\("([^"]*)".*/\2/p' "tests/test_$1.c" 2>/dev/null; }

# check MAP: what is wrong with it, and nothing when all is well.
check()
{
    grep -v -e '^#' -e '^$' "$1" | awk '
        BEGIN {
            last["openai"] = 30; last["anthropic"] = 11; last["gemini"] = 14; last["china"] = 15; last["corpus"] = 42
        }
        { of[$1 " " $2]++ }
        !($1 in last) || $2 !~ /^[0-9]+$/ || $2 < 1 || $2 > last[$1] || NF < 4 { print "no such row: " $0 }
        seen[$0]++ { print "twice: " $0 }
        END { for (l in last) for (i = 1; i <= last[l]; i++) if (!((l " " i) in of)) print "no row: " l " " i }'
    for test in $(awk '!/^#/ && NF && $3 != "-" { print $3 }' "$1" | sort -u); do
        cases "$test" >"$SCRATCH/cases"
        awk -v test="$test" '!/^#/ && $3 == test { sub(/^[^ ]+ [^ ]+ [^ ]+ /, ""); print }' "$1" | sort -u |
            while read -r name; do
                grep -qxF -e "$name" "$SCRATCH/cases" || echo "tests/test_$test.c has no case: $name"
            done
    done
}

empty "every trap is mapped to cases that exist" check $MAP

# The checker must see what it is for.
broken() # NAME, sed script
{
    sed "$2" $MAP >"$SCRATCH/map"
    check "$SCRATCH/map" >"$SCRATCH/found"
    ok "the checker notices: $1" test -s "$SCRATCH/found"
}
broken "a trap without a row" '/^corpus 42 /d'
broken "a case that does not exist" 's/^corpus 42 chat refusal$/corpus 42 chat refused/'
broken "a test that does not exist" 's/^corpus 42 chat /corpus 42 chatter /'
broken "a row of no list" 's/^corpus 42 /corpse 42 /'

finish
