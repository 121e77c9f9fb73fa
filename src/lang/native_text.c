#include <openssl/evp.h>
#include <string.h>

#include "base/digest.h"
#include "lang/eval_state.h"
#include "lang/native_fn.h"
#include "lang/pattern.h"

/* Texts. They are bytes of UTF-8; letters that change case are the ASCII ones,
 * because others depend on the language that they are written in. */

static struct value *text(struct native_call *c, struct buf *b)
{
    if (b->len > EVAL_TEXT) {
        eval_error(c->ev, "BG1543", c->call->span, "this text is longer than 16 MiB");
        return NULL;
    }
    return value_string(c->a, buf_text(b));
}

struct value *native_join(struct native_call *c)
{
    const struct value *xs = c->args[0];
    struct buf b;
    buf_init(&b, c->a);
    for (size_t i = 0; i < xs->list.n && b.len <= EVAL_TEXT; i++) {
        const char *s = eval_text(c->ev, xs->list.at[i], c->exprs[0]->span);
        if (!s)
            return NULL;
        buf_printf(&b, "%s%s", i ? c->args[1]->s : "", s);
    }
    return text(c, &b);
}

struct value *native_split(struct native_call *c)
{
    const char *s = c->args[0]->s, *at = c->args[1]->s;
    size_t n = strlen(at);
    if (!n)
        return native_refuse(c, 1, "the separator is empty");
    VEC(struct value *) out = {0};
    for (const char *next; (next = strstr(s, at)); s = next + n) {
        vec_push(c->a, &out, value_string(c->a, arena_strndup(c->a, s, (size_t)(next - s))));
        if (out.n > EVAL_LIST)
            return native_refuse(c, 0, "this has more than %d pieces", EVAL_LIST);
    }
    vec_push(c->a, &out, value_string(c->a, s));
    return value_list(c->a, out.at, out.n);
}

struct value *native_lower(struct native_call *c)
{
    char *s = arena_strdup(c->a, c->args[0]->s);
    for (char *p = s; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    return value_string(c->a, s);
}

struct value *native_upper(struct native_call *c)
{
    char *s = arena_strdup(c->a, c->args[0]->s);
    for (char *p = s; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    return value_string(c->a, s);
}

struct value *native_trim(struct native_call *c)
{
    const char *s = c->args[0]->s, *blank = " \t\r\n";
    s += strspn(s, blank);
    size_t n = strlen(s);
    while (n && strchr(blank, s[n - 1]))
        n--;
    return value_string(c->a, arena_strndup(c->a, s, n));
}

struct value *native_replace(struct native_call *c)
{
    const char *s = c->args[0]->s, *what = c->args[1]->s, *by = c->args[2]->s;
    size_t n = strlen(what);
    if (!n)
        return native_refuse(c, 1, "what is to be replaced is empty");
    struct buf b;
    buf_init(&b, c->a);
    for (const char *next; (next = strstr(s, what)) && b.len <= EVAL_TEXT; s = next + n) {
        buf_put(&b, s, (size_t)(next - s));
        buf_puts(&b, by);
    }
    buf_puts(&b, s);
    return text(c, &b);
}

struct value *native_starts_with(struct native_call *c)
{
    return value_bool(c->a, !strncmp(c->args[0]->s, c->args[1]->s, strlen(c->args[1]->s)));
}

struct value *native_ends_with(struct native_call *c)
{
    size_t n = strlen(c->args[0]->s), k = strlen(c->args[1]->s);
    return value_bool(c->a, n >= k && !strcmp(c->args[0]->s + n - k, c->args[1]->s));
}

struct value *native_matches(struct native_call *c)
{
    const char *pattern = c->args[1]->s, *text = c->args[0]->s;
    if (!c->ev->p) /* a condition of a type declaration; they are short */
        return value_bool(c->a, pattern_match(pattern, text));
    uint64_t cost = 0;
    enum match match = pattern_try(c->ev->p, pattern, text, &cost);
    if (!eval_spend(c->ev, c->call->span, cost))
        return NULL;
    if (match == MATCH_BROKEN)
        return native_refuse(c, 1, "this pattern is broken: %s", pattern_error(c->a, pattern));
    if (match == MATCH_RUNAWAY)
        return native_refuse(c, 1, "this pattern runs away: there are too many ways in which it "
                                   "could match this text");
    return value_bool(c->a, match == MATCH_YES);
}

/* ---- encodings --------------------------------------------------------------------------- */

/* JSON is written for AWS and not for a screen: secrets go as they are. */
static struct value *unveiled(struct arena *a, const struct value *v)
{
    struct value *out = value_copy(a, v);
    out->secret = false;
    if (v->kind == V_LIST || v->kind == V_SET) {
        out->list.at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            out->list.at[i] = unveiled(a, v->list.at[i]);
    } else if (v->kind == V_MAP) {
        struct value *map = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(map, v->map->entries[i].key, unveiled(a, v->map->entries[i].value));
        out->map = map->map;
        out->map_parts = map->map_parts;
    } else if (v->kind == V_RANGE) {
        out->range.low = unveiled(a, v->range.low);
        out->range.high = unveiled(a, v->range.high);
    }
    return out;
}

static const struct value *reference_in(const struct value *v)
{
    const struct value *found = NULL;
    if (v->kind == V_REF || v->kind == V_METRIC)
        return v;
    if (v->kind == V_LIST || v->kind == V_SET)
        for (size_t i = 0; i < v->list.n && !found; i++)
            found = reference_in(v->list.at[i]);
    if (v->kind == V_MAP)
        for (size_t i = 0; i < v->map->n && !found; i++)
            found = reference_in(v->map->entries[i].value);
    return found;
}

struct value *native_json(struct native_call *c)
{
    const struct value *ref = reference_in(c->args[0]);
    if (ref)
        return native_refuse(c, 0, "`%s` is a resource and no data: name one of its fields",
                             ref->kind == V_REF ? ref->ref.address : ref->metric.address);
    struct buf b;
    buf_init(&b, c->a);
    value_json(&b, unveiled(c->a, c->args[0]), 0);
    return text(c, &b);
}

struct value *native_base64(struct native_call *c)
{
    size_t n = strlen(c->args[0]->s);
    if (n > EVAL_TEXT)
        return native_refuse(c, 0, "this text is longer than 16 MiB");
    char *out = arena_alloc(c->a, 4 * ((n + 2) / 3) + 1);
    EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)c->args[0]->s, (int)n);
    return value_string(c->a, out);
}

struct value *native_sha256(struct native_call *c)
{
    unsigned char digest[DIGEST_SIZE];
    const char *s = c->args[0]->s;
    digest_sha256(s, strlen(s), digest);
    struct buf b;
    buf_init(&b, c->a);
    for (size_t i = 0; i < sizeof digest; i++)
        buf_printf(&b, "%02x", digest[i]);
    return value_string(c->a, buf_text(&b));
}
