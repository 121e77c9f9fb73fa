#include "cli/planfile.h"

#include <string.h>

#include "base/intern.h"
#include "base/file.h"
#include "cli/command.h"
#include "review/json.h"
#include "review/words.h"

/* ---- writing -------------------------------------------------------------------- */

/* As it would be typed behind -i. */
static const char *typed(struct arena *a, const struct value *v)
{
    return v->kind == V_STRING ? v->s : value_text(a, v);
}

static struct value *inputs_of(struct arena *a, const struct graph *g)
{
    struct value *m = value_map(a);
    for (size_t i = 0; g->inputs && i < g->inputs->map->n; i++) {
        const struct map_entry *e = &g->inputs->map->entries[i];
        const struct value *v = e->value;
        if (v->kind != V_NONE && !value_secret(v)) /* a secret is given again at apply */
            value_put(m, e->key, value_string(a, typed(a, v)));
    }
    return m;
}

static struct value *ids_of(struct arena *a, const struct value *fact)
{
    if (fact->kind != V_LIST && fact->kind != V_SET) {
        const char *id = value_get_string(fact, "id");
        return id ? value_string(a, id) : value_none(a);
    }
    struct value **at = arena_array(a, struct value *, fact->list.n + 1);
    for (size_t i = 0; i < fact->list.n; i++)
        at[i] = ids_of(a, fact->list.at[i]);
    return value_list(a, at, fact->list.n);
}

/* What the spec looks up, and found. */
static struct value *facts_of(struct arena *a, const struct graph *g, const struct facts *f)
{
    struct value *m = value_map(a);
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        struct value *fact = n->existing ? facts_find(f, n->address) : NULL;
        if (fact)
            value_put(m, n->address, ids_of(a, fact));
    }
    return m;
}

static struct value *options_of(struct context *c)
{
    struct value *m = value_map(c->session);
    const char *rollout = c->opt.value[OPT_ROLLOUT];
    value_put(m, "rollout", rollout ? value_string(c->session, rollout) : value_none(c->session));
    value_put(m, "retry", value_bool(c->session, option_given(&c->opt, OPT_RETRY)));
    value_put(m, "rebuild", value_bool(c->session, option_given(&c->opt, OPT_REBUILD)));
    return m;
}

bool planfile_write(struct context *c, const struct survey *s, const char *path)
{
    struct value *v = review_json(c->session, s->plan, &c->ds);
    struct buf b;
    const char *error = NULL;
    value_put(v, "inputs", inputs_of(c->session, s->graph));
    value_put(v, "facts", facts_of(c->session, s->graph, s->facts));
    value_put(v, "options", options_of(c));
    buf_init(&b, c->session);
    value_json(&b, v, 2);
    buf_putc(&b, '\n');
    const char *text = redact_text(&c->secrets, c->session, buf_text(&b));
    if (file_write_atomic(c->session, path, text, strlen(text), 0, &error))
        return true;
    diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
    return false;
}

/* ---- reading ---------------------------------------------------------------------- */

static const struct value *bad_file(struct context *c, const char *path, const char *why)
{
    struct diag *d =
        diag_error(&c->ds, "BG6203", NO_SPAN, "\"%s\" is no saved plan: %s", path, why);
    diag_help(&c->ds, d, "`bgc plan --out FILE` writes one");
    return NULL;
}

static bool of_kind(const struct value *v, const char *key, enum value_kind kind)
{
    const struct value *m = value_get(v, key);
    return m && m->kind == kind;
}

static bool sound_actions(const struct value *v)
{
    const struct value *list = value_get(v, "actions");
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *act = list->list.at[i];
        if (act->kind != V_MAP || !value_get_string(act, "op") ||
            !value_get_string(act, "address") || !of_kind(act, "changes", V_LIST))
            return false;
    }
    return true;
}

static void take_inputs(struct context *c, const struct value *inputs)
{
    for (size_t i = 0; i < inputs->map->n; i++) {
        const struct value *v = inputs->map->entries[i].value;
        if (v->kind == V_STRING)
            vec_push(c->session, &c->saved_inputs,
                     arena_printf(c->session, "%s=%s", inputs->map->entries[i].key, v->s));
    }
}

