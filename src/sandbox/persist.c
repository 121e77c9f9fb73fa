/* The account as a file: one JSON object, written as a whole beside its place. */
#include <string.h>

#include "base/file.h"
#include "sandbox/account.h"

static const char *const format = "bgc sandbox account";
enum { VERSION = 1 };

static void put_text(struct arena *a, struct value *m, const char *key, const char *text)
{
    if (text)
        value_put(m, key, value_string(a, text));
}

static struct value *save_objects(struct sandbox *s, struct arena *a)
{
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        if (o->gone)
            continue;
        struct value *m = value_map(a);
        put_text(a, m, "type", o->schema->name);
        put_text(a, m, "id", o->id);
        put_text(a, m, "account", o->account);
        put_text(a, m, "token", o->token);
        value_put(m, "born", value_int(a, o->born));
        value_put(m, "changed", value_int(a, o->changed));
        if (o->leaving)
            value_put(m, "leaving", value_bool(a, true));
        if (o->listed) {
            value_put(m, "listed", o->listed);
            value_put(m, "retagged", value_int(a, o->retagged));
        }
        value_put(m, "body", o->body);
        if (o->asked)
            value_put(m, "asked", o->asked);
        vec_push(a, &out, m);
    }
    return value_list(a, out.at, out.n);
}

static struct value *save_map(struct arena *a, const struct map *texts)
{
    struct value *m = value_map(a);
    for (size_t i = 0; i < texts->n; i++)
        if (texts->entries[i].value)
            put_text(a, m, texts->entries[i].key, texts->entries[i].value);
    return m;
}

/* As an author writes them; read back by kind. */
static struct value *save_faults(struct sandbox *s, struct arena *a)
{
    VEC(struct value *) out = {0};
    for (size_t i = 0; i < s->faults.n; i++) {
        const struct fault *f = &s->faults.at[i];
        struct value *m = value_map(a);
        bool dec = f->value->kind == V_PERCENT || f->value->kind == V_NUMBER;
        if (!dec && f->value->kind != V_INT && f->value->kind != V_DURATION)
            continue;
        put_text(a, m, "world", f->world);
        put_text(a, m, "target", f->target);
        value_put(m, "kind", value_int(a, f->value->kind));
        value_put(m, "value", dec ? value_number(a, f->value->dec) : value_int(a, f->value->i));
        value_put(m, "since", value_int(a, f->since));
        vec_push(a, &out, m);
    }
    return value_list(a, out.at, out.n);
}

/* The account itself knows what is secret to everybody else. */
static struct value *revealed(struct arena *a, struct value *v)
{
    if (!value_secret(v))
        return v;
    struct value *out = value_copy(a, v);
    out->secret = false;
    if (v->kind == V_LIST) {
        out->list.at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            out->list.at[i] = revealed(a, v->list.at[i]);
    } else if (v->kind == V_MAP) {
        out->map = value_map(a)->map;
        for (size_t i = 0; i < v->map->n; i++)
            value_put(out, v->map->entries[i].key, revealed(a, v->map->entries[i].value));
    }
    return out;
}

bool sandbox_save(struct sandbox *s, struct diags *ds, const char *path)
{
    struct arena *a = arena_new("save");
    struct value *m = value_map(a), **lines = arena_array(a, struct value *, s->invented.n + 1);
    put_text(a, m, "format", format);
    value_put(m, "version", value_int(a, VERSION));
    value_put(m, "seed", value_stringf(a, "%llu", (unsigned long long)s->seed));
    value_put(m, "counter", value_int(a, (int64_t)s->counter));
    value_put(m, "ordinal", value_int(a, (int64_t)s->ordinal));
    value_put(m, "start", value_int(a, s->start));
    value_put(m, "now", value_int(a, s->now));
    put_text(a, m, "time", clock_iso(a, s->now));
    put_text(a, m, "account", s->account_id);
    put_text(a, m, "region", s->region);
    value_put(m, "load", value_number(a, s->load));
    value_put(m, "objects", save_objects(s, a));
    VEC(struct value *) holds = {0};
    for (size_t i = 0; i < s->holds.n; i++)
        if (s->holds.at[i].until > s->now) {
            struct value *h = value_map(a);
            put_text(a, h, "id", s->holds.at[i].id);
            value_put(h, "until", value_int(a, s->holds.at[i].until));
            vec_push(a, &holds, h);
        }
    value_put(m, "holds", value_list(a, holds.at, holds.n));
    value_put(m, "names", zones_save(s, a));
    value_put(m, "fleet", fleet_save(s, a));
    value_put(m, "traffic", traffic_save(s, a));
    value_put(m, "metrics", metrics_save(s, a));
    value_put(m, "faults", save_faults(s, a));
    value_put(m, "lag", value_int(a, s->lag));
    limits_save(s, m);
    value_put(m, "known", save_map(a, &s->known));
    value_put(m, "store", save_map(a, &s->stored));
    for (size_t i = 0; i < s->invented.n; i++)
        lines[i] = value_string(a, s->invented.at[i]);
    value_put(m, "invented", value_list(a, lines, s->invented.n));
    /* A whole file ends with this member: a truncated one has lost it. */
    value_put(m, "complete", value_bool(a, true));
    struct buf b;
    buf_init(&b, a);
    value_json(&b, revealed(a, m), 1);
    buf_putc(&b, '\n');
    const char *error = NULL;
    bool ok = file_write_atomic(a, path, buf_text(&b), b.len, 0, &error);
    if (!ok)
        diag_error(ds, "BG6503", NO_SPAN, "the sandbox account cannot be written to %s: %s", path,
                   error);
    arena_free(a);
    return ok;
}

