/* The colours of a text: what its tokens are, and what its names mean. */
#include <string.h>

#include "lang/scan.h"
#include "lsp/features.h"

enum colour {
    COLOUR_KEYWORD,
    COLOUR_COMMENT,
    COLOUR_STRING,
    COLOUR_NUMBER,
    COLOUR_REGEX,
    COLOUR_NAMESPACE, /* worlds, modules, files */
    COLOUR_TYPE,
    COLOUR_FUNCTION,
    COLOUR_VARIABLE, /* lets, inputs, loops */
    COLOUR_PARAMETER,
    COLOUR_PROPERTY, /* fields */
    COLOUR_EVENT,    /* gates and checks, metrics */
    COLOUR_CLASS,    /* resources */
    COLOUR_NONE,
};
static const char *const colours[] = {"keyword",   "comment",  "string",   "number",   "regexp",
                                      "namespace", "type",     "function", "variable", "parameter",
                                      "property",  "event",    "class"};

enum shade { /* bits */
    SHADE_DECLARATION = 1,
    SHADE_READONLY = 2, /* of `existing`, which is only looked up */
    SHADE_LIBRARY = 4,
    SHADE_DOC = 8,
};
static const char *const shades[] = {"declaration", "readonly", "defaultLibrary", "documentation"};

json_t *tokens_legend(void)
{
    json_t *types = json_array(), *modifiers = json_array();
    for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
        json_array_append_new(types, json_string(colours[i]));
    for (size_t i = 0; i < sizeof shades / sizeof *shades; i++)
        json_array_append_new(modifiers, json_string(shades[i]));
    return json_pack("{s:o, s:o}", "tokenTypes", types, "tokenModifiers", modifiers);
}

static enum colour colour_of_decl(const struct decl *d)
{
    switch (d->kind) {
    case DECL_INPUT:
    case DECL_LET:
    case DECL_OUTPUT:
    case DECL_OUT: return COLOUR_VARIABLE;
    case DECL_FN: return COLOUR_FUNCTION;
    case DECL_EXISTING:
    case DECL_RESOURCE:
    case DECL_ENTRY: return COLOUR_CLASS;
    case DECL_GATE: return COLOUR_EVENT;
    case DECL_TYPE: return COLOUR_TYPE;
    default: return COLOUR_NAMESPACE;
    }
}

static enum colour colour_of_mark(const struct request *r, const struct mark *m, unsigned *shade)
{
    *shade = m->declares ? SHADE_DECLARATION : 0;
    if (m->target.file && analysis_std(r->an, m->target.file))
        *shade |= SHADE_LIBRARY;
    switch (m->means) {
    case MEANS_DECL:
        if (m->decl->kind == DECL_EXISTING)
            *shade |= SHADE_READONLY;
        return colour_of_decl(m->decl);
    case MEANS_FIELD: return m->item->kind == ITEM_METRIC ? COLOUR_EVENT : COLOUR_PROPERTY;
    case MEANS_MEMBER: return COLOUR_PARAMETER;
    case MEANS_LOCAL: return COLOUR_VARIABLE;
    case MEANS_CHECK: return COLOUR_EVENT;
    case MEANS_NATIVE: *shade |= SHADE_LIBRARY; return COLOUR_FUNCTION;
    case MEANS_FILE: return COLOUR_STRING;
    case MEANS_WORD: *shade |= SHADE_LIBRARY; return COLOUR_PROPERTY;
    }
    return COLOUR_NONE;
}

/* A word that is no name here: a keyword, unless it stands where names stand. */
static enum colour colour_of_word(const struct scan_token *t, size_t i, size_t n)
{
    bool member = i && t[i - 1].kind == SCAN_MARK && t[i - 1].mark == '.' &&
                  t[i - 1].span.end - t[i - 1].span.start == 1;
    bool field = i + 1 < n && t[i + 1].kind == SCAN_MARK && t[i + 1].mark == '=' &&
                 t[i + 1].span.end - t[i + 1].span.start == 1;
    return member || field ? COLOUR_PROPERTY : scan_is_keyword(t[i].text) ? COLOUR_KEYWORD
                                                                          : COLOUR_NONE;
}

struct stream {
    struct request *r;
    json_t *data;
    struct position last;
};

static void put(struct stream *s, size_t start, size_t end, enum colour colour, unsigned shade)
{
    const struct text *t = s->r->text;
    while (start < end) { /* a token of several lines is said line by line */
        struct position at = text_position(t, start);
        size_t next = at.line + 1 < t->lines.n ? t->lines.at[at.line + 1] : t->len;
        size_t stop = next < end ? next : end, text_end = stop;
        while (text_end > start && (t->at[text_end - 1] == '\n' || t->at[text_end - 1] == '\r'))
            text_end--;
        uint32_t length = text_units(t->encoding, t->at + start, text_end - start);
        if (length) {
            bool same = at.line == s->last.line;
            json_array_append_new(s->data, json_integer(at.line - s->last.line));
            json_array_append_new(s->data,
                                  json_integer(same ? at.character - s->last.character
                                                    : at.character));
            json_array_append_new(s->data, json_integer(length));
            json_array_append_new(s->data, json_integer(colour));
            json_array_append_new(s->data, json_integer(shade));
            s->last = at;
        }
        start = stop;
    }
}

json_t *feature_tokens(struct request *r)
{
    struct stream s = {.r = r, .data = json_array()};
    const struct source *src = sources_find(&r->an->sources, (struct span){r->file, 0, 0});
    const struct marks *marks = analysis_marks(r->an);
    size_t n = 0, k = marks_of_file(marks, r->file), end = marks_of_file(marks, r->file + 1);
    const struct scan_token *t = src ? scan_text(r->a, &r->an->names, src, r->file, &n) : NULL;
    for (size_t i = 0; i < n; i++) {
        unsigned shade = 0;
        enum colour colour = COLOUR_NONE;
        size_t start = t[i].span.start, stop = t[i].span.end;
        while (k < end && marks->all.at[k].span.end <= start)
            k++;
        const struct mark *m = k < end && marks->all.at[k].span.start <= start ? &marks->all.at[k]
                                                                               : NULL;
        switch (t[i].kind) {
        case SCAN_WORD:
            colour = m ? colour_of_mark(r, m, &shade) : colour_of_word(t, i, n);
            if (m && m->means == MEANS_FILE) /* use std.network */
                colour = COLOUR_NAMESPACE;
            break;
        case SCAN_KEYWORD: colour = COLOUR_KEYWORD; break;
        case SCAN_STRING:
        case SCAN_HEAD:
        case SCAN_MIDDLE:
        case SCAN_TAIL: colour = COLOUR_STRING; break;
        case SCAN_REGEX: colour = COLOUR_REGEX; break;
        case SCAN_NUMBER:
        case SCAN_NETWORK: colour = COLOUR_NUMBER; break;
        case SCAN_COMMENT:
            colour = COLOUR_COMMENT;
            if (stop - start > 1 && src->text[start + 1] == '#')
                shade = SHADE_DOC;
            break;
        case SCAN_MARK:
        case SCAN_NEWLINE:
        case SCAN_ERROR:
        case SCAN_END: break;
        }
        if (colour != COLOUR_NONE)
            put(&s, start, stop, colour, shade);
    }
    return json_pack("{s:o}", "data", s.data);
}
