#include "plan/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "bgc1 serial=12 set=11 epoch=3 by=5d1c live=7f3a2c91d0 candidate=- ... aborted=a,b doomed=-"
 * Every key always stands, in this order, so that a record can be read by eye
 * and a missing one is an error and not a default. Only `names` came later, and
 * a split has none. */

static void put_id(struct buf *b, const char *key, const char *id)
{
    buf_printf(b, " %s=%s", key, id ? id : "-");
}

static void put_ids(struct buf *b, const char *key, const char *const *at, size_t n)
{
    buf_printf(b, " %s=", key);
    if (!n)
        buf_putc(b, '-');
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s%s", i ? "," : "", at[i]);
}

const char *record_print(struct arena *a, const struct record *r)
{
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "bgc%lld serial=%lld set=%lld epoch=%lld", (long long)r->version, (long long)r->serial,
               (long long)r->set, (long long)r->epoch);
    put_id(&b, "by", r->by);
    put_id(&b, "live", r->live);
    put_id(&b, "candidate", r->candidate);
    buf_printf(&b, " incarnation=%lld", (long long)r->incarnation);
    put_id(&b, "spec", r->spec);
    put_id(&b, "previous", r->previous);
    buf_printf(&b, " step=%lld weights=%lld/%lld since=%lld", (long long)r->step, (long long)r->weight_live,
               (long long)r->weight_candidate, (long long)r->since);
    buf_printf(&b, " doomed_at=%lld", (long long)r->doomed_at);
    put_id(&b, "rollout", r->rollout);
    put_ids(&b, "aborted", r->aborted.at, r->aborted.n);
    put_ids(&b, "doomed", r->doomed.at, r->doomed.n);
    if (r->names)
        put_id(&b, "names", r->names);
    return buf_text(&b);
}

static bool is_id(const char *s)
{
    size_t n = strlen(s);
    return n >= 1 && n <= 32 && strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz_.") == n;
}

