# Every mutant of one section of a header, a line each, its fields parted by tabs:
#   line   part   identity   the line as the mutant has it
# The part is the section's own sub-banner. The identity is 'function: ...before{old > new}after...', which stays the
# same when lines move; '#2' behind it tells equal ones apart.
#   awk -v section=policy -f tests/mutate.awk tamar_llm.h
#
# Mutated are the tokens of code, never comments nor the insides of strings: comparisons, && and ||, arithmetic, bits,
# shifts, ++ and --, constants (the next one), true and false, a condition and its opposite; taken out are one-line
# statements, case labels, rows and texts of a table.

BEGIN {
    split("== != != == <= < < <= >= > > >= && || || && + - - + * / / * % / >> << << >> ++ -- -- ++ & | | & " \
          "+= -= -= += *= /= /= *= %= /= |= &= &= |= ^= |= >>= <<= <<= >>=", pair, " ")
    for (i = 1; i in pair; i += 2) swap[pair[i]] = pair[i + 1]
    for (i = 32; i < 126; i++) after[sprintf("%c", i)] = sprintf("%c", i + 1)
    part = "the classifier"
}

/^\/\/ >>[a-z0-9]/ { on = substr($2, 3) == section; next }
!on { next }
/^\/\/ -- / { part = $0; sub(/^\/\/ -- /, "", part); sub(/ -+$/, "", part); next }
/^\/\// { next }
/^[a-z].*[)a-z]$|^[a-z].*,$|^static .*\) \{.*\}$/ {  # a function's head
    if (match($0, /tamar__[a-z0-9_]+\(/)) name = substr($0, RSTART, RLENGTH - 1)
}
/^#define / { name = $2; sub(/\(.*/, "", name) }
/^[a-z]+ .*\{$/ { name = $NF == "{" ? $(NF - 1) : $NF }
{
    tokens($0)
    if (count) mutate($0)
    if (count) last = tok[count]
}
/^}/ { name = "" }

# The line's tokens: tok[], where they are: at[], and what: kind[] (i an identifier, n a number, c a character, s a
# string, o an operator).
function tokens(line,    p, q, c, rest)
{
    split("", tok)
    split("", kind)
    count = 0
    p = 1
    if (line ~ /^#/) {
        if (line !~ /^#define [A-Za-z_0-9]+ /) return
        match(line, /^#define [A-Za-z_0-9]+ /)
        p = RLENGTH + 1
    }
    while (p <= length(line)) {
        rest = substr(line, p)
        c = substr(rest, 1, 1)
        if (c == " ") { p++; continue }
        if (substr(rest, 1, 2) == "//") break
        count++
        at[count] = p
        kind[count] = "o"
        if (match(rest, /^[A-Za-z_][A-Za-z_0-9]*/)) kind[count] = "i"
        else if (match(rest, /^[0-9][0-9A-Fa-fxulUL]*/)) kind[count] = "n"
        else if (c == "\"" || c == "'") {
            kind[count] = c == "'" ? "c" : "s"
            for (q = 2; substr(rest, q, 1) != c; q++) if (substr(rest, q, 1) == "\\") q++
            RLENGTH = q
        }
        else if (!match(rest, /^(<<=|>>=)/) &&
            !match(rest, /^(->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*\/%&|^]=)/)) RLENGTH = 1
        tok[count] = substr(rest, 1, RLENGTH)
        p += RLENGTH
    }
}

# Writes the mutant in which new stands for the bytes of the line from..to.
function put(line, from, to, new,    a, b, id)
{
    a = substr(line, 1, from - 1)
    b = substr(line, to + 1)
    id = name ": " (length(a) > 36 ? "..." substr(a, length(a) - 31) : trim(a)) \
        "{" substr(line, from, to - from + 1) " > " new "}" (length(b) > 28 ? substr(b, 1, 24) "..." : b)
    if (seen[id]++) id = id " #" seen[id]
    print FNR "\t" part "\t" id "\t" a new b
}

function trim(s) { sub(/^ +/, "", s); return s }
function of(i, list) { return i >= 1 && i <= count && index(" " list " ", " " tok[i] " ") > 0 }

# The token that closes the bracket at i, or 0 where it is on another line.
function closes(i,    depth)
{
    for (depth = 0; i <= count; i++) {
        if (kind[i] == "o" && of(i, "( [ {")) depth++
        if (kind[i] == "o" && of(i, ") ] }") && !--depth) return i
    }
    return 0
}

# The end of the operand that begins with the identifier at i: a.b->c[d](e).
function operand(i)
{
    while (i && i < count) {
        if (of(i + 1, "( [")) i = closes(i + 1)
        else if (of(i + 1, "-> .")) i += 2
        else break
    }
    return i
}

function mutate(line,    i, j, t, unary, from)
{
    for (i = 1; i <= count; i++) {
        t = tok[i]
        unary = i == 1 ? 1 : kind[i - 1] == "o" ? !of(i - 1, ") ]") : of(i - 1, "return sizeof case")
        if (kind[i] == "o") {
            if (t == "!" || t == "~" || (t == "-" && unary)) put(line, at[i], at[i], "")
            else if (t in swap && (!unary || of(i, "++ --")) && (length(t) > 1 || substr(line, at[i] + 1, 1) ~ /^ ?$/))
                put(line, at[i], at[i] + length(t) - 1, swap[t])
        }
        if (kind[i] == "n") put(line, at[i], at[i] + length(t) - 1, next_number(t))
        if (kind[i] == "c" && length(t) == 3) put(line, at[i] + 1, at[i] + 1, after[substr(t, 2, 1)])
        if (t == "true") put(line, at[i], at[i] + 3, "false")
        if (t == "false") put(line, at[i], at[i] + 4, "true")
        if (kind[i] == "i" && !of(i, "if while for return") &&
            (i == 1 || of(i - 1, "&& || =") || (tok[i - 1] == "(" && of(i - 2, "if while")))) {
            j = operand(i)
            if (j && (of(j + 1, "&& || ?") || (j < count && tok[j + 1] == ")" && !of(i - 1, "="))))
                put(line, at[i], at[j] + length(tok[j]) - 1, "!" substr(line, at[i], at[j] + length(tok[j]) - at[i]))
        }
        # a row or a text of a table
        if (t == "{" && (i == 1 || of(i - 1, ", {"))) {
            j = closes(i)
            if (j && tok[j + 1] == ",") put(line, at[i], at[j + 1], "")
        }
        if (kind[i] == "s" && of(i + 1, ", }") && (i == 1 || of(i - 1, ",") || (of(i - 1, "{") && kind[i + 2] == "s")))
            put(line, at[i], tok[i + 1] == "," ? at[i + 1] : at[i] + length(t) - 1, "")
        if (t == "case")
            for (j = i + 1; j <= count; j++)
                if (tok[j] == ":") {
                    put(line, at[i], at[j], "")
                    break
                }
    }
    # a statement of one line; not the value that a function ends with
    from = tok[1] == "else" ? 2 : 1
    if (line ~ /^ / && line !~ /^    return / && tok[count] == ";" && from < count && even() &&
        (last == "else" || last ~ /^[;{}:)]$/) && kind[from] != "s" && !of(from, "} { case default else") &&
        (of(from, "return") || !declares(from)))
        put(line, at[from], at[count] - 1, "")
}

# Two names, or a name, a star and a name: a declaration.
function declares(i)
{
    return kind[i] == "i" && (kind[i + 1] == "i" || (tok[i + 1] == "*" && kind[i + 2] == "i"))
}

# Does the line close what it opens?
function even(    i, depth)
{
    for (i = 1; i <= count; i++) {
        if (kind[i] == "o" && of(i, "( [ {")) depth++
        if (kind[i] == "o" && of(i, ") ] }") && --depth < 0) return 0
    }
    return !depth
}

function next_number(t,    digits)
{
    if (t ~ /^0[xX]/) return "(" t " + 1)"
    match(t, /^[0-9]+/)
    digits = substr(t, 1, RLENGTH)
    return sprintf("%.0f", digits + 1) substr(t, RLENGTH + 1)
}
