# What the scripts share: counting, compilers, a scratch directory, servers and certificates of their own. Sourced, from
# the top directory.
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

# server NAME PROGRAM ARG...: starts it and waits for its first line. The port at the end of that is then in $NAME, the
# process in $pid_NAME. Who starts some calls stop_servers when it exits.
server()
{
    name=$1
    shift
    : >"$SCRATCH/$name.port"
    "$@" >"$SCRATCH/$name.port" 2>"$SCRATCH/$name.err" &
    started="$started $!"
    eval "pid_$name=$!"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        if [ -s "$SCRATCH/$name.port" ]; then break; fi
        sleep 0.1
    done
    eval "$name=$(sed -n '1s/.*[^0-9]//; 1p' "$SCRATCH/$name.port")"
}

started=
stop_servers() { for p in $started; do kill "$p" 2>/dev/null; done; }

# Fails where there is no libssl to build with.
build_tls_front()
{
    $CC -std=c99 -O1 -o "$SCRATCH/tls_front" tests/tls_front.c -lssl -lcrypto -lpthread >"$SCRATCH/cc" 2>&1
}

# authority NAME: its certificate, $SCRATCH/NAME.pem, is of "Test NAME"
authority()
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$SCRATCH/$1.key" \
        -out "$SCRATCH/$1.pem" -days 30 -subj "/O=Tests/CN=Test $1" \
        -addext basicConstraints=critical,CA:TRUE >"$SCRATCH/err" 2>&1
}

# certificate NAME SUBJECT-ALTERNATIVES ("": none): by the authority ca; $SCRATCH/NAME.crt, and NAME.all with its key
certificate()
{
    if [ "$2" ]; then echo "subjectAltName=$2"; else echo "basicConstraints=CA:FALSE"; fi >"$SCRATCH/ext"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$SCRATCH/$1.key" \
        -out "$SCRATCH/$1.csr" -subj /CN=localhost >>"$SCRATCH/err" 2>&1
    openssl x509 -req -in "$SCRATCH/$1.csr" -CA "$SCRATCH/ca.pem" -CAkey "$SCRATCH/ca.key" -CAcreateserial -days 30 \
        -extfile "$SCRATCH/ext" -out "$SCRATCH/$1.crt" >>"$SCRATCH/err" 2>&1
    cat "$SCRATCH/$1.crt" "$SCRATCH/$1.key" >"$SCRATCH/$1.all"
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
