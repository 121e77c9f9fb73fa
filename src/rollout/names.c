#include "rollout/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "plan/worlds.h"
#include "rollout/batch.h"

/* ---- names ---------------------------------------------------------------------- */

const char *name_of_txt(struct arena *a, const char *name)
{
    return arena_printf(a, "_bgc.%s", name);
}

const char *set_text(const struct value *set, const char *member)
{
    const char *s = value_get_string(set, member);
    return s ? s : "";
}

/* The next character of a name; \052 and the like are undone. */
static int name_char(const char **at)
{
    const char *s = *at;
    if (*s == '\\' && strspn(s + 1, "01234567") >= 3) {
        *at = s + 4;
        return (s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0');
    }
    if (!*s || (*s == '.' && !s[1]))
        return 0; /* the final dot says nothing */
    *at = s + 1;
    return *s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a' : (unsigned char)*s;
}

static int compare(const char *a, const char *b)
{
    for (;;) {
        int x = name_char(&a), y = name_char(&b);
        if (x != y || !x)
            return x - y;
    }
}

bool name_same(const char *a, const char *b)
{
    return compare(a, b) == 0;
}

size_t names_find(const char *const *at, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && !name_same(at[i], name))
        i++;
    return i;
}

static int by_name(const void *a, const void *b)
{
    return compare(*(const char *const *)a, *(const char *const *)b);
}

const char *names_digest(struct arena *a, const char *const *at, size_t n)
{
    enum { BYTES = 5 };
    const char **sorted = arena_array(a, const char *, n + 1);
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < n; i++)
        sorted[i] = at[i];
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 0; i < n; i++) {
        const char *s = sorted[i];
        for (int c; (c = name_char(&s));)
            buf_putc(&b, (char)c);
        buf_putc(&b, '\n');
    }
    unsigned char md[DIGEST_SIZE];
    digest_sha256(b.at, b.len, md);
    return digest_hex(a, md, BYTES);
}

/* ---- whose record ------------------------------------------------------------------ */

/* The names at which one and the same text stands. */
struct group {
    const char *text, *why;
    struct record record;
    bool parsed;
    VEC(const char *) names;
    VEC(struct value *) txts;
};

struct groups {
    VEC(struct group) all;
};

bool names_has_txt(struct arena *a, struct value **txts, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (name_same(set_text(txts[i], "Name"), name_of_txt(a, name)))
            return true;
    return false;
}

static struct group *group_of(struct arena *a, struct groups *gs, const char *text)
{
    for (size_t i = 0; i < gs->all.n; i++)
        if (!strcmp(gs->all.at[i].text, text))
            return &gs->all.at[i];
    struct group g = {.text = text};
    g.parsed = record_parse(a, text, &g.record, &g.why);
    vec_push(a, &gs->all, g);
    return &gs->all.at[gs->all.n - 1];
}

static void sort_out(struct arena *a, struct groups *gs, struct value **txts, size_t n, const struct names *look)
{
    for (size_t i = 0; i < look->n; i++)
        for (size_t k = 0; k < n; k++) {
            if (!name_same(set_text(txts[k], "Name"), name_of_txt(a, look->at[i])))
                continue;
            struct group *g = group_of(a, gs, batch_text(a, txts[k]));
            vec_push(a, &g->names, look->at[i]);
            vec_push(a, &g->txts, txts[k]);
        }
}

/* The record of a world stands where its tags say; what stands only where the program
 * says by now may be anybody's. */
static int rank(const struct group *g, const struct names *look)
{
    int best = 0;
    for (size_t i = 0; i < g->names.n; i++) {
        size_t at = names_find(look->at, look->n, g->names.at[i]);
        int r = 1 + (look->tagged && look->tagged[at] ? 2 : 0) + (at < look->wanted ? 1 : 0);
        best = r > best ? r : best;
    }
    return best;
}

static bool is_whole(struct arena *a, const struct group *g)
{
    return g->parsed && (!g->record.names || !strcmp(g->record.names, names_digest(a, g->names.at, g->names.n)));
}

/* A record that does not stand where it says: at which name it is missing. */
static bool say_missing(struct arena *a, struct traffic_state *t, const struct group *g, const struct names *look)
{
    const char **known = arena_array(a, const char *, look->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < look->n && look->tagged; i++)
        if (look->tagged[i])
            known[n++] = look->at[i];
    const char *const *sets[] = {look->at, look->at, known};
    size_t of[] = {look->n, look->wanted, n};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(g->record.names, names_digest(a, sets[i], of[i])))
            continue;
        for (size_t k = 0; k < of[i]; k++)
            if (names_find(g->names.at, g->names.n, sets[i][k]) == g->names.n)
                return traffic_foreign(a, t, "the TXT record of %s is gone", sets[i][k]);
    }
    return traffic_foreign(a, t, "the TXT record of %s speaks of further names, which neither the program nor the tags of a world "
                       "say (or one of them is gone): say in `names` all that it had", g->names.at[0]);
}

