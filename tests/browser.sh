#!/bin/sh
# The browser: tests/browser.c and examples/browser.c, compiled by emcc, in a headless Chromium, whose page asks a simulated
# provider of another origin. What is not installed is skipped by name.
. tests/lib.sh
SIM=$SCRATCH/provider-sim
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
for tool in emcc python3; do
    if ! have $tool; then
        skip "browser" "no $tool"
        finish
    fi
done
if [ -z "$chromium" ]; then
    skip "browser" "no chromium"
    finish
fi
mkdir -p "$SCRATCH/www" "$SCRATCH/home"
ok "the simulated provider compiles" "$CC" -std=gnu11 -O1 -I. -o "$SIM" tests/provider_sim.c
ok "tests/browser.c compiles" emcc -O1 -Wall -Wextra -Werror -I. tests/browser.c \
    -sALLOW_MEMORY_GROWTH -o "$SCRATCH/www/frames.js"
ok "tests/browser_wait.c compiles" emcc -O1 -Wall -Wextra -Werror -I. tests/browser_wait.c -sASYNCIFY -o "$SCRATCH/www/wait.js"
# As its first lines say.
example=$(sed -n 's,^//  *\(emcc .*\) -o browser.html.*,\1,p' examples/browser.c)
ok "examples/browser.c says how to compile it" test "$example"
# shellcheck disable=SC2086
ok "examples/browser.c compiles" $example -Wall -Wextra -Werror -o "$SCRATCH/www/browser.html"

# test.html reports what a test prints, worker.html what it prints in a worker, watch.html what appears in the page of
# examples/browser.c, and when.
source_file www/report.js <<'X'
const lines = [];
function say(line) { lines.push(line); }
function report() { return fetch("/report", { method: "POST", body: lines.join("\n") + "\n" }); }
addEventListener("error", e => { say("error: " + e.message); report(); });
addEventListener("unhandledrejection", e => { say("unhandled: " + e.reason); report(); });
X
source_file www/test.html <<'X'
<!DOCTYPE html><meta charset="utf-8"><script src="report.js"></script><script>
function out(line) { say(line); if (/^\d+ passed, /.test(line)) report(); }
const [test, ...ports] = location.hash.slice(1).split(",");
var Module = { arguments: ports, print: out, printErr: out };
const script = document.createElement("script");
script.src = test;
document.head.append(script);
</script>
X
source_file www/worker.html <<'X'
<!DOCTYPE html><meta charset="utf-8"><script src="report.js"></script><script>
new Worker("worker.js" + location.hash).onmessage = e => { say(e.data); if (/^\d+ passed, /.test(e.data)) report(); };
</script>
X
source_file www/worker.js <<'X'
const [test, ...ports] = location.hash.slice(1).split(",");
var Module = { arguments: ports, print: postMessage, printErr: postMessage };
importScripts(test);
X
source_file www/watch.html <<'X'
<!DOCTYPE html><meta charset="utf-8"><script src="report.js"></script>
<iframe id="page" width="600" height="400"></iframe><script>
const page = document.getElementById("page"), seen = { answer: "", pieces: 0, first: 0, last: 0 };
function look() {
    const document = page.contentDocument, answer = document && document.getElementById("answer");
    const state = answer ? document.getElementById("state").textContent : "";
    if (answer && answer.textContent != seen.answer) {
        seen.answer = answer.textContent;
        seen.pieces++;
        seen.first = seen.first || performance.now();
        seen.last = performance.now();
        if (location.hash.includes("stop") && seen.pieces == 3) document.querySelector("button").click();
    }
    if (!state) return requestAnimationFrame(look);
    say(`answer ${seen.answer}`);
    say(`state ${state}`);
    say(`looks ${seen.pieces}`);
    say(`milliseconds ${Math.round(seen.last - seen.first)}`);
    report();
}
page.src = "browser.html" + location.hash;
look();
</script>
X
source_file server.py <<'X'
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_POST(self):
        with open(sys.argv[2], "ab") as f:
            f.write(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
with open(sys.argv[3], "w") as f:
    f.write("%d\n" % server.server_address[1])
server.serve_forever()
X

# waits FILE SECONDS: until it holds something
waits()
{
    tries=0
    while [ ! -s "$1" ] && [ $tries -lt $(($2 * 5)) ]; do
        sleep 0.2
        tries=$((tries + 1))
    done
    [ -s "$1" ]
}

browser='' server='' sim=''
# shellcheck disable=SC2086
trap 'kill $browser $server $sim 2>/dev/null; wait 2>/dev/null' EXIT
trap 'exit 1' INT TERM
report=$SCRATCH/report
python3 "$SCRATCH/server.py" "$SCRATCH/www" "$report" "$SCRATCH/server-port" &
server=$!
ok "the pages are served" waits "$SCRATCH/server-port" 20
origin=http://127.0.0.1:$(cat "$SCRATCH/server-port")
"$SIM" --quiet --with-parent --max-seconds 600 --cors "$origin" --log "$SCRATCH/log" --port-file "$SCRATCH/sim-port" &
sim=$!
ok "the provider is served" waits "$SCRATCH/sim-port" 20
port=$(cat "$SCRATCH/sim-port")
# A port that nobody listens at: one that was free a moment ago.
nobody=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# visits PAGE SECONDS: opens it in a new browser and waits for its report
visits()
{
    rm -f "$report"
    mkdir "$SCRATCH/profile"
    HOME=$SCRATCH/home timeout "$2" "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage \
        --enable-logging=stderr --user-data-dir="$SCRATCH/profile" --window-size=800,600 "$origin/$1" \
        >"$SCRATCH/chromium.log" 2>&1 &
    browser=$!
    waits "$report" "$2"
    status=$?
    kill $browser 2>/dev/null
    wait $browser 2>/dev/null
    browser=''
    for _ in 1 2 3 4 5 6 7 8 9 10; do  # its other processes write until they have noticed
        if rm -rf "$SCRATCH/profile" 2>/dev/null; then break; fi
        sleep 0.3
    done
    if [ $status -ne 0 ]; then grep -a CONSOLE "$SCRATCH/chromium.log" | tail -n 20; fi
    return $status
}

# What the page of examples/browser.c showed: $answer $state $looks $milliseconds
looked()
{
    answer=$(sed -n 's/^answer //p' "$report") state=$(sed -n 's/^state //p' "$report")
    looks=$(sed -n 's/^looks //p' "$report") milliseconds=$(sed -n 's/^milliseconds //p' "$report")
    echo "    examples/browser.c: '$answer', $looks looks in $milliseconds ms: $state"
}
says() { case $state in *"$1"*) ;; *) false ;; esac; }

