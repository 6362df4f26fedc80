// Every scenario of tests/scenarios.txt in the simulated world: what must be seen of it, and the ten oracles (the
// language and the oracles are told at the head of tests/scenario.h).
//
//     test_scenarios                     all of it
//     test_scenarios NAME...             these alone, each telling what came of it
//     test_scenarios --list              numbers, names, and where each is played
//     test_scenarios --file FILE         the lines of that file instead
//     test_scenarios --seed N            the plan of this seed (tests/swarm.h), told, played, and made small if it
//     breaks something test_scenarios --from N --to M     the seeds of this range; without it 10,000 are part of the
//     test test_scenarios --sockets PORT LOG OTHER-PORT OTHER-LOG [NAME...]
//                                        over real sockets, against two of build/provider-sim (tests/test_scenarios.sh)
#include "test.h"
#include "scenario.h"
#include "swarm.h"

#define SCENARIOS "tests/scenarios.txt"

// -- what must be seen -----------------------------------------------------------------------------------------

typedef struct seen {
    bool ended, ok, whole, none, away;
    int requests, attempts, target;
    uint64_t took_ms, least_ms, span_ms;  // least: between two requests
    tamar_category category;
    char message[120], order[64];
} seen;

static void judge_rule(const char *rule, const seen *s, char *out, size_t cap)
{
    bool whole = s->ok && s->whole, error = s->ended && !s->ok, right = true;
    uint64_t waits = str_begins(str(rule), "waits-") ? (uint64_t)atoi(rule + 6) : 0;
    if (!strcmp(rule, "error") || !strcmp(rule, "error-in-time")) right = error;
    else if (!strcmp(rule, "error-once")) right = error && s->requests == 1;
    else if (!strcmp(rule, "error-bounded")) right = error && s->requests <= 6;
    else if (!strcmp(rule, "answer")) right = whole;
    else if (!strcmp(rule, "answer-soon")) right = whole && s->took_ms <= 10000;
    else if (!strcmp(rule, "answer-or-error")) right = error || whole;
    else if (waits) right = whole && s->requests > 1 && s->least_ms + 1 >= waits;
    else if (!strcmp(rule, "no-hot-retry")) right = s->requests < 3 || s->span_ms >= 50;
    else if (!strcmp(rule, "not-before")) right = s->requests == 1;
    else if (!strcmp(rule, "stays-home")) right = s->ended && !s->away;
    else if (!strcmp(rule, "within-15s")) right = s->ended && s->took_ms <= 15000;
    else if (strcmp(rule, "-")) right = false;
    if (!right) snprintf(out, cap, "the rule %s is broken", rule);
}

static bool judge_number(tamar_str token, const char *name, bool (*fits)(uint64_t, uint64_t), uint64_t is, bool *right)
{
    uint64_t n;
    tamar_str value = token;
    if (!str_is(str_cut(&value, '='), name)) return false;
    *right = str_uint(value, INT64_MAX, &n) && fits(is, n);
    return true;
}

static bool is_equal(uint64_t a, uint64_t b) { return a == b; }
static bool is_least(uint64_t a, uint64_t b) { return a + 1 >= b; }
static bool is_most(uint64_t a, uint64_t b) { return a <= b; }

static bool judge_category(tamar_str words, tamar_category is)
{
    while (words.len)
        if (str_is(str_cut(&words, '+'), tamar_category_name(is))) return true;
    return false;
}

// "category+category attempts=2 ...; dialect: the same for that one alone"
static void judge_exactly(const char *exact, const char *dialect, const seen *s, char *out, size_t cap)
{
    tamar_str rest = str(exact), own = str_cut(&rest, ';');
    while (rest.len) {
        tamar_str group = str_trim(str_cut(&rest, ';')), names = str_cut(&group, ':');
        while (names.len)
            if (str_is(str_cut(&names, '+'), dialect)) own = str_trim(group);
    }
    while (own.len) {
        tamar_str token = str_cut(&own, ' ');
        bool right = true;
        if (!token.len) continue;
        if (judge_number(token, "attempts", is_equal, (uint64_t)s->attempts, &right)) {}
        else if (judge_number(token, "requests", is_equal, (uint64_t)s->requests, &right)) {}
        else if (judge_number(token, "target", is_equal, (uint64_t)s->target, &right)) {}
        else if (judge_number(token, "least", is_least, s->took_ms, &right)) {}
        else if (judge_number(token, "most", is_most, s->took_ms, &right)) {}
        else if (str_begins(token, "text=")) break;
        else right = s->ended && judge_category(token, s->category);
        if (!right) snprintf(out, cap, "not %.*s", (int)token.len, token.ptr);
    }
}

