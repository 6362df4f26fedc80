// What can go wrong, in one language, for two worlds: a line says what a server does and what must come of it; it is
// played on the virtual clock and the fake network of sim.h, or over real sockets against build/provider-sim. In both
// the server is the same program, tests/provider_sim.c, and its words are those of the line. Include it after test.h.
//
//     @47 stalled | two pieces of content, then silence | all/stream | n=9,stall=2c | error-in-time | timeout_idle
//      |  |         what the server does in words         |          |               |               what this library
//      |  name                                            calls      provider_sim's  what any client  says, exactly
//      number of the failure mode (0: none)                          words           must show
//
// The fourth field holds what the server does request by request, parted by ; the last step stays. Targets of a route
// are parted by " & ": then the call goes to a route. A step that begins with ! is the network's: !refused,
// !unreachable, !black-hole (both without end, or for one connection when more steps follow), !no-name, !name-silent,
// !cert, !alert, !mute. @OTHER@ is another server. A line that begins with & adds a call at the same time, with its
// own third and fourth field.
//
// The third field is dialects/kind and then options: name=number or name, of the call or of its world (plan_options).
// Dialects: chat responses anthropic gemini ollama invoke dashscope hunyuan, joined by +; all; all-gemini-ollama.
// Kinds: stream, whole, tool (streamed, with a tool), twice (a second one on the same client), big (a prompt of 8 MB,
// whole).
//
// The fifth field is one of the rules at the head of tests/scenarios.txt, or - where other clients are not asked. The
// sixth: categories joined by +, then attempts=N, requests=N, target=N, least=MS, most=MS, text=the rest of the field.
//
// THE ORACLES, asked after every run (O6 and O8 also at every step, by sim.h):
//   O1  each call has exactly one terminal event, and nothing comes behind it
//   O2  it is over when its time is over
//   O3  the text is what the server said, from its beginning, nothing twice: a prefix, and all of it in a success
//   O4  a success was proven: the server had sent the dialect's terminator, or the framing's orderly end behind a
//       finish, or nothing more for five seconds behind one
//   O5  no attempt before the server's hint is over; no more attempts than are allowed, no more requests than attempts
//       can explain; what the counters say adds up
//   O6  a key is on the wire to its own origin only, and neither in logs nor errors nor memory that was given back
//   O7  nothing is in flight any more, and nothing is kept for later
//   O8  sockets, lookups, sessions and memory are back at zero; a fixed block was enough and the allocator not called
//   O9  the breaker takes legal steps only, tries one call at a time when it has rested; when the servers are well
//       again and all rests are over, a call succeeds
//   O10 the same line and seed give the same trace
#ifndef SCENARIO_H
#define SCENARIO_H
#define TAMAR_IMPLEMENTATION
#include "../tamar_llm.h"
#include "sim.h"
#define PROVIDER_SIM_INSIDE 1
#include "provider_sim.c"

// -- plans: what a line says ---------------------------------------------------------------------------------

enum { PLAN_CALLS = 6, PLAN_TARGETS = 4, PLAN_WORDS = 640 };

static const struct plan_dialect {
    const char *name, *model, *api, *path;
    const char *proof;  // what ends a stream of this dialect, NULL: nothing does but the framing
    const char *finish;  // what tells a finish; a stream that says no more for five seconds behind it is over, too
} plan_dialects[] = {
    { "chat", "openai/gpt-4o", "openai-chat", "/v1", "[DONE]", "\"finish_reason\":\"" },
    { "responses", "openai/gpt-6-sol", "openai-responses", "/v1", "\"type\":\"response.completed\"", NULL },
    { "anthropic", "anthropic/claude-sonnet-4-5", "anthropic-messages", "", "\"message_stop\"}", "\"stop_reason\":\"" },
    { "gemini", "google/gemini-2.5-flash", "gemini-generate", "", NULL, "\"finishReason\":\"" },
    { "ollama", "ollama/qwen3", "ollama-chat", "", "\"done\":true", NULL },
    { "invoke", "tamar/openai/gpt-4o", "tamar-invoke", "", "[DONE]", "\"finish_reason\":\"" },
    { "dashscope", "qwen-native/qwen-max", "dashscope-native", "/api/v1", NULL, "\"finish_reason\":\"" },
    { "hunyuan", "hunyuan-native/hunyuan-turbo", "hunyuan-native", "", NULL, "\"FinishReason\":\"" },
};
enum { PLAN_DIALECTS = (int)COUNT(plan_dialects) };

static const char *const plan_kinds[] = { "stream", "whole", "tool", "twice", "big" };
enum { PLAN_STREAM, PLAN_WHOLE, PLAN_TOOL, PLAN_TWICE, PLAN_BIG };

// Options. Those of a call come first; a world has one of each of the others. `world`: not over real sockets.
#define PLAN_OPTIONS(X) \
    X(CANCEL, "cancel", false, true, "this call is cancelled before that pump") \
    X(RELEASE, "release", false, true, "and this one let go") \
    X(START, "start", false, true, "it begins with that pump") \
    X(DISCARD, "discard", true, false, "discard_text") \
    X(EVENTS, "events", true, false, "on_event") \
    X(RESUME, "resume", true, false, "TAMAR_RESUME_RESTART") \
    X(PAUSE, "pause", false, true, "milliseconds before the second call of twice") \
    X(TOTAL, "total", false, false, "timeouts.total_ms") \
    X(FIRST, "first", false, false, "timeouts.first_byte_ms") \
    X(IDLE, "idle", false, false, "timeouts.idle_ms") \
    X(CONNECT, "connect", false, false, "timeouts.connect_ms") \
    X(ATTEMPTS, "attempts", false, false, "max_retries and one") \
    X(KEYS, "keys", false, false, "accounts of the route's first provider") \
    X(BLOCK, "block", false, false, "bytes of desc.memory") \
    X(SLOTS, "slots", false, false, "max_calls") \
    X(CONNECTIONS, "connections", false, false, "max_connections") \
    X(BUFFER, "buffer", false, false, "receive_buffer") \
    X(FRAME, "frame", false, true, "microseconds between pumps that never wait (at least 1000)") \
    X(RTT, "rtt", false, true, "microseconds there and back") \
    X(PIECES, "pieces", false, true, "at most that many bytes a read") \
    X(SPLIT, "split-at", false, true, "a pause behind that byte of a connection") \
    X(RANDOM, "random", true, true, "reads of random lengths") \
    X(SEND, "send-max", false, true, "at most that many bytes a write") \
    X(DROP, "drop", true, true, "an RST overtakes what was sent before it") \
    X(SHUFFLE, "shuffle", true, true, "readiness is told in any order") \
    X(FIN, "fin-at", false, true, "the servers end for good before that byte, counted from 1") \
    X(RST, "rst-at", false, true, "the same by RST") \
    X(ALLOC, "alloc", false, true, "that allocation fails") \
    X(ALLOCS, "allocs", false, true, "and all later ones") \
    X(AGAIN, "again", false, true, "that call of the sockets would block") \
    X(RESET, "reset", false, true, "that call of the sockets: the connection is reset") \
    X(REFUSED, "refused", false, true, "that call of the sockets: refused, or an error") \
    X(LIMIT, "limit", false, true, "that call of the sockets: no descriptors") \
    X(SHORT_WRITE, "short-write", false, true, "that call of the sockets takes one byte") \
    X(SHORT_READ, "short-read", false, true, "that call of the sockets gives one byte") \
    X(TLS, "tls", true, true, "https") \
    X(NAME, "name", true, true, "the server has a name, which takes a while") \
    X(BACK, "back", false, true, "at each tenth pump the clock is back by so many milliseconds") \
    X(SOCKETS, "sockets", false, true, "so many descriptors and no more") \
    X(SKEW, "skew", false, true, "seconds by which the calendar is late") \
    X(SEED, "seed", false, true, "of the world's chance (1)") \
    X(PROXY, "proxy", true, false, "the server is a proxy, and the URL names another one") \
    X(BAD_KEY, "bad-key", true, false, "the key holds a line end")