bool names_choose(struct arena *a, struct value **txts, size_t n, const struct names *look, struct traffic_state *t)
{
    struct groups gs = {0};
    struct group *best = NULL;
    bool tie = false;
    sort_out(a, &gs, txts, n, look);
    for (size_t i = 0; i < gs.all.n; i++) {
        struct group *g = &gs.all.at[i];
        if (!is_whole(a, g))
            continue;
        int better = best ? rank(g, look) - rank(best, look) : 1;
        tie = better == 0 || (tie && better < 0);
        best = better > 0 ? g : best;
    }
    const struct group *first = best ? best : &gs.all.at[0], *second = &gs.all.at[gs.all.n > 1 ? 1 : 0];
    t->has_record = first->parsed;
    t->record = first->record;
    if (best && !tie) {
        for (size_t i = 0; i < best->names.n; i++)
            vec_push(a, &t->names, best->names.at[i]);
        t->txt = value_list(a, best->txts.at, best->txts.n);
        return true;
    }
    for (size_t i = 0; i < gs.all.n; i++) /* whoever removes all of it removes it wherever it stands */
        for (size_t k = 0; k < gs.all.at[i].names.n; k++)
            vec_push(a, &t->names, gs.all.at[i].names.at[k]);
    t->txt = value_list(a, txts, n);
    if (!first->parsed)
        return traffic_foreign(a, t, "the TXT record of %s cannot be read: %s", first->names.at[0], first->why);
    t->torn = true; /* it may have changed between two pages */
    if (second != &gs.all.at[0])
        return traffic_foreign(a, t, "the TXT record of %s differs from that of %s", second->names.at[0], gs.all.at[0].names.at[0]);
    return say_missing(a, t, first, look);
}

/* ---- other names than it stands at ------------------------------------------------------ */

static const char *led_to(const struct value *set)
{
    const char *s = value_get_string(value_get(set, "AliasTarget"), "DNSName");
    return s ? s : set_text(value_at(set, "ResourceRecords[0]"), "Value");
}

/* A console puts "dualstack." before the name of what it makes an alias of. */
static const char *host(const char *s)
{
    static const char prefix[] = "dualstack.";
    return strncmp(s, prefix, sizeof prefix - 1) ? s : s + sizeof prefix - 1;
}

/* Who is answered by it comes to where the live world's records lead. */
static bool leads_to_live(struct arena *a, const struct traffic_state *t, const struct value *set)
{
    bool alias = value_get(set, "AliasTarget") != NULL;
    const struct value *own = !t->record.live ? NULL : alias ? batch_own(a, t, t->record.live, NULL, NULL)
                                                             : batch_own(a, t, t->record.live, t->names.at[0], set_text(set, "Type"));
    if (!own || alias != (value_get(own, "AliasTarget") != NULL))
        return false;
    return alias ? name_same(host(led_to(set)), host(led_to(own)))
                 : value_equal(value_get(set, "ResourceRecords"), value_get(own, "ResourceRecords"));
}

static void unfit(struct traffic_state *t, const char *why, const char *help)
{
    if (t->unfit)
        return; /* one is enough */
    t->unfit = why;
    t->unfit_help = help;
}

static const char *live_target(const struct traffic_state *t)
{
    for (size_t i = 0; i < t->shares.n; i++)
        if (t->record.live && !strcmp(t->shares.at[i].world, t->record.live) && t->shares.at[i].target)
            return t->shares.at[i].target;
    return NULL;
}

/* What stands already at a name that comes. */
static bool judge(struct arena *a, struct traffic_state *t, const char *name, const struct value *set)
{
    const char *type = set_text(set, "Type"), *to = live_target(t), *why = batch_routed(a, set);
    const char *help = to ? arena_printf(a, "delete it; or let it be a simple alias (type A or AAAA) that leads to %s, as the live "
                                            "world's do: then it becomes one of bgc's in the same batch", to)
                          : "delete it, or leave the name out";
    if (why)
        unfit(t, why, help);
    else if (!strcmp(type, "CNAME"))
        unfit(t, arena_printf(a, "%s is a CNAME, beside which no other record can stand", name), help);
    else if (*set_text(set, "SetIdentifier"))
        unfit(t, arena_printf(a, "%s has a weighted record that is not of world %s (%s)", name, t->world, set_text(set, "SetIdentifier")),
              help);
    else if (!leads_to_live(a, t, set))
        unfit(t, arena_printf(a, "%s has a record of type %s already, which leads to %s and not to the live world", name, type,
                              *led_to(set) ? led_to(set) : "elsewhere"), help);
    else
        return true;
    return false;
}

static void comes(struct arena *a, const char *name, struct value **txts, size_t ntxts, struct value **others,
                  size_t nothers, struct traffic_state *t)
{
    struct traffic_name come = {.name = name};
    VEC(struct value *) beside = {0};
    for (size_t i = 0; i < ntxts; i++) {
        struct record r;
        const char *why;
        if (!name_same(set_text(txts[i], "Name"), name_of_txt(a, name)))
            continue;
        bool known = record_parse(a, batch_text(a, txts[i]), &r, &why) && r.live;
        t->torn = true; /* or it was read while it came */
        unfit(t, arena_printf(a, "%s has a traffic record of its own%s%s", name, known ? ", of world id " : "", known ? r.live : ""),
              "every world needs names of its own: take the name from the one that has it first");
    }
    for (size_t i = 0; i < t->beside->list.n; i++)
        vec_push(a, &beside, t->beside->list.at[i]);
    for (size_t i = 0; i < nothers; i++)
        if (name_same(set_text(others[i], "Name"), name) && judge(a, t, name, others[i])) {
            come.converts = true;
            vec_push(a, &beside, others[i]);
        }
    t->beside = value_list(a, beside.at, beside.n);
    vec_push(a, &t->come, come);
}

void names_differ(struct arena *a, const struct names *look, struct value **txts, size_t ntxts,
                  struct value **others, size_t nothers, struct traffic_state *t)
{
    for (size_t i = 0; i < look->wanted; i++)
        if (names_find(t->names.at, t->names.n, look->at[i]) == t->names.n)
            comes(a, look->at[i], txts, ntxts, others, nothers, t);
    for (size_t i = 0; i < t->names.n && look->wanted; i++)
        if (names_find(look->at, look->wanted, t->names.at[i]) == look->wanted)
            vec_push(a, &t->go, t->names.at[i]);
}
