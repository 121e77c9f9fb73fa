/* A fresh account makes up what a program looks for, so that a first try needs
 * no account: an object whose members equal the query's, and plausible others. */
#include <string.h>

#include "sandbox/account.h"
#include "schema/lens.h"
#include "schema/path.h"

struct inventing {
    struct sandbox *s;
    struct arena *a;
    const struct schema *schema;
    const struct cloud_request *req;
    const struct node *node; /* NULL: no program is known */
    const char *account;
    struct value *body, *tags;
    const char *name;
};

/* A text that a pattern with wildcards fits. */
static const char *concrete(struct arena *a, const char *pattern)
{
    struct buf b;
    buf_init(&b, a);
    for (const char *c = pattern; *c; c++)
        if (*c == '*')
            buf_puts(&b, "2026-01");
        else
            buf_putc(&b, *c == '?' ? '1' : *c);
    return buf_text(&b);
}

static bool is_tag_filter(const char *name)
{
    return !strncmp(name, "tag:", 4);
}

/* What the request itself says. */
static void take_request(struct inventing *v)
{
    const struct value *in = v->req->input;
    for (size_t i = 0; in && in->kind == V_MAP && i < in->map->n; i++) {
        const char *member = in->map->entries[i].key;
        const struct value *x = in->map->entries[i].value;
        if (x->kind == V_STRING && !strcmp(member, "DNSName"))
            value_put(v->body, "Name",
                      value_stringf(v->a, "%s%s", x->s,
                                    x->s[0] && x->s[strlen(x->s) - 1] == '.' ? "" : "."));
        else if (x->kind == V_STRING)
            value_put(v->body, member, value_string(v->a, concrete(v->a, x->s)));
        if (strcmp(member, "Filters") || x->kind != V_LIST)
            continue;
        for (size_t k = 0; k < x->list.n; k++) {
            const char *name = value_get_string(x->list.at[k], "Name");
            const struct value *values = value_get(x->list.at[k], "Values");
            const char *one = values && values->kind == V_LIST && values->list.n
                                  ? wire_text(v->a, values->list.at[0])
                                  : NULL;
            if (!name || !one)
                continue;
            if (is_tag_filter(name))
                value_put(v->tags, name + 4, value_string(v->a, concrete(v->a, one)));
            else
                value_put(v->body, pascal(v->a, name), value_string(v->a, concrete(v->a, one)));
        }
    }
}

/* References as ids of what was found before. */
static struct value *resolved(struct inventing *v, struct value *x)
{
    if (x->kind == V_REF && !x->ref.field) {
        const char *id = map_find(&v->s->known, x->ref.address);
        return id ? value_string(v->a, id) : NULL;
    }
    return value_known(x) && x->kind != V_REF && x->kind != V_METRIC ? x : NULL;
}

static bool placed(const struct schema_field *f)
{
    return f->item->put || f->item->get || f->item->put_expr || f->item->get_expr;
}

/* What the query in the program says; some of it never shows in a request. */
static void take_query(struct inventing *v)
{
    const struct value *props = v->node ? v->node->props : NULL;
    struct value *fields = value_map(v->a);
    for (size_t i = 0; props && props->kind == V_MAP && i < props->map->n; i++) {
        const char *name = props->map->entries[i].key;
        const struct schema_field *f = schema_field(v->schema, name);
        struct value *x = resolved(v, props->map->entries[i].value);
        if (!f || !x || x->kind == V_NONE)
            continue;
        if (x->kind == V_STRING && !strcmp(name, "name"))
            x = value_string(v->a, v->name = concrete(v->a, x->s));
        if (placed(f))
            value_put(fields, name, x);
        else if (!strcmp(name, "name"))
            value_put(v->tags, "Name", x);
        else if (x->kind == V_MAP)
            for (size_t k = 0; k < x->map->n; k++)
                value_put(v->tags, x->map->entries[k].key, x->map->entries[k].value);
        else if (x->kind == V_STRING && !strcmp(name, "covers"))
            value_put(v->body, "DomainName", x), v->name = x->s;
        else if (x->kind == V_STRING && !strcmp(name, "owner") &&
                 strspn(x->s, "0123456789") == strlen(x->s))
            value_put(v->body, "OwnerId", x);
        else if (x->kind == V_STRING && !strcmp(name, "owner") && strcmp(x->s, "self"))
            value_put(v->body, "ImageOwnerAlias", x);
    }
    schema_store(v->s->ss, v->a, v->schema, fields, v->body);
}

