#!/bin/sh
# What an including program gets: which symbols, which macros, and how copies of the headers live together.
. tests/lib.sh

inc="-I."
mode="-std=c99"
both='#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"'
alone='#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"'

source_file impl.c <<X
$both
X
source_file static.c <<X
#define TAMAR_STATIC
$both
const char *static_version(void);
const char *static_version(void) { return tamar_version(); }
X
source_file json.c <<X
$alone
X
source_file decl.c <<X
#include "tamar_llm.h"
#include "tamar_llm.h"
#include "tamar_llm_json.h"
X
source_file main.c <<X
#include "tamar_llm.h"
#include <string.h>
int main(void)
{
    tamar_json root;
    tamar_client *llm = tamar_open(NULL);
    tamar_close(llm);
    return tamar_json_parse("[1]", 3, &root, NULL) && strcmp(tamar_version(), TAMAR_VERSION) == 0 ? 0 : 1;
}
X
source_file main_json.c <<X
#include "tamar_llm_json.h"
int main(void)
{
    tamar_json root;
    return tamar_json_parse("[1]", 3, &root, NULL) ? 0 : 1;
}
X

# links NAME FILE...: builds a program of these files with each compiler and runs it.
links()
{
    what=$1
    shift
    files=
    for file in "$@"; do files="$files $SCRATCH/$file"; done
    for cc in $(c_compilers); do
        ok "$cc: $what" link_and_run $cc $mode $inc $files -o "$SCRATCH/linked"
    done
}
link_and_run() { "$@" && "$SCRATCH/linked"; }

links "two files, one with the implementation" main.c impl.c
links "JSON alone" main_json.c json.c

source_file one.c <<X
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
X
links "both headers' implementations in one file, JSON first, the macro defined for each" one.c main.c
source_file one.c <<X
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"
#include "tamar_llm.h"
X
links "the macro once, JSON first" one.c main.c
source_file one.c <<X
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "tamar_llm_json.h"
X
links "both headers' implementations in one file, client first" one.c main.c
source_file one.c <<X
#include "tamar_llm_json.h"
#include "tamar_llm.h"
$both
X
mode="-std=gnu99"  # under -std=c99 the declarations' standard headers would hide POSIX from the implementation
links "declarations first, the implementation later in the same file" one.c main.c
mode="-std=c99"
source_file one.c <<X
$both
#include "tamar_llm.h"
#include "tamar_llm_json.h"
X
links "the headers again after the implementation" one.c main.c
source_file one.c <<X
$both
$both
X
links "the implementation asked for twice in one file" one.c main.c
source_file json_and_llm_user.c <<X
#include "tamar_llm_json.h"
#include "tamar_llm.h"
int other(void);
int other(void) { return TAMAR_ABI; }
X
links "one file with the implementation, others with either header" impl.c main.c json_and_llm_user.c

for i in 1 2; do
    source_file private$i.c <<X
#define TAMAR_STATIC
$both
const char *version_$i(void);
const char *version_$i(void)
{
    tamar_client *llm = tamar_open(NULL);
    tamar_close(llm);
    return tamar_version();
}
X
done
source_file private_main.c <<X
#include <string.h>
const char *version_1(void);
const char *version_2(void);
int main(void) { return strcmp(version_1(), version_2()); }
X
links "two private copies (TAMAR_STATIC)" private1.c private2.c private_main.c
links "a private copy beside the public one" private1.c impl.c private_main.c private2.c

# -- symbols ---------------------------------------------------------------------------------------

