// Plans from seeds: each seed has its own calls, servers that misbehave, network and shortages (each fault class on
// or off, so that rare ones meet), written as a scenario of tests/scenario.h. What breaks an oracle is made small:
// calls, targets, steps, words and options are taken away and numbers lowered for as long as the same oracle breaks;
// the rest is a line of the language, which replays it. Include it after scenario.h.
#ifndef SWARM_H
#define SWARM_H

typedef struct dice { uint32_t state; } dice;

static uint32_t roll(dice *d, uint32_t below) { return test_random(&d->state) % below; }
static bool one_in(dice *d, uint32_t n) { return roll(d, n) == 0; }

static void word(struct buf *b, const char *format, ...)
{
    char text[80];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (b->len && b->ptr[b->len - 1] != ';' && b->ptr[b->len - 1] != ' ') buf_add(b, ",", 1);
    buf_add(b, text, (size_t)n);
}

static void swarm_fault(dice *d, struct buf *b)
{
    static const int statuses_of[] = { 400, 401, 402, 403, 404, 408, 409, 413, 422, 425, 429, 429, 500, 501, 502, 503,
        529 };
    static const char *const whole[] = { "html", "empty", "json-error,status=503", "http-garbage", "bad-chunk",
        "gzip-label", "huge-header=100000", "redirect=@OTHER@", "status=204,empty", "no-finish", "no-done",
        "finish=none", "finish=odd", "header=Content-Length:3", "status=502,html", "rst=0,wire", "cut=0,wire",
        "stall=0,wire", "rst=end", "stall=end", "cut=end", "status=429,code=insufficient_quota",
        "status=503,header=x-should-retry:false" };
    static const char *const ways[] = { "cut", "rst", "stall" };
    uint32_t kind = roll(d, 6), k = roll(d, 3), at;
    if (kind == 0) {
        word(b, "status=%d", statuses_of[roll(d, (uint32_t)COUNT(statuses_of))]);
        if (one_in(d, 3)) word(b, "retry-after=%d", 1 + (int)roll(d, 3));
    } else if (kind == 1) word(b, "%s", whole[roll(d, (uint32_t)COUNT(whole))]);
    else if (kind == 2) {
        at = roll(d, 8);
        word(b, "error-at=%d,status=503", (int)at);
        if (one_in(d, 3)) word(b, "error-form=%s", one_in(d, 2) ? "event" : "line");
    } else if (kind == 3) word(b, "%s=%dc", ways[k], (int)roll(d, 8));
    else {
        word(b, "%s=%d", ways[k], (int)roll(d, 1500));
        if (one_in(d, 3)) word(b, "wire");
    }
}

static void swarm_step(dice *d, struct buf *b, bool faults)
{
    static const char *const flags[] = { "crlf", "cr", "bom", "no-space", "chunk-ext", "trailer", "close",
        "content-length", "close-delimited", "http10", "interim", "close-on-reuse", "no-last-blank",
        "usage-every-chunk", "no-usage", "no-role", "obfuscation", "extra" };
    if (!one_in(d, 8)) word(b, "n=%d", (int)roll(d, 14));
    if (one_in(d, 5)) word(b, "bytes=%d", 1 + (int)roll(d, 60));  // 59: all alike
    if (one_in(d, 10)) word(b, "reasoning=%d", 1 + (int)roll(d, 4));
    if (one_in(d, 8)) word(b, "delay=%d", (int)roll(d, 3000));
    if (one_in(d, 10)) word(b, "first=%d", (int)roll(d, 4000));
    if (one_in(d, 10)) word(b, "think=%d", (int)roll(d, 4000));
    if (one_in(d, 8)) word(b, "keepalive=%d", 100 + (int)roll(d, 2000));
    if (one_in(d, 8)) word(b, "split=%d", 1 + (int)roll(d, 60));
    if (one_in(d, 12)) {
        word(b, "split=%d", 20 + (int)roll(d, 60));  // compilers differ in the order of a call's arguments
        word(b, "gap=%d", 1 + (int)roll(d, 20));
    }
    if (one_in(d, 8)) word(b, "chunk=%d", 1 + (int)roll(d, 60));
    if (one_in(d, 12)) word(b, "idle-close=%d", (int)roll(d, 2000));
    while (one_in(d, 3)) word(b, "%s", flags[roll(d, (uint32_t)COUNT(flags))]);
    if (faults && one_in(d, 2)) swarm_fault(d, b);
}