/* ---- reading ------------------------------------------------------------------ */

static const char *kept(struct sandbox *s, const struct value *m, const char *key)
{
    const char *t = value_get_string(m, key);
    return t ? arena_strdup(s->arena, t) : NULL;
}

static bool load_object(struct sandbox *s, struct diags *ds, const char *path,
                        const struct value *m)
{
    const char *type = value_get_string(m, "type"), *id = value_get_string(m, "id");
    const struct value *body = value_get(m, "body"), *asked = value_get(m, "asked");
    if (!type || !id || !*id || !body || body->kind != V_MAP) {
        diag_error(ds, "BG6501", NO_SPAN, "%s is damaged: an object has no type, id or body", path);
        return false;
    }
    const struct schema *schema = schema_find(s->ss, type);
    if (!schema) {
        struct diag *d = diag_error(ds, "BG6501", NO_SPAN,
                                    "%s holds a %s, which this bgc does not know", path, type);
        diag_help(ds, d, "a program with its declaration, or another version of bgc, made it");
        return false;
    }
    struct object *o = object_add(s, schema, value_get_string(m, "account"), id, body);
    o->born = value_get_int(m, "born", s->now);
    o->changed = value_get_int(m, "changed", s->now);
    o->leaving = value_get_bool(m, "leaving");
    const struct value *listed = value_get(m, "listed");
    o->listed = listed && listed->kind == V_MAP ? cloud_value_copy(s->arena, listed) : NULL;
    o->retagged = value_get_int(m, "retagged", s->now);
    o->token = kept(s, m, "token");
    o->asked = asked ? cloud_value_copy(s->arena, asked) : NULL;
    return true;
}

static void load_map(struct sandbox *s, const struct value *m, struct map *into)
{
    for (size_t i = 0; m && m->kind == V_MAP && i < m->map->n; i++) {
        const struct value *v = m->map->entries[i].value;
        if (v->kind == V_STRING)
            map_put(into, arena_strdup(s->arena, m->map->entries[i].key),
                    arena_strdup(s->arena, v->s));
    }
}

static void load_faults(struct sandbox *s, const struct value *list)
{
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++) {
        const struct value *m = list->list.at[i], *v = value_get(m, "value");
        struct fault f = {.world = kept(s, m, "world"),
                          .target = kept(s, m, "target"),
                          .since = value_get_int(m, "since", 0)};
        bool whole = v && v->kind == V_INT;
        if (!f.target || !v || (!whole && v->kind != V_NUMBER))
            continue;
        struct dec d = whole ? (struct dec){v->i, 0} : v->dec;
        switch (value_get_int(m, "kind", V_NONE)) {
        case V_PERCENT: f.value = value_percent(s->arena, d); break;
        case V_NUMBER: f.value = value_number(s->arena, d); break;
        case V_INT: f.value = value_int(s->arena, whole ? v->i : 0); break;
        case V_DURATION: f.value = value_duration(s->arena, whole ? v->i : 0); break;
        default: continue;
        }
        vec_push(s->arena, &s->faults, f);
    }
}

static bool damaged(struct diags *ds, const char *path, const char *why)
{
    struct diag *d = diag_error(ds, "BG6501", NO_SPAN, "%s is damaged: %s", path, why);
    diag_help(ds, d, "it was cut off or edited; remove it to begin a fresh account");
    return false;
}

static bool unreadable(struct diags *ds, const char *path, const struct value *m, const char *why)
{
    const char *is = value_get_string(m, "format");
    int64_t version = value_get_int(m, "version", 0);
    struct diag *d;
    if (m && is && !strcmp(is, format) && version > VERSION) {
        d = diag_error(ds, "BG6502", NO_SPAN, "%s was written by a newer bgc (format %lld)", path,
                       (long long)version);
        diag_help(ds, d, "use that version, or start a fresh account with another file");
        return false;
    }
    if (m && (!is || strcmp(is, format))) {
        d = diag_error(ds, "BG6501", NO_SPAN, "%s is no sandbox account", path);
        diag_help(ds, d, "name a file that does not exist yet to begin a fresh account");
        return false;
    }
    return damaged(ds, path, why ? why : "it has no end");
}

