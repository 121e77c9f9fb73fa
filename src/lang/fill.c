#include <string.h>

#include "lang/eval_state.h"
#include "lang/native_fn.h"

/* file(): the bytes of a file beside the program, with `${name}` filled in. */

static bool word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool word_char(char c)
{
    return word_start(c) || (c >= '0' && c <= '9');
}

static struct span inside(uint32_t file, size_t start, size_t end)
{
    return (struct span){file, (uint32_t)start, (uint32_t)end};
}

static bool malformed(struct eval *ev, const char *text, size_t len, size_t at, uint32_t file,
                      struct span call)
{
    size_t end = at;
    while (end < len && text[end] != '}' && text[end] != '\n')
        end++;
    bool closed = end < len && text[end] == '}';
    end += closed;
    struct diag *d = eval_error(ev, "BG1561", inside(file, at, end), "this is no name to fill in");
    diag_label(ev->ds, d, call, "the file is filled here");
    if (closed)
        diag_help(ev->ds, d, "write `$%.*s` to leave it to whoever reads the file",
                  (int)(end - at), text + at);
    else
        diag_help(ev->ds, d, "close it with `}`, or write `$${` for a literal `${`");
    return false;
}

static bool unknown(struct eval *ev, const char *name, struct span at, const struct value *bindings,
                    struct span call)
{
    struct diag *d = eval_error(ev, "BG1560", at, "nothing is bound to `%s`", name);
    diag_label(ev->ds, d, call, "the bindings are given here");
    VEC(const char *) names = {0};
    for (size_t i = 0; i < bindings->map->n; i++)
        vec_push(ev->a, &names, bindings->map->entries[i].key);
    const char *near = suggest(name, names.at, names.n);
    if (near)
        diag_help(ev->ds, d, "did you mean `${%s}`?", near);
    diag_help(ev->ds, d, "write `$${%s}` to leave it to whoever reads the file", name);
    return false;
}

/* One `${name}` that begins at text[at]; *at moves behind it. */
static bool fill_one(struct eval *ev, struct buf *out, const char *text, size_t len, size_t *at,
                     uint32_t file, const struct value *bindings, struct span call)
{
    size_t start = *at, from = start + 2, to = from;
    if (to < len && word_start(text[to]))
        while (to < len && word_char(text[to]))
            to++;
    if (to == from || to >= len || text[to] != '}')
        return malformed(ev, text, len, start, file, call);
    const char *name = arena_strndup(ev->a, text + from, to - from);
    const struct value *v = value_get(bindings, name);
    struct span span = inside(file, start, to + 1);
    *at = to + 1;
    if (!v)
        return unknown(ev, name, span, bindings, call);
    if (!value_known(v)) /* only looking whether all is well */
        return true;
    const char *filled = eval_text(ev, v, span);
    if (filled)
        buf_puts(out, filled);
    return filled != NULL;
}

const char *fill_text(struct eval *ev, const char *text, size_t len, uint32_t file,
                      const struct value *bindings, struct span call)
{
    struct buf out;
    buf_init(&out, ev->a);
    bool ok = true;
    for (size_t i = 0; i < len;) {
        if (text[i] == '$' && i + 2 < len && text[i + 1] == '$' && text[i + 2] == '{') {
            buf_puts(&out, "${");
            i += 3;
        } else if (text[i] == '$' && i + 1 < len && text[i + 1] == '{') {
            size_t before = i;
            ok = fill_one(ev, &out, text, len, &i, file, bindings, call) && ok;
            i = i > before ? i : i + 2; /* malformed: go on behind it */
        } else {
            const char *next = memchr(text + i + 1, '$', len - i - 1);
            size_t end = next ? (size_t)(next - text) : len;
            buf_put(&out, text + i, end - i);
            i = end;
        }
        if (out.len > EVAL_TEXT) {
            eval_error(ev, "BG1543", call, "this text is longer than 16 MiB");
            return NULL;
        }
    }
    return ok ? buf_text(&out) : NULL;
}

/* The text, filled as far as its bindings are known; NULL: reported. */
static const char *read_and_fill(struct native_call *c)
{
    struct eval *ev = c->ev;
    const char *path = c->args[0]->s;
    const struct value *bindings = c->args[1];
    if (!ev->p) {
        native_refuse(c, 0, "there are no files here");
        return NULL;
    }
    size_t len;
    uint32_t file;
    const char *text = program_read(ev->p, c->exprs[0]->span, path, &len, &file);
    if (!text)
        return NULL;
    if (memchr(text, '\0', len)) {
        struct diag *d = eval_error(ev, "BG1563", c->exprs[0]->span, "`%s` is no text", path);
        diag_at(ev->ds, d, "it holds a zero byte");
        diag_help(ev->ds, d, "keep it in a bucket, or encode it: `base64 %s > %s.b64`", path, path);
        return NULL;
    }
    if (!bindings || bindings->kind == V_NONE || value_unknown(bindings))
        return text;
    if (bindings->kind == V_MAP)
        return fill_text(ev, text, len, file, bindings, c->call->span);
    native_refuse(c, 1, "bindings are a record: { name = value }");
    return NULL;
}

struct value *native_file(struct native_call *c)
{
    const char *text = read_and_fill(c);
    return text ? value_string(c->a, text) : NULL;
}

/* A missing file or an unbound name is wrong whatever the values will be. */
bool native_file_early(struct native_call *c)
{
    return value_unknown(c->args[0]) || read_and_fill(c);
}
