/* The canonical form of a file: see print.h. Works on tokens in three steps:
 * read (which token is what), lay out (where lines break; repeated while a line
 * is too long and something in it can be broken), and write (alignment). */
#include <string.h>

#include "base/utf8.h"
#include "lang/print.h"
#include "lang/syntax.h"
#include "grammar/parse.tab.h"

enum block { BLOCK_DECLS, BLOCK_RECORD, BLOCK_GATE, BLOCK_ROLLOUT, BLOCK_SCENARIO, BLOCK_TEST, BLOCK_TYPE };

struct piece {
    int kind;
    uint32_t start, end; /* a string with its interpolations is one piece */
    uint32_t newlines;   /* in front of it; 2 means more than one */
    bool spaced;         /* white space in front of it */
    bool item;           /* begins an item of braces, or of the file */
    bool separates;      /* a comma between items */
    bool dropped;        /* a comma that a line end makes needless */
    bool selector;       /* `{` of Attributes{Key = "x"} */
    bool loop;           /* `{` or `[` of a comprehension */
    bool broken;         /* an opener whose items stand one a line */
    bool commas;         /* an opener with a comma directly inside */
    bool unary;          /* a minus sign */
    enum block block;    /* what it opens, and what it stands in when it is an item */
    size_t match;        /* the other bracket */
};

struct line {
    size_t first, n; /* pieces; a comment at the end included */
    uint32_t indent;
    bool blank;      /* an empty line in front */
    bool whole;      /* brackets opened in it are closed in it */
    size_t inside;   /* the opener it stands in, + 1 */
    int group;       /* what it may be aligned with: a token, or 0 */
    size_t pad_at;   /* the piece that alignment moves */
    uint32_t pad;    /* columns */
};

struct format {
    struct arena *arena;
    const struct source *src;
    VEC(struct piece) pieces;
    VEC(struct line) lines;
};

/* ---- read --------------------------------------------------------------- */

static bool is_word(int kind)
{
    return kind == T_NAME || kind >= T_KW_STACK;
}

static bool is_value_end(int kind)
{
    switch (kind) {
    case T_STRING: case T_REGEX: case T_INT: case T_NUMBER: case T_DURATION: case T_PERCENT:
    case T_SIZE: case T_RATE: case T_CIDR: case T_TRUE: case T_FALSE: case T_NONE: case ')':
    case ']': case '}': case '?':
        return true;
    default:
        return is_word(kind);
    }
}

/* Words behind which an expression or a type begins, so that a bracket is no
 * call or index. In doubt the author's space says so. */
static bool is_lead(int kind)
{
    switch (kind) {
    case T_KW_WHEN: case T_KW_EXPECT: case T_KW_ENTRY: case T_KW_WAIT: case T_KW_WHERE:
    case T_KW_ASSERT: case T_KW_LOAD: case T_KW_SET: case T_KW_MAP: case T_KW_RANGE:
    case T_KW_SECRET: case T_WAIT_VERB: case T_KW_CREATE: case T_KW_DELETE: case T_KW_UPDATE:
        return true;
    default:
        return false;
    }
}

static void read_pieces(struct format *f, struct intern *names)
{
    struct lexer lx;
    lex_open(&lx, f->arena, names, NULL, 1, f->src);
    uint32_t newlines = 0, end = 0;
    for (;;) {
        struct token t;
        int kind = lex_next(&lx, &t);
        if (kind == T_YYEOF)
            break;
        if (kind == T_NEWLINE) {
            newlines++;
            continue;
        }
        struct piece p = {.kind = kind, .start = t.span.start, .end = t.span.end};
        if (kind == T_HEAD) {
            for (size_t depth = 1; depth;) {
                kind = lex_next(&lx, &t);
                depth += kind == T_HEAD;
                depth -= kind == T_TAIL || (kind == T_YYEOF && depth);
                if (kind == T_YYEOF)
                    break;
            }
            p.kind = T_STRING;
            p.end = t.span.end;
        }
        p.newlines = newlines > 2 ? 2 : newlines;
        p.spaced = newlines || p.start > end;
        vec_push(f->arena, &f->pieces, p);
        newlines = 0;
        end = p.end;
    }
    lex_close(&lx);
}

struct frame {
    size_t open; /* piece */
    char kind;   /* 0 for the file */
    enum block block;
    size_t item;
    bool arrow;  /* -> or <- came in this item */
    uint32_t indent;
};

