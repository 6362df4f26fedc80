# The rows of the matrix, from tests/scenarios.txt: every scenario with a rule. Its own lines are kept; a row becomes
#   NAME | what the server does | call | rule | words | what is wanted | VENDOR=- for each vendor that is not asked
# call: the kind, and a 3 behind it if the client's own timeout is 3 s.
function trim(s) { gsub(/^ +| +$/, "", s); return s }
/^@/ {
    split($0, f, "|")
    head = trim(f[1]); how = trim(f[3]); words = trim(f[4]); rule = trim(f[5]); exact = trim(f[6])
    if (rule == "-") next
    sub(/^@[0-9]+ +/, "", head)
    dialects = how; sub(/\/.*/, "", dialects)
    call = how; sub(/^[^\/]*\//, "", call); options = call; sub(/ .*/, "", call)
    if (options ~ / total=3000( |$)/) call = call "3"
    without = ""
    n = split("chat openai anthropic anthropic gemini genai", v, " ")
    for (i = 1; i < n; i += 2) {
        asked = dialects ~ ("(^|[+])(all|" v[i] ")([-+]|$)") && dialects !~ ("-" v[i] "([-+]|$)")
        if (!asked) without = without (without == "" ? "" : "; ") v[i + 1] "=-"
    }
    if (words == "!refused") words = "@CLOSED@"
    want = ""
    if (match(exact, /text=.*/)) want = substr(exact, RSTART + 5)
    print head " | " trim(f[2]) " | " call " | " rule " | " words " | " want " | " without
    next
}
/^&/ { next }
{ print }