static void swarm_words(dice *d, plan_call *c, int targets, bool faults)
{
    struct buf b = { 0 };
    for (int t = 0; t < targets; t++) {
        uint32_t steps = 1 + roll(d, 3);
        if (t) put(&b, " & ");
        if (faults && one_in(d, 12)) put(&b, "%s", one_in(d, 2) ? "!refused;" : "!black-hole;");
        for (uint32_t i = 0; i < steps; i++) {
            size_t before = b.len;
            if (i) put(&b, ";");
            swarm_step(d, &b, faults);
            if (b.len == before + (i > 0)) put(&b, "ok");
            if (b.len + 120 > PLAN_WORDS) break;
        }
    }
    if (b.len + 1 > PLAN_WORDS) b.len = PLAN_WORDS - 1;
    memcpy(c->words, b.ptr, b.len);
    c->words[b.len] = 0;
    buf_free(&b);
}

static void swarm_maybe(dice *d, int64_t *option, uint32_t in, uint32_t from, uint32_t more)
{
    if (one_in(d, in)) *option = (int64_t)(from + roll(d, more));
}

static void swarm_plan(plan *p, uint32_t seed)
{
    dice at = { seed * 2654435761u + 77777u };
    dice *d = &at;
    int64_t *o = p->options;
    if (!at.state) at.state = 1;
    memset(p, 0, sizeof *p);
    o[OPT_SEED] = seed;
    snprintf(p->name, sizeof p->name, "seed-%lu", (unsigned long)seed);
    snprintf(p->rule, sizeof p->rule, "-");
    bool quiet = one_in(d, 8), bad_server = !quiet && !one_in(d, 4), bad_net = !quiet && one_in(d, 2);
    bool route = one_in(d, 4);
    int targets = route ? 1 + (int)roll(d, 3) : 1;
    uint32_t dialect = 1u << roll(d, PLAN_DIALECTS);
    p->call_count = route ? 1 : 1 + (int)roll(d, 4);
    if (route && targets == 1) o[OPT_KEYS] = 2;
    for (int i = 0; i < p->call_count; i++) {
        plan_call *c = &p->calls[i];
        uint32_t kind = roll(d, 10);
        c->dialects = dialect;
        c->kind = kind < 6 ? PLAN_STREAM : kind < 9 ? PLAN_WHOLE : PLAN_TOOL;
        if (kind == 9 && p->call_count == 1 && one_in(d, 2)) c->kind = PLAN_TWICE;
        swarm_words(d, c, targets, bad_server);
        if (one_in(d, 4)) c->options[OPT_DISCARD] = 1;
        if (one_in(d, 2)) c->options[OPT_EVENTS] = 1;
        if (one_in(d, 8)) c->options[OPT_RESUME] = 1;
        if (i) swarm_maybe(d, &c->options[OPT_START], 2, 1, 30);
        if (!quiet && c->kind != PLAN_TWICE) {
            swarm_maybe(d, &c->options[OPT_CANCEL], 10, 1, 60);
            swarm_maybe(d, &c->options[OPT_RELEASE], 12, 1, 60);
        }
    }
    o[OPT_TOTAL] = 2000 + (int64_t)roll(d, 60000);
    swarm_maybe(d, &o[OPT_FIRST], 2, 1000, 10000);
    swarm_maybe(d, &o[OPT_IDLE], 2, 500, 8000);
    swarm_maybe(d, &o[OPT_CONNECT], 2, 500, 5000);
    swarm_maybe(d, &o[OPT_ATTEMPTS], 2, 1, 4);
    swarm_maybe(d, &o[OPT_CONNECTIONS], 4, 1, 4);
    swarm_maybe(d, &o[OPT_BUFFER], 3, 256, 4096);
    swarm_maybe(d, &o[OPT_RTT], 2, 1, 200000);
    swarm_maybe(d, &o[OPT_SEND], 5, 1, 200);
    swarm_maybe(d, &o[OPT_FRAME], 3, 1000, 30000);
    uint32_t how = roll(d, 4);
    if (how == 0) o[OPT_PIECES] = 1 + (int64_t)roll(d, 40);
    if (how == 1) o[OPT_RANDOM] = 1;
    if (how == 2) o[OPT_SPLIT] = 1 + (int64_t)roll(d, 2000);
    if (one_in(d, 2)) o[OPT_SHUFFLE] = 1;
    if (one_in(d, 6)) o[OPT_TLS] = 1;
    if (one_in(d, 6) && o[OPT_TLS]) o[OPT_NAME] = 1;
    if (bad_net) {
        if (one_in(d, 2)) o[OPT_DROP] = 1;
        for (int k = OPT_AGAIN; k <= OPT_SHORT_READ; k++) swarm_maybe(d, &o[k], 4, 1, 80);
        swarm_maybe(d, &o[OPT_FIN], 8, 1, 3000);
        if (!o[OPT_FIN]) swarm_maybe(d, &o[OPT_RST], 8, 1, 3000);
        swarm_maybe(d, &o[OPT_SOCKETS], 10, 1, 3);
    }
    if (!quiet) {
        swarm_maybe(d, &o[OPT_BLOCK], 8, 60000, 200000);
        if (!o[OPT_BLOCK]) swarm_maybe(d, &o[OPT_ALLOC], 8, 1, 120);
        if (!o[OPT_ALLOC] && !o[OPT_BLOCK]) swarm_maybe(d, &o[OPT_ALLOCS], 24, 1, 120);
        if (o[OPT_FRAME]) swarm_maybe(d, &o[OPT_BACK], 8, 1, 5000);
    }
}

