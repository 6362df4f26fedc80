#!/bin/sh
# tests/failures.txt and tests/scenarios.txt: every failure mode has a scenario or a reason, every test that a row names has
# a case of that name.
# shellcheck disable=SC1091
. tests/lib.sh

MAP=tests/failures.txt
LAST=96
SCENARIOS=tests/scenarios.txt
REAL="command provider_sim soak os tls"  # the tests on real sockets

# The names of the cases of one test, one a line.
cases()
{
    case $1 in
    command | provider_sim)  # what stands behind one of the words that begin a test there
        grep -oE "\\b(prints|shows|says|never|ended|count|ok|partial|refuses) ('[^']*'|\"[^\"]*\")" "tests/test_$1.sh" |
            sed -E "s/^[a-z]+ .(.*).\$/\\1/" ;;
    soak) sed -n '/^} behaviours/,/^};/p' tests/soak.c | grep -oE '\{ "[^"]*"' | cut -d '"' -f 2 ;;
    *) sed -nE 's/.*(CASE|TEST|V|VF)\("([^"]*)".*/\2/p; s/^ *\{ ?"([^"]*)",.*/\1/p' "tests/test_$1.c" 2>/dev/null ;;
    esac
}

# The numbers of the scenarios of FILE, with "real" behind those that are played over sockets, too: the others have an option
# of the simulated world's, or steps with a ! that only it knows.
numbers()
{
    sed -n '/^#define PLAN_OPTIONS/,/^$/s/.*, "\([a-z-]*\)", [a-z]*, true, .*/\1/p' tests/scenario.h >"$SCRATCH/world"
    awk -F '|' -v file="$SCRATCH/world" '
        BEGIN { while ((getline name <file) > 0) world[name] }
        /^@/ {
            n = split($3, options, " "); real = " real"
            for (i = 2; i <= n; i++) { name = options[i]; sub(/=.*/, "", name); if (name in world) real = "" }
            if ($4 ~ /!(unreachable|black-hole|name-silent|cert|alert|mute|refused;)/) real = ""
            number = $1; sub(/^@/, "", number); sub(/ .*/, "", number)
            print number real
        }' "$1"
}

# check MAP [SCENARIOS]: what is wrong with it, and nothing when all is well.
check()
{
    numbers "${2:-$SCENARIOS}" >"$SCRATCH/numbers"
    grep -v -e '^#' -e '^$' "$1" | awk -v last=$LAST -v real=" $REAL " -v numbers="$SCRATCH/numbers" '
        BEGIN { while ((getline line <numbers) > 0) { split(line, f, " "); scenario[f[1]]; world[f[1]]; if (f[2]) socket[f[1]] } }
        $1 !~ /^[0-9]+$/ || $1 < 1 || $1 > last || NF < 3 { print "no such row: " $0; next }
        seen[$0]++ { print "twice: " $0 }
        $2 == "open:" { next }
        $2 == "-" && $3 == "scenario:" && NF > 3 { if ($1 in scenario) print "there is a scenario: " $0; scenario[$1]; next }
        $2 == "-" && $3 == "world:" && NF > 3 { world[$1]; next }
        $2 == "-" && $3 == "socket:" && NF > 3 { if ($1 in socket) print "it is on a socket: " $0; socket[$1]; next }
        $2 == "-" { print "no reason: " $0; next }
        index(real, " " $2 " ") { socket[$1]; next }
        { world[$1] }
        END {
            for (i = 1; i <= last; i++) {
                if (!(i in scenario)) print "no scenario: " i
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
    # what the scenarios know to be wrong is open here, too
    sed -n 's/^open ~*\([^ ]*\) .*/\1/p' "${2:-$SCENARIOS}" | sort -u | while read -r row; do
        number=$(sed -n "s/^@\\([0-9]*\\) ~*$row |.*/\\1/p" "$SCENARIOS")
        grep -q "^${number:-none} open: " "$1" || echo "open in the scenarios only: $row"
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
broken "a mode without a real case" '/^82 os /d; /^82 command /d; /^95 - socket/d'
broken "a case that does not exist" 's/^81 command /&no /'
broken "a test that does not exist" 's/^81 command /81 commands /'
broken "a number of no mode" 's/^81 command /97 command /'
broken "a reason that is none" 's/^95 - socket:.*/95 - socket:/'
without() # NAME, sed script
{
    sed "$2" $SCENARIOS >"$SCRATCH/scenarios"
    check $MAP "$SCRATCH/scenarios" >"$SCRATCH/found"
    ok "the checker notices: $1" test -s "$SCRATCH/found"
}
without "a mode without a scenario" 's/^@80 /@0 /'
without "a mode that has one only in the simulated world" 's,^\(@80 .*all/[a-z]*\),\1 rtt=9,'
{ cat $SCENARIOS; echo "open conflict tamar.openai | a reason"; } >"$SCRATCH/scenarios"
check $MAP "$SCRATCH/scenarios" >"$SCRATCH/found"
ok "the checker notices: what is open in the scenarios and not here" test -s "$SCRATCH/found"
echo "    $(grep -c ' open: ' $MAP) are open"
finish