// How much of the text that was wanted came: the one that the line names, or what the server wanted to say; over real
// sockets that is what n=3 makes.
static bool text_is_whole(const play *p, const told *last, tamar_str got)
{
    const char *named = strstr(p->plan->exact, "text=");
    uint64_t n;
    if (named && named[5] == '#') return str_uint(str(named + 6), INT64_MAX, &n) && got.len == n;
    if (named) return str_is(got, named + 5);
    if (p->real) return str_is(got, "abcdefghijkl");
    return last && got.len == last->text_len;
}

static seen play_seen(const play *p)
{
    seen s;
    const struct play_call *c = &p->calls[0];
    const told *before = NULL, *first = NULL, *last = play_last_told(p, 0);
    memset(&s, 0, sizeof s);
    s.ended = c->sim.finishes != 0;
    s.category = c->sim.category;
    s.ok = s.ended && s.category == TAMAR_OK;
    s.requests = play_requests(p, 0);
    s.attempts = c->sim.attempts;
    s.target = c->last.target;
    s.took_ms = (c->sim.finished_at - c->sim.sent_at) / 1000;
    s.least_ms = UINT64_MAX / 2;
    s.none = !c->sim.text.len;
    s.whole = text_is_whole(p, last, (tamar_str){ c->sim.text.ptr ? c->sim.text.ptr : "", c->sim.text.len });
    s.away = p->away;
    snprintf(s.order, sizeof s.order, "%.60s", c->sim.order.ptr ? c->sim.order.ptr : "");
    snprintf(s.message, sizeof s.message, "%.110s", c->sim.message);
    for (size_t i = 0; i < p->told_count; i++) {
        const told *t = &p->tolds[i];
        if (t->call != 0) continue;
        if (before && t->began - before->began < s.least_ms * 1000) s.least_ms = (t->began - before->began) / 1000;
        if (!first) first = t;
        s.span_ms = (t->began - first->began) / 1000;
        before = t;
    }
    return s;
}

static void seen_print(const seen *s, FILE *f)
{
    fprintf(f, "%s, events %s, %s text, ", s->ended ? tamar_category_name(s->category) : "waiting", s->order,
        s->none ? "no" : s->whole ? "the whole" : "part of the");
    fprintf(f, "%d attempts, %d requests, %lu ms%s%s", s->attempts, s->requests, (unsigned long)s->took_ms,
        s->message[0] ? ": " : "", s->message);
}

static void play_judge(const play *p, seen *s, char *wrong, size_t cap)
{
    *s = play_seen(p);
    wrong[0] = 0;
    judge_rule(p->plan->rule, s, wrong, cap);
    judge_exactly(p->plan->exact, plan_dialects[p->dialect].name, s, wrong, cap);
    if (p->bad) snprintf(wrong, cap, "%s", p->found);
}

// -- one scenario in the simulated world -------------------------------------------------------------------------

static bool telling;
static uint64_t years_us, hash_all;
static long runs;

// Plays it and says what is wrong; "" when nothing is.
static uint64_t scenario_play(const plan *x, int dialect, char *wrong, size_t cap, seen *s)
{
    play *p = play_new(x, dialect, 0, 0, 0);
    uint64_t hash;
    while (play_step(p)) {}
    play_end(p);
    play_judge(p, s, wrong, cap);
    years_us += p->w->now;
    hash = p->w->hash;
    play_free(p);
    runs++;
    return hash;
}

static void scenario_test(const plan *x)
{
    char name[80];
    snprintf(name, sizeof name, "%d %s", x->number, x->name);
    TEST(name)
        for (int d = 0; d < PLAN_DIALECTS; d++) {
            char wrong[200];
            seen s, again;
            if (!(plan_all_dialects(x) & 1u << d)) continue;
            uint64_t hash = scenario_play(x, d, wrong, sizeof wrong, &s);
            hash_all = hash_all * 31 + hash;
            if (telling) {
                printf("    %-10s ", plan_dialects[d].name);
                seen_print(&s, stdout);
                printf("\n");
            }
            if (wrong[0]) {
                CHECKF(0, "in %s: %s", plan_dialects[d].name, wrong);
                fprintf(stderr, "        ");
                seen_print(&s, stderr);
                fprintf(stderr, "\n");
            } else if (x->calls[0].kind != PLAN_BIG && !plan_has(x, "big-event"))
                CHECKF(scenario_play(x, d, wrong, sizeof wrong, &again) == hash, "O10: in %s: two traces of one seed",
                    plan_dialects[d].name);
        }
}