static enum block block_of(const struct format *f, const struct frame *in)
{
    if (in->block != BLOCK_DECLS || (in->kind && in->kind != '{'))
        return BLOCK_RECORD;
    if (in->item + 1 < f->pieces.n && f->pieces.at[in->item + 1].kind == '=')
        return BLOCK_RECORD;
    switch (f->pieces.at[in->item].kind) {
    case T_KW_TYPE: return BLOCK_TYPE;
    case T_KW_ROLLOUT: return BLOCK_ROLLOUT;
    case T_KW_SCENARIO: return BLOCK_SCENARIO;
    case T_KW_GATE: return BLOCK_GATE;
    case T_KW_TEST: return BLOCK_TEST;
    case T_KW_SHARED: case T_KW_WORLD: case T_KW_MODULE: return BLOCK_DECLS;
    default: return BLOCK_RECORD;
    }
}

/* Whether the item is a call of a type: its commas are those of its lists. */
static bool is_call(const struct format *f, const struct frame *in)
{
    if (in->block != BLOCK_TYPE)
        return false;
    switch (f->pieces.at[in->item].kind) {
    case T_NAME: case T_KW_CREATE: case T_KW_FIND: case T_KW_READ: case T_KW_LOOKUP:
    case T_KW_UPDATE: case T_KW_DELETE: case T_KW_BEFORE: case T_KW_AFTER:
        return in->item + 1 < f->pieces.n && is_word(f->pieces.at[in->item + 1].kind);
    default:
        return false;
    }
}

static bool opens(int kind)
{
    return kind == '{' || kind == '(' || kind == '[';
}

static bool closes(int kind)
{
    return kind == '}' || kind == ')' || kind == ']';
}

static void read_structure(struct format *f)
{
    struct frame stack[NEST_MAX + 1] = {{.block = BLOCK_DECLS}};
    size_t depth = 0, last = SIZE_MAX; /* the last piece that is no comment */
    for (size_t i = 0; i < f->pieces.n; i++) {
        struct piece *p = &f->pieces.at[i], *prev = last == SIZE_MAX ? NULL : &f->pieces.at[last];
        struct frame *in = &stack[depth];
        bool items = !depth || in->kind == '{';
        if (in->kind == '{' && (p->newlines || p->kind == T_COMMENT))
            f->pieces.at[in->open].broken = true;
        if (p->kind == T_COMMENT)
            continue;
        if (closes(p->kind)) {
            p->match = in->open;
            f->pieces.at[in->open].match = i;
            depth -= depth ? 1 : 0;
            last = i;
            continue;
        }
        bool looping = depth && f->pieces.at[in->open].loop;
        if (items && !looping &&
            (!prev || (depth && last == in->open) || prev->separates || (p->newlines && is_value_end(prev->kind)))) {
            p->item = true;
            p->block = in->block;
            in->item = i;
            in->arrow = false;
        }
        if (p->kind == ',') {
            f->pieces.at[in->open].commas |= depth > 0;
            p->separates = items && !looping && !is_call(f, in);
        } else if (p->kind == T_ARROW || p->kind == T_FROM_ARROW) {
            in->arrow = true;
        } else if (p->kind == T_FOR && prev && last == in->open && depth) {
            f->pieces.at[in->open].loop = true;
            p->item = false;
        } else if (p->kind == '-') {
            bool next_close = i + 1 < f->pieces.n && !f->pieces.at[i + 1].spaced;
            p->unary = !prev || !is_value_end(prev->kind) || p->item ||
                       (is_lead(prev->kind) && p->spaced && next_close);
        } else if (opens(p->kind)) {
            p->selector = p->kind == '{' && prev && in->arrow && in->block == BLOCK_TYPE && !p->spaced &&
                          (is_word(prev->kind) || prev->kind == ']');
            p->block = p->kind == '{' ? block_of(f, in) : in->block;
            struct frame next = {.open = i, .kind = (char)p->kind, .item = i};
            next.block = p->kind == '{' ? p->block : BLOCK_RECORD;
            if (depth < NEST_MAX)
                stack[++depth] = next;
        }
        last = i;
    }
}

/* ---- lay out ------------------------------------------------------------ */

