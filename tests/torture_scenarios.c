// Every scenario of tests/scenarios.txt on its worst days: its answers cut at every byte by FIN and by RST, its bytes
// split at every byte, every allocation failing once and for good, every call of the sockets failing in every way,
// blocks of memory of every size, each call cancelled and let go at every pump. After each run all oracles of
// tests/scenario.h are asked: no success without its proof, no leak, no hang, one terminal event, and a healthy call
// afterwards. What only delays (splits, short reads and writes, would-block) must not change the outcome.
//
//     torture_scenarios                  all scenarios, each place in one dialect and every seventh in the others
//     torture_scenarios --all            each place in all dialects
//     torture_scenarios NAME...          these alone, each place in all dialects
#include "test.h"
#include "scenario.h"

static long runs;
static uint64_t virtual_us;

typedef struct outcome {
    tamar_category category[PLAN_CALLS];
    size_t text[PLAN_CALLS];
    int pumps, finished[PLAN_CALLS];
    long asked, seam_calls;
    size_t said, proof;  // proof: bytes said by the first answer that was a success, its end included
    size_t peak;
} outcome;

static outcome torture_play(const plan *x, int dialect)
{
    outcome o;
    play *p = play_new(x, dialect, 0, 0, 0);
    memset(&o, 0, sizeof o);
    if (p->client) o.peak = tamar_memory(p->client).peak;
    while (play_step(p)) {}
    if (p->client) o.peak = tamar_memory(p->client).peak;
    play_end(p);
    for (int i = 0; i < x->call_count; i++) {
        o.category[i] = p->calls[i].sim.category;
        o.text[i] = p->calls[i].sim.text.len;
        o.finished[i] = p->calls[i].sim.finishes;
    }
    o.pumps = p->pumps;
    o.asked = p->asked;
    o.seam_calls = p->seam_calls;
    o.said = p->said;
    if (p->bad) {
        struct buf b = { 0 };
        plan one = *x;
        for (int i = 0; i < one.call_count; i++) one.calls[i].dialects = 1u << dialect;
        plan_print(&b, &one);
        CHECKF(0, "%s\n%.*s", p->found, (int)b.len, b.ptr);
        buf_free(&b);
    }
    virtual_us += p->w->now;
    play_free(p);
    runs++;
    return o;
}

static bool same(const plan *x, const outcome *a, const outcome *b)
{
    for (int i = 0; i < x->call_count; i++)
        if (a->category[i] != b->category[i] || a->text[i] != b->text[i] || a->finished[i] != b->finished[i])
            return false;
    return true;
}

// The same plan with one option more.
static plan with(const plan *x, int option, int64_t value)
{
    plan p = *x;
    if (option < OPT_OF_CALL) for (int i = 0; i < p.call_count; i++) p.calls[i].options[option] = value;
    else p.options[option] = value;
    return p;
}

static void must_be_same(const plan *x, int dialect, const outcome *good, int option, int64_t value)
{
    plan p = with(x, option, value);
    outcome o = torture_play(&p, dialect);
    CHECKF(same(x, &o, good), "in %s, %s=%lu: %s and not %s", plan_dialects[dialect].name, plan_options[option].name,
        (unsigned long)value, tamar_category_name(o.category[0]), tamar_category_name(good->category[0]));
}

// Where a long one is looked at: its beginning, its end, and now and then between.
static size_t next_place(size_t at, size_t of, size_t stride)
{
    if (of > 12000 && at > 3000 && at + 3000 < of) stride *= 1009;
    return at + stride;
}