#define PLAN_ENUM(id, name, flag, world, help) OPT_##id,
enum { PLAN_OPTIONS(PLAN_ENUM) OPT_COUNT, OPT_OF_CALL = OPT_TOTAL };
#define PLAN_ROW(id, name, flag, world, help) { name, help, flag, world },
static const struct { const char *name, *help; bool flag, world; } plan_options[] = { PLAN_OPTIONS(PLAN_ROW) };

typedef struct plan_call {
    uint32_t dialects;  // a set; one is played at a time
    int kind;
    int64_t options[OPT_OF_CALL];  // 0: not
    char words[PLAN_WORDS];
} plan_call;

typedef struct plan {
    int number;
    char name[48], what[160], rule[24], exact[400];
    bool slow;  // ~: waits for minutes over real sockets
    int64_t options[OPT_COUNT];
    plan_call calls[PLAN_CALLS];
    int call_count;
} plan;

static tamar_str str_field(tamar_str *line) { return str_trim(str_cut(line, '|')); }

static bool plan_copy(char *out, size_t cap, tamar_str s)
{
    if (s.len >= cap) return false;
    if (s.len) memcpy(out, s.ptr, s.len);
    out[s.len] = 0;
    return true;
}

static uint32_t plan_dialect_set(tamar_str s)
{
    uint32_t set = 0;
    bool minus = false;
    while (s.len) {
        size_t n = 0, i = 0;
        while (n < s.len && s.ptr[n] != '+' && s.ptr[n] != '-') n++;
        tamar_str word = { s.ptr, n };
        while (i < (size_t)PLAN_DIALECTS && !str_is(word, plan_dialects[i].name)) i++;
        uint32_t one = str_is(word, "all") ? (1u << PLAN_DIALECTS) - 1 : i < (size_t)PLAN_DIALECTS ? 1u << i : 0;
        if (!one) return 0;
        set = minus ? set & ~one : set | one;
        minus = n < s.len && s.ptr[n] == '-';
        s.ptr += n + (n < s.len), s.len -= n + (n < s.len);
    }
    return set;
}

// The third and fourth field. False: *why says what is wrong.
static bool plan_read_call(plan *p, tamar_str how, tamar_str words, const char **why)
{
    plan_call *c = &p->calls[p->call_count];
    tamar_str first = str_cut(&how, ' '), dialects = str_cut(&first, '/');
    *why = "no such kind, or too many calls";
    if (p->call_count == PLAN_CALLS) return false;
    memset(c, 0, sizeof *c);
    for (c->kind = 0; c->kind < (int)COUNT(plan_kinds) && !str_is(first, plan_kinds[c->kind]); c->kind++) {}
    if (c->kind == (int)COUNT(plan_kinds)) return false;
    *why = "no such dialect";
    if (!(c->dialects = plan_dialect_set(dialects))) return false;
    while (how.len) {
        tamar_str value = str_cut(&how, ' ');
        uint64_t number = 1;
        size_t i = 0;
        if (!value.len) continue;
        tamar_str name = str_cut(&value, '=');
        while (i < OPT_COUNT && !str_is(name, plan_options[i].name)) i++;
        *why = "no such option, or a number that is none";
        if (i == OPT_COUNT || plan_options[i].flag != !value.len) return false;
        if (value.len && !str_uint(value, INT64_MAX, &number)) return false;
        *(i < OPT_OF_CALL ? &c->options[i] : &p->options[i]) = (int64_t)number;
    }
    *why = "too many words";
    if (!plan_copy(c->words, sizeof c->words, words)) return false;
    p->call_count++;
    return true;
}

// A line that begins with @ begins the plan, one that begins with & adds to it.
static bool plan_read(plan *p, tamar_str line, const char **why)
{
    tamar_str head = str_field(&line);
    uint64_t number;
    *why = "a line begins with @NUMBER and a name, or with &";
    if (str_begins(head, "&")) {
        tamar_str how = { head.ptr + 1, head.len - 1 };
        return p->call_count && plan_read_call(p, str_trim(how), str_field(&line), why);
    }
    memset(p, 0, sizeof *p);
    if (!str_begins(head, "@")) return false;
    head.ptr++, head.len--;
    if (!str_uint(str_cut(&head, ' '), 1000, &number)) return false;
    p->number = (int)number;
    head = str_trim(head);
    if (str_begins(head, "~")) p->slow = true, head.ptr++, head.len--;
    tamar_str what = str_field(&line), how = str_field(&line), words = str_field(&line), rule = str_field(&line);
    if (!head.len || !plan_copy(p->name, sizeof p->name, head)) return false;
    *why = "a field is too long";
    if (!plan_copy(p->what, sizeof p->what, what) || !plan_copy(p->rule, sizeof p->rule, rule) ||
        !plan_copy(p->exact, sizeof p->exact, str_field(&line)))
        return false;
    return plan_read_call(p, how, words, why);
}

static void plan_print_options(struct buf *out, const int64_t *options, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (!options[i]) continue;
        put(out, " %s", plan_options[i].name);
        if (!plan_options[i].flag) put(out, "=%u", (uint64_t)options[i]);
    }
}

static void plan_print(struct buf *out, const plan *p)
{
    for (int i = 0; i < p->call_count; i++) {
        const plan_call *c = &p->calls[i];
        if (i) put(out, "& ");
        else put(out, "@%d %s%s | %s | ", p->number, p->slow ? "~" : "", p->name, p->what);
        uint32_t left = c->dialects;
        if (left == (1u << PLAN_DIALECTS) - 1) put(out, "all"), left = 0;
        for (int d = 0; d < PLAN_DIALECTS; d++)
            if (left & 1u << d) put(out, "%s%s", left & ((1u << d) - 1) ? "+" : "", plan_dialects[d].name);
        put(out, "/%s", plan_kinds[c->kind]);
        plan_print_options(out, c->options, 0, OPT_OF_CALL);
        if (!i) plan_print_options(out, p->options, OPT_OF_CALL, OPT_COUNT);
        put(out, " | %s", c->words);
        if (!i) put(out, " | %s | %s", p->rule[0] ? p->rule : "-", p->exact);
        put(out, "\n");
    }
}

