#!/bin/sh
# Who does what when a server misbehaves: the scenarios of tests/scenarios.txt, over real sockets against the simulated
# provider, through the library and through the vendors' own SDKs with their default settings; tests/matrix.md is the result.
#   make matrix       installs the SDKs with npm, which are left out by name where there is no node
. tests/lib.sh
SCENARIOS=tests/scenarios.txt
ROWS=$SCRATCH/rows  # the same in the matrix's own fields
PAGE=${MATRIX_PAGE:-tests/matrix.md}
LONG=${MATRIX_LONG:-150}  # seconds until a call that waits is left alone, in rows marked with ~
SHORT=${MATRIX_SHORT:-30}  # in the others
JOBS=${MATRIX_JOBS:-3}
SDK=build/sdk
NODE=$SDK/node_modules/node/bin/node
unset OPENAI_BASE_URL OPENAI_ORG_ID OPENAI_PROJECT_ID OPENAI_CUSTOM_HEADERS ANTHROPIC_BASE_URL ANTHROPIC_AUTH_TOKEN ANTHROPIC_CUSTOM_HEADERS
unset GOOGLE_API_KEY GEMINI_API_KEY GOOGLE_GENAI_USE_VERTEXAI http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY

# field LINE N: without the blanks around it
field() { printf '%s\n' "$1" | cut -d '|' -f "$2" | sed 's/^ *//; s/ *$//'; }

# -- one call: --run DIRECTORY PORT OTHER_PORT CLIENT ROW-NAME; leaves DIRECTORY/ROW.CLIENT ----------------------------

if [ "$1" = --run ]; then
    dir=$2 port=$3 other=$4 client=$5 name=$6 ROWS=$2/rows
    line=$(grep -e "^$name |" "$ROWS")
    vendor=${client#tamar.}
    vendor=${vendor%.stream}
    words=$(field "$line" 5) want=$(field "$line" 6) theirs=$(field "$line" 7)
    case $theirs in *"$vendor="*) words=${theirs#*"$vendor="} words=${words%%; *} ;; esac
    call=$(field "$line" 3)
    if [ "$words" = - ]; then exit; fi
    case $client/$call in *.stream/whole* | *.stream/twice | *.stream/big) exit ;; esac
    case $name in '~'*) bound=$LONG ;; *) bound=$SHORT ;; esac
    id=$(printf %s "$name.$client" | tr -d '~')
    case $words in
    @CLOSED@) base=http://127.0.0.1:9 ;;
    *)
        words=$(printf %s "$words" | sed "s,@OTHER@,http://localhost:$other/$id," | sed 's,http://localhost:[0-9]*/,&,; s, ,%20,g' |
            awk '{ at = index($0, "redirect="); if (!at) print; else { v = substr($0, at + 9); gsub(/\//, "%2F", v); print substr($0, 1, at + 8) v } }')
        words=$(printf %s "$words" | awk -v id="$id" '{ n = split($0, a, ";"); for (i = 1; i <= n; i++) printf "%s,id=%s%s", a[i], id, i < n ? ";" : "" }')
        base=http://127.0.0.1:$port/sim/$words ;;
    esac
    if [ "$vendor" = openai ]; then base=$base/v1; fi
    limit=
    if have timeout; then limit="timeout $((bound + 15))"; fi
    case $client in
    tamar.*) $limit "$dir/client" "$vendor" "$call" "$base" "$bound" "${want:-abcdefghijkl}" ;;
    *) $limit "$NODE" tests/matrix/client.mjs "$SDK" "$client" "$call" "$base" "$bound" "${want:-abcdefghijkl}" ;;
    esac >"$dir/$id" 2>"$dir/$id.err" </dev/null || echo "end=crash ms=0 text=none kind=exit-$? note=$(head -c 100 "$dir/$id.err" | tr '\n' ' ')" >>"$dir/$id"
    exit
fi

# -- what the lines mean ----------------------------------------------------------------------------------------------

