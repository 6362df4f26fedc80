#!/bin/sh
# The text of the project: what lies where, and that nothing was left lying in it.
. tests/lib.sh

# Every file that belongs to the project; in a tarball, without git, every file but the built ones.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then git ls-files
else find . -type f ! -path './build/*' | sed 's,^\./,,'
fi | while read -r f; do if [ -f "$f" ]; then echo "$f"; fi; done >"$SCRATCH/files"
grep -E '\.(h|c|cpp|sh|awk|md)$|^Makefile$|^\.ci/' "$SCRATCH/files" >"$SCRATCH/sources"
grep -E '\.(h|c|cpp)$' "$SCRATCH/files" >"$SCRATCH/code"
in_files() { list=$1; shift; xargs grep -nE "$@" /dev/null <"$SCRATCH/$list"; }

cut -d / -f 1 "$SCRATCH/files" | sort -u | grep -v '^\.' >"$SCRATCH/top"
empty "the top level holds only what it should" \
    grep -vxE 'tamar_llm\.h|tamar_llm_json\.h|tests|examples|fuzz|Makefile|README\.md' "$SCRATCH/top"
for f in tamar_llm.h tamar_llm_json.h Makefile README.md; do ok "$f is there" grep -qx "$f" "$SCRATCH/top"; done

empty "no work is left lying" in_files sources '\b(TO[D]O|FIX[M]E|XX[X])\b'
empty "no path of one machine" in_files sources '(^|[^A-Za-z0-9_.}])/(work|home|root|Users)/[A-Za-z]'
empty "no white space at the end of a line" in_files sources '[[:space:]]$'
tab=$(printf '\t')
empty "no tabs in C" in_files code "$tab"
empty "ASCII only in the headers" sh -c "LC_ALL=C grep -nE '[^ -~]' $HEADERS"
empty "every file ends with a newline" sh -c "while read -r f; do [ -z \"\$(tail -c 1 \"\$f\")\" ] || echo \"\$f\"; done <$SCRATCH/sources"
empty "the shell scripts parse" sh -c "for f in tests/*.sh; do case \$(head -n 1 \$f) in *bash) continue ;; esac; sh -n \$f; done"

# 100 columns are the house's measure. Hard limits: 130 above the implementation (a declaration with its comment), 120 below.
empty "no line of the headers is too long" awk '
    FNR == 1 { limit = 130 }
    /^ *Stop here if you only use the API/ { limit = 120 }
    length($0) > limit { print FILENAME ":" FNR ": " length($0) " columns" }' $HEADERS
ok "both headers say where the reader may stop" sh -c "[ \$(grep -l '^ *Stop here if you only use the API' $HEADERS | wc -l) -eq 2 ]"
ok "both headers carry both licences" sh -c "[ \$(grep -l 'ALTERNATIVE A - MIT' $HEADERS | xargs grep -l 'ALTERNATIVE B - Public Domain' | wc -l) -eq 2 ]"
version=$(sed -n 's/^#define TAMAR_VERSION "\(.*\)"/\1/p' tamar_llm.h)
ok "the version is in both headers' histories" sh -c "[ \$(grep -lE '^ +$version  ' $HEADERS | wc -l) -eq 2 ]"
for t in demo test torture bench san fuzz analyze examples build; do
    ok "make help knows $t" sh -c "make help 2>/dev/null | grep -q '^ *make $t '"
done

finish