static uint32_t plan_all_dialects(const plan *p) { return p->calls[0].dialects; }

static int plan_targets(const plan_call *c)
{
    int n = 1;
    for (const char *at = c->words; (at = strstr(at, " & ")); at += 3) n++;
    return n;
}

static bool plan_has(const plan *p, const char *word)
{
    for (int i = 0; i < p->call_count; i++)
        if (strstr(p->calls[i].words, word)) return true;
    return false;
}

// May it be played over real sockets?
static bool plan_is_real(const plan *p)
{
    for (int i = 0; i < OPT_COUNT; i++)
        if (plan_options[i].world && (i < OPT_OF_CALL ? p->calls[0].options[i] : p->options[i])) return false;
    return !plan_has(p, "!unreachable") && !plan_has(p, "!black-hole") && !plan_has(p, "!name-silent") &&
        !plan_has(p, "!cert") && !plan_has(p, "!alert") && !plan_has(p, "!mute") && !plan_has(p, "!refused;");
}

// All plans of a file. Mistakes end the program.
static plan *plan_read_file(const char *path, size_t *count)
{
    size_t len, cap = 0, line_number = 0;
    char *text = test_read_file(path, &len);
    plan *all = NULL;
    tamar_str rest = { text, len };
    *count = 0;
    if (!text) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    while (rest.len) {
        tamar_str line = str_trim(str_cut(&rest, '\n'));
        const char *why = NULL;
        line_number++;
        if (!line.len || line.ptr[0] == '#' || !(line.ptr[0] == '@' || line.ptr[0] == '&')) continue;
        if (line.ptr[0] == '@' && ++*count > cap) {
            cap = cap ? cap * 2 : 128;
            all = checked(realloc(all, cap * sizeof *all));
        }
        if (!*count || !plan_read(&all[*count - 1], line, &why)) {
            fprintf(stderr, "%s:%lu: %s\n", path, (unsigned long)line_number, why ? why : "a call of nothing");
            exit(2);
        }
    }
    free(text);
    return all;
}

// -- what a provider was asked, and what it did ----------------------------------------------------------------

typedef struct told {
    int target, call;  // whose request it was; call -1: nobody's
    uint64_t number, began, ended, hint_us;  // of the provider's clock; hint: what it asked us to wait
    int status;
    bool proof;  // it sent what proves a success
    uint64_t finished;  // when a stream's finish was said, 0: it was not
    bool any;  // its text is not known here: a body of tests/bodies.txt
    char how[8], *text;  // all of the text it wanted to send
    size_t text_len;
} told;

typedef struct play {
    const plan *plan;
    int dialect;  // index into plan_dialects
    bool real;  // sockets
    sim *w;
    struct server *servers[PLAN_TARGETS];
    sim_server *listens[PLAN_TARGETS], *other;
    char keys[PLAN_TARGETS][72];
    tamar_client *client;
    tamar_desc desc;
    tamar_provider rows[PLAN_TARGETS];
    tamar_target targets[PLAN_TARGETS];
    tamar_route route;
    tamar_account accounts[4];
    char urls[PLAN_CALLS + PLAN_TARGETS][2 * PLAN_WORDS], key_texts[4][72];
    char *block, *prompt, proxy[40], models[PLAN_TARGETS][48];
    struct play_call { sim_call sim; bool real; int begun, left; uint64_t next_at; tamar_attempt last; bool timed_out; }
        calls[PLAN_CALLS], healthy;
    told *tolds;
    size_t told_count, told_cap;
    int pumps, bad;  // oracles that were broken
    long asked, seam_calls;  // before the last call
    size_t said;
    uint64_t proof_from, proof_to;  // bytes said when a success is first possible, and when it is due
    tamar_target_state states[PLAN_TARGETS];
    uint64_t states_at, time0, bound_us;
    bool watching;
    char context[200];
    char found[160];  // the first oracle that was broken
    int port, other_port;  // of the real ones
    int run;  // makes its requests its own, among those of others to the same server
    bool away;  // the other server was asked
    uint64_t hash;
} play;

static void play_broken(play *p, const char *oracle, const char *what)
{
    if (p->bad++ == 0) snprintf(p->found, sizeof p->found, "%s: %s", oracle, what);
}
#define ORACLE(p, name, x, what) ((x) ? (void)0 : play_broken(p, name, what))

// -- the provider's seam ------------------------------------------------------------------------------------------

typedef struct link {
    play *p;
    int target;
    sim_conn *conn;
    size_t passed;  // bytes of conn->in that the provider has
    sim_bytes said;  // of the answer under way
    uint64_t finished, last, refused;  // when its finish was said, its last byte, and all of an error
    bool cut, lost;  // a limit ended it; not all of what it had to say was sent
} link_state;

static play *link_play;  // whose turn it is

static uint64_t clock_us(void) { return link_play->w->now; }

static ssize_t conn_recv(struct conn *c, void *p, size_t n)
{
    link_state *l = (link_state *)c->outside;
    size_t have = l->conn->in.len - l->passed;
    if (!have) return AGAIN;
    if (n > have) n = have;
    memcpy(p, l->conn->in.ptr + l->passed, n);
    l->passed += n;
    return (ssize_t)n;
}

// What was said of an answer, without head and chunks; *whole: to the framing's own end. Written by itself, not with
// the library's reader, because it judges that one.
static sim_bytes said_body(const sim_bytes *said, bool *whole)
{
    sim_bytes body = { NULL, 0, 0 };
    const char *p = said->ptr ? said->ptr : "", *end = p + said->len, *head;
    *whole = false;
    sim_add(&body, "", 0);
    while ((head = strstr(p, "\r\n\r\n")) && !strncmp(p, "HTTP/1.1 1", 10)) p = head + 4;  // interim ones
    if (!(head = strstr(p, "\r\n\r\n"))) return body;
    const char *length = strstr(p, "\r\ncontent-length: "), *chunked = strstr(p, "\r\ntransfer-encoding: chunked");
    p = head + 4;
    if (length && length < p) {
        size_t n = strtoul(length + 18, NULL, 10);
        *whole = (size_t)(end - p) >= n;
        sim_add(&body, p, *whole ? n : (size_t)(end - p));
    } else if (chunked && chunked < p)
        while (p < end) {
            char *digits;
            size_t n = strtoul(p, &digits, 16);
            const char *line = strstr(p, "\r\n");
            if (!line || digits == p) break;
            *whole = n == 0 && strstr(line, "\r\n\r\n");
            p = line + 2;
            sim_add(&body, p, n < (size_t)(end - p) ? n : (size_t)(end - p));
            if (!n || n + 2 > (size_t)(end - p)) break;
            p += n + 2;
        }
    else sim_add(&body, p, (size_t)(end - p));
    return body;
}

// Had the finish been said when the last byte was?
static void link_look(link_state *l)
{
    const char *finish = plan_dialects[l->p->dialect].finish;
    bool whole;
    if (l->finished || !finish) return;
    sim_bytes body = said_body(&l->said, &whole);
    for (const char *at = body.ptr; !l->finished && (at = strstr(at, finish)); at += strlen(finish)) {
        const char *word = at + strlen(finish);
        if (*word != '"' && strncmp(word, "null", 4)) l->finished = l->last + 1;
    }
    sim_bytes_free(&body);
}

