#include "plan/preflight.h"

#include <string.h>

#include "base/intern.h"
#include "schema/names.h"

enum { FOLLOW = 3 }; /* references of references: a group's template's image */

struct preflight_case {
    const struct action *act;
    const struct schema *schema;
    struct value *props;                 /* what is wanted, references still references */
    struct preflight_question **answers; /* for each `existing` of the type; NULL: not askable */
};

/* ---- names ------------------------------------------------------------------- */

/* A reference is read as what it refers to, so that `template.image.arch` can be said. */
static struct value *followed(const struct preflight *p, struct value *v, int depth)
{
    struct value *fact, *out, **at;
    switch (v->kind) {
    case V_REF:
        fact = v->ref.field || !depth ? NULL : schema_fact(p->arena, p->facts, v->ref.address);
        return fact && fact->kind == V_MAP ? followed(p, fact, depth - 1) : v;
    case V_LIST:
    case V_SET:
        at = arena_array(p->arena, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = followed(p, v->list.at[i], depth);
        return value_list(p->arena, at, v->list.n);
    case V_MAP:
        out = value_map(p->arena);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(out, v->map->entries[i].key, followed(p, v->map->entries[i].value, depth));
        return out;
    default: return v;
    }
}

struct asker {
    const struct preflight *p;
    const struct preflight_case *c;
    const char *why; /* nothing can be said: an answer is missing; NULL: it is not */
    bool open;       /* something is not known before it is made, or nobody needs to know */
};

static struct value *find(const void *self, struct arena *a, const char *name)
{
    struct asker *k = (struct asker *)(uintptr_t)self;
    const struct schema *s = k->c->schema;
    for (size_t i = 0; k->c->answers && i < s->existings.n; i++) {
        if (strcmp(s->existings.at[i].name, name))
            continue;
        const struct preflight_question *q = k->c->answers[i];
        if (q && q->answer)
            return q->answer;
        if (q && !q->waits)
            k->why = q->why;
        else
            k->open = true;
        return value_none(a);
    }
    if (!strcmp(name, "region")) {
        const char *region = k->p->plan->graph->region;
        return region ? value_string(a, region) : value_none(a);
    }
    struct value *v = value_get(k->c->props, name);
    return v ? followed(k->p, v, FOLLOW) : value_none(a);
}

/* NULL: it cannot be known now (k says why), or not be worked out. */
static struct value *work_out(struct asker *k, const struct expr *e)
{
    const struct preflight *p = k->p;
    struct diags quiet;
    struct names names = {find, k};
    k->why = NULL;
    k->open = false;
    diags_init(&quiet, p->arena, p->plan->graph->program->ds->sources);
    struct value *v = names_eval(p->plan->graph->program, p->arena, &quiet, e, &names);
    if (k->why || k->open)
        return NULL;
    if (!v && quiet.all.n)
        k->why = quiet.all.at[0]->message;
    k->open = v && !value_known(v);
    return k->open ? NULL : v;
}

/* ---- asking ------------------------------------------------------------------ */

static struct preflight_question *same_question(const struct preflight_question *const *at, size_t n,
                                                const struct preflight_case *c,
                                                const struct schema_existing *e, const struct value *query)
{
    for (size_t i = 0; i < n; i++) {
        const struct node *k = at[i]->node;
        if (!strcmp(k->type, e->type) && k->set == e->set && texts_equal(k->account, c->act->node->account) &&
            value_equal(k->props, query))
            return (struct preflight_question *)(uintptr_t)at[i];
    }
    return NULL;
}

/* Whether only a quota speaks of it of which everybody has so much that most plans
 * need not ask. */
static bool can_wait(const struct schema *s, const struct schema_existing *e)
{
    for (size_t i = 0; i < s->preflights.n; i++)
        if (s->preflights.at[i].granted && !strcmp(s->preflights.at[i].of, e->name))
            return true;
    return false;
}

static struct preflight_question *question(struct preflight *p, const struct preflight_case *c,
                                           const struct schema_existing *e)
{
    struct asker k = {p, c, NULL, false};
    struct value *query = value_map(p->arena);
    for (const struct arg *x = e->item->bindings; x; x = x->next) {
        struct value *v = work_out(&k, x->value);
        if (k.why) {
            struct preflight_question *wrong = arena_make(p->arena, struct preflight_question);
            wrong->why = k.why;
            return wrong;
        }
        if (!v || v->kind == V_NONE)
            return NULL; /* `none`: nobody needs to know */
        value_put(query, x->name.text, v);
    }
    bool waits = can_wait(c->schema, e);
    struct preflight_questions *all = waits ? &p->waiting : &p->questions;
    struct preflight_question *q =
        same_question((const struct preflight_question *const *)all->at, all->n, c, e, query);
    if (q)
        return q;
    q = arena_make(p->arena, struct preflight_question);
    q->waits = waits;
    q->node = arena_make(p->arena, struct node);
    *q->node = (struct node){.name = e->name,
                             .type = e->type,
                             .span = c->act->span,
                             .account = c->act->node->account,
                             .existing = true,
                             .set = e->set,
                             .props = query};
    vec_push(p->arena, all, q);
    return q;
}

static void ask_for(struct preflight *p, const struct action *act)
{
    const struct schema *s = schema_find(p->schemas, act->type);
    if (!s || !s->preflights.n)
        return;
    struct value *props = schema_desired(p->schemas, p->arena, s, act->node->props);
    props = props ? eval_force(p->plan->graph, p->arena, p->facts, props) : NULL;
    if (!props || props->kind != V_MAP)
        return;
    struct preflight_case *c = arena_make(p->arena, struct preflight_case);
    *c = (struct preflight_case){.act = act, .schema = s, .props = props};
    struct preflight_question **answers =
        arena_array(p->arena, struct preflight_question *, s->existings.n + 1);
    for (size_t i = 0; i < s->existings.n; i++)
        answers[i] = question(p, c, &s->existings.at[i]);
    c->answers = answers;
    vec_push(p->arena, &p->cases, c);
}

struct preflight *preflight_ask(struct schemas *ss, struct arena *a, struct plan *plan)
{
    struct preflight *p = arena_make(a, struct preflight);
    *p = (struct preflight){.schemas = ss,
                            .arena = a,
                            .plan = plan,
                            .facts = plan_facts(ss, a, plan->graph, plan->live)};
    for (size_t i = 0; i < plan->actions.n; i++)
        if (plan->actions.at[i]->op == PLAN_CREATE && plan->actions.at[i]->node)
            ask_for(p, plan->actions.at[i]);
    return p;
}

/* ---- judging ----------------------------------------------------------------- */

/* Alike findings of many resources (one for each zone, say) are one. */
static void add(struct preflight *p, struct finding f)
{
    for (size_t i = 0; i < p->plan->findings.n; i++) {
        struct finding *old = &p->plan->findings.at[i];
        if (old->kind == f.kind && !strcmp(old->text, f.text)) {
            old->more += strcmp(old->address, f.address) != 0;
            return;
        }
    }
    vec_push(p->arena, &p->plan->findings, f);
}

static const char *said(struct asker *k, const struct expr *e)
{
    struct value *v = e ? work_out(k, e) : NULL;
    return v && v->kind == V_STRING ? v->s : NULL;
}

static void not_asked(struct preflight *p, const struct preflight_case *c, const char *name,
                      const char *why)
{
    add(p, (struct finding){.kind = FINDING_UNASKED,
                            .address = c->act->address,
                            .name = name,
                            .text = arena_printf(p->arena, "%s: %s", name, why),
                            .span = c->act->span});
}

static void judge(struct preflight *p, const struct preflight_case *c,
                  const struct schema_preflight *f)
{
    struct asker k = {p, c, NULL, false};
    const struct value *ok = work_out(&k, f->needs);
    if (!ok || ok->kind != V_BOOL) {
        if (k.why)
            not_asked(p, c, f->name, k.why);
        return; /* else it hangs on what is not known before it is made */
    }
    if (ok->b) {
        p->plan->preflight_passed++;
        return;
    }
    const char *text = said(&k, f->fail ? f->fail : f->warn);
    add(p, (struct finding){.kind = f->fail ? FINDING_FAIL : FINDING_WARN,
                            .address = c->act->address,
                            .name = f->name,
                            .text = text ? text : f->name,
                            .help = said(&k, f->help),
                            .span = c->act->span});
}

/* ---- quotas ------------------------------------------------------------------ */

/* All that is made of what one answer limits. */
struct sum {
    struct preflight_question *of;
    const struct preflight_case *first;
    const struct schema_preflight *quota;
    double takes, used;
    bool known;      /* how much is in use */
    const char *why; /* it is not known; NULL: nobody needs to know */
};

struct sums {
    VEC(struct sum) at;
};

static bool number_of(const struct value *v, double *out)
{
    if (!v || (v->kind != V_INT && v->kind != V_NUMBER))
        return false;
    *out = v->kind == V_INT ? (double)v->i : dec_double(v->dec);
    return true;
}

static struct sum *sum_of(struct preflight *p, struct sums *sums, const struct preflight_case *c,
                          const struct schema_preflight *f)
{
    struct preflight_question *of = NULL;
    for (size_t i = 0; i < c->schema->existings.n; i++)
        if (!strcmp(c->schema->existings.at[i].name, f->of))
            of = c->answers[i];
    if (!of)
        return NULL;
    for (size_t i = 0; i < sums->at.n; i++)
        if (sums->at.at[i].of == of && !strcmp(sums->at.at[i].quota->name, f->name))
            return &sums->at.at[i];
    struct asker k = {p, c, NULL, false};
    struct sum s = {.of = of, .first = c, .quota = f};
    s.known = number_of(work_out(&k, f->used), &s.used);
    s.why = k.why;
    vec_push(p->arena, &sums->at, s);
    return &sums->at.at[sums->at.n - 1];
}

static struct sums add_up(struct preflight *p)
{
    struct sums sums = {0};
    for (size_t i = 0; i < p->cases.n; i++) {
        const struct preflight_case *c = p->cases.at[i];
        for (size_t k = 0; k < c->schema->preflights.n; k++) {
            const struct schema_preflight *f = &c->schema->preflights.at[k];
            struct asker asks = {p, c, NULL, false};
            double takes;
            struct sum *s = f->of ? sum_of(p, &sums, c, f) : NULL;
            if (s && number_of(work_out(&asks, f->takes), &takes))
                s->takes += takes;
        }
    }
    return sums;
}

void preflight_near(struct preflight *p)
{
    struct sums sums = add_up(p);
    for (size_t i = 0; i < sums.at.n; i++) {
        const struct sum *s = &sums.at.at[i];
        struct asker k = {p, s->first, NULL, false};
        double granted;
        if (!s->of->waits || !s->known)
            continue;
        if (number_of(work_out(&k, s->quota->granted), &granted) && s->used + s->takes <= granted)
            continue;
        s->of->waits = false;
        vec_push(p->arena, &p->near, s->of);
    }
}

static void put_quota(struct preflight *p, const struct sum *s)
{
    double limit = 0;
    bool asked = s->of->answer && number_of(value_get(s->of->answer, "value"), &limit);
    if (!s->known || (!asked && !s->of->waits)) {
        const char *why = !s->of->answer && s->of->why ? s->of->why : s->why;
        if (why)
            not_asked(p, s->first, s->quota->name, why);
        return;
    }
    if (s->of->waits || s->used + s->takes <= limit) {
        p->plan->preflight_passed++;
        return;
    }
    struct asker k = {p, s->first, NULL, false};
    const char *name = value_get_string(s->of->answer, "name");
    const char *help = said(&k, s->quota->help);
    add(p, (struct finding){
               .kind = FINDING_WARN,
               .address = s->first->act->address,
               .name = s->quota->name,
               .text = arena_printf(p->arena,
                                    "quota \"%s\": both worlds at once would take %g of %g "
                                    "(%g in use, up to %g more)",
                                    name ? name : s->quota->name, s->used + s->takes, limit, s->used, s->takes),
               .help = help ? help : "ask AWS for a higher quota (Service Quotas), or make room",
               .span = s->first->act->span});
}

void preflight_judge(struct preflight *p)
{
    for (size_t i = 0; i < p->cases.n; i++) {
        const struct preflight_case *c = p->cases.at[i];
        for (size_t k = 0; k < c->schema->preflights.n; k++)
            if (!c->schema->preflights.at[k].of)
                judge(p, c, &c->schema->preflights.at[k]);
    }
    struct sums sums = add_up(p);
    for (size_t i = 0; i < sums.at.n; i++)
        put_quota(p, &sums.at.at[i]);
}

/* ---- saying ------------------------------------------------------------------ */

bool preflight_report(struct diags *ds, const struct plan *p, bool refuse)
{
    bool failed = false;
    for (size_t i = 0; i < p->findings.n; i++) {
        const struct finding *f = &p->findings.at[i];
        if (f->kind == FINDING_UNASKED)
            continue;
        bool fails = f->kind == FINDING_FAIL;
        struct diag *d = fails && refuse ? diag_error(ds, "BG5302", f->span, "%s", f->text)
                                         : diag_warn(ds, fails ? "BG5302" : "BG5301", f->span,
                                                     "%s", f->text);
        if (f->more)
            diag_note(ds, d, "the same holds for %d more", f->more);
        if (fails)
            diag_note(ds, d, refuse ? "nothing was written" : "`bgc apply` refuses this plan");
        if (f->help)
            diag_help(ds, d, "%s", f->help);
        failed = failed || fails;
    }
    return failed;
}
