# Checks that the headers are what their banners say. Prints one line a fault, nothing when all is well.
#   awk -f tests/check_layers.awk tamar_llm_json.h tamar_llm.h        (in dependency order)
# A banner reads:  // >>sse  event stream: bytes in, events out | uses: base str
# "uses: -" is nothing but the section itself, "uses: all above" is every section before it. The rules:
#   touch      a section names tamar__x_ or TAMAR__X_ only of sections it lists, and defines only its own
#   public     it names a public function only if that is defined in itself or in a section it lists
#   order      there are no static forward prototypes
#   straddle   no #if, #else or #endif reaches across a banner
#   platform   only os and tls look at the platform, and only os asks for time, names, entropy or the environment
#   quiet      nothing prints, exits or aborts
#   contents   the manual's list of sections is the list of banners

BEGIN {
    platform = "_WIN32|__linux|__APPLE__|__unix__|__FreeBSD__|__OpenBSD__|__NetBSD__|__EMSCRIPTEN__|__ANDROID__|__MINGW32__"
    split("getenv time clock clock_gettime gettimeofday localtime gmtime mktime rand srand random getaddrinfo dlopen dlsym " \
          "getentropy getrandom arc4random socket send recv poll select nanosleep usleep sleep", a, " ")
    for (i in a) outside[a[i]] = 1
    split("printf fprintf puts fputs putchar perror exit abort signal raise", a, " ")
    for (i in a) loud[a[i]] = 1
}

FNR == 1 { file_count++; name[file_count] = FILENAME }
{ total[file_count] = FNR; text[file_count, FNR] = $0 }

END {
    pass = 1
    for (f = 1; f <= file_count; f++) walk(f)
    pass = 2
    sections = 0
    for (f = 1; f <= file_count; f++) walk(f)
    if (!sections) fault("no section banner found")
    exit bad
}

function fault(what) {
    printf "%s:%d: %s\n", name[f], at, what
    bad = 1
}

function walk(f,    raw) {
    section = ""; in_comment = 0; in_macro = 0; nesting = 0; base = -1; depth = 0; statement = ""
    cplusplus = 0; contents = 0; listed = 0; in_list = 0; banners = 0
    for (at = 1; at <= total[f]; at++) {
        raw = text[f, at]
        sub(/\r$/, "", raw)
        if (in_comment) manual(raw)
        if (!in_comment && raw ~ /^\/\/ >>[a-z0-9]/) banner(raw)
        else line(raw)
    }
    at = total[f]
    if (pass == 2 && in_comment) fault("a comment is still open at the end")
    if (pass == 2 && nesting != 0) fault("#if without #endif")
    if (pass == 2) {
        for (i = 1; i <= listed || i <= banners; i++)
            if (list[i] != banner_of[i] || i > listed || i > banners) {
                fault("contents: entry " i " of the manual is '" (i > listed ? "" : list[i]) "', the section is '" \
                      (i > banners ? "" : banner_of[i]) "'")
                break
            }
    }
}

# The manual's list: lines '>>name  ...' that follow a line 'SECTIONS'.
function manual(raw,    w) {
    if (raw ~ /^ *SECTIONS/) in_list = 1
    else if (in_list && raw !~ /^ *>>/) in_list = 0
    else if (in_list) {
        split(raw, w, " ")
        list[++listed] = substr(w[1], 3)
    }
}

function banner(raw,    w, half, used, k, i, x) {
    split(raw, w, " ")
    section = substr(w[2], 3)
    sections++
    banner_of[++banners] = section
    if (pass == 1) {
        if (section in order) fault("section '" section "' begins twice")
        order[section] = sections
        return
    }
    if (base < 0) base = nesting
    if (nesting != base) fault("straddle: #if nesting is " nesting " here and was " base " at the first banner")
    if (depth != 0) fault("braces do not balance in front of section '" section "'")
    depth = 0
    statement = ""
    split("", may)
    may[section] = 1
    if (split(raw, half, /\| uses:/) != 2) {
        fault("the banner of '" section "' does not say '| uses: ...'")
        return
    }
    if (half[2] ~ /all above/) {
        for (x in order) if (order[x] < sections) may[x] = 1
        return
    }
    k = split(half[2], used, " ")
    for (i = 1; i <= k; i++) {
        if (used[i] == "-") continue
        if (!(used[i] in order) || order[used[i]] >= sections) fault("'" section "' uses '" used[i] "', which is not above it")
        else may[used[i]] = 1
    }
}

# Removes comments, string and character literals.
function strip(raw,    out, c, i, n, quote) {
    out = ""
    n = length(raw)
    quote = ""
    for (i = 1; i <= n; i++) {
        c = substr(raw, i, 1)
        if (in_comment) {
            if (c == "*" && substr(raw, i + 1, 1) == "/") { in_comment = 0; i++ }
            continue
        }
        if (quote != "") {
            if (c == "\\") i++
            else if (c == quote) quote = ""
            continue
        }
        if (c == "\"" || c == "'") { quote = c; out = out " "; continue }
        if (c == "/" && substr(raw, i + 1, 1) == "/") break
        if (c == "/" && substr(raw, i + 1, 1) == "*") { in_comment = 1; i++; continue }
        out = out c
    }
    return out
}

