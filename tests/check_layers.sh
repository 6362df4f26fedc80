#!/bin/sh
# The headers' architecture: layers as the banners say (check_layers.awk), and every beginning of a file compiles by itself.
. tests/lib.sh

empty "the sections keep to their layers" awk -f tests/check_layers.awk $HEADERS

# A function stands above its callers in the other headers of the tree, too.
forward()
{
    awk '/^static / { whole = ""; on = 1 }
        on { line = $0; sub(/\/\/.*/, "", line); whole = whole " " line }
        on && line ~ /[;{=]/ { if (whole !~ /[{=]/ && whole ~ /\(/) print FILENAME ":" FNR ":" whole; on = 0 }' "$@"
}
# shellcheck disable=SC2046
empty "no header has static forward prototypes" forward $(find examples tests fuzz -name '*.h')
printf 'static int two(int a,\n    int b);\nstatic int one(void) { return 1; }\nstatic const int n[2] = { f(1), 2 };\n' >"$SCRATCH/forward.h"
ok "a static forward prototype is noticed" test "$(forward "$SCRATCH/forward.h" | wc -l)" -eq 1

# The checker must see what it is for: each sample breaks one rule.
broken() # RULE, sample on standard input
{
    { printf '// >>base  sizes | uses: -\n'; printf 'static int tamar__base_one(void) { return 1; }\n'; cat; } >"$SCRATCH/broken.h"
    awk -f tests/check_layers.awk "$SCRATCH/broken.h" | grep -q ": .*$1"
    ok "the checker notices: $1" test $? -eq 0
}
broken "static forward prototype" <<'X'
static int tamar__base_two(int a,
    int b);
X
broken "may not name" <<'X'
// >>str  views | uses: -
static int tamar__str_one(void) { return tamar__base_one(); }
X
broken "is not above it" <<'X'
// >>str  views | uses: base num
// >>num  numbers | uses: base
X
broken "may not call 'tamar_open'" <<'X'
// >>str  views | uses: base
static int tamar__str_one(void)
{
    return tamar_open();
}
// >>client  public functions | uses: all above
TAMAR_API int tamar_open(void) { return 0; }
X
broken "straddle" <<'X'
#if 1
// >>str  views | uses: base
#endif
X
broken "straddle" <<'X'
#if 1
static int tamar__base_two;
// >>str  views | uses: base
X
broken "looks at the platform" <<'X'
#ifdef _WIN32
#endif
X
broken "only os may" <<'X'
static const char *tamar__base_two(void) { return getenv("X"); }
X
broken "is called" <<'X'
static void tamar__base_two(void) { printf("x"); }
X
broken "defines 'tamar__str_x'" <<'X'
static int tamar__str_x(void) { return 0; }
X
broken "contents" <<'X'
/* SECTIONS (search for the tag)
       >>base   sizes
       >>str    views
*/
X

# cut FILE SECTION: the file as far as the end of that section, its open #ifs closed. Fails when it is the last one.
cut_after()
{
    awk -v wanted="$2" '
        /^\/\/ >>[a-z0-9]/ { if (here) { found = 1; exit } here = substr($2, 3) == wanted }
        { line[++n] = $0 }
        END {
            if (!found) exit 1
            while (n && line[n] ~ /^\/\/ (==|--)/) n--
            for (i = 1; i <= n; i++) {
                print line[i]
                if (line[i] ~ /^[ \t]*#[ \t]*if/) open++
                if (line[i] ~ /^[ \t]*#[ \t]*endif/) open--
            }
            while (open-- > 0) print "#endif"
        }' "$1"
}

cc=$(c_compilers | awk '{ print $1 }')
printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm_json.h"\n' >"$SCRATCH/json.c"
printf '#define TAMAR_IMPLEMENTATION\n#include "tamar_llm.h"\n' >"$SCRATCH/llm.c"
cuts=0
for h in $HEADERS; do
    for s in $(sed -n 's,^// >>\([a-z0-9]*\).*,\1,p' $h); do
        dir=$SCRATCH/$s
        mkdir -p "$dir"
        cp $HEADERS "$dir"
        case $h in tamar_llm_json.h) main=json.c ;; *) main=llm.c ;; esac
        cut_after $h "$s" >"$dir/$h" || continue
        cuts=$((cuts + 1))
        ok "$h compiles when it is cut after >>$s" $cc -std=c99 -fsyntax-only -Wall -Wextra -Werror -Wno-unused \
            -Wno-unused-function -Werror=implicit-function-declaration -I"$dir" "$SCRATCH/$main"
    done
done
ok "the files can be cut at all" test $cuts -ge 4

finish