static const char *some_vpc(const struct inventing *v)
{
    for (size_t i = 0; i < v->s->objects.n; i++)
        if (!v->s->objects.at[i]->gone && object_is(v->s->objects.at[i], "ec2.vpc") &&
            !strcmp(v->s->objects.at[i]->account, v->account))
            return v->s->objects.at[i]->id;
    return "vpc-0a1b2c3d4e5f60718";
}

/* The k-th of several lies in another zone. */
static void place(const struct inventing *v, size_t k)
{
    bool subnet = !strcmp(v->schema->name, "ec2.subnet");
    if (!subnet && strcmp(v->schema->name, "ec2.security_group"))
        return;
    if (!value_get(v->body, "VpcId"))
        value_put(v->body, "VpcId", value_string(v->a, some_vpc(v)));
    if (!subnet)
        return;
    size_t nth = 0; /* ranges do not overlap with those of other sets */
    for (size_t i = 0; i < v->s->objects.n; i++)
        nth += object_is(v->s->objects.at[i], "ec2.subnet");
    if (!value_get(v->body, "AvailabilityZone"))
        value_put(v->body, "AvailabilityZone",
                  value_stringf(v->a, "%s%c", v->s->region, (char)('a' + (int)k)));
    if (!value_get(v->body, "CidrBlock"))
        value_put(v->body, "CidrBlock", value_stringf(v->a, "10.0.%d.0/20", (int)(nth * 16 % 256)));
}

static struct value *made_up(const struct inventing *v, const struct type *t)
{
    switch (t->kind) {
    case TYPE_K_STRING:
        return t->pattern && !strncmp(t->pattern, "^arn:", 5)
                   ? value_stringf(v->a, "arn:aws:%s:%s:%s:sandbox", v->schema->service,
                                   v->s->region, sandbox_account_id(v->s, v->account))
                   : value_string(v->a, "sandbox");
    case TYPE_K_INT: return value_int(v->a, t->sized ? t->low : 1);
    case TYPE_K_NUMBER: return value_number(v->a, (struct dec){1, 0});
    case TYPE_K_BOOL: return value_bool(v->a, false);
    case TYPE_K_CIDR: return value_cidr(v->a, "10.0.0.0/16");
    case TYPE_K_UNION:
        return t->items.n && t->items.at[0]->literal ? value_copy(v->a, t->items.at[0]->literal)
                                                     : NULL;
    default: return NULL;
    }
}

/* Whatever the declaration says is always there and is not yet. */
static void fill(const struct inventing *v)
{
    struct diags quiet;
    diags_init(&quiet, v->a, v->s->ss->program->ds->sources);
    struct reading *r = schema_read(v->s->ss, v->a, &quiet, v->schema, v->body);
    struct value *more = value_map(v->a);
    for (size_t i = 0; i < v->schema->fields.n; i++) {
        const struct schema_field *f = &v->schema->fields.at[i];
        if (!placed(f) || (r && value_get(r->fields, f->name)) || f->type->kind == TYPE_K_OPTION ||
            (f->mods & FIELD_ID))
            continue;
        struct value *x = f->mods & FIELD_SECRET && type_bare(f->type)->kind == TYPE_K_STRING
                              ? value_stringf(v->a, "sandbox-secret-%s", sandbox_hex(v->s, v->a, 12))
                              : made_up(v, f->type);
        if (x)
            value_put(more, f->name, x);
    }
    schema_store(v->s->ss, v->a, v->schema, more, v->body);
}

