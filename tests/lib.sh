# What the check scripts share: counting, compilers, a scratch directory. Sourced, from the top directory.
# shellcheck shell=sh disable=SC2034
passed=0 failed=0 skipped=0
BUILD=${BUILD:-build}
CC=${CC:-cc}
CXX=${CXX:-c++}
HEADERS="tamar_llm_json.h tamar_llm.h"  # in dependency order
SCRATCH=$BUILD/check/$(basename "$0" .sh)-$$  # kept when something failed
mkdir -p "$SCRATCH"

# The whole warning set that the headers promise to be clean under.
WARNINGS="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wc++-compat -Werror"
WARNINGS_CXX="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror"

have() { command -v "$1" >/dev/null 2>&1; }

# gcc and clang, or what CC names when neither is there.
c_compilers()
{
    found=
    for cc in gcc clang; do if have $cc; then found="$found $cc"; fi; done
    echo "${found:-$CC}"
}

cxx_compilers()
{
    found=
    for cxx in g++ clang++; do if have $cxx; then found="$found $cxx"; fi; done
    if [ -z "$found" ] && have "$CXX"; then found=$CXX; fi
    echo "$found"
}

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED: $1"; }
skip() { skipped=$((skipped + 1)); echo "    skipped: $1 ($2)"; }

# ok NAME COMMAND...: counts one; shows the command's output if it failed.
ok()
{
    name=$1
    shift
    if "$@" >"$SCRATCH/out" 2>&1; then pass
    else
        fail "$name"
        echo "    $*"
        head -n 30 "$SCRATCH/out" | sed 's/^/    /'
    fi
}

# empty NAME COMMAND...: counts one; what the command prints are the faults.
empty()
{
    name=$1
    shift
    "$@" >"$SCRATCH/out" 2>&1
    if [ -s "$SCRATCH/out" ]; then
        fail "$name"
        head -n 30 "$SCRATCH/out" | sed 's/^/    /'
    else pass
    fi
}

# source NAME: writes standard input to a file of that name in the scratch directory.
source_file() { cat >"$SCRATCH/$1"; }

finish()
{
    echo "$passed passed, $failed failed, $skipped skipped"
    if [ "$failed" -gt 0 ]; then exit 1; fi
    rm -rf "$SCRATCH"
    exit 0
}