static ssize_t conn_send(struct conn *c, const void *p, size_t n)
{
    link_state *l = (link_state *)c->outside;
    sim_server *s = l->conn->server;
    size_t before = s->said.len;
    if (l->last < l->p->w->now) link_look(l);
    sim_conn_say(l->p->w, l->conn, (const char *)p, n);
    sim_add(&l->said, p, s->said.len - before);
    if (s->said.len - before < n) l->lost = true;
    if (l->lost || s->limited) l->cut = true;
    l->last = l->p->w->now;
    if (c->reply && c->reply->status >= 400 && !l->refused) {
        bool whole;
        sim_bytes body = said_body(&l->said, &whole);
        if (whole) l->refused = l->last;
        sim_bytes_free(&body);
    }
    return (ssize_t)n;
}

static void conn_shut(struct conn *c)
{
    link_state *l = (link_state *)c->outside;
    if (!l->conn->closed) sim_conn_end(l->p->w, l->conn, false, false);
}

static void conn_close(struct conn *c, bool rst)
{
    link_state *l = (link_state *)c->outside;
    if (!l->conn->closed) sim_conn_end(l->p->w, l->conn, rst, rst);
    l->conn->state = NULL;
    sim_bytes_free(&l->said);
    free(l);
}

static void conn_want(struct conn *c, bool in, bool out)
{
    (void)in;
    c->want_out = out;
}

static void server_listen(struct server *s, bool on) { s->listening = on; }

static void play_tell(play *p, const told *t)
{
    size_t i = p->told_count;
    if (p->told_count == p->told_cap) {
        p->told_cap = p->told_cap ? p->told_cap * 2 : 16;
        p->tolds = checked(realloc(p->tolds, p->told_cap * sizeof *p->tolds));
    }
    while (i && p->tolds[i - 1].number > t->number) p->tolds[i] = p->tolds[i - 1], i--;
    p->tolds[i] = *t;
    p->told_count++;
}

// What a retry hint in plain numbers asks for.
static uint64_t told_hint(const struct spec *s)
{
    uint64_t n = 0;
    for (int i = 0; i < s->headers.count; i++) {
        tamar_str value = s->headers.items[i], name = str_cut(&value, ':');
        if (str_is_nocase(name, "retry-after-ms") && str_uint(str_trim(value), 120000, &n)) return n * 1000;
    }
    return s->retry_after.ptr && str_uint(s->retry_after, 120, &n) ? n * 1000000 : 0;
}

// Of an id, "c0.17.1": the call, or -1; whose, and of which target.
static int told_call(tamar_str id, int *run, int *target)
{
    tamar_str first = str_cut(&id, '.'), second = str_cut(&id, '.');
    uint64_t call, of, to;
    if (first.len < 2 || first.ptr[0] != 'c' || !str_uint((tamar_str){ first.ptr + 1, first.len - 1 }, 99, &call) ||
        !str_uint(second, 1000000, &of) || !str_uint(id, PLAN_TARGETS - 1, &to))
        return -1;
    *run = (int)of;
    *target = (int)to;
    return (int)call;
}

// Nothing is left to say.
static bool reply_is_told(struct reply *r)
{
    struct cursor before = r->cursor;
    struct buf rest = { 0 };
    if (!r->stream) return r->body_at == r->body.len;
    bool more = reply_piece(r, &rest);
    r->cursor = before;
    buf_free(&rest);
    return !more;
}

static void conn_told(struct conn *c, const char *how)
{
    link_state *l = (link_state *)c->outside;
    struct reply *r = c->reply;
    play *p = l->p;
    told t;
    int run, target;
    const char *proof = plan_dialects[p->dialect].proof;
    memset(&t, 0, sizeof t);
    t.target = l->target;
    t.call = told_call(r->spec.id, &run, &target);
    t.number = r->number + (uint64_t)t.target * 1000000;
    t.began = r->began;
    t.ended = l->refused ? l->refused : l->last;
    t.status = r->status;
    snprintf(t.how, sizeof t.how, "%s", how);
    if (r->turn.stream || r->turn.text.len || r->turn.generated) {
        tamar_str text = turn_whole_text(&r->turn, &r->pool);
        t.text = (char *)checked(malloc(text.len + 1));
        if (text.len) memcpy(t.text, text.ptr, text.len);
        t.text_len = r->turn.refusal || (r->turn.ncalls && !r->turn.generated) ? 0 : text.len;
        if (r->turn.refusal) t.text_len = 0;
    }
    bool whole;
    sim_bytes body = said_body(&l->said, &whole);
    // An end without a length is the connection's, and orderly if nothing was left to say.
    bool closed = !strcmp(how, "cut") && r->framing == BY_CLOSE && r->fault_at.unit != AT_BYTES &&
        (r->fault_at.unit == AT_END || (!r->stream && r->body_at == r->body.len));
    t.proof = whole || (!l->cut && (closed || !strcmp(how, "ok")));
    if (l->cut && !l->lost && r->framing == BY_CLOSE && !l->conn->server->limit_rst && reply_is_told(r)) t.proof = true;
    if (proof && r->stream && strstr(body.ptr, proof)) t.proof = true;
    tamar_json document;  // whole, though white space behind it is missing
    bool fin = l->cut ? !l->conn->server->limit_rst : !strcmp(how, "cut") || !strcmp(how, "ok");
    if (fin && !r->stream && r->framing == BY_CLOSE && tamar_json_parse(body.ptr, body.len, &document, NULL))
        t.proof = true;
    sim_bytes_free(&body);
    // A key that is refused is changed, not waited for; and what broke off may not have been read.
    if (t.status >= 400 && t.status != 401 && whole) t.hint_us = told_hint(&r->spec);
    link_look(l);
    if (r->stream) t.finished = l->finished;
    t.any = r->spec.body.ptr != NULL;
    l->finished = l->refused = 0;
    l->said.len = 0;
    if (l->said.ptr) l->said.ptr[0] = 0;
    play_tell(p, &t);
}

static void link_program(sim *w, sim_conn *sc)
{
    struct server *s = (struct server *)sc->server->program_data;
    struct conn *c = (struct conn *)sc->state;
    link_state *l;
    play *was = link_play;
    if (!c) {
        if (sc->closed) return;
        c = conn_new(s, 0);
        l = (link_state *)checked(calloc(1, sizeof *l));
        c->outside = l;
        sc->state = c;
        l->p = (play *)s->outside;
        for (l->target = 0; l->p->servers[l->target] != s; l->target++) {}
        l->conn = sc;
    }
    l = (link_state *)c->outside;
    link_play = l->p;
    s->now = w->now;
    if (sc->closed) conn_destroy(c, false);
    else {
        conn_read(c);
        for (;;) {
            size_t before = sc->in.len;
            if (!sim_take_request(w, sc)) break;
            l->passed -= before - sc->in.len;
        }
        conn_run(c);
        if (sc->state) sc->due = c->want_out ? w->now : c->due == NEVER ? SIM_NEVER : c->due;
    }
    link_play = was;
}