/* Moments and counts of any use; what is beyond would only overflow. What
 * requests have said is another matter: whoever reads it looks. */
static bool plausible(const struct value *v)
{
    const double most = 1e15;
    double d = v->kind == V_INT ? (double)v->i : v->kind == V_NUMBER ? dec_double(v->dec) : 0;
    bool ok = d >= -most && d <= most;
    for (size_t i = 0; ok && v->kind == V_LIST && i < v->list.n; i++)
        ok = plausible(v->list.at[i]);
    for (size_t i = 0; ok && v->kind == V_MAP && i < v->map->n; i++)
        ok = !strcmp(v->map->entries[i].key, "body") || !strcmp(v->map->entries[i].key, "asked") ||
             plausible(v->map->entries[i].value);
    return ok;
}

static bool load(struct sandbox *s, struct diags *ds, const char *path, const struct value *m)
{
    const char *seed = value_get_string(m, "seed"), *account = kept(s, m, "account"),
               *region = kept(s, m, "region");
    const struct value *objects = value_get(m, "objects"), *holds = value_get(m, "holds"),
                       *load = value_get(m, "load");
    const struct value *lines = value_get(m, "invented");
    for (const char *c = seed; c && *c; c++) /* 64 bits do not fit a JSON number */
        if (c == seed)
            s->seed = (uint64_t)(*c - '0');
        else
            s->seed = s->seed * 10 + (uint64_t)(*c - '0');
    s->counter = (uint64_t)value_get_int(m, "counter", 0);
    s->ordinal = (uint64_t)value_get_int(m, "ordinal", 0);
    s->start = value_get_int(m, "start", s->start);
    s->now = value_get_int(m, "now", s->now);
    s->account_id = account ? account : s->account_id;
    s->region = region ? region : s->region;
    struct dec rate = load && load->kind == V_NUMBER ? load->dec
                      : load && load->kind == V_INT  ? (struct dec){load->i, 0}
                                                     : s->load;
    if (rate.m >= 0)
        s->load = rate;
    for (size_t i = 0; objects && objects->kind == V_LIST && i < objects->list.n; i++)
        if (!load_object(s, ds, path, objects->list.at[i]))
            return false;
    for (size_t i = 0; holds && holds->kind == V_LIST && i < holds->list.n; i++)
        if (value_get_string(holds->list.at[i], "id"))
            vec_push(s->arena, &s->holds,
                     (struct hold){kept(s, holds->list.at[i], "id"),
                                   value_get_int(holds->list.at[i], "until", 0)});
    for (size_t i = 0; lines && lines->kind == V_LIST && i < lines->list.n; i++)
        if (lines->list.at[i]->kind == V_STRING)
            vec_push(s->arena, &s->invented, arena_strdup(s->arena, lines->list.at[i]->s));
    zones_load(s, value_get(m, "names"));
    fleet_load(s, value_get(m, "fleet"));
    traffic_load(s, value_get(m, "traffic"));
    metrics_load(s, value_get(m, "metrics"));
    load_faults(s, value_get(m, "faults"));
    s->lag = value_get_int(m, "lag", 0);
    limits_load(s, m);
    load_map(s, value_get(m, "known"), &s->known);
    load_map(s, value_get(m, "store"), &s->stored);
    s->dirty = true;
    return true;
}

struct sandbox *sandbox_load(struct arena *session, struct schemas *ss, struct diags *ds,
                             const char *path, const struct sandbox_config *c)
{
    struct sandbox *s = sandbox_new(session, ss, c);
    if (!file_exists(path))
        return s;
    struct arena *a = arena_new("load");
    const char *text, *error = NULL;
    size_t len;
    bool ok = false;
    if (!file_read(a, path, &text, &len, &error)) {
        diag_error(ds, "BG6501", NO_SPAN, "the sandbox account %s cannot be read: %s", path, error);
    } else {
        struct value *m = value_from_json(a, text, len, &error);
        const char *is = value_get_string(m, "format");
        bool whole = is && !strcmp(is, format) && value_get_int(m, "version", 0) == VERSION &&
                     value_get_bool(m, "complete");
        if (!whole)
            ok = unreadable(ds, path, m, error);
        else if (!plausible(m))
            ok = damaged(ds, path, "a number in it is out of all bounds");
        else
            ok = load(s, ds, path, m);
    }
    arena_free(a);
    if (!ok)
        sandbox_free(s);
    return ok ? s : NULL;
}
