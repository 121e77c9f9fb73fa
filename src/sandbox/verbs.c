/* Calls, by declarations alone: which type and verb an operation is, which
 * object it is about, and what becomes of it. */
#include <stdio.h>
#include <string.h>

#include "lang/ast.h"
#include "sandbox/account.h"
#include "schema/path.h"

/* ---- replies ----------------------------------------------------------------- */

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

static void not_there(struct call *c, const struct schema *schema, const char *code, const char *id)
{
    call_fail(c, code ? code : absent_code(schema), "The %s '%s' does not exist", schema->name, id);
}

/* ---- what a call is about --------------------------------------------------------- */

struct use {
    const struct schema *schema;
    const struct schema_call *call;
};

struct doing {
    struct sandbox *s;
    struct call *c;
    struct arena *a;
    const char *account;
    const struct value *input;
    VEC(struct use) uses;
};

static const struct use *use_of(const struct doing *d, enum schema_verb verb, const struct schema *schema)
{
    for (size_t i = 0; i < d->uses.n; i++)
        if (d->uses.at[i].call->verb == verb && (!schema || d->uses.at[i].schema == schema))
            return &d->uses.at[i];
    return NULL;
}

/* "/hostedzone/Z1" -> "Z1" */
static const char *bare(const char *id)
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
static struct object *named_in(const struct doing *d, const struct value *v)
{
    if (!v)
        return NULL;
    if (v->kind == V_STRING) {
        for (size_t i = 0; i < d->s->objects.n; i++) {
            struct object *o = d->s->objects.at[i];
            const char *arn;
            if (!o->gone && !strcmp(o->account, d->account) && known_type(d, o) &&
                (!strcmp(o->id, bare(v->s)) || ((arn = object_arn(o)) && !strcmp(arn, v->s))))
                return o;
        }
        return NULL;
    }
    if (v->kind == V_LIST)
        for (size_t i = 0; i < v->list.n; i++) {
            struct object *o = named_in(d, v->list.at[i]);
            if (o)
                return o;
        }
    if (v->kind == V_MAP)
        for (size_t i = 0; i < v->map->n; i++) {
            const char *key = v->map->entries[i].key;
            struct object *o = strcmp(key, "Value") && strcmp(key, "Key") && strcmp(key, "value")
                                   ? named_in(d, v->map->entries[i].value) : NULL;
            if (o)
                return o;
        }
    return NULL;
}

/* Every text that names an object of a schema, for messages about missing ones. */
static const char *said_id(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    const char *id = value_get_string(names, "id");
    if (id)
        return bare(id);
    for (size_t i = 0; i < d->input->map->n; i++) {
        const struct value *v = d->input->map->entries[i].value;
        if (v->kind == V_STRING)
            return v->s;
        if (v->kind == V_LIST && v->list.n && v->list.at[0]->kind == V_STRING)
            return v->list.at[0]->s;
    }
    return "";
}

static struct object *target(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    const char *id = value_get_string(names, "id");
    struct object *o = id ? object_find(d->s, u->schema->name, d->account, bare(id)) : NULL;
    if (!o && id)
        return NULL;
    return o ? o : named_in(d, d->input);
}

/* ---- create --------------------------------------------------------------------------- */

static bool is_elb(const struct schema *schema)
{
    return !strcmp(schema->service, "elbv2");
}

/* The member by which an object of a type without a name of its own is unique. */
static struct object *same_place(struct sandbox *s, const struct schema *schema, const char *account,
                                 const struct value *body)
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
            value_get(o->body, up) && value_get(body, up) && value_get(o->body, own) && value_get(body, own) &&
            value_equal(value_get(o->body, up), value_get(body, up)) &&
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
        if (o->gone || o->schema != schema || strcmp(o->account, account) || !have || strcmp(have, name))
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
static struct value *settings(const struct doing *d, const struct schema_call *call)
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

static void reply_created(const struct doing *d, const struct use *u, const struct object *o)
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
        struct value *shown = map_copy(d->a, o->body);
        present(d->s, d->a, o, shown);
        if (up.steps)
            path_put(d->a, out, &up, NULL, shown);
        path_put(d->a, out, at, NULL, value_string(d->a, o->id));
    }
    call_ok(d->c, out);
}

