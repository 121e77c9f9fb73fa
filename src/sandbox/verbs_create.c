/* Creation: tokens, names that are taken, references that lead nowhere. */
#include <string.h>

#include "sandbox/verbs.h"
#include "schema/path.h"

static bool is_elb(const struct schema *schema)
{
    return !strcmp(schema->service, "elbv2");
}

/* The member by which an object of a type without a name of its own is unique. */
static struct object *same_place(struct sandbox *s, const struct schema *schema,
                                 const char *account, const struct value *body)
{
    const char *up, *own;
    if (!strcmp(schema->name, "elbv2.listener"))
        up = "LoadBalancerArn", own = "Port";
    else if (!strcmp(schema->name, "elbv2.rule"))
        up = "ListenerArn", own = "Priority";
    else
        return NULL;
    for (size_t i = 0; i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (!o->gone && o->schema == schema && !strcmp(o->account, account) &&
            value_get(o->body, up) && value_get(body, up) && value_get(o->body, own) &&
            value_get(body, own) && value_equal(value_get(o->body, up), value_get(body, up)) &&
            value_equal(value_get(o->body, own), value_get(body, own)))
            return o;
    }
    return NULL;
}

static struct object *same_name(struct sandbox *s, const struct schema *schema, const char *account,
                                const char *name, const struct value *body)
{
    const struct value *vpc = value_get(body, "VpcId");
    for (size_t i = 0; name && i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        const char *have = value_get_string(o->body, "bgc:name");
        if (o->gone || o->schema != schema || strcmp(o->account, account) || !have ||
            strcmp(have, name))
            continue;
        /* A security group's name is unique in its network only. */
        if (!strcmp(schema->service, "ec2") && vpc && value_get(o->body, "VpcId") &&
            !value_equal(vpc, value_get(o->body, "VpcId")))
            continue;
        return o;
    }
    return NULL;
}

/* What the request said, but for tags and tokens: to tell the same settings. */
struct value *verb_settings(const struct doing *d, const struct schema_call *call)
{
    struct value *m = value_map(d->a);
    for (size_t i = 0; i < d->input->map->n; i++) {
        const char *k = d->input->map->entries[i].key;
        if (strcmp(k, "Tags") && strcmp(k, "tags") && strcmp(k, "TagSpecifications") &&
            (!call->item->token || strcmp(k, call->item->token)))
            value_put(m, k, d->input->map->entries[i].value);
    }
    return m;
}

void verb_created(const struct doing *d, const struct use *u, const struct object *o)
{
    struct value *out = value_map(d->a);
    const struct wire_path *at = u->call->item->result;
    if (at) {
        /* The object stands where its id does. */
        struct wire_path up = {.span = at->span};
        struct wire_step **end = &up.steps;
        for (const struct wire_step *st = at->steps; st->next; st = st->next) {
            *end = arena_make(d->a, struct wire_step);
            **end = *st;
            (*end)->next = NULL;
            end = &(*end)->next;
        }
        struct value *shown = value_map_copy(d->a, o->body);
        present(d->s, d->a, o, shown);
        if (up.steps)
            path_put(d->a, out, &up, NULL, shown);
        path_put(d->a, out, at, NULL, value_string(d->a, o->id));
    }
    call_ok(d->c, out);
}

static void refuse_duplicate(const struct doing *d, const struct use *u, const char *name)
{
    const char *code =
        u->call->item->adopt.n ? u->call->item->adopt.at[0] : "ResourceAlreadyExists";
    if (!strcmp(u->schema->name, "elbv2.rule"))
        code = "PriorityInUse";
    call_fail(d->c, code, "A %s called '%s' already exists", u->schema->name, name ? name : "");
}

/* What a service says when something of another type is not there. */
static const char *missing_code(const struct schema *schema, const struct schema *of)
{
    if (!strcmp(schema->service, "autoscaling"))
        return "ValidationError";
    if (is_elb(schema) && !strcmp(of->name, "acm.certificate"))
        return "CertificateNotFound";
    if (is_elb(schema) && !strcmp(of->name, "ec2.security_group"))
        return "InvalidSecurityGroup";
    if (is_elb(schema) && !strcmp(of->name, "ec2.subnet"))
        return "SubnetNotFound";
    return absent_code(of);
}