// -- the same over real sockets ----------------------------------------------------------------------------------

enum { AT_ONCE = 24, PATIENCE_S = 40 };

static tamar_str log_text(struct pool *pool, tamar_json line, const char *name)
{
    return json_text(pool, tamar_json_get(line, name));
}

static uint64_t log_number(tamar_json line, const char *name)
{
    int64_t n = 0;
    tamar_json_get_int(tamar_json_get(line, name), &n);
    return (uint64_t)n;
}

// What the provider wrote down about one request.
static void log_line(play **plays, size_t count, tamar_json line, bool other)
{
    struct pool pool = { NULL };
    struct spec spec;
    struct buf why = { 0 };
    told t;
    int run = -1;
    memset(&t, 0, sizeof t);
    spec_init(&spec);
    if (other) {
        spec.id = log_text(&pool, line, "path");
        if (spec.id.len) spec.id.ptr++, spec.id.len--;
        spec.id = str_cut(&spec.id, '/');
    } else spec_parse(&spec, &pool, log_text(&pool, line, "spec"), &why);
    t.call = told_call(spec.id, &run, &t.target);
    t.number = t.began = log_number(line, "at_ms") * 1000;
    t.ended = t.began + log_number(line, "took_ms") * 1000;
    t.status = (int)log_number(line, "status");
    t.hint_us = t.status >= 400 ? told_hint(&spec) : 0;
    if (t.call >= 0 && run >= 0 && (size_t)run < count) {
        play *p = plays[run];
        bool key = false;
        tamar_json_get_bool(tamar_json_get(line, "key"), &key);
        if (!other) play_tell(p, &t);
        p->away |= other;
        ORACLE(p, "O6", !other || !key, "a key at the other host");
    }
    buf_free(&why);
    pool_free(&pool);
}

static void log_read(play **plays, size_t count, const char *path, bool other)
{
    size_t len;
    char *text = test_read_file(path, &len);
    tamar_str rest = { text, len };
    while (text && rest.len) {
        tamar_str one = str_cut(&rest, '\n');
        tamar_json line;
        if (tamar_json_parse(one.ptr, one.len, &line, NULL)) log_line(plays, count, line, other);
    }
    free(text);
}

static bool is_named(const plan *x, int argc, char **argv)
{
    for (int a = 6; a < argc; a++)
        if (!strcmp(argv[a], x->name)) return true;
    return argc <= 6 && !x->slow;
}

static void sockets(const plan *all, size_t count, int argc, char **argv)
{
    play **plays = NULL;
    size_t n = 0, next = 0, busy;
    int port = atoi(argv[2]), other = atoi(argv[4]);
    for (size_t i = 0; i < count; i++)
        for (int d = 0; d < PLAN_DIALECTS; d++) {
            if (!(plan_all_dialects(&all[i]) & 1u << d)) continue;
            if (!plan_is_real(&all[i]) || !is_named(&all[i], argc, argv)) continue;
            plays = checked(realloc(plays, (n + 1) * sizeof *plays));
            plays[n] = play_new(&all[i], d, port, other, (int)n);
            n++;
        }
    test_name = "sockets";
    do {
        busy = 0;
        for (size_t i = 0; i < n && busy < AT_ONCE; i++) {
            play *p = plays[i];
            if (i < next && !p->client) continue;
            if (i == next) p->time0 = real_us(), next++;
            busy++;
            if (play_step(p) && real_us() < p->time0 + PATIENCE_S * UINT64_C(1000000)) continue;
            play_end(p);
        }
        usleep(300);
    } while (busy);
    usleep(500000);  // the provider sees that connections are closed, and writes it down
    log_read(plays, n, argv[3], false);
    log_read(plays, n, argv[5], true);
    for (size_t i = 0; i < n; i++) {
        char name[80], wrong[200];
        seen s;
        play_ask_told(plays[i]);
        play_judge(plays[i], &s, wrong, sizeof wrong);
        snprintf(name, sizeof name, "%d %s in %s", plays[i]->plan->number, plays[i]->plan->name,
            plan_dialects[plays[i]->dialect].name);
        TEST(name) {
            CHECKF(!wrong[0], "%s", wrong);
            if (wrong[0] || argc > 6) {
                fprintf(stderr, "        %s: ", name);
                seen_print(&s, stderr);
                fprintf(stderr, "\n");
            }
        }
        play_free(plays[i]);
    }
    free(plays);
}