const struct value *planfile_read(struct context *c, const char *path)
{
    const char *text, *error = NULL;
    size_t len;
    if (!file_read(c->session, path, &text, &len, &error)) {
        diag_error(&c->ds, "BG0101", NO_SPAN, "cannot read \"%s\": %s", path, error);
        return NULL;
    }
    struct value *v = value_from_json(c->session, text, len, &error);
    if (!v)
        return bad_file(c, path, error);
    const char *format = v->kind == V_MAP ? value_get_string(v, "format") : NULL;
    if (!format)
        return bad_file(c, path, "it does not say its format");
    if (strcmp(format, PLAN_FORMAT) != 0)
        return bad_file(c, path,
                        arena_printf(c->session, "it is of format %s, and this bgc reads %s",
                                     format, PLAN_FORMAT));
    if (!of_kind(v, "actions", V_LIST) || !of_kind(v, "stack", V_STRING) || !sound_actions(v))
        return bad_file(c, path, "it has no actions");
    if (!of_kind(v, "inputs", V_MAP))
        return bad_file(c, path,
                        "it has no inputs (the output of `bgc plan --json` is for reading only)");
    take_inputs(c, value_get(v, "inputs"));
    return v;
}

bool planfile_fits(struct context *c, const struct value *file)
{
    const char *stack = value_get_string(file, "stack"), *own = c->graph->stack;
    const struct value *o = value_get(file, "options");
    if (own && strcmp(own, stack) != 0) {
        struct diag *d =
            diag_error(&c->ds, "BG6203", NO_SPAN,
                       "the saved plan is of stack %s, and the spec is of stack %s", stack, own);
        diag_help(&c->ds, d, "name the spec as well: `bgc apply PLANFILE SPEC`");
        return false;
    }
    /* The options that shaped it are part of it. */
    const char *rollout = value_get_string(o, "rollout");
    if (rollout && !c->opt.value[OPT_ROLLOUT])
        c->opt.value[OPT_ROLLOUT] = rollout;
    if (value_get_bool(o, "retry"))
        c->opt.given |= OPT(RETRY);
    if (value_get_bool(o, "rebuild"))
        c->opt.given |= OPT(REBUILD);
    return true;
}

/* ---- comparing --------------------------------------------------------------------- */

struct comparing {
    struct context *c;
    const struct plan *plan;
    VEC(const char *) differences;
};

static bool same_text(const struct value *x, const struct value *y, const char *key)
{
    return texts_equal(value_get_string(x, key), value_get_string(y, key));
}

/* JSON read back: what was a set, a duration or a size is text and lists by then. */
static bool same_value(struct arena *a, const struct value *x, const struct value *y)
{
    struct buf p, q;
    buf_init(&p, a);
    buf_init(&q, a);
    value_json_canonical(&p, x);
    value_json_canonical(&q, y);
    return !strcmp(buf_text(&p), buf_text(&q));
}

/* How a leaf that nobody knew stands in a file: "(after create of web.lb_sg)". */
static bool is_open(const struct value *v)
{
    return v && v->kind == V_STRING && !strncmp(v->s, "(after ", 7);
}

static bool same_but_open(struct arena *a, const struct value *x, const struct value *y);

/* Elements pair off, the equal ones first, whatever their order: a set is sorted by
 * what it holds, and that was not all known. */
static bool same_elements(struct arena *a, const struct value *x, const struct value *y)
{
    size_t n = x->list.n;
    if (n != y->list.n)
        return false;
    bool *used = arena_array(a, bool, n + 1), *paired = arena_array(a, bool, n + 1);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n && !paired[i]; k++)
                if (!used[k] && (pass ? same_but_open(a, x->list.at[i], y->list.at[k])
                                      : same_value(a, x->list.at[i], y->list.at[k])))
                    used[k] = paired[i] = true;
    for (size_t i = 0; i < n; i++)
        if (!paired[i])
            return false;
    return true;
}

/* Of what was not known when it was saved, any value is the one meant. */
static bool same_but_open(struct arena *a, const struct value *x, const struct value *y)
{
    if (is_open(x) || is_open(y) || !x || !y)
        return true;
    bool lists = (x->kind == V_LIST || x->kind == V_SET) && (y->kind == V_LIST || y->kind == V_SET);
    if (lists)
        return same_elements(a, x, y);
    if (x->kind != V_MAP || y->kind != V_MAP)
        return same_value(a, x, y);
    for (size_t i = 0; i < x->map->n; i++)
        if (!value_get(y, x->map->entries[i].key) ||
            !same_but_open(a, x->map->entries[i].value, value_get(y, x->map->entries[i].key)))
            return false;
    return x->map->n == y->map->n;
}