/* What the language allows as the name of a rollout. */
static bool is_name(const char *s)
{
    size_t n = strlen(s);
    return n >= 1 && n <= 255 &&
           strspn(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == n;
}

static bool whole(const char *s, int64_t min, int64_t *out)
{
    char *end;
    if (!(*s == '-' || (*s >= '0' && *s <= '9')) || strlen(s) > 18)
        return false;
    *out = strtoll(s, &end, 10);
    return !*end && *out >= min;
}

struct reader {
    struct arena *arena;
    char *rest;
    const char *why;
};

/* The text after "key=" of the next word; NULL when the next word is another. */
static char *take(struct reader *r, const char *key)
{
    if (r->why)
        return NULL;
    size_t n = strlen(key);
    if (strncmp(r->rest, key, n) || r->rest[n] != '=') {
        r->why = arena_printf(r->arena, "expected %s= and found \"%.24s\"", key, r->rest);
        return NULL;
    }
    char *text = r->rest + n + 1;
    char *end = strchr(text, ' ');
    r->rest = end ? end + 1 : text + strlen(text);
    if (end)
        *end = '\0';
    return text;
}

static void take_int(struct reader *r, const char *key, int64_t min, int64_t *out)
{
    const char *t = take(r, key);
    if (t && !whole(t, min, out))
        r->why = arena_printf(r->arena, "%s is not a number: \"%.24s\"", key, t);
}

static void take_word(struct reader *r, const char *key, bool (*good)(const char *), const char *what,
                      const char **out)
{
    const char *t = take(r, key);
    if (!t)
        return;
    *out = strcmp(t, "-") ? t : NULL;
    if (*out && !good(t))
        r->why = arena_printf(r->arena, "%s is not %s: \"%.24s\"", key, what, t);
}

static void take_id(struct reader *r, const char *key, const char **out)
{
    take_word(r, key, is_id, "a world id", out);
}

static void take_weights(struct reader *r, struct record *out)
{
    char *t = take(r, "weights"), *slash = t ? strchr(t, '/') : NULL;
    if (!t)
        return;
    if (slash)
        *slash = '\0';
    if (!slash || !whole(t, 0, &out->weight_live) || !whole(slash + 1, 0, &out->weight_candidate) ||
        out->weight_live > 255 || out->weight_candidate > 255)
        r->why = "weights are not two numbers of 0 to 255";
}

bool record_parse(struct arena *a, const char *text, struct record *out, const char **why)
{
    *out = (struct record){.step = -1};
    struct reader r = {a, arena_strdup(a, text), NULL};
    if (strlen(text) > 4000) {
        *why = "the text is longer than any record";
        return false;
    }
    char *end = strchr(r.rest, ' ');
    if (strncmp(r.rest, "bgc", 3) || !end) {
        *why = "it does not begin with bgc and a version";
        return false;
    }
    *end = '\0';
    if (!whole(r.rest + 3, 1, &out->version) || out->version != 1) {
        *why = arena_printf(a, "format \"%.16s\" is not known to this bgc; a newer one wrote it", r.rest);
        return false;
    }
    r.rest = end + 1;
    take_int(&r, "serial", 0, &out->serial);
    take_int(&r, "set", 0, &out->set);
    take_int(&r, "epoch", 0, &out->epoch);
    take_word(&r, "by", is_id, "a run", &out->by);
    take_id(&r, "live", &out->live);
    take_id(&r, "candidate", &out->candidate);
    take_int(&r, "incarnation", 0, &out->incarnation);
    take_id(&r, "spec", &out->spec);
    take_id(&r, "previous", &out->previous);
    take_int(&r, "step", -1, &out->step);
    take_weights(&r, out);
    take_int(&r, "since", 0, &out->since);
    take_int(&r, "doomed_at", 0, &out->doomed_at);
    take_word(&r, "rollout", is_name, "a name", &out->rollout);
    static const char *const lists[] = {"aborted", "doomed"};
    for (int i = 0; i < 2; i++) {
        const char *t = take(&r, lists[i]);
        if (!t || !strcmp(t, "-"))
            continue;
        char *word = arena_strdup(a, t);
        for (char *next; word; word = next) {
            next = strchr(word, ',');
            if (next)
                *next++ = '\0';
            if (!is_id(word)) {
                r.why = arena_printf(a, "%s holds no world id: \"%.24s\"", lists[i], word);
                break;
            }
            if (i == 0)
                vec_push(a, &out->aborted, word);
            else
                vec_push(a, &out->doomed, word);
        }
    }
    if (!r.why && *r.rest && !strncmp(r.rest, "names=", 6))
        take_word(&r, "names", is_id, "a digest", &out->names);
    if (!r.why && *r.rest)
        r.why = arena_printf(a, "unexpected text at the end: \"%.24s\"", r.rest);
    *why = r.why;
    return !r.why;
}

struct record record_copy(struct arena *a, const struct record *r)
{
    struct record c = *r;
    c.aborted.at = NULL;
    c.aborted.n = c.aborted.cap = 0;
    c.doomed.at = NULL;
    c.doomed.n = c.doomed.cap = 0;
    for (size_t i = 0; i < r->aborted.n; i++)
        vec_push(a, &c.aborted, arena_strdup(a, r->aborted.at[i]));
    for (size_t i = 0; i < r->doomed.n; i++)
        vec_push(a, &c.doomed, arena_strdup(a, r->doomed.at[i]));
    const char **ids[] = {&c.by, &c.live, &c.candidate, &c.previous, &c.rollout, &c.spec, &c.names};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (*ids[i])
            *ids[i] = arena_strdup(a, *ids[i]);
    return c;
}

static bool among(const char *const *at, size_t n, const char *id)
{
    for (size_t i = 0; id && i < n; i++)
        if (!strcmp(at[i], id))
            return true;
    return false;
}

bool record_aborted(const struct record *r, const char *world_id)
{
    return among((const char *const *)r->aborted.at, r->aborted.n, world_id);
}

bool record_doomed(const struct record *r, const char *world_id)
{
    return among((const char *const *)r->doomed.at, r->doomed.n, world_id);
}

double traffic_share_of(const struct traffic_state *t, const char *world_id)
{
    int64_t sum = 0, mine = 0;
    if (!t || !world_id)
        return 0;
    for (size_t i = 0; i < t->shares.n; i++) {
        sum += t->shares.at[i].weight;
        if (!strcmp(t->shares.at[i].world, world_id))
            mine += t->shares.at[i].weight;
    }
    return sum ? 100.0 * (double)mine / (double)sum : 0;
}

/* Adds an id behind the others; the oldest one makes room. */
#define ADD_ID(a, list, max, id)                                                                   \
    do {                                                                                           \
        if ((list)->n >= (max)) {                                                                  \
            for (size_t i_ = (list)->n - (max) + 1; i_ < (list)->n; i_++)                          \
                (list)->at[i_ - ((list)->n - (max) + 1)] = (list)->at[i_];                         \
            (list)->n = (max)-1;                                                                   \
        }                                                                                          \
        vec_push((a), (list), arena_strdup((a), (id)));                                            \
    } while (0)

void record_doom(struct arena *a, struct record *r, const char *world_id)
{
    if (world_id && !record_doomed(r, world_id))
        ADD_ID(a, &r->doomed, RECORD_DOOMED_MAX, world_id);
}

void record_abort(struct arena *a, struct record *r, const char *world_id)
{
    if (world_id && !record_aborted(r, world_id))
        ADD_ID(a, &r->aborted, RECORD_ABORTED_MAX, world_id);
}

void record_forgive(struct record *r, const char *world_id)
{
    size_t k = 0;
    for (size_t i = 0; i < r->aborted.n; i++)
        if (!world_id || strcmp(r->aborted.at[i], world_id))
            r->aborted.at[k++] = r->aborted.at[i];
    r->aborted.n = k;
}

bool traffic_foreign(struct arena *a, struct traffic_state *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    t->kind = TRAFFIC_FOREIGN;
    t->why = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return false;
}