static void list(const plan *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%d %s%s\n", all[i].number, all[i].name, plan_is_real(&all[i]) ? "" : " (simulated only)");
}

// -- seeds ---------------------------------------------------------------------------------------------------------

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SEEDS 1000
#else
#define SEEDS 10000
#endif

static void one_seed(uint32_t seed)
{
    plan p;
    struct buf b = { 0 };
    swarm_plan(&p, seed);
    plan_print(&b, &p);
    printf("%.*s", (int)b.len, b.ptr);
    buf_free(&b);
    TEST("seed") {
        swarm_end e = swarm_play(&p);
        CHECKF(!e.broken[0], "%s", e.broken);
        if (e.broken[0]) swarm_report(&p, e.broken);
    }
}

// With an oracle that is wrong on purpose: the first seed that breaks it, the smallest plan, and that plan read again.
static void shrinker(void)
{
    plan big, small, again;
    swarm_end e;
    uint32_t seed = 0;
    int tries;
    struct buf b = { 0 };
    planted = 1;
    do {
        swarm_plan(&big, ++seed);
        e = swarm_play(&big);
    } while (strncmp(e.broken, "planted", 7) || plan_parts(&big) < 25);
    small = swarm_shrink(&big, e.broken, &tries);
    plan_print(&b, &small);
    buf_add(&b, "", 1);
    printf("    seed %lu: %d parts become %d in %d tries: %s", (unsigned long)seed, plan_parts(&big),
        plan_parts(&small), tries, b.ptr);
    CHECKF(plan_parts(&small) <= 5, "%d parts: %s", plan_parts(&small), b.ptr);
    const char *why = "";
    CHECKF(plan_read(&again, str_trim(str(b.ptr)), &why), "%s: %s", why, b.ptr);
    CHECK(!strncmp(swarm_play(&again).broken, "planted", 7));
    planted = 0;
    CHECK(!swarm_play(&again).broken[0]);
    buf_free(&b);
}

int main(int argc, char **argv)
{
    size_t count = 0;
    plan *all = NULL;
    if (argc == 3 && !strcmp(argv[1], "--seed")) {
        one_seed((uint32_t)strtoul(argv[2], NULL, 10));
        return test_done();
    }
    if (argc == 5 && !strcmp(argv[1], "--from") && !strcmp(argv[3], "--to")) {
        TEST("seeds") swarm_seeds((uint32_t)strtoul(argv[2], NULL, 10), (uint32_t)strtoul(argv[4], NULL, 10));
        return test_done();
    }
    all = plan_read_file(argc == 3 && !strcmp(argv[1], "--file") ? argv[2] : SCENARIOS, &count);
    if (argc == 3 && !strcmp(argv[1], "--file")) {
        telling = true;
        for (size_t i = 0; i < count; i++) scenario_test(&all[i]);
    } else if (argc == 2 && !strcmp(argv[1], "--list")) list(all, count);
    else if (argc > 5 && !strcmp(argv[1], "--sockets")) sockets(all, count, argc, argv);
    else if (argc > 1) {
        telling = true;
        for (int a = 1; a < argc; a++)
            for (size_t i = 0; i < count; i++)
                if (!strcmp(all[i].name, argv[a])) scenario_test(&all[i]);
    } else {
        clock_t began = clock();
        for (size_t i = 0; i < count; i++) scenario_test(&all[i]);
        double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
        printf("    %lu scenarios, %ld runs in %.1f s, %.2f virtual years; trace %08lx%08lx\n", (unsigned long)count,
            runs, seconds, (double)years_us / 31557600e6, (unsigned long)(hash_all >> 32),
            (unsigned long)(hash_all & 0xffffffff));
        TEST("a planted bug is found and made small") shrinker();
        TEST("seeds") swarm_seeds(1, SEEDS);
    }
    free(all);
    return test_done();
}