static const struct value *change_of(const struct value *act, const char *path)
{
    const struct value *list = value_get(act, "changes");
    for (size_t i = 0; list && i < list->list.n; i++) {
        const char *s = value_get_string(list->list.at[i], "path");
        if (s && !strcmp(s, path))
            return list->list.at[i];
    }
    return NULL;
}

static const char *name_of(struct arena *a, const struct value *act)
{
    const char *world = value_get_string(act, "world");
    return arena_printf(a, "%s %s%s%s", value_get_string(act, "op"),
                        value_get_string(act, "address"), world ? " of " : "", world ? world : "");
}

static void differ(struct comparing *k, const char *text)
{
    vec_push(k->c->session, &k->differences, text);
}

static void compare_changes(struct comparing *k, const struct value *now, const struct value *saved,
                            bool exact)
{
    struct arena *a = k->c->session;
    const struct value *list = value_get(now, "changes");
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *c = list->list.at[i];
        const char *path = value_get_string(c, "path");
        const struct value *old = change_of(saved, path);
        if (!old) {
            differ(k, arena_printf(a, "%s: %s would change too, to %s", name_of(a, now), path,
                                   words_value(a, value_get(c, "after"), 60)));
            continue;
        }
        bool open = value_get_bool(old, "deferred") || value_get_bool(c, "deferred");
        const struct value *after = value_get(c, "after"), *reviewed = value_get(old, "after");
        if (!(open ? same_but_open(a, after, reviewed) : same_value(a, after, reviewed)))
            differ(k, arena_printf(a, "%s: %s would become %s, and was to become %s",
                                   name_of(a, now), path, words_value(a, value_get(c, "after"), 60),
                                   words_value(a, value_get(old, "after"), 60)));
        else if (exact && !same_value(a, value_get(c, "before"), value_get(old, "before")))
            differ(k, arena_printf(a, "%s: %s is %s now, and was %s", name_of(a, now), path,
                                   words_value(a, value_get(c, "before"), 60),
                                   words_value(a, value_get(old, "before"), 60)));
    }
}

static bool same_action(struct arena *a, const struct value *x, const struct value *y)
{
    return same_text(x, y, "op") && same_text(x, y, "address") && same_text(x, y, "world") &&
           same_value(a, value_get(x, "share"), value_get(y, "share"));
}

/* An update of what a crash left half made stands in for its creation. */
static bool finishes(const struct value *now, const struct value *saved)
{
    const char *op = value_get_string(now, "op"), *was = value_get_string(saved, "op");
    return (!strcmp(op, "update") || !strcmp(op, "replace")) && !strcmp(was, "create") &&
           same_text(now, saved, "address") && same_text(now, saved, "world");
}

static const struct value *find_saved(struct arena *a, const struct value *saved,
                                      const struct value *now, bool *used, bool *exact)
{
    const struct value *list = value_get(saved, "actions");
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < list->list.n; i++) {
            bool fits =
                pass ? finishes(now, list->list.at[i]) : same_action(a, now, list->list.at[i]);
            if (used[i] || !fits)
                continue;
            used[i] = true;
            *exact = !pass;
            return list->list.at[i];
        }
    return NULL;
}

static const struct world_view *view_of(const struct plan *p, const char *world, const char **id)
{
    const char *slash = strchr(world, '/');
    *id = slash ? slash + 1 : "";
    for (size_t i = 0; slash && i < p->worlds.n; i++) {
        const struct world_view *v = &p->worlds.at[i]->view;
        if (strlen(v->name) == (size_t)(slash - world) &&
            !strncmp(v->name, world, (size_t)(slash - world)))
            return v;
    }
    return NULL;
}

/* A step of a timeline is behind a world that serves, or that has at least the
 * step's share by now. One that concerns the world which served before is behind
 * it as soon as another one has a share. */