// -- one run, and what it broke ----------------------------------------------------------------------------------

static int planted;  // a wrong oracle, to try the shrinker on: no call may need a second request and succeed

typedef struct swarm_end {
    char broken[160];  // "": nothing
    uint64_t hash, virtual_us;
} swarm_end;

static swarm_end swarm_play(const plan *x)
{
    swarm_end e;
    int d = 0;
    while (!(x->calls[0].dialects & 1u << d)) d++;
    play *p = play_new(x, d, 0, 0, 0);
    while (play_step(p)) {}
    play_end(p);
    for (int i = 0; planted && i < x->call_count; i++)
        if (p->calls[i].sim.finishes && !p->calls[i].sim.category)
            ORACLE(p, "planted", play_requests(p, i) < 2, "a second request");
    snprintf(e.broken, sizeof e.broken, "%s", p->bad ? p->found : "");
    e.virtual_us = p->w->now;
    e.hash = p->w->hash;
    play_free(p);
    return e;
}

// -- making it small ------------------------------------------------------------------------------------------------

// How much there is of it: calls, targets, steps, words, options.
static int plan_parts(const plan *p)
{
    int n = 0;
    for (int i = 0; i < OPT_COUNT; i++) n += i != OPT_SEED && p->options[i] != 0;
    for (int i = 0; i < p->call_count; i++) {
        for (int k = 0; k < OPT_OF_CALL; k++) n += p->calls[i].options[k] != 0;
        n++;
        n += p->calls[i].words[0] != 0;
        for (const char *z = p->calls[i].words; *z; z++) n += *z == ',' || *z == ';' || *z == '&';
    }
    return n;
}

typedef struct shrinking {
    plan best;
    char oracle[16];
    int tries;
} shrinking;

static bool shrink_try(shrinking *s, const plan *candidate)
{
    if (s->tries >= 2000) return false;
    s->tries++;
    int quiet = test_bad;
    test_bad = 1000;  // what the seams say is known
    swarm_end e = swarm_play(candidate);
    test_bad = quiet;
    if (strncmp(e.broken, s->oracle, strlen(s->oracle))) return false;
    s->best = *candidate;
    return true;
}

static void words_cut(char *words, size_t from, size_t to)
{
    memmove(words + from, words + to, strlen(words + to) + 1);
}

// Takes away what stands between two separators, wherever it can go. True: something went.
static bool shrink_words(shrinking *s, int call, const char *separators)
{
    bool any = false;
    size_t from = 0;
    while (from <= strlen(s->best.calls[call].words)) {
        plan c = s->best;
        char *words = c.calls[call].words;
        size_t n = strcspn(words + from, separators), to = from + n;
        if (!words[0]) break;
        if (words[to]) words_cut(words, from, to + 1);  // and the separator behind it
        else words_cut(words, from ? from - 1 : 0, to);
        char *edge = words + from;
        while (edge > words && edge[-1] == ' ' && *edge == ' ') memmove(edge, edge + 1, strlen(edge));
        if (plan_targets(&c.calls[call]) >= 1 && shrink_try(s, &c)) any = true;
        else from = to + 1;
    }
    return any;
}

static bool shrink_number(shrinking *s, int64_t *(*place)(plan *, int, int), int a, int b)
{
    bool any = false;
    for (int64_t was; (was = *place(&s->best, a, b)) > 0;) {
        int64_t lower[3] = { 0, was / 2, was - 1 };
        bool went = false;
        for (int k = 0; k < 3 && !went; k++) {
            plan c = s->best;
            if (lower[k] >= was) continue;
            *place(&c, a, b) = lower[k];
            went = shrink_try(s, &c);
        }
        if (!went) break;
        any = true;
    }
    return any;
}

static int64_t *place_world(plan *p, int a, int b) { (void)b; return &p->options[a]; }
static int64_t *place_call(plan *p, int a, int b) { return &p->calls[a].options[b]; }

