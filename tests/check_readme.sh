#!/bin/sh
# The README's tables keep their word: each case that the table of features names stands in that dialect's test, each
# test that the table of providers names exists, and each provider it lists is a row of the header.
. tests/lib.sh

# column 3 of the table of features is openai-chat, and so on
awk -F '|' '/^\| \| openai-chat \|/ { on = 1; next } on && !/^\|/ { exit } on && !/^\|---/ {
    split("chat responses anthropic gemini ollama", file, " ")
    for (c = 3; c <= 7; c++) { n = split($c, part, "`"); for (i = 2; i <= n; i += 2) print file[c - 2], part[i] } }' README.md >"$SCRATCH/cases"
ok "the table of features names cases" test -s "$SCRATCH/cases"
while read -r file name; do
    ok "README.md: $name is a case of tests/test_$file.c" grep -q "CASE(\"$name\")" "tests/test_$file.c"
done <"$SCRATCH/cases"

awk -F '|' '/^\| dialect \| providers/ { on = 1; next } on && !/^\|/ { exit } on && !/^\|---/ { print $3 >providers; print $5 >tests }' \
    providers="$SCRATCH/providers" tests="$SCRATCH/tests" README.md
tr '`' '\n' <"$SCRATCH/providers" | grep -E '^[a-z][a-z-]+$' | sort -u >"$SCRATCH/names"
ok "the table of providers names some" test -s "$SCRATCH/names"
while read -r name; do ok "README.md: $name is a provider" grep -q "^        { \"$name\"," tamar_llm.h; done <"$SCRATCH/names"
grep -oE '(tests/|examples/)?[a-z_]+\.c' "$SCRATCH/tests" | sort -u >"$SCRATCH/files"
while read -r file; do
    case $file in */*) ;; *) file=tests/$file ;; esac
    ok "README.md: $file exists" test -f "$file"
done <"$SCRATCH/files"
# and no provider of the header is forgotten
sed -n '/static const tamar_provider rows\[\] = {/,/^    };/s/^        { "\([a-z-]*\)",.*/\1/p' tamar_llm.h | sort -u >"$SCRATCH/rows"
while read -r name; do ok "README.md lists $name" grep -qx "$name" "$SCRATCH/names"; done <"$SCRATCH/rows"

finish