static bool is_past(const struct comparing *k, const struct value *saved, const struct value *act,
                    const char *world)
{
    const char *id;
    const struct world_view *v = world ? view_of(k->plan, world, &id) : NULL;
    const struct value *share = value_get(act, "share");
    if (!v)
        return false;
    if (v->live && !strcmp(v->live, id) && strcmp(value_get_string(act, "op"), "hold") != 0)
        return true;
    bool candidate = v->candidate && !strcmp(v->candidate, id);
    const char *new = value_get_string(
        value_get(value_get(value_get(saved, "worlds"), v->name), "candidate"), "id");
    if (!candidate)
        return !(new && !strcmp(new, id)) &&
               (!v->live || strcmp(v->live, id) != 0 || v->candidate_share > 0);
    double reached = v->candidate_share;
    return reached > 0 && !(share && share->kind == V_NUMBER && dec_double(share->dec) > reached) &&
           !(share && share->kind == V_INT && (double)share->i > reached);
}

/* Whether what the file wanted done, and the plan no longer lists, is done. */
static bool is_done(const struct comparing *k, const struct value *saved, const struct value *act)
{
    const char *op = value_get_string(act, "op"), *address = value_get_string(act, "address");
    const char *world = value_get_string(act, "world");
    bool there = live_find(k->plan->live, world, address) != NULL;
    if (!strcmp(op, "create"))
        return there;
    if (!strcmp(op, "delete"))
        return !there;
    if (!strcmp(op, "update") || !strcmp(op, "replace") || !strcmp(op, "tune"))
        return there;
    return is_past(k, saved, act, world);
}

static void explain_facts(struct comparing *k, const struct value *saved, struct diag *d)
{
    const struct value *facts = value_get(saved, "facts");
    if (!facts || facts->kind != V_MAP || !k->plan->live->facts)
        return;
    for (size_t i = 0; i < facts->map->n; i++) {
        const char *address = facts->map->entries[i].key;
        const struct value *was = facts->map->entries[i].value;
        const struct value *now = facts_find(k->plan->live->facts, address);
        if (now && !same_value(k->c->session, ids_of(k->c->session, now), was))
            diag_note(&k->c->ds, d, "the account's answer to %s was %s and is %s", address,
                      words_value(k->c->session, was, 60),
                      words_value(k->c->session, ids_of(k->c->session, now), 60));
    }
}

static bool report(struct comparing *k, const struct value *saved)
{
    enum { SHOWN = 12 };
    if (!k->differences.n)
        return true;
    struct diag *d = diag_error(&k->c->ds, "BG6204", NO_SPAN,
                                "what would be done is no longer what the saved plan says");
    for (size_t i = 0; i < k->differences.n && i < SHOWN; i++)
        diag_note(&k->c->ds, d, "%s", k->differences.at[i]);
    if (k->differences.n > SHOWN)
        diag_note(&k->c->ds, d, "and %zu more", k->differences.n - SHOWN);
    const char *was = value_get_string(saved, "spec_sha256");
    if (was && strcmp(was, k->plan->spec_sha256) != 0)
        diag_note(&k->c->ds, d, "the spec or its inputs changed since");
    explain_facts(k, saved, d);
    diag_help(&k->c->ds, d, "nothing was changed; plan again, and have that reviewed");
    return false;
}

bool planfile_accepts(struct context *c, const struct value *file, const struct plan *p)
{
    struct comparing k = {.c = c, .plan = p};
    struct arena *a = c->session;
    /* Through text and back, so that both sides are plain JSON. */
    struct buf text;
    const char *error;
    buf_init(&text, a);
    value_json(&text, review_json(a, p, NULL), 0);
    const struct value *now = value_from_json(a, buf_text(&text), text.len, &error);
    const struct value *list = value_get(now, "actions"), *saved = value_get(file, "actions");
    bool *used = arena_array(a, bool, saved->list.n + 1);
    for (size_t i = 0; i < list->list.n; i++) {
        bool exact = true;
        const struct value *old = find_saved(a, file, list->list.at[i], used, &exact);
        if (!old)
            differ(&k,
                   arena_printf(a, "%s is not in the saved plan", name_of(a, list->list.at[i])));
        else
            compare_changes(&k, list->list.at[i], old, exact);
    }
    for (size_t i = 0; i < saved->list.n; i++)
        if (!used[i] && !is_done(&k, file, saved->list.at[i]))
            differ(&k, arena_printf(a, "%s was to be done, is not done, and would not be done",
                                    name_of(a, saved->list.at[i])));
    if (!same_text(now, file, "account") || !same_text(now, file, "region"))
        differ(&k, "the account or the region is another one");
    return report(&k, file);
}