// -- one run ------------------------------------------------------------------------------------------------------

// A step of the words as a URL may carry it; its sequence belongs to this call.
static void play_escape(struct buf *out, tamar_str words, const char *id, const char *other)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t begun = out->len;
    while (words.len || out->len == begun) {
        tamar_str step = str_trim(str_cut(&words, ';'));
        if (str_begins(step, "!") && words.len) continue;
        if (str_begins(step, "!")) step.len = 0;
        for (size_t i = 0; i < step.len; i++) {
            unsigned char u = (unsigned char)step.ptr[i];
            tamar_str rest = { step.ptr + i, step.len - i };
            if (str_begins(rest, "@OTHER@")) {
                for (const char *z = other; *z; z++)
                    if (*z == '/') put(out, "%%2F");
                    else buf_add(out, z, 1);
                i += 6;
            } else if (isalnum(u) || strchr("=,:%@-._~+", u)) buf_add(out, &step.ptr[i], 1);
            else buf_add(out, (char[]){ '%', hex[u >> 4], hex[u & 15] }, 3);
        }
        put(out, "%sid=%s%s", step.len ? "," : "", id, words.len ? ";" : "");
    }
}

static tamar_str play_target_words(const plan_call *c, int target)
{
    const char *from = c->words, *at;
    while (target-- > 0) from = strstr(from, " & ") + 3;
    at = strstr(from, " & ");
    return str_trim((tamar_str){ from, at ? (size_t)(at - from) : strlen(from) });
}

static void play_url(play *p, char *out, size_t cap, const plan_call *c, int call, int target, int port)
{
    struct buf b = { 0 };
    char id[32], other[64];
    const plan *x = p->plan;
    tamar_str words = play_target_words(c, target);
    bool closed = str_is(words, "!refused"), nobody = str_is(words, "!no-name") || str_is(words, "!name-silent");
    snprintf(id, sizeof id, "c%d.%d.%d", call, p->run, target);
    snprintf(other, sizeof other, "http://localhost:%d/%s", p->other_port, id);
    put(&b, "%s://%s:%d", x->options[OPT_TLS] ? "https" : "http",
        nobody ? "nowhere.invalid"
            : x->options[OPT_NAME] ? "llm.sim.test"
            : x->options[OPT_PROXY] ? "localhost"
                                    : "127.0.0.1",
        closed ? 9 : port);
    put(&b, "/sim/");
    play_escape(&b, words, id, other);
    put(&b, "%s", plan_dialects[p->dialect].path);
    buf_add(&b, "", 1);
    if (b.len > cap) abort();
    memcpy(out, b.ptr, b.len);
    buf_free(&b);
}

// tests/bodies.txt, read once; where it is not there, it is empty.
static tamar_str play_bodies(void)
{
    static char *text;
    static size_t len;
    if (!text) text = test_read_file("tests/bodies.txt", &len);
    return text ? (tamar_str){ text, len } : (tamar_str){ "", 0 };
}

// What connections meet before the provider does: the leading steps with a !.
static void play_network(play *p, sim_server *s, tamar_str words)
{
    while (str_begins(words, "!")) {
        tamar_str step = str_trim(str_cut(&words, ';'));
        sim_script *c;
        words = str_trim(words);
        if (str_is(step, "!cert")) s->tls_bad_cert = true;
        if (str_is(step, "!alert")) s->tls_alert = true;
        if (str_is(step, "!mute")) s->tls_mute = true;
        if (str_is(step, "!name-silent")) sim_host(p->w, "nowhere.invalid", "127.0.0.1", 0, SIM_NEVER);
        if (!str_is(step, "!refused") && !str_is(step, "!black-hole") && !str_is(step, "!unreachable")) continue;
        c = sim_on_connect(s);
        if (str_is(step, "!refused")) sim_refuse(c);
        else if (str_is(step, "!black-hole")) sim_blackhole(c);
        else sim_unreachable(c);
        c->repeat = !words.len;
    }
}

static const tamar_tool play_tool = { "weather", "Tells the weather.",
    "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}", false, NULL };

static uint64_t real_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void play_keep(sim_call *call, const tamar_event *e)
{
    struct play_call *c = (struct play_call *)call->hook_data;
    if (c->real && e->type == TAMAR_EVENT_FINISH) call->finished_at = real_us();
    if (e->type != TAMAR_EVENT_FINISH || !e->response) return;
    for (size_t i = 0; i < e->response->attempt_count && i < 6; i++) {
        c->last = e->response->attempts[i];
        c->timed_out |= c->last.category >= TAMAR_TIMEOUT_CONNECT && c->last.category <= TAMAR_TIMEOUT_TOTAL;
    }
    c->timed_out |= c->sim.category >= TAMAR_TIMEOUT_CONNECT && c->sim.category <= TAMAR_TIMEOUT_TOTAL;
}

static tamar_request play_request(play *p, int call)
{
    const plan_call *c = &p->plan->calls[call];
    tamar_request r;
    memset(&r, 0, sizeof r);
    r.prompt = c->kind == PLAN_BIG ? p->prompt : "Name one river.";
    r.stream = c->kind != PLAN_WHOLE && c->kind != PLAN_BIG;
    if (c->kind == PLAN_TOOL) r.tools = &play_tool, r.tool_count = 1;
    r.org_id = "o";
    r.user = "u";
    if (plan_targets(c) > 1 || p->plan->options[OPT_KEYS]) r.model = "route";
    else {
        r.model = plan_dialects[p->dialect].model;
        r.api = plan_dialects[p->dialect].api;
        r.base_url = p->urls[call];
        r.api_key = p->plan->options[OPT_BAD_KEY] ? "sk-canary-0\r\nX-Evil: 1" : p->keys[0];
    }
    r.on_event = c->options[OPT_EVENTS] ? sim_on_event : NULL;
    r.discard_text = c->options[OPT_DISCARD] != 0;
    if (c->options[OPT_RESUME]) r.resume = TAMAR_RESUME_RESTART;
    return r;
}

static uint64_t play_now(const play *p) { return p->real ? real_us() : p->w->now; }

static uint64_t play_clock(void *user_data)  // one that jumps back
{
    play *p = (play *)user_data;
    uint64_t back = p->pumps % 10 == 5 ? (uint64_t)p->plan->options[OPT_BACK] * 1000 : 0;
    return p->w->now + 3600000000u - (back < 3600000000u ? back : 3600000000u);
}

static int64_t play_unix(void *user_data) { return sim_unix_ms(((play *)user_data)->w); }