/* Every id that the fields refer to must be there (templates are not looked into
 * before something is made of them). */
static const char *missing_reference(const struct doing *d, const struct schema *schema,
                                     const struct value *fields, const struct schema **what)
{
    if (!strcmp(schema->name, "ec2.launch_template"))
        return NULL;
    for (size_t i = 0; i < schema->fields.n; i++) {
        const struct type *t = schema->fields.at[i].type;
        while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET ||
                     t->kind == TYPE_K_SET || t->kind == TYPE_K_LIST))
            t = t->elem;
        const struct value *v = value_get(fields, schema->fields.at[i].name);
        if (!v || !t || t->kind != TYPE_K_REF)
            continue;
        size_t n = v->kind == V_LIST || v->kind == V_SET ? v->list.n : 1;
        for (size_t k = 0; k < n; k++) {
            const struct value *one = v->kind == V_LIST || v->kind == V_SET ? v->list.at[k] : v;
            const struct schema *of = schema_find(d->s->ss, t->name);
            if (one->kind != V_STRING || !of)
                continue;
            struct object *o = object_by_text(d->s, d->account, one->s);
            if (o && o->schema == of && !o->leaving && object_seen(d->s, o))
                continue;
            *what = of;
            return one->s;
        }
    }
    return NULL;
}

void verb_create(const struct doing *d, const struct use *u)
{
    struct sandbox *s = d->s;
    struct value *fields = schema_unrequest(s->ss, d->a, u->schema, u->call, d->input);
    struct value *names = schema_unbind(s->ss, d->a, u->schema, u->call, d->input);
    const char *name = value_get_string(names, "physical_name"),
               *token = value_get_string(names, "token");
    struct value *asked = verb_settings(d, u->call);
    if (!u->call->item->result && (!name || !*name)) {
        call_fail(d->c, "ValidationError", "%s needs a name", u->call->operation);
        return;
    }
    for (size_t i = 0; token && i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (o->gone || o->schema != u->schema || !o->token || strcmp(o->token, token))
            continue;
        if (value_equal(o->asked, asked))
            verb_created(d, u, o);
        else
            call_fail(d->c,
                      !strcmp(u->schema->service, "route53") ? "HealthCheckAlreadyExists"
                                                             : "IdempotentParameterMismatch",
                      "The token '%s' was used with other settings", token);
        return;
    }
    struct object *twin = name ? same_name(s, u->schema, d->account, name, asked)
                               : same_place(s, u->schema, d->account, asked);
    if (twin && is_elb(u->schema) && value_equal(twin->asked, asked)) {
        verb_created(d, u, twin);
        return;
    }
    if (twin) {
        refuse_duplicate(d, u, name);
        return;
    }
    const struct schema *of;
    const char *missing = missing_reference(d, u->schema, fields, &of);
    if (missing) {
        const char *dot = strchr(of->name, '.');
        char *words = arena_strdup(d->a, dot ? dot + 1 : of->name);
        for (char *w = words; *w; w++)
            *w = *w == '_' ? ' ' : *w;
        call_fail(d->c, missing_code(u->schema, of), "The %s '%s' does not exist", words, missing);
        return;
    }
    struct value *body = value_map_copy(d->a, asked);
    const char *id = object_new_id(s, u->schema, d->account, name, body);
    value_put(fields, "id", value_string(d->a, id));
    if (u->schema->id_field)
        value_put(fields, u->schema->id_field, value_string(d->a, id));
    if (name && schema_field(u->schema, "name"))
        value_put(fields, "name", value_string(d->a, name));
    if (!schema_store(s->ss, d->a, u->schema, fields, body)) {
        call_fail(d->c, "InternalError", "%s cannot be kept by the sandbox", u->schema->name);
        return;
    }
    if (value_get(names, "tags"))
        schema_store_tags(d->a, u->schema, value_get(names, "tags"), body);
    if (name)
        value_put(body, "bgc:name", value_string(d->a, name));
    birth(s, d->a, u->schema, d->account, id, name, body);
    struct object *o = object_add(s, u->schema, d->account, id, body);
    o->asked = cloud_value_copy(s->arena, asked);
    o->token = token ? arena_strdup(s->arena, token) : NULL;
    verb_created(d, u, o);
}
