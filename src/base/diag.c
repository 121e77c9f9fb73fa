#include "base/diag.h"

#include <string.h>

void diags_init(struct diags *ds, struct arena *a, struct sources *sources)
{
    *ds = (struct diags){.arena = a, .sources = sources};
}

enum { SAID_MAX = 2000 };

/* What is said, in words for people: a program can hold a name or a text of a million
 * letters, and nobody reads it to its end. */
static const char *said(struct diags *ds, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
static const char *said(struct diags *ds, const char *fmt, va_list ap)
{
    char *text = arena_vprintf(ds->arena, fmt, ap);
    if (strnlen(text, SAID_MAX + 1) <= SAID_MAX)
        return text;
    size_t n = SAID_MAX;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80) /* not in the middle of a character */
        n--;
    return arena_printf(ds->arena, "%.*s...", (int)n, text);
}

static struct diag *record(struct diags *ds, enum severity sev, const char *code, struct span span,
                           const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
static struct diag *record(struct diags *ds, enum severity sev, const char *code, struct span span,
                           const char *fmt, va_list ap)
{
    if (sev == SEV_ERROR)
        ds->errors++;
    else
        ds->warnings++;
    if (diags_full(ds)) {
        if (sev == SEV_ERROR)
            ds->lost_errors++;
        else
            ds->lost_warnings++;
        ds->spare = (struct diag){.severity = sev, .code = code, .span = span, .message = ""};
        return &ds->spare;
    }
    struct diag *d = arena_make(ds->arena, struct diag);
    d->severity = sev;
    d->code = code;
    d->span = span;
    d->message = said(ds, fmt, ap);
    vec_push(ds->arena, &ds->all, d);
    return d;
}

struct diag *diag_error(struct diags *ds, const char *code, struct span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct diag *d = record(ds, SEV_ERROR, code, span, fmt, ap);
    va_end(ap);
    return d;
}

struct diag *diag_warn(struct diags *ds, const char *code, struct span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct diag *d = record(ds, SEV_WARNING, code, span, fmt, ap);
    va_end(ap);
    return d;
}

void diag_at(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    if (d == &ds->spare)
        return;
    va_list ap;
    va_start(ap, fmt);
    d->at = said(ds, fmt, ap);
    va_end(ap);
}

void diag_label(struct diags *ds, struct diag *d, struct span span, const char *fmt, ...)
{
    if (d == &ds->spare)
        return;
    va_list ap;
    va_start(ap, fmt);
    struct diag_label l = {span, said(ds, fmt, ap)};
    va_end(ap);
    vec_push(ds->arena, &d->labels, l);
}

void diag_note(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    if (d == &ds->spare)
        return;
    va_list ap;
    va_start(ap, fmt);
    const char *text = said(ds, fmt, ap);
    va_end(ap);
    vec_push(ds->arena, &d->notes, text);
}

void diag_help(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    if (d == &ds->spare)
        return;
    va_list ap;
    va_start(ap, fmt);
    const char *text = said(ds, fmt, ap);
    va_end(ap);
    vec_push(ds->arena, &d->help, text);
}

void diag_missing(struct diags *ds, struct diag *d, const char *kind, const char *name)
{
    if (d != &ds->spare)
        d->missing = arena_join(ds->arena, kind, " ", name);
}

struct diag_fix *diag_fix(struct diags *ds, struct diag *d, bool certain, const char *title, ...)
{
    if (!d || d == &ds->spare)
        return NULL;
    struct diag_fix *f = arena_make(ds->arena, struct diag_fix);
    va_list ap;
    va_start(ap, title);
    f->title = arena_vprintf(ds->arena, title, ap);
    va_end(ap);
    f->certain = certain;
    vec_push(ds->arena, &d->fixes, f);
    return f;
}

void diag_edit(struct diags *ds, struct diag_fix *f, struct span span, const char *fmt, ...)
{
    if (!f)
        return;
    va_list ap;
    va_start(ap, fmt);
    struct diag_edit e = {span, arena_vprintf(ds->arena, fmt, ap)};
    va_end(ap);
    vec_push(ds->arena, &f->edits, e);
}

bool diags_full(const struct diags *ds)
{
    return ds->all.n >= DIAGS_MAX;
}

struct diag *diags_last(struct diags *ds)
{
    if (!ds->all.n || ds->lost_errors || ds->lost_warnings)
        return &ds->spare;
    return ds->all.at[ds->all.n - 1];
}

size_t diags_mark(const struct diags *ds)
{
    return ds->all.n;
}

void diags_rewind(struct diags *ds, size_t mark)
{
    if (ds->all.n > mark) { /* what was not kept came after what was */
        ds->errors -= ds->lost_errors;
        ds->warnings -= ds->lost_warnings;
        ds->lost_errors = ds->lost_warnings = 0;
    }
    while (ds->all.n > mark)
        if (ds->all.at[--ds->all.n]->severity == SEV_ERROR)
            ds->errors--;
        else
            ds->warnings--;
}

enum { SUGGEST_MAX = 40, EFFORT_MAX = 2 * 1000 * 1000 };

bool diags_may_suggest(struct diags *ds, size_t n)
{
    if (diags_full(ds) || ds->effort > EFFORT_MAX)
        return false;
    ds->effort += n;
    return true;
}


static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][SUGGEST_MAX + 1];
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *upup = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t cost = a[i - 1] != b[j - 1];
            now[j] = least(least(up[j] + 1, now[j - 1] + 1), up[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], upup[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

const char *suggest(const char *word, const char *const *candidates, size_t n)
{
    size_t len = strlen(word), best = len / 3 + (len < 3 ? 0 : 1);
    const char *found = NULL;
    if (len > SUGGEST_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t nc = strlen(candidates[i]);
        if (nc > SUGGEST_MAX || nc > len + best || len > nc + best || !strcmp(word, candidates[i]))
            continue; /* by its length alone it is too far away */
        size_t d = distance(word, len, candidates[i], nc);
        if (d < best || (d == best && !found && d <= len / 3)) {
            best = d;
            found = candidates[i];
        }
    }
    return found;
}

/* Whether `near` is all that can be meant: one slip away, alone, and not so short
 * that anything is. */
static bool only_slip(const char *word, const char *near, const char *const *candidates, size_t n)
{
    size_t len = strlen(word);
    if (len < 3 || strlen(near) < 4 || distance(word, len, near, strlen(near)) != 1)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t nc = strlen(candidates[i]);
        if (nc <= SUGGEST_MAX && strcmp(candidates[i], near) != 0 &&
            strcmp(candidates[i], word) != 0 && distance(word, len, candidates[i], nc) == 1)
            return false;
    }
    return true;
}

static bool stands_at(const struct diags *ds, struct span at, const char *word)
{
    const struct source *src = sources_find(ds->sources, at);
    size_t n = strlen(word);
    return src && at.end <= src->len && at.end - at.start == n &&
           !memcmp(src->text + at.start, word, n);
}

static bool did_you_mean(struct diags *ds, struct diag *d, struct span span, const char *word,
                         const char *const *candidates, size_t n, const char *quote)
{
    const char *near = d == &ds->spare ? NULL : suggest(word, candidates, n);
    if (!near || !d)
        return false;
    diag_help(ds, d, "did you mean %s%s%s?", quote, near, quote);
    if (stands_at(ds, span, word)) /* not so when it is written in parentheses or made up */
        diag_edit(ds,
                  diag_fix(ds, d, only_slip(word, near, candidates, n), "change to %s%s%s", quote,
                           near, quote),
                  span, "%s", near);
    return true;
}

bool diag_did_you_mean(struct diags *ds, struct diag *d, struct span span, const char *word,
                       const char *const *candidates, size_t n)
{
    return did_you_mean(ds, d, span, word, candidates, n, "`");
}

bool diag_did_you_mean_text(struct diags *ds, struct diag *d, struct span span, const char *word,
                            const char *const *candidates, size_t n)
{
    if (span.end >= span.start + 2) {
        span.start++;
        span.end--;
    }
    return did_you_mean(ds, d, span, word, candidates, n, "\"");
}
