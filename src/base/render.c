#include "base/render.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"

enum {
    TAB = 4,       /* a tab stop, in columns */
    WIDTH = 96,    /* longest piece of a source line that is shown, in columns */
    AHEAD = 32,    /* columns of context before the mark in a clipped line */
    WINDOW = 1024, /* bytes of a line that are looked at, at most, around the mark */
};

/* ---- order and places -------------------------------------------------- */

struct ranked {
    struct diag *d;
    size_t rank;
};

static int ranked_cmp(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;
    const struct span s = a->d->span, t = b->d->span;
    if (s.file != t.file)
        return s.file < t.file ? -1 : 1;
    if (s.start != t.start)
        return s.start < t.start ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Without a place it takes the same words, too, to be the same thing. */
static bool is_double(const struct diag *a, const struct diag *b)
{
    return a->span.file == b->span.file && a->span.start == b->span.start &&
           a->span.end == b->span.end && !strcmp(a->code, b->code) &&
           (a->span.file || !strcmp(a->message, b->message));
}

/* Stands last, for what was counted and not kept. */
static struct diag *rest(struct arena *a, const struct diags *ds)
{
    struct diag *d = arena_make(a, struct diag);
    size_t e = ds->lost_errors, w = ds->lost_warnings;
    d->severity = SEV_NOTE;
    d->code = "BG0030";
    d->message = e && w ? arena_printf(a, "%zu more errors and %zu more warnings are not shown", e, w)
                 : arena_printf(a, "%zu more %s%s not shown", e + w, e ? "error" : "warning",
                                e + w == 1 ? " is" : "s are");
    vec_push(a, &d->help, "mend what is shown, and check again");
    return d;
}

struct diag **render_order(struct arena *a, const struct diags *ds, size_t *n)
{
    struct ranked *all = arena_array(a, struct ranked, ds->all.n);
    for (size_t i = 0; i < ds->all.n; i++)
        all[i] = (struct ranked){ds->all.at[i], i};
    if (ds->all.n > 1)
        qsort(all, ds->all.n, sizeof *all, ranked_cmp);
    struct diag **kept = arena_array(a, struct diag *, ds->all.n + 1);
    *n = 0;
    for (size_t i = 0; i < ds->all.n; i++) {
        bool seen = false;
        for (size_t k = *n; k > 0 && !seen; k--) {
            if (kept[k - 1]->span.file != all[i].d->span.file ||
                kept[k - 1]->span.start != all[i].d->span.start)
                break;
            seen = is_double(kept[k - 1], all[i].d);
        }
        if (!seen)
            kept[(*n)++] = all[i].d;
    }
    if (ds->lost_errors || ds->lost_warnings)
        kept[(*n)++] = rest(a, ds);
    return kept;
}

/* ---- the uses of a name that is declared nowhere ------------------------- */

struct uses {
    struct diag *shown; /* the first of them */
    size_t n;           /* more of them */
    VEC(uint32_t) lines;
};

enum { LINES_SAID = 5 };

static const char *more_uses(struct arena *a, const struct uses *u)
{
    struct buf b;
    buf_init(&b, a);
    size_t n = u->lines.n < LINES_SAID ? u->lines.n : LINES_SAID;
    buf_printf(&b, "and %zu more use%s%s line%s ", u->n, u->n > 1 ? "s" : "",
               n < u->lines.n ? ", the next in" : ":", n > 1 ? "s" : "");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%u", !i ? "" : i + 1 < n ? ", " : " and ", u->lines.at[i]);
    return buf_text(&b);
}

static void use_again(struct arena *a, struct uses *u, uint32_t line)
{
    u->n++;
    if (!u->lines.n || u->lines.at[u->lines.n - 1] != line)
        vec_push(a, &u->lines, line);
}

struct diag **render_folded(struct arena *a, const struct diags *ds, size_t *n)
{
    struct map seen; /* file and name: struct uses */
    size_t all_n;
    struct diag **all = render_order(a, ds, &all_n);
    map_init(&seen, a);
    *n = 0;
    for (size_t i = 0; i < all_n; i++) {
        const struct source *src = sources_find(ds->sources, all[i]->span);
        const char *key = src && all[i]->missing ? arena_join(a, src->path, " ", all[i]->missing) : NULL;
        struct uses *u = key ? map_find(&seen, key) : NULL;
        if (u) {
            use_again(a, u, source_place(src, all[i]->span.start).line);
            continue;
        }
        if (key) {
            u = arena_make(a, struct uses);
            u->shown = arena_make(a, struct diag);
            *u->shown = *all[i];
            all[i] = u->shown;
            map_put(&seen, key, u);
        }
        all[(*n)++] = all[i];
    }
    for (size_t i = 0; i < seen.n; i++) {
        struct uses *u = seen.entries[i].value;
        if (!u->n)
            continue;
        struct diag *d = u->shown;
        const char **notes = arena_array(a, const char *, d->notes.n + 1);
        for (size_t k = 0; k < d->notes.n; k++) /* the one that is kept stays as it is */
            notes[k] = d->notes.at[k];
        notes[d->notes.n] = more_uses(a, u);
        d->notes.at = notes;
        d->notes.n++;
    }
    return all;
}

/* The span cut to the text, and away from the empty line after the last newline. */
static struct span shown(const struct source *src, struct span s)
{
    uint32_t len = (uint32_t)src->len;
    if (s.start >= len) {
        s.start = len;
        if (len && src->text[len - 1] == '\n')
            s.start--;
        if (s.start && s.start < len && src->text[s.start - 1] == '\r')
            s.start--;
    }
    if (s.end > len)
        s.end = len;
    if (s.end < s.start)
        s.end = s.start;
    return s;
}

bool render_place(const struct sources *s, struct span span, struct render_place *out)
{
    const struct source *src = sources_find(s, span);
    if (!src)
        return false;
    span = shown(src, span);
    *out = (struct render_place){src->path, source_place(src, span.start),
                                 source_place(src, span.end)};
    return true;
}

/* ---- colours ----------------------------------------------------------- */

enum colour { C_PLAIN, C_BOLD, C_ERROR, C_WARNING, C_NOTE, C_GUTTER };

/* A line as it is printed, and which of its bytes stands in which column. */
struct view {
    const char *text; /* the part of the line that is looked at */
    size_t n;
    size_t before;      /* bytes of the line before `text` */
    size_t left, right; /* columns that are printed */
    uint32_t *column;   /* of each byte of text, and of its end */
    bool cut_left, cut_right;
};

struct text {
    struct buf *out;
    const struct sources *sources;
    bool colour;
    int gutter;       /* digits of the longest line number of this diagnostic */
    struct view view; /* the line that was printed last */
};

static void set_colour(const struct text *t, enum colour c)
{
    static const char *const codes[] = {"0", "1", "1;31", "1;33", "1;36", "1;34"};
    if (t->colour)
        buf_printf(t->out, "\x1b[%sm", codes[c]);
}

static void put_coloured(const struct text *t, enum colour c, const char *s)
{
    set_colour(t, c);
    buf_puts(t->out, s);
    set_colour(t, C_PLAIN);
}

static enum colour severity_colour(enum severity s)
{
    return s == SEV_ERROR ? C_ERROR : s == SEV_WARNING ? C_WARNING : C_NOTE;
}

/* "31 | ", or "   | " without a number; no blank when nothing follows. */
static void put_gutter(const struct text *t, uint32_t line, bool more)
{
    set_colour(t, C_GUTTER);
    if (line)
        buf_printf(t->out, "%*u |", t->gutter, line);
    else
        buf_printf(t->out, "%*s |", t->gutter, "");
    set_colour(t, C_PLAIN);
    if (more)
        buf_putc(t->out, ' ');
}

/* ---- source lines ------------------------------------------------------ */

/* How a character is printed; returns its columns. */
static size_t cell(struct buf *b, const char *s, size_t n, size_t column, size_t *bytes)
{
    uint32_t c;
    *bytes = utf8_decode(s, n, &c);
    if (*bytes && c == '\t') {
        size_t w = TAB - column % TAB;
        buf_fill(b, ' ', w);
        return w;
    }
    if (*bytes && !utf8_is_control(c)) {
        buf_put(b, s, *bytes);
        return (size_t)utf8_width(c);
    }
    size_t start = b->len;
    if (*bytes)
        buf_printf(b, "\\u{%x}", c);
    else
        buf_printf(b, "\\x%02x", (unsigned char)*s), *bytes = 1;
    return b->len - start;
}

/* A place inside the bytes of a character is none to cut at. */
static bool inside_char(const char *s, size_t at)
{
    return ((unsigned char)s[at] & 0xc0) == 0x80;
}

static struct view view_line(struct arena *a, const char *line, size_t len, size_t from, size_t to)
{
    struct view v = {.text = line, .n = len};
    if (len > WINDOW) {
        size_t lo = from > WINDOW / 3 ? from - WINDOW / 3 : 0;
        size_t hi = len - lo > WINDOW ? lo + WINDOW : len;
        for (int i = 0; i < 3 && lo > 0 && inside_char(line, lo); i++)
            lo--;
        for (int i = 0; i < 3 && hi < len && inside_char(line, hi); i++)
            hi--;
        v.text = line + lo;
        v.n = hi - lo;
        v.before = lo;
        v.cut_left = lo > 0;
        v.cut_right = hi < len;
    }
    v.column = arena_array(a, uint32_t, v.n + 1);
    struct buf ignored;
    buf_init(&ignored, a);
    size_t column = 0;
    for (size_t i = 0, bytes; i < v.n; i += bytes) {
        size_t w = cell(&ignored, v.text + i, v.n - i, column, &bytes);
        for (size_t k = 0; k < bytes; k++)
            v.column[i + k] = (uint32_t)column;
        column += w;
    }
    v.column[v.n] = (uint32_t)column;
    v.right = column;
    size_t start = v.column[from - v.before];
    size_t end = v.column[to - v.before < v.n ? to - v.before : v.n];
    if (column > WIDTH) {
        /* all of the mark if it fits, and what stands before it */
        size_t left = start > AHEAD ? start - AHEAD : 0;
        if (end > left + WIDTH && end - start < WIDTH)
            left = end - WIDTH;
        if (left + WIDTH > column)
            left = column - WIDTH;
        v.cut_left |= left > 0;
        v.cut_right |= left + WIDTH < column;
        v.left = left;
        v.right = left + WIDTH;
    }
    return v;
}

static void put_view(const struct text *t, const struct view *v, uint32_t line)
{
    struct buf shape;
    buf_init(&shape, t->out->arena);
    if (v->cut_left)
        buf_puts(&shape, "...");
    size_t column = 0;
    for (size_t i = 0, bytes; i < v->n; i += bytes) {
        struct buf one;
        buf_init(&one, t->out->arena);
        size_t w = cell(&one, v->text + i, v->n - i, column, &bytes);
        if (column >= v->left && column + w <= v->right)
            buf_put(&shape, buf_text(&one), one.len);
        else if (column < v->right && column + w > v->left)
            buf_fill(&shape, ' ', /* a wide one, cut in the middle */
                     (column + w < v->right ? column + w : v->right) -
                         (column > v->left ? column : v->left));
        column += w;
    }
    if (v->cut_right)
        buf_puts(&shape, "...");
    while (shape.len && shape.at[shape.len - 1] == ' ')
        shape.at[--shape.len] = '\0';
    put_gutter(t, line, shape.len > 0);
    buf_puts(t->out, buf_text(&shape));
    buf_putc(t->out, '\n');
}

/* The row of marks below a line, from byte `from` to byte `to` of it. */
static void put_mark(const struct text *t, const struct view *v, size_t from, size_t to,
                     enum colour colour, char mark, const char *label)
{
    size_t start = v->column[from - v->before];
    size_t end = v->column[to - v->before < v->n ? to - v->before : v->n];
    start = start < v->left ? v->left : start > v->right ? v->right : start;
    end = end > v->right ? v->right : end;
    put_gutter(t, 0, true);
    buf_fill(t->out, ' ', start - v->left + (v->cut_left ? 3 : 0));
    set_colour(t, colour);
    buf_fill(t->out, mark, end > start ? end - start : 1);
    if (label && *label) {
        buf_putc(t->out, ' ');
        buf_put_visible(t->out, label);
    }
    set_colour(t, C_PLAIN);
    buf_putc(t->out, '\n');
}

/* ---- places of one diagnostic ------------------------------------------ */

struct mark {
    const struct source *src;
    struct span span;
    uint32_t first, last; /* lines */
    const char *label;
    bool primary;
};

static struct mark mark_of(const struct sources *s, struct span span, const char *label,
                           bool primary)
{
    struct mark m = {.src = sources_find(s, span), .label = label, .primary = primary};
    if (m.src) {
        m.span = shown(m.src, span);
        m.first = source_place(m.src, m.span.start).line;
        /* an end at the start of a line belongs to the line before */
        uint32_t last = m.span.end > m.span.start ? m.span.end - 1 : m.span.end;
        m.last = source_place(m.src, last).line;
    }
    return m;
}

/* Whether all of a mark is in what is printed of its line. */
static bool covers(const struct view *v, size_t from, size_t to)
{
    return from >= v->before && to <= v->before + v->n && v->column[from - v->before] >= v->left &&
           v->column[to - v->before] <= v->right;
}

/* One line with its mark. `again`: the line itself already stands above. */
static void put_marked(struct text *t, const struct mark *m, uint32_t line, enum colour colour,
                       const char *label, bool again)
{
    struct arena *a = t->out->arena;
    size_t len;
    const char *text = source_line(m->src, line, &len);
    size_t base = m->src->lines.at[line - 1];
    size_t from = line == m->first ? m->span.start - base : 0;
    size_t to = line == m->last ? m->span.end - base : len;
    if (line != m->first)
        while (from < to && from < len && (text[from] == ' ' || text[from] == '\t'))
            from++;
    from = from > len ? len : from;
    to = to > len ? len : to < from ? from : to;
    if (!again || !covers(&t->view, from, to)) {
        struct view v = view_line(a, text, len, from, to), *old = &t->view;
        if (!again || v.before != old->before || v.left != old->left) /* another piece of a long line */
            put_view(t, &v, line);
        t->view = v;
    }
    put_mark(t, &t->view, from, to, colour, m->primary ? '^' : '-', label);
}

static bool shares_line(const struct mark *m, const struct mark *before)
{
    return before && m->src == before->src && m->first == before->last && m->first == m->last;
}

static void put_place(struct text *t, const struct mark *m, const struct mark *before,
                      enum severity severity)
{
    enum colour colour = m->primary ? severity_colour(severity) : C_GUTTER;
    bool again = shares_line(m, before);
    if (!before || m->src != before->src) {
        struct place p = source_place(m->src, m->span.start);
        set_colour(t, C_GUTTER);
        buf_printf(t->out, "%*s%s ", t->gutter, "", before ? ":::" : "-->");
        set_colour(t, C_PLAIN);
        buf_put_visible(t->out, m->src->path);
        buf_printf(t->out, ":%u:%u\n", p.line, p.column);
    }
    if (!again) {
        put_gutter(t, 0, false);
        buf_putc(t->out, '\n');
    }
    bool one = m->first == m->last;
    put_marked(t, m, m->first, colour, one ? m->label : NULL, again);
    if (one)
        return;
    if (m->last > m->first + 1)
        put_coloured(t, C_GUTTER, "...\n");
    put_marked(t, m, m->last, colour, m->label, false);
}

/* "   = help: text"; further lines of the text stand below its first word. */
static void put_remark(const struct text *t, const char *kind, const char *text)
{
    struct arena *a = t->out->arena;
    set_colour(t, C_GUTTER);
    buf_printf(t->out, "%*s = ", t->gutter, "");
    put_coloured(t, C_BOLD, kind);
    buf_puts(t->out, ": ");
    for (;;) {
        const char *end = strchr(text, '\n');
        buf_put_visible(t->out, end ? arena_strndup(a, text, (size_t)(end - text)) : text);
        buf_putc(t->out, '\n');
        if (!end || !end[1])
            return;
        text = end + 1;
        buf_fill(t->out, ' ', (size_t)t->gutter + 5 + strlen(kind));
    }
}

static int digits_of(uint32_t line)
{
    int n = 1;
    for (; line >= 10; line /= 10)
        n++;
    return n;
}

static void put_diag(struct text *t, const struct diag *d)
{
    static const char *const names[] = {"error", "warning", "note"};
    struct arena *a = t->out->arena;
    struct mark *marks = arena_array(a, struct mark, d->labels.n + 1);
    size_t n = 0;
    t->gutter = 1;
    for (size_t i = 0; i <= d->labels.n; i++) {
        struct mark m = mark_of(t->sources, d->span, d->at, true);
        if (i)
            m = mark_of(t->sources, d->labels.at[i - 1].span, d->labels.at[i - 1].text, false);
        if (!m.src)
            continue;
        marks[n++] = m;
        int w = digits_of(m.last);
        t->gutter = w > t->gutter ? w : t->gutter;
    }
    set_colour(t, severity_colour(d->severity));
    buf_printf(t->out, "%s[%s]", names[d->severity], d->code);
    set_colour(t, C_PLAIN);
    set_colour(t, C_BOLD);
    buf_puts(t->out, ": ");
    buf_put_visible(t->out, d->message);
    set_colour(t, C_PLAIN);
    buf_putc(t->out, '\n');
    for (size_t i = 0; i < n; i++)
        put_place(t, &marks[i], i ? &marks[i - 1] : NULL, d->severity);
    for (size_t i = 0; i < d->labels.n; i++) /* what is said of no place must not be lost */
        if (!sources_find(t->sources, d->labels.at[i].span))
            put_remark(t, "note", d->labels.at[i].text);
    if (d->at && !sources_find(t->sources, d->span))
        put_remark(t, "note", d->at);
    for (size_t i = 0; i < d->notes.n; i++)
        put_remark(t, "note", d->notes.at[i]);
    for (size_t i = 0; i < d->help.n; i++)
        put_remark(t, "help", d->help.at[i]);
}

void render_text(struct buf *out, const struct diags *ds, bool colour)
{
    size_t n;
    struct diag **all = render_folded(out->arena, ds, &n);
    struct text t = {.out = out, .sources = ds->sources, .colour = colour, .gutter = 1};
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_putc(out, '\n');
        put_diag(&t, all[i]);
    }
}
