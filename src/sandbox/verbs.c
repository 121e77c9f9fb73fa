/* Calls, by declarations alone: which type and verb an operation is, which
 * object it is about, and what becomes of it. */
#include <stdio.h>
#include <string.h>

#include "sandbox/verbs.h"
#include "schema/path.h"

/* ---- replies ------------------------------------------------------------------ */

void call_ok(struct call *c, struct value *output)
{
    c->reply.ok = true;
    c->reply.output = output ? output : value_map(c->arena);
}

void call_fail(struct call *c, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    c->reply.ok = false;
    c->reply.output = NULL;
    c->reply.error = (struct cloud_error){
        .code = code,
        .message = arena_vprintf(c->arena, fmt, ap),
        .http_status = 400,
    };
    va_end(ap);
}

static const char *first_absent(const struct schema *schema, enum schema_verb verb)
{
    const struct schema_call *c = schema_call(schema, verb);
    return c && c->item->absent.n ? c->item->absent.at[0] : NULL;
}

const char *absent_code(const struct schema *schema)
{
    const char *code = first_absent(schema, VERB_READ);
    if (!code)
        code = first_absent(schema, VERB_DELETE);
    return code ? code : "ValidationError";
}

void verb_absent(struct call *c, const struct schema *schema, const char *code, const char *id)
{
    call_fail(c, code ? code : absent_code(schema), "The %s '%s' does not exist", schema->name, id);
}

/* ---- what a call is about ----------------------------------------------------- */

const struct use *verb_use(const struct doing *d, enum schema_verb verb,
                           const struct schema *schema)
{
    for (size_t i = 0; i < d->uses.n; i++)
        if (d->uses.at[i].call->verb == verb && (!schema || d->uses.at[i].schema == schema))
            return &d->uses.at[i];
    return NULL;
}

/* "/hostedzone/Z1" -> "Z1" */
const char *verb_bare(const char *id)
{
    const char *slash = strrchr(id, '/');
    return *id == '/' && slash ? slash + 1 : id;
}

static bool known_type(const struct doing *d, const struct object *o)
{
    for (size_t i = 0; i < d->uses.n; i++)
        if (d->uses.at[i].schema == o->schema)
            return true;
    return false;
}

/* The first object of a type of this operation that a text of the input names,
 * be it by id or ARN: members that carry tags last. */
struct object *verb_named(const struct doing *d, const struct value *v)
{
    if (!v)
        return NULL;
    if (v->kind == V_STRING) {
        for (size_t i = 0; i < d->s->objects.n; i++) {
            struct object *o = d->s->objects.at[i];
            const char *arn;
            if (!o->gone && !strcmp(o->account, d->account) && known_type(d, o) &&
                (!strcmp(o->id, verb_bare(v->s)) || ((arn = object_arn(o)) && !strcmp(arn, v->s))))
                return o;
        }
        return NULL;
    }
    if (v->kind == V_LIST)
        for (size_t i = 0; i < v->list.n; i++) {
            struct object *o = verb_named(d, v->list.at[i]);
            if (o)
                return o;
        }
    if (v->kind == V_MAP)
        for (size_t i = 0; i < v->map->n; i++) {
            const char *key = v->map->entries[i].key;
            struct object *o = strcmp(key, "Value") && strcmp(key, "Key") && strcmp(key, "value")
                                   ? verb_named(d, v->map->entries[i].value)
                                   : NULL;
            if (o)
                return o;
        }
    return NULL;
}

/* Every text that names an object of a schema, for messages about missing ones. */
const char *verb_said(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    const char *id = value_get_string(names, "id");
    if (id)
        return verb_bare(id);
    for (size_t i = 0; i < d->input->map->n; i++) {
        const struct value *v = d->input->map->entries[i].value;
        if (v->kind == V_STRING)
            return v->s;
        if (v->kind == V_LIST && v->list.n && v->list.at[0]->kind == V_STRING)
            return v->list.at[0]->s;
    }
    return "";
}

struct object *verb_target(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    const char *id = value_get_string(names, "id");
    struct object *o = id ? object_find(d->s, u->schema->name, d->account, verb_bare(id)) : NULL;
    if (!o && id)
        return NULL;
    return o ? o : verb_named(d, d->input);
}

/* ---- update, tag -------------------------------------------------------------- */

/* `added` to or `removed` from what the field holds. false: the reply says why. */
static bool apply_aspect(const struct doing *d, const struct use *u, const struct object *o,
                         const char *field, const struct value *part, bool adds,
                         struct value *fields)
{
    struct value *now = value_get(object_fields(d->s, d->a, o), field);
    size_t have = now && (now->kind == V_SET || now->kind == V_LIST) ? now->list.n : 0;
    VEC(struct value *) out = {0};
    size_t met = 0;
    for (size_t i = 0; i < have; i++) {
        bool found = false;
        for (size_t k = 0; k < part->list.n; k++)
            found |= value_equal(now->list.at[i], part->list.at[k]);
        met += found;
        if (!found || adds)
            vec_push(d->a, &out, now->list.at[i]);
    }
    bool rules = !strcmp(u->schema->name, "ec2.security_group");
    if (rules && adds && met) {
        call_fail(d->c, "InvalidPermission.Duplicate", "The specified rule already exists");
        return false;
    }
    if (rules && !adds && met < part->list.n) {
        call_fail(d->c, "InvalidPermission.NotFound",
                  "The specified rule does not exist in this security group.");
        return false;
    }
    for (size_t k = 0; adds && k < part->list.n; k++)
        vec_push(d->a, &out, part->list.at[k]);
    value_put(fields, field, value_set(d->a, out.at, out.n));
    return true;
}

