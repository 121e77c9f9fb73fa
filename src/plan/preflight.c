#include "plan/preflight.h"

#include <string.h>

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
        if (q)
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

static bool same_account(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
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
    for (size_t i = 0; i < p->questions.n; i++) {
        const struct node *n = p->questions.at[i]->node;
        if (!strcmp(n->type, e->type) && n->set == e->set &&
            same_account(n->account, c->act->node->account) && value_equal(n->props, query))
            return p->questions.at[i];
    }
    struct preflight_question *q = arena_make(p->arena, struct preflight_question);
    q->node = arena_make(p->arena, struct node);
    *q->node = (struct node){.name = e->name,
                             .type = e->type,
                             .span = c->act->span,
                             .account = c->act->node->account,
                             .existing = true,
                             .set = e->set,
                             .props = query};
    vec_push(p->arena, &p->questions, q);
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

struct sum {
    const struct preflight_question *of;
    const struct preflight_case *first;
    const struct schema_preflight *quota;
    double takes, used, limit;
};

static bool number_of(const struct value *v, double *out)
{
    if (!v || (v->kind != V_INT && v->kind != V_NUMBER))
        return false;
    *out = v->kind == V_INT ? (double)v->i : dec_double(v->dec);
    return true;
}

static struct sum *sum_of(struct preflight *p, struct sum *sums, size_t *n,
                          const struct preflight_case *c, const struct schema_preflight *f)
{
    struct asker k = {p, c, NULL, false};
    const struct preflight_question *of = NULL;
    for (size_t i = 0; i < c->schema->existings.n; i++)
        if (!strcmp(c->schema->existings.at[i].name, f->of))
            of = c->answers[i];
    for (size_t i = 0; of && i < *n; i++)
        if (sums[i].of == of && !strcmp(sums[i].quota->name, f->name))
            return &sums[i];
    double used = 0, limit = 0;
    bool known = of && of->answer && number_of(value_get(of->answer, "value"), &limit) &&
                 number_of(work_out(&k, f->used), &used);
    if (!known) {
        const char *why = of && !of->answer ? of->why : k.why;
        if (why)
            not_asked(p, c, f->name, why);
        return NULL;
    }
    sums[*n] = (struct sum){of, c, f, 0, used, limit};
    return &sums[(*n)++];
}

static void put_quotas(struct preflight *p, const struct sum *sums, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct sum *s = &sums[i];
        if (s->used + s->takes <= s->limit) {
            p->plan->preflight_passed++;
            continue;
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
                                        name ? name : s->quota->name, s->used + s->takes, s->limit,
                                        s->used, s->takes),
                   .help = help ? help : "ask AWS for a higher quota (Service Quotas), or make room",
                   .span = s->first->act->span});
    }
}

void preflight_judge(struct preflight *p)
{
    size_t n = 0, most = 0;
    for (size_t i = 0; i < p->cases.n; i++)
        most += p->cases.at[i]->schema->preflights.n;
    struct sum *sums = arena_array(p->arena, struct sum, most + 1);
    for (size_t i = 0; i < p->cases.n; i++) {
        const struct preflight_case *c = p->cases.at[i];
        for (size_t k = 0; k < c->schema->preflights.n; k++) {
            const struct schema_preflight *f = &c->schema->preflights.at[k];
            if (!f->of) {
                judge(p, c, f);
                continue;
            }
            struct asker asks = {p, c, NULL, false};
            double takes;
            struct sum *s = sum_of(p, sums, &n, c, f);
            if (s && number_of(work_out(&asks, f->takes), &takes))
                s->takes += takes;
        }
    }
    put_quotas(p, sums, n);
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