static void refuse_duplicate(const struct doing *d, const struct use *u, const char *name)
{
    const char *code = u->call->item->adopt.n ? u->call->item->adopt.at[0] : "ResourceAlreadyExists";
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
static const char *missing_reference(const struct doing *d, const struct schema *schema, const struct value *fields,
                                     const struct schema **what)
{
    if (!strcmp(schema->name, "ec2.launch_template"))
        return NULL;
    for (size_t i = 0; i < schema->fields.n; i++) {
        const struct type *t = schema->fields.at[i].type;
        while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET || t->kind == TYPE_K_SET || t->kind == TYPE_K_LIST))
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

static void create(const struct doing *d, const struct use *u)
{
    struct sandbox *s = d->s;
    struct value *fields = schema_unrequest(s->ss, d->a, u->schema, u->call, d->input);
    struct value *names = schema_unbind(s->ss, d->a, u->schema, u->call, d->input);
    const char *name = value_get_string(names, "physical_name"), *token = value_get_string(names, "token");
    struct value *asked = settings(d, u->call);
    for (size_t i = 0; token && i < s->objects.n; i++) {
        struct object *o = s->objects.at[i];
        if (o->gone || o->schema != u->schema || !o->token || strcmp(o->token, token))
            continue;
        if (value_equal(o->asked, asked))
            reply_created(d, u, o);
        else
            call_fail(d->c, !strcmp(u->schema->service, "route53") ? "HealthCheckAlreadyExists"
                                                                    : "IdempotentParameterMismatch",
                      "The token '%s' was used with other settings", token);
        return;
    }
    struct object *twin = name ? same_name(s, u->schema, d->account, name, asked) : same_place(s, u->schema, d->account, asked);
    if (twin && is_elb(u->schema) && value_equal(twin->asked, asked)) {
        reply_created(d, u, twin);
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
    struct value *body = map_copy(d->a, asked);
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
    reply_created(d, u, o);
}

/* ---- update, tag --------------------------------------------------------------------------- */

/* `added` to or `removed` from what the field holds. false: the reply says why. */
static bool apply_aspect(const struct doing *d, const struct use *u, const struct object *o,
                         const char *field, const struct value *part, bool adds, struct value *fields)
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
        call_fail(d->c, "InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
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
    const struct use *make = use_of(d, VERB_CREATE, schema);
    struct value *body = make ? without_forgotten(d, o) : map_copy(d->a, o->body);
    bool any = false;
    if (make)
        path_merge(d->a, body, settings(d, make->call));
    /* A new version of a template says everything anew. */
    if (!strcmp(d->c->req.operation, "CreateLaunchTemplateVersion")) {
        value_put(body, "LaunchTemplateData", value_map(d->a));
        value_put(body, "LatestVersionNumber", value_int(d->a, value_get_int(body, "LatestVersionNumber", 1) + 1));
    }
    /* Weighted forwards are no field of these types; the split of a traffic
     * declaration sets them. */
    for (size_t i = 0; is_elb(schema) && i < d->input->map->n; i++)
        if (!strcmp(d->input->map->entries[i].key, "DefaultActions") || !strcmp(d->input->map->entries[i].key, "Actions"))
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
        o->asked = cloud_value_copy(d->s->arena, settings(d, make->call));
    return true;
}

static void do_update(const struct doing *d, const struct use *u)
{
    struct object *o = target(d, u);
    if (!o) {
        not_there(d->c, u->schema, NULL, said_id(d, u));
        return;
    }
    if (update(d, o->schema, o)) {
        struct value *out = value_map(d->a);
        call_ok(d->c, out);
    }
}

static void do_tag(const struct doing *d)
{
    struct object *o = named_in(d, d->input);
    if (!o) {
        not_there(d->c, d->uses.at[0].schema, NULL, said_id(d, &d->uses.at[0]));
        return;
    }
    struct value *tags = object_tags(d->a, o), *left = value_map(d->a);
    const struct use *add = use_of(d, VERB_TAG, o->schema), *drop = use_of(d, VERB_UNTAG, o->schema);
    struct value *plus = add ? value_get(schema_unbind(d->s->ss, d->a, o->schema, add->call, d->input), "tags") : NULL;
    struct value *keys = drop ? value_get(schema_unbind(d->s->ss, d->a, o->schema, drop->call, d->input), "keys") : NULL;
    for (size_t i = 0; i < tags->map->n; i++) {
        bool out = false;
        for (size_t k = 0; keys && keys->kind == V_LIST && k < keys->list.n; k++)
            out |= keys->list.at[k]->kind == V_STRING && !strcmp(keys->list.at[k]->s, tags->map->entries[i].key);
        if (!out)
            value_put(left, tags->map->entries[i].key, tags->map->entries[i].value);
    }
    for (size_t i = 0; plus && plus->kind == V_MAP && i < plus->map->n; i++)
        value_put(left, plus->map->entries[i].key, plus->map->entries[i].value);
    struct value *body = map_copy(d->a, o->body);
    schema_store_tags(d->a, o->schema, left, body);
    object_set(d->s, o, body);
    call_ok(d->c, NULL);
}

/* ---- delete ------------------------------------------------------------------------------------ */

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

static void delete(const struct doing *d, const struct use *u)
{
    struct object *o = target(d, u);
    const char *absent = u->call->item->absent.n ? u->call->item->absent.at[0] : NULL;
    if (!o || o->schema != u->schema) {
        not_there(d->c, u->schema, absent, said_id(d, u));
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

/* ---- read -------------------------------------------------------------------------------------------- */

/* Members that further reads add are not in the first. */
static struct value *first_view(const struct doing *d, const struct object *o, const struct value *seen)
{
    struct value *v = map_copy(d->a, seen);
    present(d->s, d->a, o, v);
    struct value *out = value_map(d->a);
    const struct schema_call *first = schema_call(o->schema, VERB_READ);
    for (size_t i = 0; i < v->map->n; i++) {
        const char *k = v->map->entries[i].key;
        bool other = !strncmp(k, "bgc:", 4);
        for (const struct schema_call *c = first ? schema_next(o->schema, first) : NULL; c && !other;
             c = schema_next(o->schema, c))
            other = c->item->result && !strcmp(path_last(c->item->result), k);
        /* A further read may only complete what the first one shows already. */
        if (!other || (strncmp(k, "bgc:", 4) && !strcmp(k, "Certificates")))
            value_put(out, k, v->map->entries[i].value);
    }
    return out;
}

static bool is_single(const struct schema_call *c)
{
    const char *last = c->item->result ? path_last(c->item->result) : "";
    size_t n = strlen(last);
    return !strncmp(c->operation, "Get", 3) || (n && last[n - 1] != 's' && !c->batched && !c->item->where);
}

static bool indexed(const struct wire_path *p)
{
    const struct wire_step *s = p->steps;
    while (s->next)
        s = s->next;
    return s->indexed;
}

static void reply_objects(const struct doing *d, const struct schema_call *c, struct value **at, size_t n)
{
    struct value *out = value_map(d->a);
    if (!c->item->result) {
        if (n)
            out = at[0];
    } else if (is_single(c) || indexed(c->item->result)) {
        if (n)
            path_put(d->a, out, c->item->result, NULL, at[0]);
    } else {
        path_put(d->a, out, c->item->result, NULL, value_list(d->a, at, n));
    }
    call_ok(d->c, out);
}

static const char *selector(void *self, const char *name)
{
    return !strcmp(name, "id") ? self : NULL;
}

/* A read that adds members to what the first one showed. */
static void read_more(const struct doing *d)
{
    struct value *out = value_map(d->a);
    size_t met = 0;
    const struct use *some = NULL;
    for (size_t i = 0; i < d->s->objects.n; i++) {
        struct object *o = d->s->objects.at[i];
        struct value *seen = strcmp(o->account, d->account) ? NULL : object_seen(d->s, o);
        const char *arn = seen ? object_arn(o) : NULL;
        const struct use *u = NULL;
        for (size_t k = 0; seen && k < d->uses.n && !u; k++)
            if (d->uses.at[k].schema == o->schema && d->uses.at[k].call != schema_call(o->schema, VERB_READ))
                u = &d->uses.at[k];
        if (!u || !(value_mentions(d->input, o->id) || (arn && value_mentions(d->input, arn))))
            continue;
        met++;
        some = u;
        struct value *shown = map_copy(d->a, seen);
        present(d->s, d->a, o, shown);
        const struct wire_path *at = u->call->item->result;
        struct value *part = at ? value_get(shown, path_last(at)) : shown;
        struct path_names names = {selector, (void *)(uintptr_t)o->id};
        if (!at)
            path_merge(d->a, out, shown);
        else
            path_put(d->a, out, at, &names, part ? part : value_list(d->a, NULL, 0));
    }
    if (met) {
        call_ok(d->c, out);
        return;
    }
    some = &d->uses.at[0];
    for (size_t i = 0; i < d->uses.n; i++)
        if (d->uses.at[i].call->item->absent.n) {
            some = &d->uses.at[i];
            break;
        }
    not_there(d->c, some->schema, some->call->item->absent.n ? some->call->item->absent.at[0] : NULL, said_id(d, some));
}

static bool wants(const struct value *ids, const char *id)
{
    if (!ids)
        return true;
    if (ids->kind == V_STRING)
        return !strcmp(bare(ids->s), id);
    for (size_t i = 0; ids->kind == V_LIST && i < ids->list.n; i++)
        if (ids->list.at[i]->kind == V_STRING && !strcmp(bare(ids->list.at[i]->s), id))
            return true;
    return false;
}

static size_t collect(const struct doing *d, const struct use *u, const struct value *ids, struct value ***out)
{
    VEC(struct value *) at = {0};
    for (size_t i = 0; i < d->s->objects.n; i++) {
        struct object *o = d->s->objects.at[i];
        struct value *seen = o->schema == u->schema && !strcmp(o->account, d->account) ? object_seen(d->s, o) : NULL;
        if (!seen || (ids && !wants(ids, o->id)))
            continue;
        if (!ids && !match_object(d->s, d->a, o, seen, d->input, NULL))
            continue;
        vec_push(d->a, &at, first_view(d, o, seen));
    }
    *out = at.at;
    return at.n;
}

static size_t count_of(const struct value *ids)
{
    return !ids ? 0 : ids->kind == V_LIST ? ids->list.n : 1;
}

static const char *missing_id(const struct doing *d, const struct use *u, const struct value *ids)
{
    for (size_t i = 0; i < count_of(ids); i++) {
        const struct value *one = ids->kind == V_LIST ? ids->list.at[i] : ids;
        const char *id = one->kind == V_STRING ? bare(one->s) : "";
        struct object *o = object_find(d->s, u->schema->name, d->account, id);
        if (!o || !object_seen(d->s, o))
            return id;
    }
    return NULL;
}

static const struct value *known_address(struct sandbox *s, const char *address, const struct value *object,
                                         const struct schema *schema)
{
    struct arena *a = arena_new("known");
    struct diags quiet;
    diags_init(&quiet, a, s->ss->program->ds->sources);
    struct reading *r = schema_read(s->ss, a, &quiet, schema, (struct value *)(uintptr_t)object);
    if (r)
        map_put(&s->known, arena_strdup(s->arena, address), arena_strdup(s->arena, r->id));
    arena_free(a);
    return object;
}

static void read(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    const struct value *ids = value_get(names, "ids") ? value_get(names, "ids") : value_get(names, "id");
    if (u->call->verb != VERB_READ || u->call->item->where ||
        (ids && ids->kind != V_LIST && ids->kind != V_STRING))
        ids = NULL;
    const char *missing = missing_id(d, u, ids);
    if (missing && invent(d->s, d->a, u->schema, u->call, &d->c->req, missing))
        missing = missing_id(d, u, ids);
    const char *code = u->call->item->absent.n ? u->call->item->absent.at[0] : NULL;
    if (missing && code) {
        not_there(d->c, u->schema, code, missing);
        return;
    }
    struct value **at;
    size_t n = collect(d, u, ids, &at);
    if (u->call->verb == VERB_LOOKUP && invent_wanted(d->s, d->a, u->schema, u->call, &d->c->req, at, n) &&
        invent(d->s, d->a, u->schema, u->call, &d->c->req, NULL))
        n = collect(d, u, ids, &at);
    if (!n && code && u->call->verb != VERB_FIND) {
        not_there(d->c, u->schema, code, said_id(d, u));
        return;
    }
    if (d->c->req.address && n == 1 && schema_call(u->schema, VERB_LOOKUP))
        known_address(d->s, d->c->req.address, at[0], u->schema);
    reply_objects(d, u->call, at, n);
}

/* ---- all of it --------------------------------------------------------------------------------------------- */

static bool parent_missing(const struct doing *d, const struct use *u)
{
    const struct value *p = map_find(&u->schema->settings, "parent");
    struct value *fields = p && u->call->verb == VERB_FIND
                               ? schema_unrequest(d->s->ss, d->a, u->schema, u->call, d->input) : NULL;
    const char *id = fields && p->kind == V_STRING ? value_get_string(fields, p->s) : NULL;
    if (!id || object_by_text(d->s, d->account, id) || !u->call->item->absent.n)
        return false;
    call_fail(d->c, u->call->item->absent.at[0], "'%s' does not exist", id);
    return true;
}

static bool names_ids(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    return !u->call->item->where && (value_get(names, "ids") || value_get(names, "id"));
}

/* One operation may be find, first read and lookup; members say which. NULL: it
 * is a read that adds members. */
static const struct use *reading_use(const struct doing *d)
{
    const struct use *best = NULL;
    for (size_t i = 0; i < d->uses.n; i++) {
        const struct use *u = &d->uses.at[i];
        bool first = u->call->verb == VERB_READ && u->call == schema_call(u->schema, VERB_READ);
        if (first && names_ids(d, u))
            return u;
        if (u->call->verb == VERB_READ && !first)
            continue;
        /* Only lookups are made for an address. */
        if (!best || (u->call->verb == VERB_LOOKUP && d->c->req.address))
            best = u;
    }
    return best;
}

void verbs_carry_out(struct sandbox *s, struct call *c)
{
    struct doing d = {.s = s, .c = c, .a = c->arena, .account = c->req.account ? c->req.account : ""};
    d.input = c->req.input && c->req.input->kind == V_MAP ? c->req.input : value_map(d.a);
    struct use u;
    for (size_t i = 0; (u.schema = schema_of_operation(s->ss, c->req.service, c->req.operation, i, &u.call)); i++)
        vec_push(d.a, &d.uses, u);
    if (!d.uses.n) {
        call_fail(c, CLOUD_ERR_UNKNOWN_OPERATION, "the sandbox knows no %s %s", c->req.service, c->req.operation);
        return;
    }
    const struct use *use;
    if ((use = use_of(&d, VERB_CREATE, NULL))) {
        /* Where the same call makes and changes it, what is there is changed. */
        struct value *names = schema_unbind(s->ss, d.a, use->schema, use->call, d.input);
        const char *name = value_get_string(names, "physical_name");
        struct object *o = use_of(&d, VERB_UPDATE, use->schema) && name
                               ? object_find(s, use->schema->name, d.account, name) : NULL;
        if (!o)
            create(&d, use);
        else if (update(&d, use->schema, o))
            reply_created(&d, use, o);
    } else if ((use = use_of(&d, VERB_DELETE, NULL))) {
        delete(&d, use);
    } else if (use_of(&d, VERB_TAG, NULL) || use_of(&d, VERB_UNTAG, NULL)) {
        do_tag(&d);
    } else if ((use = use_of(&d, VERB_UPDATE, NULL))) {
        do_update(&d, use);
    } else if (use_of(&d, VERB_AFTER_CREATE, NULL) || use_of(&d, VERB_BEFORE_DELETE, NULL)) {
        use = &d.uses.at[0];
        struct object *o = target(&d, use);
        if (!o)
            not_there(c, use->schema, use->call->item->absent.n ? use->call->item->absent.at[0] : NULL, said_id(&d, use));
        else
            call_ok(c, NULL);
    } else {
        use = reading_use(&d);
        if (!use)
            read_more(&d);
        else if (!parent_missing(&d, use))
            read(&d, use);
    }
}