/* A call that makes and changes names all there is: what it leaves out is lost. */
static struct value *without_forgotten(const struct doing *d, const struct object *o)
{
    struct value *m = value_map(d->a);
    for (size_t i = 0; i < o->body->map->n; i++) {
        const char *k = o->body->map->entries[i].key;
        if (!value_get(o->asked, k) || value_get(d->input, k))
            value_put(m, k, o->body->map->entries[i].value);
    }
    return m;
}

static bool update(const struct doing *d, const struct schema *schema, struct object *o)
{
    const struct use *make = verb_use(d, VERB_CREATE, schema);
    struct value *body = make ? without_forgotten(d, o) : value_map_copy(d->a, o->body);
    bool any = false;
    if (make)
        path_merge(d->a, body, verb_settings(d, make->call));
    /* A new version of a template says everything anew. */
    if (!strcmp(d->c->req.operation, "CreateLaunchTemplateVersion")) {
        value_put(body, "LaunchTemplateData", value_map(d->a));
        value_put(body, "LatestVersionNumber",
                  value_int(d->a, value_get_int(body, "LatestVersionNumber", 1) + 1));
    }
    /* Weighted forwards are no field of these types; the split of a traffic
     * declaration sets them. */
    for (size_t i = 0; !strcmp(schema->service, "elbv2") && i < d->input->map->n; i++)
        if (!strcmp(d->input->map->entries[i].key, "DefaultActions") ||
            !strcmp(d->input->map->entries[i].key, "Actions"))
            value_put(body, d->input->map->entries[i].key, d->input->map->entries[i].value);
    for (size_t i = 0; i < d->uses.n; i++) {
        const struct use *u = &d->uses.at[i];
        if (u->schema != schema || (u->call->verb != VERB_UPDATE && u->call->verb != VERB_CREATE))
            continue;
        struct value *fields = schema_unrequest(d->s->ss, d->a, schema, u->call, d->input);
        if (u->call->aspect && u->call->subjects.n) {
            const char *f = u->call->subjects.at[0];
            const struct value *part = value_get(fields, f);
            if (!part || (part->kind != V_SET && part->kind != V_LIST))
                continue;
            if (!apply_aspect(d, u, o, f, part, !strcmp(u->call->aspect, "added"), fields))
                return false;
        }
        schema_store(d->s->ss, d->a, schema, fields, body);
        any = true;
    }
    if (any)
        object_set(d->s, o, body);
    if (make)
        o->asked = cloud_value_copy(d->s->arena, verb_settings(d, make->call));
    return true;
}

static void do_update(const struct doing *d, const struct use *u)
{
    struct object *o = verb_target(d, u);
    if (!o) {
        verb_absent(d->c, u->schema, NULL, verb_said(d, u));
        return;
    }
    if (update(d, o->schema, o)) {
        struct value *out = value_map(d->a);
        call_ok(d->c, out);
    }
}

static void do_tag(const struct doing *d)
{
    struct object *o = verb_named(d, d->input);
    if (!o) {
        verb_absent(d->c, d->uses.at[0].schema, NULL, verb_said(d, &d->uses.at[0]));
        return;
    }
    struct value *tags = object_tags(d->a, o), *left = value_map(d->a);
    const struct use *add = verb_use(d, VERB_TAG, o->schema),
                     *drop = verb_use(d, VERB_UNTAG, o->schema);
    struct value *plus =
        add ? value_get(schema_unbind(d->s->ss, d->a, o->schema, add->call, d->input), "tags")
            : NULL;
    struct value *keys =
        drop ? value_get(schema_unbind(d->s->ss, d->a, o->schema, drop->call, d->input), "keys")
             : NULL;
    for (size_t i = 0; i < tags->map->n; i++) {
        bool out = false;
        for (size_t k = 0; keys && keys->kind == V_LIST && k < keys->list.n; k++)
            out |= keys->list.at[k]->kind == V_STRING &&
                   !strcmp(keys->list.at[k]->s, tags->map->entries[i].key);
        if (!out)
            value_put(left, tags->map->entries[i].key, tags->map->entries[i].value);
    }
    for (size_t i = 0; plus && plus->kind == V_MAP && i < plus->map->n; i++)
        value_put(left, plus->map->entries[i].key, plus->map->entries[i].value);
    if (!o->listed || d->s->now >= o->retagged + TAGS_NOTICED)
        o->listed = cloud_value_copy(d->s->arena, tags);
    o->retagged = d->s->now;
    struct value *body = value_map_copy(d->a, o->body);
    schema_store_tags(d->a, o->schema, left, body);
    object_set(d->s, o, body);
    call_ok(d->c, NULL);
}

