/* Signature help: the parameters of the call that the cursor is in. */
#include <string.h>

#include "lang/print.h"
#include "lsp/spot.h"

/* The place of the argument: how many commas stand before it, or its name. */
static size_t argument_at(const struct spot *s, const struct frame_of *f, const char **name)
{
    const struct source *src = sources_find(&s->r->an->sources, (struct span){s->r->file, 0, 0});
    size_t n = 0, depth = 0;
    for (size_t i = f->open + 1; i < s->at; i++)
        if (s->t[i].kind == SCAN_MARK && strchr("([{", s->t[i].mark))
            depth++;
        else if (s->t[i].kind == SCAN_MARK && strchr(")]}", s->t[i].mark) && depth)
            depth--;
        else if (!depth && token_mark(s->t[i], src, ","))
            n++;
    *name = f->item + 1 < s->at && token_mark(s->t[f->item + 1], src, "=") ? s->t[f->item].text : NULL;
    return n;
}

/* {label, parameters}: `from` and `to` are the places of each in the label. */
static json_t *signature(const struct request *r, const char *label, const char *doc)
{
    json_t *params = json_array();
    const char *open = strchr(label, '(');
    size_t depth = 0;
    const char *from = open ? open + 1 : NULL;
    for (const char *c = from; c && *c; c++) {
        if (strchr("([{", *c))
            depth++;
        bool end = !depth && (*c == ',' || *c == ')');
        if (end && c > from)
            json_array_append_new(params, json_pack("{s:[i,i]}", "label", (int)(from - label),
                                                    (int)(c - label)));
        if (!depth && *c == ')')
            break;
        if (strchr(")]}", *c) && depth)
            depth--;
        if (end) {
            from = c + 1;
            while (*from == ' ')
                from++;
        }
    }
    json_t *out = json_pack("{s:o, s:o}", "label", json_text(label, strlen(label)), "parameters",
                            params);
    if (doc)
        json_object_set_new(out, "documentation", markup_json(r, doc));
    return out;
}

/* The place of a named parameter in a label; `n` when it is not there. */
static size_t place_of(const char *label, const char *name, size_t n)
{
    size_t place = 0;
    const char *c = strchr(label, '(');
    for (c = c ? c + 1 : label; *c && *c != ')'; place++) {
        while (*c == ' ')
            c++;
        if (!strncmp(c, name, strlen(name)) && c[strlen(name)] == ':')
            return place;
        c += strcspn(c, ",)");
        c += *c == ',';
    }
    return n;
}

json_t *feature_signature(struct request *r)
{
    struct spot s;
    struct quiet q;
    analysis_quiet(r->an, &q);
    spot_find(r, &s);
    analysis_loud(r->an, &q);
    size_t k = s.frames.n;
    while (k && s.frames.at[k - 1].body != BODY_CALL)
        k--;
    if (!k || s.nowhere)
        return NULL;
    const struct frame_of *f = &s.frames.at[k - 1];
    const char *path = spot_text(&s, spot_path(&s, f->open), f->open), *name = NULL;
    const struct symbol *fn = *path && !strchr(path, '.') ? scope_find(s.scope, path) : NULL;
    size_t active = argument_at(&s, f, &name);
    json_t *all = json_array();
    const char *first = NULL;
    if (fn && fn->decl->kind == DECL_FN) {
        struct buf b;
        buf_init(&b, r->a);
        buf_printf(&b, "fn %s(", fn->name);
        for (const struct field_ast *p = fn->decl->params; p; p = p->next) {
            buf_printf(&b, "%s%s: ", p == fn->decl->params ? "" : ", ", p->name.text);
            print_type(&b, p->type);
            if (p->value)
                buf_printf(&b, " = %s", expr_text(r->a, p->value));
        }
        buf_puts(&b, "): ");
        if (fn->decl->type)
            print_type(&b, fn->decl->type);
        first = buf_text(&b);
        json_array_append_new(all, signature(r, first, fn->decl->doc));
    } else {
        for (const struct native *n = native_find(path); n; n = native_overload(n)) {
            const char *label = native_words(r, n);
            first = first ? first : label;
            json_array_append_new(all, signature(r, label, n->doc));
        }
    }
    if (!first) {
        json_decref(all);
        return NULL;
    }
    if (name)
        active = place_of(first, name, active);
    return json_pack("{s:o, s:i, s:i}", "signatures", all, "activeSignature", 0, "activeParameter",
                     (int)active);
}
