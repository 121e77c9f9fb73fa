#include "base/redact.h"

#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/value.h"

void redact_init(struct redact *r, struct arena *a)
{
    *r = (struct redact){.arena = a};
}

/* ---- spellings ------------------------------------------------------- */

static void add_word(struct redact *r, const char *word)
{
    size_t n = strlen(word), at = 0;
    if (n < REDACT_LEAST)
        return;
    for (size_t i = 0; i < r->words.n; i++)
        if (!strcmp(r->words.at[i], word))
            return;
    /* Longest first: a short spelling may be a part of a longer one. */
    while (at < r->words.n && strlen(r->words.at[at]) >= n)
        at++;
    vec_push(r->arena, &r->words, word);
    memmove(r->words.at + at + 1, r->words.at + at, (r->words.n - 1 - at) * sizeof *r->words.at);
    r->words.at[at] = word;
}

static const char *as_json(struct arena *a, const char *s)
{
    struct buf b;
    buf_init(&b, a);
    buf_put_json(&b, s);
    const char *quoted = buf_text(&b);
    return arena_strndup(a, quoted + 1, b.len - 2);
}

static const char *as_xml(struct arena *a, const char *s)
{
    struct buf b;
    buf_init(&b, a);
    for (; *s; s++)
        switch (*s) {
        case '&': buf_puts(&b, "&amp;"); break;
        case '<': buf_puts(&b, "&lt;"); break;
        case '>': buf_puts(&b, "&gt;"); break;
        case '"': buf_puts(&b, "&quot;"); break;
        default: buf_putc(&b, *s);
        }
    return buf_text(&b);
}

static const char *as_url(struct arena *a, const char *s)
{
    struct buf b;
    buf_init(&b, a);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     strchr("-_.~", c);
        if (plain)
            buf_putc(&b, (char)c);
        else
            buf_printf(&b, "%%%02X", c);
    }
    return buf_text(&b);
}

/* What base64 makes of `s` wherever it stands in something longer: `skip` bytes
 * stand before it in its first group of three, and only the letters that `s` alone
 * decides are kept. */
static const char *as_base64(struct arena *a, const char *s, size_t skip)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strlen(s), bits = 8 * (skip + n);
    struct buf b;
    buf_init(&b, a);
    for (size_t at = 0; at + 6 <= bits; at += 6) {
        if (at < 8 * skip)
            continue; /* decided by what stands before it, too */
        unsigned six = 0;
        for (size_t k = 0; k < 6; k++) {
            size_t bit = at + k - 8 * skip;
            six = six << 1 | ((unsigned char)s[bit / 8] >> (7 - bit % 8) & 1u);
        }
        buf_putc(&b, letters[six]);
    }
    return buf_text(&b);
}

void redact_add(struct redact *r, const char *secret)
{
    if (!r || !secret || strlen(secret) < REDACT_LEAST)
        return;
    add_word(r, arena_strdup(r->arena, secret));
    add_word(r, as_json(r->arena, secret));
    add_word(r, as_xml(r->arena, secret));
    add_word(r, as_url(r->arena, secret));
    for (size_t skip = 0; skip < 3; skip++)
        add_word(r, as_base64(r->arena, secret, skip));
}

void redact_value(struct redact *r, const struct value *v)
{
    if (!r || !v)
        return;
    switch ((enum value_kind)v->kind) {
    case V_STRING:
        if (v->secret)
            redact_add(r, v->s);
        return;
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            redact_value(r, v->list.at[i]);
        return;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            redact_value(r, v->map->entries[i].value);
        return;
    default: return;
    }
}

bool redact_too_short(const struct value *v)
{
    bool any = false;
    switch ((enum value_kind)v->kind) {
    case V_STRING: return v->secret && *v->s && strlen(v->s) < REDACT_LEAST;
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            any = any || redact_too_short(v->list.at[i]);
        return any;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            any = any || redact_too_short(v->map->entries[i].value);
        return any;
    default: return false;
    }
}

void redact_refuse(struct diags *ds, struct span at, const char *what)
{
    struct diag *d = diag_error(ds, "BG1508", at, "%s is too short to be hidden", what);
    diag_note(ds, d, "texts that go out are searched for secrets; what has fewer than %d characters also stands "
                     "in words that are none, and is not searched for", REDACT_LEAST);
    diag_help(ds, d, "choose a longer one: so short a secret can be guessed, too");
}

/* ---- texts ----------------------------------------------------------- */

const char *redact_text(const struct redact *r, struct arena *a, const char *text)
{
    if (!r || !text)
        return text;
    for (size_t i = 0; i < r->words.n; i++) {
        const char *word = r->words.at[i], *at = strstr(text, word);
        if (!at)
            continue;
        struct buf b;
        buf_init(&b, a);
        for (; at; at = strstr(text, word)) {
            buf_put(&b, text, (size_t)(at - text));
            buf_puts(&b, "(secret)");
            text = at + strlen(word);
        }
        buf_puts(&b, text);
        text = buf_text(&b);
    }
    return text;
}
