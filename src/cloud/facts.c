/* Answers of `existing`s: one lookup each, all at once. */
#include "cloud/observe.h"

#include <stdlib.h>
#include <string.h>

#include "cloud/gather.h"
#include "plan/preflight.h"

struct question {
    const struct node *node;
    const struct schema *schema;
    const struct schema_call *call;
    struct call_env env;
    size_t index;
};

static bool ask(const struct observe_args *o, struct arena *a, struct gather *g,
                const struct facts *facts, const struct node *n, struct question *q)
{
    *q = (struct question){.node = n, .schema = schema_find(o->schemas, n->type)};
    if (!q->schema)
        return false;
    /* A pinned answer is read by its id; its query is not asked. */
    q->call = n->pin && n->pinned ? schema_call(q->schema, VERB_READ) : schema_call(q->schema, VERB_LOOKUP);
    if (!q->call) {
        struct diag *d = diag_error(o->ds, "BG5010", n->span, "%s cannot be looked up", n->type);
        diag_help(o->ds, d, "its type declares no `lookup`; use a resource of your own");
        return false;
    }
    struct value *query = schema_query(o->schemas, a, q->schema, n->props);
    const char **ids = arena_array(a, const char *, 1);
    ids[0] = n->pinned;
    q->env = (struct call_env){
        .stack = o->graph->stack,
        .id = n->pinned,
        .ids = ids,
        .nids = n->pinned ? 1 : 0,
        .props = query ? schema_ids(a, facts, eval_force(o->graph, a, facts, query)) : NULL,
    };
    struct value *input = q->env.props ? schema_request(o->schemas, a, o->ds, q->schema, q->call, &q->env) : NULL;
    if (!input)
        return false;
    struct cloud_request req = {.service = q->call->service, .operation = q->call->operation,
                                .account = n->account, .input = input, .address = n->address};
    q->index = gather_add(g, &req, n->span);
    return true;
}

/* The wire's dates are ISO 8601 texts or numbers; both order as they stand. */
static bool newer(const char *member, const struct value *a, const struct value *b)
{
    const struct value *da = value_at(a, member), *db = value_at(b, member);
    return da && (!db || value_cmp(da, db) > 0);
}

static size_t newest(const char *member, struct value **objects, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (newer(member, objects[i], objects[best]))
            best = i;
    return best;
}

/* Whether several matches are settled by taking the newest one. */
static const char *newest_member(const struct question *q)
{
    const struct value *m = map_find(&q->schema->settings, "newest");
    if (!m || m->kind != V_STRING)
        return NULL;
    if (schema_field(q->schema, "newest") && !value_get_bool(q->node->props, "newest"))
        return NULL;
    return m->s;
}

static const char *query_text(struct arena *a, const struct question *q)
{
    return value_text(a, q->env.props);
}

static bool none_or_many(const struct observe_args *o, struct arena *a, const struct question *q,
                         struct value **objects, size_t n)
{
    struct diag *d;
    if (!n) {
        d = diag_error(o->ds, "BG5011", q->node->span, "no %s matches", q->node->type);
        diag_at(o->ds, d, "nothing in the account answers this query");
    } else {
        d = diag_error(o->ds, "BG5012", q->node->span, "%zu of %s match; exactly one must", n, q->node->type);
        for (size_t i = 0; i < n && i < 5; i++) {
            struct reading *r = schema_read(o->schemas, a, o->ds, q->schema, objects[i]);
            if (r)
                diag_note(o->ds, d, "%s", r->id);
        }
        diag_help(o->ds, d, "narrow the query, or write `existing %s: set %s` to take all", q->node->name, q->node->type);
    }
    diag_note(o->ds, d, "the query is %s", query_text(a, q));
    return false;
}

static struct value *as_fact(const struct observe_args *o, struct arena *a, const struct question *q,
                             struct value *object)
{
    struct reading *r = schema_read(o->schemas, a, o->ds, q->schema, object);
    if (!r)
        return NULL;
    value_put(r->fields, "id", value_string(a, r->id));
    return r->fields;
}

static int by_id(const void *a, const void *b)
{
    const char *x = value_get_string(*(struct value *const *)a, "id");
    const char *y = value_get_string(*(struct value *const *)b, "id");
    return strcmp(x ? x : "", y ? y : "");
}

