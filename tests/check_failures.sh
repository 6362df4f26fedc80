#!/bin/sh
# tests/failures.txt: every failure mode has its rows, every test that a row names has a case of that name.
# shellcheck disable=SC1091
. tests/lib.sh

MAP=tests/failures.txt
LAST=96
REAL="matrix command provider_sim soak os tls"  # the tests on real sockets

# The names of the cases of one test, one a line.
cases()
{
    case $1 in
    matrix) grep -v -e '^#' -e '^rule ' -e '^open ' -e '^$' tests/matrix/rows.txt | cut -d '|' -f 1 | tr -d ' ~' ;;
    command | provider_sim)  # what stands behind one of the words that begin a test there
        grep -oE "\\b(prints|shows|says|never|ended|count|ok|partial|refuses) ('[^']*'|\"[^\"]*\")" "tests/test_$1.sh" |
            sed -E "s/^[a-z]+ .(.*).\$/\\1/" ;;
    soak) sed -n '/^} behaviours/,/^};/p' tests/soak.c | grep -oE '\{ "[^"]*"' | cut -d '"' -f 2 ;;
    *) sed -nE 's/.*(CASE|TEST|V|VF)\("([^"]*)".*/\2/p; s/^ *\{ ?"([^"]*)",.*/\1/p' "tests/test_$1.c" 2>/dev/null ;;
    esac
}

# check MAP: what is wrong with it, and nothing when all is well.
check()
{
    grep -v -e '^#' -e '^$' "$1" | awk -v last=$LAST -v real=" $REAL " '
        $1 !~ /^[0-9]+$/ || $1 < 1 || $1 > last || NF < 3 { print "no such row: " $0; next }
        seen[$0]++ { print "twice: " $0 }
        $2 == "open:" { next }
        $2 == "-" && $3 == "world:" && NF > 3 { world[$1]; next }
        $2 == "-" && $3 == "socket:" && NF > 3 { socket[$1]; next }
        $2 == "-" { print "no reason: " $0; next }
        index(real, " " $2 " ") { socket[$1]; next }
        { world[$1] }
        END {
            for (i = 1; i <= last; i++) {
                if (!(i in world)) print "nowhere in a simulated world: " i
                if (!(i in socket)) print "nowhere on a real socket: " i
            }
        }'
    for test in $(awk '!/^#/ && NF && $2 != "-" && $2 != "open:" { print $2 }' "$1" | sort -u); do
        cases "$test" >"$SCRATCH/cases"
        awk -v test="$test" '!/^#/ && $2 == test { sub(/^[^ ]+ [^ ]+ /, ""); print }' "$1" | sort -u |
            while read -r name; do
                grep -qxF -e "$name" "$SCRATCH/cases" || echo "$test has no case: $name"
            done
    done
    # what the matrix knows to be wrong is open here, too
    sed -n 's/^open ~*\([^ ]*\) .*/\1/p' "${2:-tests/matrix/rows.txt}" | sort -u | while read -r row; do
        number=$(awk -v row="$row" '$2 == "matrix" && $3 == row { print $1; exit }' "$1")
        case $number in 7) number=8 ;; esac  # of the hints, the header is at fault
        grep -q "^${number:-none} open: " "$1" || echo "open in the matrix only: $row"
    done
}

empty "every failure mode is mapped to cases that exist" check $MAP
ok "there are $LAST of them" [ "$(grep -c '^# [0-9]' $MAP)" -eq $LAST ]

# The checker must see what it is for.
broken() # NAME, sed script
{
    sed "$2" $MAP >"$SCRATCH/map"
    check "$SCRATCH/map" >"$SCRATCH/found"
    ok "the checker notices: $1" test -s "$SCRATCH/found"
}
broken "a mode without a simulated case" '/^80 reliability /d; /^80 client /d'
broken "a mode without a real one" '/^80 matrix /d'
broken "a case that does not exist" 's/^80 matrix short-length$/80 matrix short-lengths/'
broken "a test that does not exist" 's/^80 matrix /80 matrices /'
broken "a number of no mode" 's/^80 matrix /97 matrix /'
broken "a reason that is none" 's/^95 - socket:.*/95 - socket:/'
{ cat tests/matrix/rows.txt; echo "open conflict tamar.openai | a reason"; } >"$SCRATCH/rows"
check $MAP "$SCRATCH/rows" >"$SCRATCH/found"
ok "the checker notices: what is open in the matrix and not here" test -s "$SCRATCH/found"
echo "    $(grep -c ' open: ' $MAP) are open"
finish