static void play_world(play *p)
{
    sim *w = p->w;
    const int64_t *o = p->plan->options;
    static const struct { int option; sim_fault fault; } faults[] = { { OPT_AGAIN, SIM_FAULT_AGAIN },
        { OPT_RESET, SIM_FAULT_RESET }, { OPT_REFUSED, SIM_FAULT_REFUSED }, { OPT_LIMIT, SIM_FAULT_LIMIT },
        { OPT_SHORT_WRITE, SIM_FAULT_SHORT_WRITE }, { OPT_SHORT_READ, SIM_FAULT_SHORT_READ } };
    w->context = p->context;
    w->secret = "sk-canary-";
    w->step_limit = 3000000;
    if (o[OPT_RTT]) w->rtt_us = (uint64_t)o[OPT_RTT];
    if (o[OPT_PIECES]) w->segments = SIM_PIECES, w->segment = (size_t)o[OPT_PIECES];
    if (o[OPT_SPLIT]) w->segments = SIM_SPLIT, w->segment = (size_t)o[OPT_SPLIT];
    if (o[OPT_RANDOM]) w->segments = SIM_RANDOM;
    if (o[OPT_SEND]) w->send_max = (size_t)o[OPT_SEND];
    if (o[OPT_SOCKETS]) w->max_sockets = (int)o[OPT_SOCKETS];
    w->rst_drops = o[OPT_DROP] != 0;
    w->shuffle = o[OPT_SHUFFLE] != 0;
    w->unix_skew_ms = -o[OPT_SKEW] * 1000;
    for (size_t i = 0; i < COUNT(faults); i++) w->faults_at[faults[i].fault] = (long)o[faults[i].option];
    w->memory.fail_at = (long)(o[OPT_ALLOC] ? o[OPT_ALLOC] : o[OPT_ALLOCS]);
    w->memory.fail_on = o[OPT_ALLOCS] != 0;
    if (o[OPT_NAME]) sim_host(w, "llm.sim.test", "127.0.0.1", 0, 700);
    p->other_port = 9090;
    p->other = sim_listen(w, "127.0.0.1", 9090);
    for (int t = 0; t < PLAN_TARGETS && t < plan_targets(&p->plan->calls[0]); t++) {
        struct server *s = p->servers[t] = checked(calloc(1, sizeof *s));
        s->inbox = checked(malloc(BLOCK));
        s->outside = p;
        s->bodies = play_bodies();
        p->listens[t] = sim_listen(w, "127.0.0.1", (uint16_t)(8080 + t));
        p->listens[t]->program = link_program;
        p->listens[t]->program_data = s;
        p->listens[t]->tls = o[OPT_TLS] != 0;
        if (o[OPT_FIN] || o[OPT_RST]) {
            p->listens[t]->limit = (size_t)(o[OPT_FIN] ? o[OPT_FIN] : o[OPT_RST]) - 1;
            p->listens[t]->limit_rst = o[OPT_RST] != 0;
        }
        play_network(p, p->listens[t], play_target_words(&p->plan->calls[0], t));
    }
    if (!o[OPT_BACK]) return;
    p->desc.clock.now_us = play_clock;
    p->desc.clock.unix_ms = play_unix;
    p->desc.clock.user_data = p;
}

static void play_desc(play *p)
{
    tamar_desc *d = &p->desc;
    const int64_t *o = p->plan->options;
    static const char *const names[] = { "alpha", "beta", "gamma", "delta" };
    const struct plan_dialect *x = &plan_dialects[p->dialect];
    int targets = plan_targets(&p->plan->calls[0]);
    d->base_url = NULL;
    d->api_key = NULL;
    d->timeouts.total_ms = (int)o[OPT_TOTAL];
    d->timeouts.first_byte_ms = (int)o[OPT_FIRST];
    d->timeouts.idle_ms = (int)o[OPT_IDLE];
    d->timeouts.connect_ms = (int)o[OPT_CONNECT];
    if (o[OPT_ATTEMPTS]) d->max_retries = tamar_int(o[OPT_ATTEMPTS] - 1);
    d->max_calls = (int)o[OPT_SLOTS];
    d->max_connections = (int)o[OPT_CONNECTIONS];
    d->receive_buffer = (size_t)o[OPT_BUFFER];
    d->allow_plain_http = plan_has(p->plan, "!no-name") || plan_has(p->plan, "!name-silent");
    if (o[OPT_PROXY]) {
        snprintf(p->proxy, sizeof p->proxy, "http://127.0.0.1:%d", p->port);
        d->proxy = p->proxy;
    }
    if (o[OPT_BLOCK]) {
        d->memory_size = (size_t)o[OPT_BLOCK];
        d->memory = p->block = (char *)checked(malloc(d->memory_size));
        memset(p->block, 0xa5, d->memory_size);
    }
    for (int t = 0; t < PLAN_TARGETS; t++) {
        bool tc3 = !strcmp(x->name, "hunyuan");
        snprintf(p->keys[t], sizeof p->keys[t], "%ssk-canary-%d-7f3a9c51e2d84b60", tc3 ? "AKID:" : "", t);
        p->rows[t].name = names[t];
        p->rows[t].api = x->api;
        p->rows[t].base_url = p->urls[PLAN_CALLS + t];
        if (tc3) p->rows[t].auth = "tc3";
        if (!strcmp(x->name, "invoke")) p->rows[t].auth = "tamar-jwt";
        snprintf(p->models[t], sizeof p->models[t], "%s%s", names[t], strchr(x->model, '/'));
        p->targets[t].model = p->models[t];
    }
    if (targets == 1 && !o[OPT_KEYS]) return;
    int accounts = 0;
    for (int t = 0; t < targets; t++) {
        play_url(p, p->urls[PLAN_CALLS + t], sizeof p->urls[0], &p->plan->calls[0], 0, t, p->port + (p->real ? 0 : t));
        for (int k = 0; k < (t == 0 && o[OPT_KEYS] ? (int)o[OPT_KEYS] : 1) && accounts < 4; k++, accounts++) {
            snprintf(p->key_texts[accounts], sizeof p->key_texts[0], "%s", p->keys[t]);
            p->key_texts[accounts][strlen(p->keys[t]) - 1] = (char)('a' + k);  // each its own
            p->accounts[accounts].provider = names[t];
            p->accounts[accounts].api_key = p->key_texts[accounts];
        }
    }
    d->providers = p->rows;
    d->provider_count = (size_t)targets;
    d->accounts = p->accounts;
    d->account_count = (size_t)accounts;
    p->route.name = "route";
    p->route.targets = p->targets;
    p->route.target_count = (size_t)targets;
    d->routes = &p->route;
    d->route_count = 1;
}