function line(raw,    code, directive) {
    code = strip(raw)
    if (in_macro || code ~ /^[ \t]*#/) {
        directive = !in_macro
        in_macro = code ~ /\\[ \t]*$/
        if (directive) preprocessor(code)
        touch(code)
        return
    }
    touch(code)
    if (!cplusplus) shape(code)
}

function preprocessor(code,    w, word) {
    gsub(/^[ \t]*#[ \t]*/, "", code)
    split(code, w, /[ \t(]+/)
    word = w[1]
    if (word ~ /^if/) {
        nesting++
        if (code ~ /^ifdef[ \t]+__cplusplus/) cplusplus = nesting
    }
    if ((word == "else" || word == "elif" || word == "endif") && nesting == cplusplus) cplusplus = 0
    if (word == "endif") nesting--
    if (pass == 1) return
    if (section != "" && (nesting < base || (nesting == base && word ~ /^el/)))
        if (!after_last()) fault("straddle: the #" word " here belongs to an #if in front of the first banner")
    if (section != "" && section != "os" && section != "tls") {
        if (word ~ /^(if|elif)/ && code ~ platform) fault("platform: '" section "' looks at the platform")
        if (word == "include" && code !~ /<(string|stdlib|assert|limits|float|math|stdarg|errno)\.h>/ && code !~ /^include[ \t]+"?tamar/)
            fault("platform: '" section "' includes a system header")
    }
    if (word == "define" && section != "" && w[2] ~ /^TAMAR__/) own(w[2])
}

# The implementation's own #endif closes the last section of a file.
function after_last(    i) {
    for (i = at + 1; i <= total[f]; i++) if (text[f, i] ~ /^\/\/ >>[a-z0-9]/) return 0
    section = ""
    return 1
}

function layer_of(id) {
    match(id, /^(tamar|TAMAR)__[A-Za-z0-9]+/)
    return tolower(substr(id, 8, RLENGTH - 7))
}

function own(id) {
    if (layer_of(id) != section) fault("touch: '" section "' defines '" id "'")
}

# Looks at every identifier of a line.
function touch(code,    id, before, after) {
    if (pass == 1 || section == "") return
    before = ""
    while (match(code, /[A-Za-z_][A-Za-z_0-9]*/)) {
        if (RSTART > 1) before = substr(code, RSTART - 1, 1)
        else before = ""
        id = substr(code, RSTART, RLENGTH)
        code = substr(code, RSTART + RLENGTH)
        after = code
        sub(/^[ \t]+/, "", after)
        if (id ~ /^(tamar|TAMAR)__/) {
            if (!(layer_of(id) in may)) fault("touch: '" section "' may not name '" id "'")
        }
        else if (before == "." || before == ">" || before ~ /[0-9]/) continue
        else if (id in home && home[id] != section) {
            if (!(home[id] in may)) fault("public: '" section "' may not call '" id "', which is defined in '" home[id] "'")
        }
        else if (substr(after, 1, 1) == "(") {
            if (id in loud) fault("quiet: '" id "' is called")
            if (id in outside && section != "os") fault("platform: '" section "' calls '" id "'; only os may")
        }
    }
}

# Follows braces; hands over each statement that begins outside of every function.
function shape(code,    i, c, n) {
    if (code ~ /^}/ && depth > 0) depth = 1
    n = length(code)
    for (i = 1; i <= n; i++) {
        c = substr(code, i, 1)
        if (c == "{") {
            if (depth++ == 0) opened(statement)
        }
        else if (c == "}") {
            if (depth > 0 && --depth == 0 && is_function) statement = ""
        }
        else if (depth == 0 && c == ";") {
            closed(statement)
            statement = ""
        }
        else if (depth == 0) statement = statement c
    }
    if (depth == 0) statement = statement " "
}

function opened(s,    id) {
    is_function = 0
    gsub(/__attribute__ *\(\([^)]*\)\)/, "", s)
    if (s ~ /=/ || s !~ /\(/) {  # a type or a table
        if (pass == 2 && section != "" && match(s, /(struct|union|enum)[ ]+tamar__[a-z0-9_]+/)) {
            id = substr(s, RSTART, RLENGTH)
            sub(/^[a-z]+[ ]+/, "", id)
            if (s !~ /=/) own(id)
        }
        return
    }
    is_function = 1
    match(s, /[A-Za-z_][A-Za-z_0-9]*[ ]*\(/)
    id = substr(s, RSTART, RLENGTH - 1)
    sub(/[ ]+$/, "", id)
    if (section == "") return
    if (pass == 1) {
        if (id ~ /^tamar_[^_]/) home[id] = section
        return
    }
    if (id ~ /^tamar__/) own(id)
    else if (id !~ /^tamar_/) fault("touch: the function '" id "' has no prefix")
}

function closed(s) {
    if (pass == 1 || section == "") return
    if (s ~ /(^|[ \t])static([ \t]|$)/ && s ~ /\(/ && s !~ /=/ && s !~ /typedef/) fault("order: a static forward prototype")
}