static bool spaced(const struct format *f, size_t i)
{
    const struct piece *p = &f->pieces.at[i], *prev = p - 1;
    if (p->kind == ',' || p->kind == ')' || p->kind == ']' || p->kind == '?' || p->kind == ':' ||
        p->kind == '.' || p->kind == T_RANGE_OP)
        return false;
    if (prev->kind == '(' || prev->kind == '[' || prev->kind == '.' || prev->kind == T_RANGE_OP ||
        prev->unary)
        return false;
    if (p->kind == '}') {
        const struct piece *open = &f->pieces.at[p->match];
        return prev != open && !open->loop && !open->selector;
    }
    if (prev->kind == '{')
        return !prev->loop && !prev->selector;
    if (p->kind == '{')
        return !p->selector;
    if (p->kind == '(' || p->kind == '[') {
        if (is_lead(prev->kind))
            return p->spaced;
        return !is_value_end(prev->kind);
    }
    return true;
}

/* Words that are padded at the beginning of an item, so that what follows them
 * stands in one column. */
static uint32_t word_width(const struct format *f, size_t i)
{
    const struct piece *p = &f->pieces.at[i];
    if (!p->item || i + 1 >= f->pieces.n || f->pieces.at[i + 1].kind == '=')
        return 0;
    bool word = is_word(f->pieces.at[i + 1].kind);
    switch (p->block) {
    case BLOCK_ROLLOUT:
        switch (p->kind) {
        case T_KW_BUILD: case T_KW_TEST: case T_KW_SHIFT: case T_KW_BAKE: case T_KW_RETIRE: return 6;
        default: return 0;
        }
    case BLOCK_SCENARIO:
        switch (p->kind) {
        case T_KW_LIVE: case T_KW_LOAD: case T_KW_EXPECT: case T_KW_EDIT: return 6;
        default: return 0;
        }
    case BLOCK_TEST:
        switch (p->kind) {
        case T_KW_GIVEN: case T_KW_MOCK: case T_KW_EXPECT: return 6;
        default: return 0;
        }
    case BLOCK_TYPE:
        switch (p->kind) {
        case T_KW_ID: case T_KW_FIXED: case T_KW_FIELD: case T_KW_TUNE: case T_KW_LIVE:
        case T_KW_QUERY: return word ? 5 : 0;
        case T_NAME: case T_KW_CREATE: case T_KW_FIND: case T_KW_READ: case T_KW_LOOKUP:
        case T_KW_UPDATE: case T_KW_DELETE: return word ? 6 : 0;
        case T_KW_WAIT: return 6;
        default: return 0;
        }
    default: return 0;
    }
}

/* Columns of a piece up to its first line end. */
static uint32_t columns(const struct format *f, const struct piece *p)
{
    uint32_t n = 0;
    for (uint32_t i = p->start; i < p->end && f->src->text[i] != '\n';) {
        uint32_t c;
        size_t len = utf8_decode(f->src->text + i, p->end - i, &c);
        n += len ? (uint32_t)utf8_width(c) : 1;
        i += len ? (uint32_t)len : 1;
    }
    return n;
}

static bool has_newline(const struct format *f, const struct piece *p)
{
    return memchr(f->src->text + p->start, '\n', p->end - p->start) != NULL;
}

static bool is_dropped(const struct format *f, size_t i, size_t inside)
{
    const struct piece *p = &f->pieces.at[i];
    size_t next = i + 1;
    if (p->kind == ',' && next < f->pieces.n && !f->pieces.at[next].newlines &&
        (f->pieces.at[next].kind == ']' || f->pieces.at[next].kind == ')'))
        return true;
    if (!p->separates)
        return false;
    return !inside || f->pieces.at[inside - 1].broken || next == f->pieces.n ||
           f->pieces.at[next].kind == '}';
}

/* Columns in front of piece i of a line, alignment not counted. */
static uint32_t gap(const struct format *f, const struct line *l, size_t i)
{
    if (i == l->first)
        return 0;
    if (f->pieces.at[i].dropped)
        return 0;
    if (f->pieces.at[i].kind == T_COMMENT)
        return 2;
    uint32_t n = spaced(f, i);
    if (i == l->first + 1) {
        uint32_t word = word_width(f, l->first), have = columns(f, &f->pieces.at[l->first]);
        if (word)
            n = 1 + (word > have ? word - have : 0);
    }
    return n;
}

