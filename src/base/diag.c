#include "base/diag.h"

#include <string.h>

void diags_init(struct diags *ds, struct arena *a, struct sources *sources)
{
    *ds = (struct diags){.arena = a, .sources = sources};
}

static struct diag *record(struct diags *ds, enum severity sev, const char *code, struct span span,
                           const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
static struct diag *record(struct diags *ds, enum severity sev, const char *code, struct span span,
                           const char *fmt, va_list ap)
{
    struct diag *d = arena_make(ds->arena, struct diag);
    d->severity = sev;
    d->code = code;
    d->span = span;
    d->message = arena_vprintf(ds->arena, fmt, ap);
    vec_push(ds->arena, &ds->all, d);
    if (sev == SEV_ERROR)
        ds->errors++;
    else
        ds->warnings++;
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
    va_list ap;
    va_start(ap, fmt);
    d->at = arena_vprintf(ds->arena, fmt, ap);
    va_end(ap);
}

void diag_label(struct diags *ds, struct diag *d, struct span span, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct diag_label l = {span, arena_vprintf(ds->arena, fmt, ap)};
    va_end(ap);
    vec_push(ds->arena, &d->labels, l);
}

void diag_note(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(ds->arena, fmt, ap);
    va_end(ap);
    vec_push(ds->arena, &d->notes, text);
}

void diag_help(struct diags *ds, struct diag *d, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(ds->arena, fmt, ap);
    va_end(ap);
    vec_push(ds->arena, &d->help, text);
}

size_t diags_mark(const struct diags *ds)
{
    return ds->all.n;
}

void diags_rewind(struct diags *ds, size_t mark)
{
    while (ds->all.n > mark)
        if (ds->all.at[--ds->all.n]->severity == SEV_ERROR)
            ds->errors--;
        else
            ds->warnings--;
}

enum { SUGGEST_MAX = 40 };

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
        if (nc > SUGGEST_MAX || !strcmp(word, candidates[i]))
            continue;
        size_t d = distance(word, len, candidates[i], nc);
        if (d < best || (d == best && !found && d <= len / 3)) {
            best = d;
            found = candidates[i];
        }
    }
    return found;
}