static bool answer(const struct observe_args *o, struct arena *a, struct gather *g,
                   struct question *q, struct facts *facts)
{
    struct value *reply = gather_get(g, o->ds, q->index);
    size_t n;
    if (!reply)
        return false;
    struct value **objects = schema_result(o->schemas, a, o->ds, q->schema, q->call, &q->env, reply, &n);
    if (!objects && n)
        return false;
    if (q->node->set) {
        if (!n)
            return none_or_many(o, a, q, objects, n);
        struct value **all = arena_array(a, struct value *, n);
        for (size_t i = 0; i < n; i++)
            if (!(all[i] = as_fact(o, a, q, objects[i])))
                return false;
        qsort(all, n, sizeof *all, by_id);
        facts_put(facts, q->node->address, value_list(a, all, n));
        return true;
    }
    const char *member = newest_member(q);
    if (!n || (n > 1 && !member))
        return none_or_many(o, a, q, objects, n);
    struct value *fact = as_fact(o, a, q, objects[n > 1 ? newest(member, objects, n) : 0]);
    if (fact)
        facts_put(facts, q->node->address, fact);
    return fact != NULL;
}

bool observe_facts(const struct observe_args *o, struct arena *a, struct facts *facts)
{
    struct gather g;
    gather_init(&g, a, o->cloud);
    g.seen = o->seen;
    size_t n = o->graph->wanted.n;
    struct question *all = arena_array(a, struct question, n + 1);
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok = ask(o, a, &g, facts, o->graph->wanted.at[i], &all[i]) && ok;
    gather_wait(&g);
    for (size_t i = 0; ok && i < n; i++)
        ok = answer(o, a, &g, &all[i], facts) && ok;
    return ok;
}

/* ---- a preflight's ----------------------------------------------------------- */

/* No match is an answer too, when all matches were asked for. */
static struct value *matches(const struct observe_args *o, struct arena *a, const struct question *q,
                             struct value **objects, size_t n)
{
    if (!q->node->set)
        return n == 1 || none_or_many(o, a, q, objects, n) ? as_fact(o, a, q, objects[0]) : NULL;
    struct value **all = arena_array(a, struct value *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (!(all[i] = as_fact(o, a, q, objects[i])))
            return NULL;
    if (n)
        qsort(all, n, sizeof *all, by_id);
    return value_list(a, all, n);
}

void observe_answers(const struct observe_args *o, struct arena *a,
                     struct preflight_question *const *questions, size_t n)
{
    struct gather g;
    struct facts none;
    gather_init(&g, a, o->cloud);
    g.seen = o->seen;
    facts_init(&none, a);
    struct question *all = arena_array(a, struct question, n + 1);
    struct diags *quiet = arena_array(a, struct diags, n + 1);
    bool *asked = arena_array(a, bool, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct observe_args mine = *o;
        diags_init(mine.ds = &quiet[i], a, o->ds->sources);
        asked[i] = ask(&mine, a, &g, &none, questions[i]->node, &all[i]);
    }
    gather_wait(&g);
    for (size_t i = 0; i < n; i++) {
        struct observe_args mine = *o;
        struct preflight_question *p = questions[i];
        mine.ds = &quiet[i];
        struct value *reply = asked[i] ? gather_get(&g, mine.ds, all[i].index) : NULL;
        size_t met;
        struct value **objects =
            reply ? schema_result(o->schemas, a, mine.ds, all[i].schema, all[i].call, &all[i].env, reply, &met) : NULL;
        if (objects || (reply && !met))
            p->answer = matches(&mine, a, &all[i], objects, met);
        if (!p->answer)
            p->why = quiet[i].all.n ? quiet[i].all.at[0]->message : "there is no answer";
    }
}

bool observe_identity(const struct observe_args *o, struct arena *a, const char *alias,
                      const char **account_id, const char **arn)
{
    struct cloud_request req = {.service = "sts", .operation = "GetCallerIdentity", .account = alias};
    struct cloud_reply r;
    if (!cloud_call(o->cloud, a, &req, &r) || !r.ok) {
        cloud_report(o->ds, NO_SPAN, req.service, req.operation, NULL, &r.error);
        return false;
    }
    *account_id = value_get_string(r.output, "Account");
    *arn = value_get_string(r.output, "Arn");
    if (*account_id)
        return true;
    diag_error(o->ds, "BG5002", NO_SPAN, "AWS answered sts GetCallerIdentity without an account");
    return false;
}