/* ---- delete ------------------------------------------------------------------- */

/* What refers to an object without holding it. */
static bool holds_nothing(const struct object *r, const struct object *o)
{
    static const char *const free_of[][2] = {
        {"ec2.launch_template", ""},
        {"autoscaling.group", "elbv2.target_group"},
        {"autoscaling.group", "ec2.launch_template"},
        {"autoscaling.policy", ""},
        {"cloudwatch.alarm", ""},
        {"route53.health_check", ""},
    };
    for (size_t i = 0; i < sizeof free_of / sizeof *free_of; i++)
        if (object_is(r, free_of[i][0]) && (!*free_of[i][1] || object_is(o, free_of[i][1])))
            return true;
    const struct value *p = map_find(&r->schema->settings, "parent");
    const struct schema_field *f = p && p->kind == V_STRING ? schema_field(r->schema, p->s) : NULL;
    const struct type *t = f ? f->type : NULL;
    while (t && t->kind == TYPE_K_OPTION)
        t = t->elem;
    return t && t->kind == TYPE_K_REF && !strcmp(t->name, o->schema->name); /* goes with it */
}

static const char *holder(const struct doing *d, const struct object *o)
{
    const struct sandbox *s = d->s;
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *r = s->objects.at[i];
        if (!r->gone && r != o && !strcmp(r->account, o->account) && !holds_nothing(r, o) &&
            value_mentions(r->body, o->id))
            return r->id;
    }
    for (size_t i = 0; i < s->holds.n; i++)
        if (s->holds.at[i].until > s->now && !strcmp(s->holds.at[i].id, o->id))
            return "a network interface";
    return fleet_holds(d->s, o->id) ? "an instance" : NULL;
}

static void remove_one(const struct doing *d, const struct use *u)
{
    struct object *o = verb_target(d, u);
    const char *absent = u->call->item->absent.n ? u->call->item->absent.at[0] : NULL;
    if (!o || o->schema != u->schema) {
        verb_absent(d->c, u->schema, absent, verb_said(d, u));
        return;
    }
    const char *busy = NULL;
    for (const struct retry_ast *r = u->call->item->retries; r && !busy; r = r->next)
        if (strstr(r->code, "Dependency") || strstr(r->code, "ResourceInUse"))
            busy = r->code;
    const char *by = busy ? holder(d, o) : NULL;
    if (by) {
        call_fail(d->c, busy, "%s '%s' is in use by %s", u->schema->name, o->id, by);
        return;
    }
    if (!special_may_delete(d->s, d->c, o))
        return;
    if (!o->leaving)
        object_remove(d->s, o);
    call_ok(d->c, NULL);
}

/* ---- all of it ---------------------------------------------------------------- */

void verbs_carry_out(struct sandbox *s, struct call *c)
{
    struct doing d = {
        .s = s, .c = c, .a = c->arena, .account = c->req.account ? c->req.account : ""};
    d.input = c->req.input && c->req.input->kind == V_MAP ? c->req.input : value_map(d.a);
    struct use u;
    for (size_t i = 0;
         (u.schema = schema_of_operation(s->ss, c->req.service, c->req.operation, i, &u.call)); i++)
        vec_push(d.a, &d.uses, u);
    if (!d.uses.n) {
        call_fail(c, CLOUD_ERR_UNKNOWN_OPERATION, "the sandbox knows no %s %s", c->req.service,
                  c->req.operation);
        return;
    }
    const struct use *use;
    if ((use = verb_use(&d, VERB_CREATE, NULL))) {
        /* Where the same call makes and changes it, what is there is changed. */
        struct value *names = schema_unbind(s->ss, d.a, use->schema, use->call, d.input);
        const char *name = value_get_string(names, "physical_name");
        struct object *o = verb_use(&d, VERB_UPDATE, use->schema) && name
                               ? object_find(s, use->schema->name, d.account, name)
                               : NULL;
        if (!o)
            verb_create(&d, use);
        else if (update(&d, use->schema, o))
            verb_created(&d, use, o);
    } else if ((use = verb_use(&d, VERB_DELETE, NULL))) {
        remove_one(&d, use);
    } else if (verb_use(&d, VERB_TAG, NULL) || verb_use(&d, VERB_UNTAG, NULL)) {
        do_tag(&d);
    } else if ((use = verb_use(&d, VERB_UPDATE, NULL))) {
        do_update(&d, use);
    } else if (verb_use(&d, VERB_AFTER_CREATE, NULL) || verb_use(&d, VERB_BEFORE_DELETE, NULL)) {
        use = &d.uses.at[0];
        struct object *o = verb_target(&d, use);
        if (!o)
            verb_absent(c, use->schema,
                        use->call->item->absent.n ? use->call->item->absent.at[0] : NULL,
                        verb_said(&d, use));
        else
            call_ok(c, NULL);
    } else {
        verb_read(&d);
    }
}
