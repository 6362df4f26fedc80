#!/bin/sh
# The samples that people copy: every C block of README.md and of the headers' manuals compiles.
# A whole program is compiled and linked as it stands, in the compiler's default mode; a fragment becomes the body of a function, with the names it
# takes for granted declared around it.
. tests/lib.sh

cc=$(c_compilers | awk '{ print $1 }')

# README.md: the blocks between ```c and ```, to readme-1.c, readme-2.c, ...
awk -v to="$SCRATCH/readme-" '
    /^```c$/ { file = to (++n) ".txt"; next }
    /^```/ { file = "" }
    file { print > file }' README.md

# A manual: blocks indented by at least seven columns, set off by empty lines, that end like code.
for h in $HEADERS; do
    awk -v to="$SCRATCH/$(basename $h .h)-" '
        function flush(    i, file) {
            if (count && block[count] ~ /([;}]|\.\.\.)$/) {
                file = to (++n) ".txt"
                for (i = 1; i <= count; i++) print block[i] > file
            }
            count = 0
        }
        /^   MANUAL/ { manual = 1 }
        /^   -----/ && manual { flush(); exit }
        manual && /^       / { block[++count] = substr($0, 8); next }
        manual { flush() }' $h
done

programs=0 fragments=0
for sample in "$SCRATCH"/*.txt; do
    c=${sample%.txt}.c
    what=$(basename "$sample" .txt)
    if grep -q 'int main(' "$sample"; then
        cp "$sample" "$c"
        ok "$what, a program" $cc -Wall -Wextra -Wpedantic -Werror -I. "$c" -o "${sample%.txt}"
        programs=$((programs + 1))
        continue
    fi
    text='const char *text = ""'
    if grep -q '&text' "$sample"; then text='tamar_str text = {"", 0}'; fi
    {
        echo '#define TAMAR_IMPLEMENTATION'
        echo '#include "tamar_llm.h"'
        echo '#include <stdio.h>'
        echo 'void ui_append(const char *text, size_t len);'
        echo 'void ui_done(const char *error);'
        echo 'void draw(void);'
        echo 'extern bool running;'
        echo 'extern tamar_client *llm;'
        echo 'extern tamar_json doc, usage;'
        echo 'extern char buf[256];'
        echo 'extern size_t len;'
        echo 'extern tamar_json_error err;'
        echo 'extern void *my_memory;'
        echo 'extern size_t my_size;'
        echo 'void sample(void);'
        echo 'void sample(void)'
        echo '{'
        echo "    $text;"
        echo '    (void)text;'
        echo '    {'
        sed 's/{ \.\.\. }/{ }/; s/) \.\.\.$/) { }/' "$sample"
        echo '    }'
        echo '}'
    } >"$c"
    ok "$what, a fragment" $cc -std=c99 -fsyntax-only -Wall -Wextra -Werror -Wno-unused -Wno-unused-function -I. "$c"
    fragments=$((fragments + 1))
done
ok "the README holds a whole program" grep -l 'int main(' "$SCRATCH"/readme-*.txt
ok "the README's frame loop is there" grep -l 'tamar_next_event' "$SCRATCH"/readme-*.txt
ok "the client's manual holds samples" test -f "$SCRATCH/tamar_llm-2.txt"
ok "the JSON manual holds samples" test -f "$SCRATCH/tamar_llm_json-3.txt"

# The README's blocks for the shell name only targets and files that exist.
grep -oE 'make [a-z]+' README.md | awk '{ print $2 }' | sort -u >"$SCRATCH/targets"
while read -r t; do
    case $t in and | it | sure) continue ;; esac
    ok "README: make $t" grep -qE "^$t:" Makefile
done <"$SCRATCH/targets"
grep -oE '(tests|examples|fuzz)/[A-Za-z0-9_./]+\.(c|sh|h|cpp)' README.md | sort -u >"$SCRATCH/paths"
while read -r f; do ok "README: $f" test -f "$f"; done <"$SCRATCH/paths"

# The README names every provider that has a row, and every macro it lists is one.
sed -n 's/^ *{ "\([a-z]*\)", [^{}]*"[a-z]*-[a-z]*", .*/\1/p' tamar_llm.h | sort -u >"$SCRATCH/rows"
ok "there are provider rows" test -s "$SCRATCH/rows"
while read -r row; do ok "README: provider $row" grep -q "\`$row\`" README.md; done <"$SCRATCH/rows"
grep -oE '^\| `TAMAR_[A-Z_]+' README.md | tr -d '|` ' >"$SCRATCH/switches"
while read -r macro; do ok "README: $macro" grep -qE "^ *# *if.*$macro" $HEADERS; done <"$SCRATCH/switches"

finish