static void lay_out(struct format *f)
{
    struct frame stack[NEST_MAX + 1] = {{0}};
    size_t depth = 0, line_depth = 0;
    struct line *l = NULL;
    bool after_break = true; /* the piece before asks for a new line */
    f->lines.n = 0;
    for (size_t i = 0; i < f->pieces.n; i++) {
        struct piece *p = &f->pieces.at[i], *prev = i ? p - 1 : NULL;
        struct frame *in = &stack[depth];
        size_t inside = depth ? in->open + 1 : 0;
        struct piece *open = depth ? &f->pieces.at[in->open] : NULL;
        bool close = closes(p->kind) && depth;
        bool line_end = p->newlines || after_break || (close && open->broken);
        if (p->kind == T_COMMENT && !p->newlines && i)
            line_end = false;
        p->dropped = is_dropped(f, i, inside);
        if (p->dropped) {
            after_break |= !inside || open->broken;
            continue;
        }
        if (line_end) {
            if (l)
                l->whole &= depth == line_depth;
            bool edge = !prev || close || (prev && opens(prev->kind));
            uint32_t indent = close ? in->indent : depth ? in->indent + 2 : 0;
            bool items = !depth || in->kind == '{';
            if (items && !close && !p->item && p->kind != T_COMMENT && !(open && open->loop))
                indent += 2; /* an item goes on after an operator */
            struct line fresh = {.first = i, .indent = indent, .whole = !close, .inside = inside,
                                 .blank = p->newlines > 1 && !edge};
            vec_push(f->arena, &f->lines, fresh);
            l = &f->lines.at[f->lines.n - 1];
            line_depth = depth;
        }
        l->n = i + 1 - l->first;
        l->whole &= !has_newline(f, p);
        after_break = p->kind == T_COMMENT; /* also when the comma behind it is dropped */
        if (close) {
            depth--;
            if (depth < line_depth)
                line_depth = 0, l->whole = false;
        } else if (opens(p->kind) && depth < NEST_MAX) {
            stack[++depth] = (struct frame){.open = i, .kind = (char)p->kind, .indent = l->indent};
            after_break = p->broken && p->match != i + 1;
        } else if (p->kind == ',' && open && open->broken && open->kind == '[') {
            after_break = true;
        }
    }
    if (l)
        l->whole &= depth == line_depth;
}

/* Which bracket of a line that is too long to break: the outermost braces, or
 * list of several that is no argument; the first of them. */
static bool break_one(struct format *f, const struct line *l)
{
    size_t depth = 0, calls = 0, best = 0, best_depth = SIZE_MAX;
    for (size_t i = l->first; i < l->first + l->n; i++) {
        const struct piece *p = &f->pieces.at[i];
        if (closes(p->kind)) {
            depth -= depth ? 1 : 0;
            calls -= p->kind == ')' && calls ? 1 : 0;
        } else if (opens(p->kind)) {
            bool inside = p->match < l->first + l->n && p->match > i + 1;
            bool may = p->kind == '{' ? !p->selector && !p->loop : p->kind == '[' && p->commas && !p->loop && !calls;
            if (inside && may && !p->broken && depth < best_depth) {
                best = i;
                best_depth = depth;
            }
            depth++;
            calls += p->kind == '(';
        }
    }
    if (best_depth == SIZE_MAX)
        return false;
    f->pieces.at[best].broken = true;
    return true;
}

static bool break_long(struct format *f)
{
    bool any = false;
    for (size_t k = 0; k < f->lines.n; k++) {
        const struct line *l = &f->lines.at[k];
        uint32_t width = l->indent;
        for (size_t i = l->first; i < l->first + l->n; i++) {
            if (f->pieces.at[i].kind == T_COMMENT)
                break;
            if (!f->pieces.at[i].dropped)
                width += gap(f, l, i) + columns(f, &f->pieces.at[i]);
            if (has_newline(f, &f->pieces.at[i]))
                break;
        }
        if (width > FORMAT_COLUMNS)
            any |= break_one(f, l);
    }
    return any;
}

/* ---- write -------------------------------------------------------------- */

/* What a line is aligned with, and where. */
static void classify(const struct format *f, struct line *l)
{
    const struct piece *p = &f->pieces.at[l->first];
    size_t end = l->first + l->n;
    if (!l->whole || !p->item || l->n < 3)
        return;
    int second = p[1].kind;
    if (second == '=' && is_word(p->kind)) {
        l->group = '=';
        l->pad_at = l->first + 1;
    } else if (second == T_FAT) {
        l->group = T_FAT;
        l->pad_at = l->first + 1;
    } else if (p->kind == T_KW_OUTPUT && second == T_KW_SECRET && l->n > 4 && p[3].kind == '=') {
        l->group = p->kind;
        l->pad_at = l->first + 3;
    } else if ((p->kind == T_KW_LET || p->kind == T_KW_OUTPUT || p->kind == T_KW_OUT) && l->n > 3 &&
               p[2].kind == '=') {
        l->group = p->kind;
        l->pad_at = l->first + 2;
    } else if (p->kind == T_KW_INPUT || p->kind == T_KW_EXISTING || p->kind == T_KW_CHECK) {
        for (size_t i = l->first; i + 1 < end; i++)
            if (f->pieces.at[i].kind == ':') {
                l->group = p->kind;
                l->pad_at = i + 1;
                return;
            }
    } else if (p->kind == T_KW_UPDATE && p->block == BLOCK_TYPE) {
        for (size_t i = l->first + 2; i < end && f->pieces.at[i].kind != ','; i++)
            if (f->pieces.at[i].kind == '{') {
                l->group = p->kind;
                l->pad_at = i - 1;
                return;
            }
    }
}