// Readies a world for this plan in one of its dialects. port 0: a simulated one.
static play *play_new(const plan *x, int dialect, int port, int other_port, int run)
{
    play *p = checked(calloc(1, sizeof *p));
    p->run = run;
    p->plan = x;
    p->dialect = dialect;
    p->real = port != 0;
    p->port = port ? port : 8080;
    p->other_port = other_port;
    snprintf(p->context, sizeof p->context, "@%d %s in %s", x->number, x->name, plan_dialects[dialect].name);
    p->w = sim_new(x->options[OPT_SEED] ? (uint32_t)x->options[OPT_SEED] : 1);
    p->desc = sim_desc(p->w);
    p->w->secret = "sk-canary-";
    p->w->context = p->context;
    if (p->real) {
        memset(&p->desc.sockets, 0, sizeof p->desc.sockets);
        memset(&p->desc.tls, 0, sizeof p->desc.tls);
        memset(&p->desc.clock, 0, sizeof p->desc.clock);
    } else play_world(p);
    play_desc(p);
    for (int i = 0; i < x->call_count; i++) {
        play_url(p, p->urls[i], sizeof p->urls[i], &x->calls[i], i, 0, p->port);
        p->calls[i].left = x->calls[i].kind == PLAN_TWICE ? 2 : 1;
        if (x->calls[i].kind != PLAN_BIG || p->prompt) continue;
        p->prompt = (char *)checked(malloc(8000001));
        memset(p->prompt, 'x', 8000000);
        p->prompt[8000000] = 0;
    }
    p->client = tamar_open(&p->desc);
    p->bound_us = (uint64_t)(x->options[OPT_TOTAL] ? x->options[OPT_TOTAL] : 600000) * 1000;
    p->time0 = play_now(p);
    return p;
}

// O9, first half: from one pump to the next.
static void play_watch(play *p)
{
    tamar_target_state now[PLAN_TARGETS];
    if (!p->route.target_count || !p->client) return;
    size_t n = tamar_route_state(p->client, "route", now, PLAN_TARGETS);
    uint64_t at = play_now(p), slack = 1000 + (uint64_t)p->plan->options[OPT_BACK] * 1000;  // its clock may be behind
    for (size_t i = 0; i < n && i < PLAN_TARGETS; i++) {
        const tamar_target_state *was = &p->states[i];
        ORACLE(p, "O9", now[i].circuit <= TAMAR_CIRCUIT_HALF_OPEN, "no such state");
        ORACLE(p, "O9", now[i].circuit != TAMAR_CIRCUIT_HALF_OPEN || now[i].in_flight <= 1, "two probes at a time");
        if (p->watching && was->circuit == TAMAR_CIRCUIT_OPEN && now[i].circuit != TAMAR_CIRCUIT_OPEN)
            ORACLE(p, "O9", at + slack >= p->states_at + (uint64_t)was->rests_ms * 1000, "closed before its time");
        p->states[i] = now[i];
    }
    p->states_at = at;
    p->watching = true;
}

static void play_send(play *p, int i)
{
    struct play_call *c = &p->calls[i];
    tamar_request r = play_request(p, i);
    sim *w = p->w;
    if (c->begun) {  // the second one of twice: the same place, which only then is free
        tamar_release(p->client, c->sim.handle);
        w->calls = NULL;  // such plans have one call
        sim_call_free(&c->sim);
    }
    w->pumping = false;
    sim_start(w, &c->sim, p->client, &r);
    c->sim.sent_at = play_now(p);
    c->real = p->real;
    c->next_at = 0;
    c->sim.hook = play_keep;
    c->sim.hook_data = c;
    c->begun++;
    c->left--;
}

static bool play_call_over(const struct play_call *c) { return c->begun && c->sim.finishes; }

// One pump. False: all is over.
static bool play_step(play *p)
{
    const plan *x = p->plan;
    bool more = false, frames = x->options[OPT_FRAME] != 0;
    if (!p->client) return false;
    p->pumps++;
    for (int i = 0; i < x->call_count; i++) {
        struct play_call *c = &p->calls[i];
        const int64_t *o = x->calls[i].options;
        if (!c->begun && p->pumps > o[OPT_START]) play_send(p, i);
        else if (c->left && play_call_over(c)) {
            if (c->sim.category) c->left = 0;
            else if (!p->real) {
                sim_frame(p->w, (uint64_t)o[OPT_PAUSE] * 1000 + 1500000);
                play_send(p, i);
            } else if (!c->next_at) c->next_at = play_now(p) + 20000;
            else if (play_now(p) >= c->next_at) play_send(p, i);
        }
        if (o[OPT_CANCEL] == p->pumps) tamar_cancel(p->client, c->sim.handle);
        if (o[OPT_RELEASE] == p->pumps) tamar_release(p->client, c->sim.handle);
        more |= !c->begun || (c->left && play_call_over(c));
    }
    more |= sim_pump(p->w, p->client, p->real || frames ? 0 : -1);
    sim_events(p->w, p->client);
    play_watch(p);
    if (!more)
        for (int i = 0; i < x->call_count; i++)
            more |= !p->calls[i].begun || (p->calls[i].left && !p->calls[i].sim.category);
    if (frames && more) sim_frame(p->w, x->options[OPT_FRAME] < 1000 ? 1000 : (uint64_t)x->options[OPT_FRAME]);
    if (p->pumps > 1000000) {
        play_broken(p, "O2", "no end of pumping");
        return false;
    }
    return more;
}

static const told *play_last_told(const play *p, int call)
{
    const told *last = NULL;
    for (size_t i = 0; i < p->told_count; i++)
        if (p->tolds[i].call == call && (!last || p->tolds[i].began >= last->began)) last = &p->tolds[i];
    return last;
}

static int play_requests(const play *p, int call)
{
    int n = 0;
    for (size_t i = 0; i < p->told_count; i++) n += p->tolds[i].call == call;
    return n;
}

static bool plan_is_route(const plan *x) { return plan_targets(&x->calls[0]) > 1 || x->options[OPT_KEYS] != 0; }

// The oracles that need the whole run: the client is still there.
static void play_ask(play *p)
{
    const plan *x = p->plan;
    int most = plan_is_route(x) ? 6 : x->options[OPT_ATTEMPTS] ? (int)x->options[OPT_ATTEMPTS] : 3;
    tamar_metrics m = tamar_client_metrics(p->client);
    most += !strcmp(plan_dialects[p->dialect].name, "invoke");  // its token is minted anew once, and that is no retry
    ORACLE(p, "O5", m.total_requests == m.successes + m.failures + m.cancellations, "calls that are neither");
    ORACLE(p, "O5", m.attempts >= m.retries, "more retries than attempts");
    for (int i = 0; i < x->call_count; i++) {
        const struct play_call *c = &p->calls[i];
        bool released = x->calls[i].options[OPT_RELEASE] != 0;
        if (!c->begun) continue;
        ORACLE(p, "O1", c->sim.finishes == 1 || (released && c->sim.finishes == 0), "not one terminal event");
        ORACLE(p, "O1", c->sim.late == 0, "events behind the terminal one");
        if (!c->sim.finishes) continue;
        uint64_t took = c->sim.finished_at - c->sim.sent_at;
        ORACLE(p, "O2", took <= p->bound_us + 2000000 + 40 * (uint64_t)x->options[OPT_FRAME], "longer than its time");
        ORACLE(p, "O5", c->sim.attempts <= most, "more attempts than are allowed");
        ORACLE(p, "O7", m.active_calls == 0, "something is still active");
    }
    if (p->route.target_count) {
        tamar_target_state now[PLAN_TARGETS];
        size_t n = tamar_route_state(p->client, "route", now, PLAN_TARGETS);
        for (size_t i = 0; i < n && i < PLAN_TARGETS; i++) ORACLE(p, "O7", !now[i].in_flight, "something in flight");
    }
    ORACLE(p, "O8", !x->options[OPT_BLOCK] || p->w->memory.asked == 0, "the allocator was called");
}