static void invent_one(struct inventing *v, const char *id, size_t k)
{
    struct sandbox *s = v->s;
    v->body = value_map(v->a);
    v->tags = value_map(v->a);
    v->name = NULL;
    take_request(v);
    take_query(v);
    if (!v->name)
        v->name = value_get_string(v->body, "Name") ? value_get_string(v->body, "Name")
                                                    : value_get_string(v->tags, "Name");
    if (!id)
        id = object_new_id(s, v->schema, v->account, v->name, v->body);
    struct value *fields = value_map(v->a);
    value_put(fields, v->schema->id_field ? v->schema->id_field : "id", value_string(v->a, id));
    schema_store(s->ss, v->a, v->schema, fields, v->body);
    place(v, k);
    if (v->tags->map->n) {
        struct value **at = arena_array(v->a, struct value *, v->tags->map->n);
        for (size_t i = 0; i < v->tags->map->n; i++) {
            at[i] = value_map(v->a);
            value_put(at[i], "Key", value_string(v->a, v->tags->map->entries[i].key));
            value_put(at[i], "Value", v->tags->map->entries[i].value);
        }
        value_put(v->body, "Tags", value_list(v->a, at, v->tags->map->n));
    }
    birth(s, v->a, v->schema, v->account, id, v->name, v->body);
    fill(v);
    struct object *o = object_add(s, v->schema, v->account, id, v->body);
    o->changed = o->born = s->now - 86400000; /* it was there all the time */
    bool named = v->name && strcmp(v->name, id);
    vec_push(s->arena, &s->invented,
             arena_printf(s->arena, "invented: %s %s%s%s%s", v->schema->name, named ? v->name : id,
                          named ? " (" : "", named ? id : "", named ? ")" : ""));
}

bool invent_wanted(struct sandbox *s, struct arena *a, const struct schema *schema,
                   const struct schema_call *call, const struct cloud_request *req,
                   struct value **at, size_t n)
{
    const struct node *node =
        s->invent && s->graph && req->address ? graph_find(s->graph, req->address) : NULL;
    if (!n || !node || !node->existing || !call->item->where)
        return !n;
    struct inventing v = {.s = s,
                          .a = a,
                          .schema = schema,
                          .req = req,
                          .account = req->account ? req->account : "",
                          .node = node};
    struct value *props = value_map(a), *reply = value_map(a);
    for (size_t i = 0; i < node->props->map->n; i++) {
        struct value *x = resolved(&v, node->props->map->entries[i].value);
        if (x)
            value_put(props, node->props->map->entries[i].key, x);
    }
    struct diags quiet;
    diags_init(&quiet, a, s->ss->program->ds->sources);
    struct call_env env = {.props = props};
    path_put(a, reply, call->item->result, NULL, value_list(a, at, n));
    size_t met = 0;
    schema_result(s->ss, a, &quiet, schema, call, &env, reply, &met);
    return !met && !quiet.errors;
}

bool invent(struct sandbox *s, struct arena *a, const struct schema *schema,
            const struct schema_call *call, const struct cloud_request *req, const char *id)
{
    if (!s->invent || !req->address || (id && !*id) || !schema_call(schema, VERB_LOOKUP))
        return false;
    struct inventing v = {
        .s = s, .a = a, .schema = schema, .req = req, .account = req->account ? req->account : ""};
    v.node = s->graph ? graph_find(s->graph, req->address) : NULL;
    /* Only what the program looks for; what it makes itself may well be gone. */
    if (v.node ? !v.node->existing || strcmp(v.node->type, schema->name)
               : call->verb != VERB_LOOKUP && schema_call(schema, VERB_CREATE))
        return false;
    bool several = v.node ? v.node->set : !strcmp(schema->name, "ec2.subnet");
    size_t n = several && !id ? 2 : 1;
    for (size_t k = 0; k < n; k++)
        invent_one(&v, id, k);
    return true;
}