static void torture(const plan *x, int dialect, size_t stride)
{
    outcome good = torture_play(x, dialect), o;
    plan once = with(x, OPT_ATTEMPTS, 1), p;
    bool timed = x->options[OPT_FRAME] || x->options[OPT_BACK] || x->options[OPT_SOCKETS];  // the pumps count
    size_t first = 1 + (size_t)x->number % stride, at;
    for (at = first; at <= good.said + 1 && test_bad < 8; at = next_place(at, good.said, stride)) {
        p = with(&once, OPT_FIN, (int64_t)at);
        torture_play(&p, dialect);
        p = with(&once, OPT_RST, (int64_t)at);
        torture_play(&p, dialect);
        if (!timed && !x->options[OPT_SPLIT]) must_be_same(x, dialect, &good, OPT_SPLIT, (int64_t)at);
    }
    for (at = 1; at <= 9 && !timed && good.said < 100000 && test_bad < 8; at += 4)
        must_be_same(x, dialect, &good, OPT_PIECES, (int64_t)at);
    for (at = first; at <= (size_t)good.asked && test_bad < 8; at += stride) {
        p = with(x, OPT_ALLOC, (int64_t)at);
        torture_play(&p, dialect);
        p = with(x, OPT_ALLOCS, (int64_t)at);
        torture_play(&p, dialect);
    }
    for (int kind = OPT_AGAIN; kind <= OPT_SHORT_READ; kind++)
        for (at = first; at <= (size_t)good.seam_calls && test_bad < 8; at += stride + (size_t)good.seam_calls / 500) {
            bool delays = kind == OPT_AGAIN || kind == OPT_SHORT_WRITE || kind == OPT_SHORT_READ;
            if (delays && !timed) must_be_same(x, dialect, &good, kind, (int64_t)at);
            else {
                p = with(x, kind, (int64_t)at);
                torture_play(&p, dialect);
            }
        }
    size_t pumps = x->calls[0].kind == PLAN_TWICE ? 0 : (size_t)good.pumps;
    for (at = first; at <= pumps && test_bad < 8; at += stride + pumps / 500) {
        p = with(x, OPT_CANCEL, (int64_t)at);
        o = torture_play(&p, dialect);
        for (int i = 0; i < x->call_count; i++)
            CHECKF(o.category[i] == good.category[i] || o.category[i] == TAMAR_CANCELLED, "in %s, cancel=%lu: %s",
                plan_dialects[dialect].name, (unsigned long)at, tamar_category_name(o.category[i]));
        p = with(x, OPT_RELEASE, (int64_t)at);
        torture_play(&p, dialect);
    }
    for (at = 64; at < good.peak * 2 + 4096 && test_bad < 8; at += (good.peak / 61 | 15) * stride) {
        p = with(x, OPT_BLOCK, (int64_t)at);
        torture_play(&p, dialect);
    }
}

int main(int argc, char **argv)
{
    size_t count;
    plan *all = plan_read_file("tests/scenarios.txt", &count);
    bool every = argc > 1;
    clock_t began = clock();
    for (size_t i = 0; i < count; i++) {
        const plan *x = &all[i];
        bool named = argc < 2 || !strcmp(argv[1], "--all"), big = plan_has(x, "big-") || x->calls[0].kind == PLAN_BIG;
        size_t nth = 0;
        char name[80];
        for (int a = 1; a < argc; a++) named |= !strcmp(argv[a], x->name);
        if (!named) continue;
        snprintf(name, sizeof name, "%d %s", x->number, x->name);
        clock_t start = clock();
        TEST(name)
            for (int d = 0; d < PLAN_DIALECTS; d++) {
                if (!(plan_all_dialects(x) & 1u << d)) continue;
                if (big && nth) continue;
                torture(x, d, big ? 997 : every || nth == (size_t)x->number % 2 ? 1 : 7);
                nth++;
            }
        if (clock() - start > 5 * CLOCKS_PER_SEC)
            printf("    %s takes %.0f s\n", name, (double)(clock() - start) / CLOCKS_PER_SEC), fflush(stdout);
    }
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("    %ld runs in %.1f s, %.1f virtual years\n", runs, seconds, (double)virtual_us / 31557600e6);
    free(all);
    return test_done();
}