for page in test.html#frames.js test.html#wait.js worker.html#frames.js worker.html#wait.js; do
    visits "$page,$port,$nobody" 100
    ok "$page runs to its end" grep -qE '^[0-9]+ passed, ' "$report"
    if [ ! -s "$report" ]; then continue; fi
    echo "    $page"
    cat "$report"
    counts=$(grep -E '^[0-9]+ passed, ' "$report" | tail -n 1)
    p=${counts%% *} f=${counts#*, }
    passed=$((passed + ${p:-0})) failed=$((failed + ${f%% *}))
    empty "$page: nothing goes wrong unseen" grep -E '^(error|unhandled): |abort' "$report"
done
# What the provider saw of it: fetches that ended early are connections that were left.
aborted() { grep "$1" "$SCRATCH/log" | grep -q '"end":"aborted"'; }
ok "a cancelled call leaves the server" aborted 'n=200,delay=20'
ok "so does one whose time is over" aborted 'stall=5c'
ok "so does a client that is closed" aborted 'n=100,delay=20'

text="The outer bank wears away faster than the inner one, so each bend grows."
spec=delay=40,text=$(echo "$text" | sed 's/ /%2520/g; s/,/%252C/g')
at="#model=deepseek/echo&key=k&base_url=http://127.0.0.1:$port/sim/"
visits "watch.html$at$spec/v1" 60
looked
ok "the example's page shows the answer" [ "$answer" = "$text" ]
ok "while it is written" [ "${looks:-0}" -ge 6 ]
ok "over its time" [ "${milliseconds:-0}" -ge 300 ]
ok "and says that it is done" says 'done ('
visits "watch.html${at}n=200,delay=20/v1&stop" 60
looked
ok "the button stops it" [ "${looks:-99}" -le 5 ]
visits "watch.html#model=deepseek/echo&key=k&base_url=http://127.0.0.1:$nobody/v1" 60
looked
ok "without a server it says so" says 'cannot be reached'

finish