# judge DIRECTORY: reads the calls' lines and the servers' logs; one line for each call: ROW CLIENT VERDICT what was seen, and the
# shortest time between two requests in ms, or -1
judge()
{
    awk -v dir="$1" -v short="$SHORT" -v long="$LONG" '
        function value(name,    v) { v = line; if (!match(" " v, " " name "=[^ ]*")) return ""; return substr(v, RSTART + length(name) + 1, RLENGTH - length(name) - 2) }
        function plural(n, word) { return n " " word (n == 1 ? "" : "s") }
        FILENAME ~ /log$/ {
            where = FILENAME ~ /other/
            if (where) { if (!match($0, /"path":"[^"]*/)) next; id = substr($0, RSTART + 9, RLENGTH - 9); sub(/\/.*/, "", id) }
            else { if (!match($0, /,id=[^,"\/;]*/)) next; id = substr($0, RSTART + 4, RLENGTH - 4) }
            match($0, /"at_ms":[0-9]*/); at = substr($0, RSTART + 8, RLENGTH - 8) + 0
            if (where) { away[id]++; if ($0 ~ /"key":true/) key[id] = 1; if ($0 !~ /"asked_bytes":0,/) body[id] = 1; next }
            n = ++sent[id]
            for (i = n; i > 1 && times[id, i - 1] > at; i--) times[id, i] = times[id, i - 1]
            times[id, i] = at
            next
        }
        /^#/ || /^rule / || /^open / || NF < 5 { next }
        {
            split($0, f, "|")
            name = f[1]; call = f[3]; rule = f[4]
            gsub(/ /, "", name); gsub(/ /, "", call); gsub(/ /, "", rule)
            plainly = name
            sub(/^~/, "", plainly)
            count = split("tamar.openai tamar.anthropic tamar.genai openai openai.stream anthropic anthropic.stream genai", clients, " ")
            for (c = 1; c <= count; c++) {
                id = plainly "." clients[c]
                if ((getline line <(dir "/" id)) <= 0) continue
                close(dir "/" id)
                end = value("end"); ms = value("ms") + 0; text = value("text"); kind = line
                sub(/.* kind=/, "", kind); sub(/ note=.*/, "", kind)
                n = sent[id] + 0
                least = 1e9
                for (i = 2; i <= n; i++) if (times[id, i] - times[id, i - 1] < least) least = times[id, i] - times[id, i - 1]
                all = n > 1 ? times[id, n] - times[id, 1] : 0
                whole = end == "ok" && text == "whole"
                if (rule == "error" || rule == "error-in-time") right = end == "error"
                else if (rule == "error-once") right = end == "error" && n == 1
                else if (rule == "error-bounded") right = end == "error" && n <= 6
                else if (rule == "answer") right = whole
                else if (rule == "answer-soon") right = whole && ms <= 10000
                else if (rule == "answer-or-error") right = end == "error" || whole
                else if (rule == "waits-1000") right = whole && n > 1 && least >= 999
                else if (rule == "waits-1500") right = whole && n > 1 && least >= 1499
                else if (rule == "waits-2000") right = whole && n > 1 && least >= 1999
                else if (rule == "no-hot-retry") right = n < 3 || all >= 50
                else if (rule == "not-before") right = n == 1
                else if (rule == "stays-home") right = !away[id] && end != "waiting"
                else if (rule == "within-15s") right = (end == "ok" || end == "error") && ms <= 15000
                else { print "no such rule: " rule >"/dev/stderr"; right = 0 }
                if (end == "crash") right = 0
                if (end == "ok") {
                    seen = "success with a wrong text"
                    if (text == "whole") seen = "success"
                    if (text == "none") seen = "success with no text"
                    if (text == "part") seen = "success with part of the text"
                } else if (end == "error") seen = "error `" kind "`" (text == "part" ? " after the text so far" : "")
                else if (end == "waiting") seen = "still waiting after " (name ~ /^~/ ? long : short) " s"
                else seen = "crash"
                if (n != 1 && call != "twice") seen = seen ", " (n ? plural(n, "request") : "none arrived")
                if (n < 2 || call == "twice") least = -1
                if (away[id]) seen = seen "; the other host got " (body[id] ? "the prompt" : "a request") (key[id] ? " and the key" : "")
                if (end != "waiting" && ms >= 2500) seen = seen sprintf(", after %d s", ms / 1000 + 0.5)
                print name "\t" clients[c] "\t" (right ? "right" : "wrong") "\t" seen "\t" least
            }
        }' "$1/log" "$1/otherlog" "$ROWS"
}

# findings SEEN: where the library is wrong, but for what the scenarios say is open
findings()
{
    awk -F '\t' -v rows="$ROWS" '
        BEGIN { while ((getline line <rows) > 0) if (line ~ /^open /) { split(line, f, " "); open[f[2], f[3]] } }
        $2 ~ /^tamar/ && $3 == "wrong" && !(($1, $2) in open) { print $1 ": " $2 ": " $4 ($5 < 0 ? "" : ", " $5 " ms apart") }' "$1"
}

# -- the calls --------------------------------------------------------------------------------------------------------

# start NAME: a provider; its port in $SCRATCH/NAME.port
start()
{
    "$BUILD/provider-sim" --quiet --with-parent --max-seconds 1800 --bodies tests/bodies.txt --log "$SCRATCH/$1" --port-file "$SCRATCH/$1.port" &
    tries=0
    while [ ! -s "$SCRATCH/$1.port" ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}

awk -f tests/matrix/rows.awk "$SCENARIOS" >"$ROWS"
if ! $CC -std=c99 -O1 -I. -o "$SCRATCH/client" tests/matrix/client.c >"$SCRATCH/cc" 2>&1; then
    head -n 30 "$SCRATCH/cc"
    fail "tests/matrix/client.c compiles"
    finish
fi
start log
start otherlog
clients="tamar.openai tamar.anthropic tamar.genai"
if [ "${TAMAR_SDK:-0}" = 1 ]; then sh tests/sdk/install.sh; fi
if "$NODE" --version >/dev/null 2>&1; then clients="$clients openai openai.stream anthropic anthropic.stream genai"
else skip "the vendors' SDKs" "not in $SDK, or no node; make sdk installs them"
fi
names() { grep -v -e '^#' -e '^rule ' -e '^open ' -e '^$' "$ROWS" | cut -d '|' -f 1 | tr -d ' ' | grep "$@"; }
play() # JOBS GREP-OPTIONS...
{
    jobs=$1
    shift
    for name in $(names "$@"); do for client in $clients; do echo "$client $name"; done; done |
        xargs -P "$jobs" -n 2 sh tests/matrix.sh --run "$SCRATCH" "$(cat "$SCRATCH/log.port")" "$(cat "$SCRATCH/otherlog.port")"
}
play 40 '^~' &
long=$!
play "$JOBS" -v '^~'
wait $long
sleep 1
judge "$SCRATCH" >"$SCRATCH/seen"

# -- the page ---------------------------------------------------------------------------------------------------------

version() { sed -n 's/^  "version": "\(.*\)".*/\1/p' "$SDK/node_modules/$1/package.json" 2>/dev/null; }
{
    cat <<EOF
# Who does what when a server misbehaves

Written by \`make matrix\`. Every row is a fault of tests/provider_sim.c on a real loopback socket; every cell is a call in a
process of its own. tests/scenarios.txt holds the rows and the rules, tests/matrix/client.c and client.mjs make the calls:
each library with its default settings but for base URL and key; what was not over after $SHORT s ($LONG s in the rows of silence)
was left alone. The number of requests is one unless it is told; it and the shortest time between two of them are the server's
own count. Tamar is asked in all three dialects; where the outcomes differ, all are told. \`.stream()\` is the SDKs' own helper,
where they have one; the column before it is the plain iteration over the stream.

What the defaults are, to be fair: openai and anthropic retry twice and wait 10 minutes for the headers of an answer; genai
neither retries nor limits the wait unless it is told to; Tamar retries twice and gives 60 s to the first byte of a stream and
120 s to a pause between two pieces of content, all within 10 minutes.

Compared: Tamar $(sed -n 's/^#define TAMAR_VERSION "\(.*\)"/\1/p' tamar_llm.h)$(if [ -x "$NODE" ]; then echo ", npm openai $(version openai), @anthropic-ai/sdk $(version @anthropic-ai/sdk), @google/genai $(version @google/genai), node $("$NODE" --version)"; fi).

EOF
    awk -F '\t' '
        { group = $2 ~ /^tamar/ ? "Tamar" : $2; rows[group, $1] = 1; if ($3 == "wrong") bad[group, $1] = 1; groups[group] }
        END {
            n = split("Tamar openai openai.stream anthropic anthropic.stream genai", order, " ")
            print "| | rows | right | wrong |\n|---|---|---|---|"
            for (i = 1; i <= n; i++) if (order[i] in groups) {
                all = wrong = 0
                for (k in rows) { split(k, p, SUBSEP); if (p[1] == order[i]) { all++; if (k in bad) wrong++ } }
                shown = order[i]; sub(/\.stream/, " .stream()", shown)
                print "| " shown " | " all " | " all - wrong " | " wrong " |"
            }
        }' "$SCRATCH/seen"
    echo
    echo "## The rules"
    echo
    sed -n 's/^rule \([^ ]*\) | \(.*\)/- **\1** - \2/p' "$ROWS"
    echo
    echo "## The rows"
    echo
    echo "What is wrong by its rule is marked. Empty: that row does not exist there."
    echo
    awk -F '\t' '
        FILENAME ~ /seen$/ {
            group = $2 ~ /^tamar/ ? "Tamar" : $2
            mark = $3 == "wrong" ? "**wrong:** " $4 : $4
            place = $1 SUBSEP group
            if (!((place, mark) in least)) { marks[place, ++count[place]] = mark; least[place, mark] = $5 }
            if ($5 < least[place, mark]) least[place, mark] = $5
            groups[group]
            next
        }
        /^# -- / { title = substr($0, 6); next }
        /^#/ || /^rule / || /^open / || !/\|/ { next }
        {
            split($0, f, "|")
            name = f[1]; what = f[2]; rule = f[4]
            gsub(/ /, "", name); gsub(/^ +| +$/, "", what); gsub(/ /, "", rule)
            if (!begun++) {
                n = split("Tamar openai openai.stream anthropic anthropic.stream genai", order, " ")
                head = "| the server | rule |"; rule_line = "|---|---|"
                for (i = 1; i <= n; i++) if (order[i] in groups) { shown = order[i]; sub(/\.stream/, " .stream()", shown); head = head " " shown " |"; rule_line = rule_line "---|" }
                print head "\n" rule_line
            }
            row = "| " what " | " rule " |"
            for (i = 1; i <= n; i++) if (order[i] in groups) {
                cell = ""
                place = name SUBSEP order[i]
                for (k = 1; k <= count[place]; k++) {
                    mark = marks[place, k]
                    gap = least[place, mark]
                    cell = cell (k > 1 ? "<br>" : "") mark (gap < 0 ? "" : sprintf(gap < 1000 ? ", %d ms apart" : ", %.1f s apart", gap < 1000 ? gap : gap / 1000))
                }
                row = row " " cell " |"
            }
            print row
        }' "$SCRATCH/seen" "$ROWS"
    sed -n 's/^open ~*\([^ ]*\) tamar\.\([^ ]*\) | \(.*\)/\1, \2: \3./p' "$ROWS" >"$SCRATCH/open"
    if [ -s "$SCRATCH/open" ]; then
        printf '\n## Known to be open in Tamar\n\n'
        sed 's/^/- /' "$SCRATCH/open"
    fi
} >"$PAGE"
findings "$SCRATCH/seen"
awk '/^open / { print $2 "\t" $3 "\t" }' "$ROWS" | while read -r where; do
    grep -F "$where" "$SCRATCH/seen" | grep -q '	right	' && echo "no longer open, take its line out of $SCENARIOS: $where"
done
sed -n '/^| | rows/,/^$/p' "$PAGE"
echo "$PAGE is written: $(wc -l <"$SCRATCH/seen") calls, $(names -c .) rows"
if [ -n "$(findings "$SCRATCH/seen")" ]; then exit 1; fi
if [ "${MATRIX_KEEP:-0}" = 0 ]; then rm -rf "$SCRATCH"; fi