// Numbers in words: n=9 becomes n=4, and so on.
static bool shrink_numbers(shrinking *s, int call)
{
    bool any = false;
    for (size_t at = 0; at < strlen(s->best.calls[call].words); at++) {
        const char *w = s->best.calls[call].words;
        if (w[at] != '=' || !isdigit((unsigned char)w[at + 1])) continue;
        for (bool went = true; went;) {
            char *end, rest[PLAN_WORDS];
            long was = strtol(s->best.calls[call].words + at + 1, &end, 10), lower[3] = { 0, was / 2, was - 1 };
            snprintf(rest, sizeof rest, "%s", end);
            went = false;
            for (int k = 0; k < 3 && was > 0 && !went; k++) {
                plan c = s->best;
                snprintf(c.calls[call].words + at + 1, sizeof c.calls[call].words - at - 1, "%ld%s", lower[k], rest);
                went = lower[k] < was && shrink_try(s, &c);
            }
            any |= went;
        }
    }
    return any;
}

// The smallest plan that breaks the same oracle.
static plan swarm_shrink(const plan *from, const char *broken, int *tries)
{
    static shrinking s;
    bool more = true;
    s.best = *from;
    s.tries = 0;
    snprintf(s.oracle, sizeof s.oracle, "%.*s", (int)strcspn(broken, ":"), broken);
    while (more) {
        more = false;
        for (int i = 0; i < s.best.call_count; i++) {
            plan c = s.best;
            if (c.call_count == 1) break;
            memmove(&c.calls[i], &c.calls[i + 1], sizeof c.calls[0] * (size_t)(c.call_count - i - 1));
            c.call_count--;
            if (shrink_try(&s, &c)) more = true, i--;
        }
        for (int i = 0; i < s.best.call_count; i++) {
            plan c = s.best;
            c.calls[i].kind = PLAN_STREAM;
            if (s.best.calls[i].kind != PLAN_STREAM) more |= shrink_try(&s, &c);
            more |= shrink_words(&s, i, "&");
            more |= shrink_words(&s, i, ";&");
            more |= shrink_words(&s, i, ",;&");
            for (int k = 0; k < OPT_OF_CALL; k++) more |= shrink_number(&s, place_call, i, k);
        }
        for (int k = 0; k < OPT_COUNT; k++) more |= shrink_number(&s, place_world, k, 0);
        plan c = s.best;
        for (int i = 0; i < c.call_count; i++) c.calls[i].dialects = 1;
        if (!(s.best.calls[0].dialects & 1)) more |= shrink_try(&s, &c);
        for (int i = 0; i < s.best.call_count; i++) more |= shrink_numbers(&s, i);
    }
    *tries = s.tries;
    return s.best;
}

// Says what a seed broke, as small as it gets.
static plan swarm_report(const plan *x, const char *broken)
{
    int tries;
    struct buf b = { 0 };
    plan small = swarm_shrink(x, broken, &tries);
    plan_print(&b, &small);
    fprintf(stderr, "    seed %ld breaks %s\n    %d of its %d parts break it, too (%d tries):\n%.*s",
        (long)x->options[OPT_SEED], broken, plan_parts(&small), plan_parts(x), tries, (int)b.len, b.ptr);
    fprintf(stderr, "    replay: build/test_scenarios --seed %ld, or the lines above in a file: --file FILE\n",
        (long)x->options[OPT_SEED]);
    buf_free(&b);
    return small;
}

static bool plan_is_short_of_memory(const plan *p)
{
    return p->options[OPT_BLOCK] || p->options[OPT_ALLOC] || p->options[OPT_ALLOCS];
}

// Seeds from..to. The trace leaves out those that are short of memory: there it matters how large a pointer is.
static void swarm_seeds(uint32_t from, uint32_t to)
{
    clock_t began = clock();
    uint64_t trace = 0, virtual_us = 0;
    unsigned long count = 0;
    for (uint32_t seed = from; seed <= to && test_bad < 8; seed++, count++) {
        plan p;
        swarm_plan(&p, seed);
        swarm_end e = swarm_play(&p);
        virtual_us += e.virtual_us;
        if (!plan_is_short_of_memory(&p)) trace = trace * 31 + e.hash;
        if (e.broken[0]) {
            CHECKF(0, "seed %lu: %s", (unsigned long)seed, e.broken);
            swarm_report(&p, e.broken);
        } else if (seed % 16 == 0)
            CHECKF(swarm_play(&p).hash == e.hash, "O10: seed %lu gives two traces", (unsigned long)seed);
        if (seed == UINT32_MAX) break;
    }
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("    seeds %lu to %lu in %.1f s, %.0f a second, %.1f virtual years; trace %08lx%08lx\n", (unsigned long)from,
        (unsigned long)from + count - 1, seconds, seconds > 0 ? (double)count / seconds : 0.0,
        (double)virtual_us / 31557600e6,
        (unsigned long)(trace >> 32), (unsigned long)(trace & 0xffffffff));
}
#endif