/* The column at which piece `at` of a line begins. */
static uint32_t column_of(const struct format *f, const struct line *l, size_t at)
{
    uint32_t n = l->indent;
    for (size_t i = l->first; i < l->first + l->n; i++) {
        n += gap(f, l, i) + (i == l->pad_at && l->group ? l->pad : 0);
        if (i == at)
            break;
        n += f->pieces.at[i].dropped ? 0 : columns(f, &f->pieces.at[i]);
    }
    return n;
}

static void align_items(struct format *f)
{
    for (size_t k = 0; k < f->lines.n; k++)
        classify(f, &f->lines.at[k]);
    for (size_t from = 0, to; from < f->lines.n; from = to) {
        const struct line *l = &f->lines.at[from];
        uint32_t widest = 0;
        for (to = from; to < f->lines.n; to++) {
            const struct line *m = &f->lines.at[to];
            if (m->group != l->group || m->inside != l->inside || (to > from && m->blank))
                break;
            uint32_t column = m->group ? column_of(f, m, m->pad_at) : 0;
            widest = column > widest ? column : widest;
        }
        for (size_t k = from; k < to && l->group; k++)
            f->lines.at[k].pad = widest - column_of(f, &f->lines.at[k], f->lines.at[k].pad_at);
    }
}

static bool ends_with_comment(const struct format *f, const struct line *l)
{
    return l->n > 1 && f->pieces.at[l->first + l->n - 1].kind == T_COMMENT;
}

static void write_piece(struct buf *b, const struct format *f, const struct piece *p)
{
    const char *s = f->src->text + p->start;
    size_t n = p->end - p->start;
    if (p->kind == T_COMMENT)
        while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
            n--;
    for (size_t i = 0; i < n; i++) /* line ends are \n, also in strings */
        if (!(s[i] == '\r' && i + 1 < n && s[i + 1] == '\n'))
            buf_putc(b, s[i]);
}

static void write_line(struct buf *b, const struct format *f, const struct line *l, uint32_t comment)
{
    if (l->blank)
        buf_putc(b, '\n');
    buf_fill(b, ' ', l->indent);
    for (size_t i = l->first; i < l->first + l->n; i++) {
        const struct piece *p = &f->pieces.at[i];
        if (p->dropped)
            continue;
        uint32_t n = gap(f, l, i) + (i == l->pad_at && l->group ? l->pad : 0);
        if (p->kind == T_COMMENT && i > l->first)
            n += comment;
        buf_fill(b, ' ', n);
        write_piece(b, f, p);
    }
    buf_putc(b, '\n');
}

static void write_lines(struct buf *b, const struct format *f)
{
    for (size_t from = 0, to; from < f->lines.n; from = to) {
        /* comments at the ends of neighbouring lines stand in one column */
        uint32_t widest = 0;
        for (to = from; to < f->lines.n; to++) {
            const struct line *m = &f->lines.at[to];
            if (!ends_with_comment(f, m) || !m->whole || (to > from && m->blank))
                break;
            uint32_t column = column_of(f, m, m->first + m->n - 1);
            widest = column > widest ? column : widest;
        }
        if (to == from) {
            write_line(b, f, &f->lines.at[to++], 0);
            continue;
        }
        for (size_t k = from; k < to; k++) {
            const struct line *m = &f->lines.at[k];
            write_line(b, f, m, widest - column_of(f, m, m->first + m->n - 1));
        }
    }
}

void print_file(struct buf *b, const struct source *src, const struct file_ast *file)
{
    if (file->broken) {
        buf_put(b, src->text, src->len);
        return;
    }
    struct arena *scratch = arena_new("format");
    struct intern names;
    intern_init(&names, scratch);
    struct format f = {.arena = scratch, .src = src};
    read_pieces(&f, &names);
    read_structure(&f);
    do
        lay_out(&f);
    while (break_long(&f));
    align_items(&f);
    write_lines(b, &f);
    arena_free(scratch);
}