// And those that need to know what the servers did to the end.
static void play_ask_told(play *p)
{
    const plan *x = p->plan;
    for (int i = 0; i < x->call_count; i++) {
        const struct play_call *c = &p->calls[i];
        const told *last = play_last_told(p, i);
        int requests = play_requests(p, i);
        tamar_str got = { c->sim.text.ptr ? c->sim.text.ptr : "", c->sim.text.len };
        const int64_t *o = x->options;  // another key need not wait, and a hint may be lost on its way or come too late
        bool lost = c->timed_out || plan_has(x, "extra") || o[OPT_KEYS] || o[OPT_DROP] || o[OPT_RESET] ||
            o[OPT_REFUSED] || o[OPT_LIMIT];
        if (!c->begun) continue;
        bool ok = c->sim.finishes && c->sim.category == TAMAR_OK;
        bool known = !p->real && !(last && last->any);
        uint64_t slack = (uint64_t)x->options[OPT_BACK] * 1000;  // by the client's clock
        bool rested = last && last->finished && c->sim.finished_at + slack >= last->finished + 5000000;
        ORACLE(p, "O4", p->real || !ok || (last && (last->proof || rested)), "a success without its proof");
        bool said = last && got.len <= last->text_len && !memcmp(got.ptr, last->text ? last->text : "", got.len);
        ORACLE(p, "O3", !known || !got.len || said, "a text that nobody said");
        ORACLE(p, "O3", !known || !ok || !last || x->calls[i].options[OPT_DISCARD] || got.len == last->text_len,
            "a success with part of the text");
        if (c->sim.finishes)
            ORACLE(p, "O5", requests <= (c->begun > 1 ? 24 : c->sim.attempts + 2),  // two on dead connections
                "requests without attempts");
        for (size_t k = 1; k < p->told_count; k++)
            for (size_t j = 0; j < k; j++) {
                const told *a = &p->tolds[j], *b = &p->tolds[k];
                if (a->call != i || b->call != i || a->target != b->target || lost || !a->hint_us) continue;
                bool over = b->began + (p->real ? 2000 : 0) >= a->ended + a->hint_us;
                ORACLE(p, "O5", over || b->began <= a->began || c->begun > 1, "an attempt before the hint is over");
            }
    }
    if (p->real) return;
    for (int t = 0; t < PLAN_TARGETS && p->listens[t]; t++)
        for (int k = 0; k < PLAN_TARGETS; k++) {
            char key[32];  // whole: the bytes of several connections are there as they came
            snprintf(key, sizeof key, "sk-canary-%d-7f3a9c51e2d84b60", k);
            ORACLE(p, "O6", k == t || !p->listens[t]->received.len ||
                !sim_has(p->listens[t]->received.ptr, p->listens[t]->received.len, key), "a key at another origin");
        }
    p->away = p->other->received.len != 0;
    if (p->away)
        ORACLE(p, "O6", !sim_has(p->other->received.ptr, p->other->received.len, "sk-canary-"), "a key elsewhere");
}

// O9, second half: the servers are well, all rests are over, the memory is there: it must work.
static void play_heal(play *p)
{
    tamar_request r;
    sim *w = p->w;
    memset(w->faults_at, 0, sizeof w->faults_at);
    w->memory.fail_at = 0;
    w->max_sockets = 1000000;
    w->segments = SIM_WHOLE;
    w->send_max = SIZE_MAX;
    for (int i = 0; i < p->plan->call_count; i++)
        if (p->calls[i].begun) tamar_release(p->client, p->calls[i].sim.handle);
    for (int t = 0; t < PLAN_TARGETS && p->listens[t]; t++) {
        sim_server *s = p->listens[t];
        p->servers[t]->deaf = true;
        s->limit = SIZE_MAX;
        s->limited = false;
        s->tls_bad_cert = s->tls_alert = s->tls_mute = false;
        s->connect_used = s->connect_count;
        if (s->connect_count) s->connects[s->connect_count - 1]->repeat = false;
    }
    sim_frame(w, UINT64_C(7) * 3600 * 1000000);
    memset(&r, 0, sizeof r);
    r.prompt = "hello";
    r.org_id = "o";
    r.user = "u";
    r.stream = true;
    if (p->route.target_count && !strstr(p->urls[PLAN_CALLS], ":9/")) r.model = "route";
    else {
        r.model = plan_dialects[p->dialect].model;
        r.api = plan_dialects[p->dialect].api;
        snprintf(p->urls[0], sizeof p->urls[0], "%s://127.0.0.1:8080%s", p->plan->options[OPT_TLS] ? "https" : "http",
            plan_dialects[p->dialect].path);
        r.base_url = p->urls[0];
        r.api_key = p->keys[0];
    }
    sim_start(w, &p->healthy.sim, p->client, &r);
    sim_drive(w, p->client);
    bool enough = !p->plan->options[OPT_BLOCK] || p->healthy.sim.category != TAMAR_NOMEM;
    if (p->healthy.sim.finishes != 1 || (p->healthy.sim.category != TAMAR_OK && enough)) {
        char what[120];
        snprintf(what, sizeof what, "well again, and no answer: %s %.80s", tamar_category_name(p->healthy.sim.category),
            p->healthy.sim.message);
        play_broken(p, "O9", what);
    }
}

// Closes the client and asks everything; what was seen of the calls stays until play_free.
static void play_end(play *p)
{
    sim *w = p->w;
    p->asked = w->memory.asked;
    p->seam_calls = w->fault_calls;
    if (p->client) {
        play_ask(p);
        for (int t = 0; t < PLAN_TARGETS && p->listens[t]; t++) p->said += p->listens[t]->said.len;
        if (!p->real) play_heal(p);
        tamar_close(p->client);
        p->client = NULL;
    } else {
        const int64_t *o = p->plan->options;
        ORACLE(p, "O8", o[OPT_ALLOC] || o[OPT_ALLOCS] || o[OPT_BLOCK], "it does not open");
    }
    if (!p->real) play_ask_told(p);  // the real ones' logs are read later
    if (p->block) ORACLE(p, "O6", !sim_has(p->block, p->desc.memory_size, "sk-canary-"), "a key is still in the block");
    ORACLE(p, "O8", p->real || w->open_sockets == 0, "sockets are left");
    ORACLE(p, "O8", w->memory.live == 0 && w->memory.blocks == 0, "memory is left");
    if (w->violations) play_broken(p, "O1-O8", "a rule of the seams");
}

static void play_free(play *p)
{
    for (int t = 0; t < PLAN_TARGETS && p->servers[t]; t++) {
        struct server *s = p->servers[t];
        while (s->conns) conn_destroy(s->conns, false);
        sequences_free(s);
        buf_free(&s->last);
        pool_free(&s->pool);
        free(s->heap);
        free(s->inbox);
        free(s);
    }
    for (size_t i = 0; i < p->told_count; i++) free(p->tolds[i].text);
    p->hash = sim_free(p->w);
    free(p->tolds);
    free(p->block);
    free(p->prompt);
    free(p);
}
#endif