symbols() { nm "$1" 2>/dev/null | awk 'NF == 3 { print $2, $3 } NF == 2 { print $1, $2 }'; }
if ! have nm; then skip "symbols" "no nm"
else
    for cc in $(c_compilers); do
        for o in -O0 -O2; do
            obj=$SCRATCH/$cc$o
            flags="-std=c99 $o -fno-pic -fno-pie"  # constant tables of pointers would need relocation, and look writable
            ok "$cc $o: the implementation compiles" $cc $flags $inc -c "$SCRATCH/impl.c" -o "$obj.o"
            symbols "$obj.o" >"$obj.txt"
            ok "$cc $o: it defines the public functions" grep -q '^T tamar_open_sized$' "$obj.txt"
            empty "$cc $o: every global symbol begins with tamar_" \
                awk '$1 ~ /^[TDBRCVWGSu]$/ && $2 !~ /^_?tamar_[a-z]/' "$obj.txt"
            empty "$cc $o: there is no writable data" awk '$1 ~ /^[dDbBCsSgG]$/' "$obj.txt"
            $cc $flags $inc -c "$SCRATCH/static.c" -o "$obj.static.o"
            symbols "$obj.static.o" >"$obj.static.txt"
            empty "$cc $o: TAMAR_STATIC leaves no global symbol" \
                awk '$1 ~ /^[TDBRCVWGSu]$/ && $2 !~ /^_?static_version$/' "$obj.static.txt"
            empty "$cc $o: nor writable data" awk '$1 ~ /^[dDbBCsSgG]$/' "$obj.static.txt"
        done
        ok "$cc: declarations compile" $cc -std=c99 $inc -c "$SCRATCH/decl.c" -o "$SCRATCH/decl.o"
        empty "$cc: declarations define nothing" nm "$SCRATCH/decl.o" 2>/dev/null
    done

    # A cut really cuts: what may not be called is not even referred to.
    refers() # PATTERN FLAG
    {
        $cc -std=c99 -O1 $inc "$2" -c "$SCRATCH/impl.c" -o "$SCRATCH/cut.o" || return
        nm -u "$SCRATCH/cut.o" | grep -wE "_?($1)(@.*)?"
    }
    cc=$(c_compilers | awk '{ print $1 }')
    empty "TAMAR_NO_MALLOC: no malloc" refers 'malloc|calloc|realloc|free' -DTAMAR_NO_MALLOC=1
    empty "TAMAR_NO_SOCKETS: no sockets, no names" \
        refers 'socket|connect|send|recv|sendto|recvfrom|poll|select|epoll_.*|getaddrinfo|socketpair' -DTAMAR_NO_SOCKETS=1
    empty "TAMAR_NO_THREADS: no threads" refers 'pthread_.*|thrd_.*' -DTAMAR_NO_THREADS=1
    empty "TAMAR_NO_TLS: no system library is opened" refers 'dlopen|dlsym' -DTAMAR_NO_TLS=1
    empty "nothing prints, exits or aborts" \
        refers 'printf|fprintf|vfprintf|puts|fputs|putchar|perror|exit|_exit|abort|stdout|stderr' -DNDEBUG
    # The JSON header promises more: no allocation it was not given, no locale, no library but string.h and malloc.
    $cc -std=c99 -O1 -DNDEBUG $inc -c "$SCRATCH/json.c" -o "$SCRATCH/json.o"
    nm -u "$SCRATCH/json.o" | awk '{ print $NF }' |
        grep -vE '^_*(mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|rchr|spn|cspn|pbrk|str)|malloc|realloc|calloc|free|stack_chk_fail|u?(div|mod|mul)ti3|GLOBAL_OFFSET_TABLE_)$' >"$SCRATCH/foreign"
    empty "the JSON header needs string.h and malloc only" cat "$SCRATCH/foreign"
fi

# -- macros ----------------------------------------------------------------------------------------

# Macros that our headers defined and left behind, and others that they undefined. The line markers tell whose each line is.
macros() # COMPILER FILE
{
    $1 $inc -E -dD "$SCRATCH/$2" >"$SCRATCH/expanded" || return
    awk '
        /^# [0-9]+ "/ { ours = $3 ~ /tamar_llm(_json)?\.h"$/; next }
        /^#define / {
            name = $2
            sub(/\(.*/, "", name)
            if (ours) { mine[name] = 1; seen++ } else delete mine[name]
        }
        /^#undef / {
            if (ours && !($2 in mine) && $2 !~ /^TAMAR/) print "undefines " $2
            delete mine[$2]
        }
        END {
            for (name in mine) if (name !~ /^(TAMAR|tamar)/) print "leaves " name
            if (!seen) print "saw no macro of ours: the line markers were not understood"
        }' "$SCRATCH/expanded"
}

pragmas() # COMPILER FILE: pushes and pops must pair
{
    $1 $inc -E "$SCRATCH/$2" | awk '
        /^# [0-9]+ "/ { ours = $3 ~ /tamar_llm(_json)?\.h"$/; next }
        ours && /^#pragma .*push/ { depth++; next }
        ours && /^#pragma .*pop/ { depth--; next }
        ours && /^#pragma/ && depth == 0 { print "outside of push and pop: " $0 }
        END { if (depth) print "pushed " depth " more often than popped" }'
}

source_file marker.c <<X
$both
#ifdef TAMAR_IMPLEMENTATION
#error "TAMAR_IMPLEMENTATION is still defined"
#endif
#if !defined(TAMAR__JSON_IMPLEMENTED) || !defined(TAMAR__LLM_IMPLEMENTED)
#error "the implementation left no marker"
#endif
X
source_file marker_json.c <<X
$alone
#ifdef TAMAR_IMPLEMENTATION
#error "TAMAR_IMPLEMENTATION is still defined"
#endif
#ifndef TAMAR__JSON_IMPLEMENTED
#error "the implementation left no marker"
#endif
X
source_file marker_none.c <<X
#include "tamar_llm.h"
#if defined(TAMAR__JSON_IMPLEMENTED) || defined(TAMAR__LLM_IMPLEMENTED)
#error "declarations alone look like the implementation"
#endif
X
source_file features.c <<X
#define _GNU_SOURCE 1
$both
#ifndef _GNU_SOURCE
#error "the user's _GNU_SOURCE was taken away"
#endif
X
for cc in $(c_compilers); do
    empty "$cc: the implementation leaves no foreign macro" macros $cc impl.c
    empty "$cc: nor does the JSON header alone" macros $cc json.c
    empty "$cc: nor do the declarations" macros $cc decl.c
    empty "$cc: nor with TAMAR_STATIC" macros $cc static.c
    empty "$cc: pragmas are pushed and popped" pragmas $cc impl.c
    for file in marker marker_json marker_none features; do
        ok "$cc: $file" $cc -std=c99 $inc -fsyntax-only "$SCRATCH/$file.c"
    done
done

finish
