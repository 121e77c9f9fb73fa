/* Rename: every place where a name is said, and what must be told so that
 * nothing is built anew because of it. */
#include <dirent.h>
#include <string.h>

#include "base/file.h"
#include "lsp/features.h"
#include "lsp/uri.h"

/* Why it has no other name, or has it elsewhere too; NULL: it can be renamed. */
static const char *fixed_name(struct request *r, const struct mark *m)
{
    if (!m)
        return "there is no name here";
    switch (m->means) {
    case MEANS_NATIVE:
    case MEANS_WORD: return "this word is part of the language";
    case MEANS_FILE: return "rename the file, and then what is written here";
    case MEANS_FIELD:
        if (analysis_std(r->an, m->target.file))
            return "this belongs to the standard library";
        return "fields of a type have the names that its users wrote";
    case MEANS_DECL:
        if (m->decl->kind == DECL_STACK)
            return "the stack's name is on everything that it owns: another name is another stack, "
                   "which owns nothing";
        if (m->decl->kind == DECL_WORLD)
            return "the world's name is on everything in it: under another name all of it would be "
                   "built anew, and the old removed";
        if (m->decl->kind == DECL_ENTRY)
            return "rename the resource that `entry` names";
        if (m->decl->kind == DECL_TYPE && m->decl->path && strchr(m->decl->path, '.'))
            return "the name of this type has several words";
        break;
    case MEANS_MEMBER:
    case MEANS_LOCAL:
    case MEANS_CHECK: break;
    }
    return analysis_std(r->an, m->target.file) ? "this belongs to the standard library" : NULL;
}

json_t *feature_prepare_rename(struct request *r)
{
    const struct mark *m = request_mark(r);
    if (fixed_name(r, m))
        return NULL;
    return range_json(r->text, m->span.start, m->span.end);
}

/* ---- the new name ---------------------------------------------------- */

static bool is_name(const char *s)
{
    static const char *const hard[] = {"if",  "then", "else", "for",   "in",  "and",
                                       "or",  "not",  "true", "false", "none"};
    if (!*s || (*s >= '0' && *s <= '9'))
        return false;
    for (const char *c = s; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') &&
            *c != '_')
            return false;
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++)
        if (!strcmp(hard[i], s))
            return false;
    return true;
}

/* Where the declaration of a mark stands. */
static const struct mark *declaration(struct request *r, const struct mark *m)
{
    const struct marks *all = analysis_marks(r->an);
    const struct mark *at = marks_at(all, m->target.file, m->target.start);
    return at && at->declares ? at : m;
}

static bool among(const struct decl *const *at, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (at[i]->name.text && !strcmp(at[i]->name.text, name))
            return true;
    return false;
}

/* Whether something else has that name where it would count. */
static bool taken(struct request *r, const struct mark *decl, const char *name)
{
    const struct program *p = r->an->program;
    const struct decl *d = decl->decl;
    if (decl->means == MEANS_CHECK) {
        for (const struct check_ast *c = d->gate->checks; c; c = c->next)
            if (c->name.text && !strcmp(c->name.text, name))
                return true;
        return false;
    }
    if (decl->means == MEANS_MEMBER && d) {
        for (const struct field_ast *f = d->kind == DECL_TYPE ? d->type->fields : d->params; f;
             f = f->next)
            if (f->name.text && !strcmp(f->name.text, name))
                return true;
    }
    if (decl->means == MEANS_DECL)
        switch (d->kind) {
        case DECL_GATE: return among(p->gates.at, p->gates.n, name);
        case DECL_ACCOUNT: return among(p->accounts.at, p->accounts.n, name);
        case DECL_OUTPUT: return among(p->outputs.at, p->outputs.n, name);
        default: break;
        }
    const struct symbol *y = decl->scope ? scope_find(decl->scope, name) : NULL;
    if (y && y->scope != p->prelude)
        return true;
    /* What stands outside of worlds may not be hidden by what is in one. */
    for (size_t i = 0; i < p->worlds.n && decl->scope && decl->scope->kind != SCOPE_WORLD &&
                       decl->scope->kind != SCOPE_MODULE && decl->means == MEANS_DECL;
         i++)
        if (program_in_world(p, p->worlds.at[i]->name.text, name))
            return true;
    return false;
}

/* ---- edits ----------------------------------------------------------- */

static void edit(struct request *r, json_t *changes, uint32_t file, size_t start, size_t end,
                 const char *text)
{
    const char *uri = workspace_uri(r->ws, r->a, r->an, file);
    if (!uri)
        return;
    json_t *list = json_object_get(changes, uri);
    if (!list) {
        list = json_array();
        json_object_set_new(changes, uri, list);
    }
    json_array_append_new(list, json_pack("{s:o, s:s}", "range",
                                          range_json(analysis_text(r->an, file), start, end),
                                          "newText", text));
}

/* `web` or `shared`, for the address of what stands there; NULL: it has none. */
static const char *home_word(const struct mark *decl)
{
    const struct scope *s = decl->scope;
    return !s                           ? NULL
           : s->kind == SCOPE_WORLD     ? s->name
           : s->kind == SCOPE_SHARED    ? "shared"
                                        : NULL;
}

/* Whether a resource of a module is in the account under its name, and so would be
 * built anew: `moved` speaks of what stands in worlds and in `shared` only. */
static bool in_used_module(struct request *r, const struct mark *decl)
{
    const struct scope *s = decl->scope;
    const struct marks *all = analysis_marks(r->an);
    if (!s || s->kind != SCOPE_MODULE || decl->means != MEANS_DECL ||
        decl->decl->kind != DECL_RESOURCE)
        return false;
    for (size_t i = 0; i < all->all.n; i++) {
        const struct mark *m = &all->all.at[i];
        if (m->means == MEANS_DECL && m->decl->kind == DECL_MODULE && !m->declares &&
            m->decl->name.text && s->name && !strcmp(m->decl->name.text, s->name))
            return true;
    }
    return false;
}

/* A line `moved OLD -> NEW` behind the others, or behind what it is about. */
static void add_moved(struct request *r, json_t *changes, const char *from, const char *to)
{
    const struct program *p = r->an->program;
    const struct scope *root = p->root;
    if (!root->file)
        return;
    const struct source *src = sources_find(&r->an->sources, (struct span){root->file->file, 0, 0});
    const char *end_of_line = src->len && strstr(src->text, "\r\n") ? "\r\n" : "\n";
    const char *text = arena_printf(r->a, "moved %s -> %s", from, to);
    size_t at = src->len;
    if (p->moved.n) {
        at = p->moved.at[p->moved.n - 1]->span.end;
        while (at < src->len && src->text[at] != '\n' && src->text[at] != '\r')
            at++;
        text = arena_printf(r->a, "%s%s", end_of_line, text);
    } else {
        bool ends = at && src->text[at - 1] == '\n';
        text = arena_printf(r->a, "%s%s%s%s", ends ? "" : end_of_line, end_of_line, text,
                            end_of_line);
    }
    edit(r, changes, root->file->file, at, at, text);
}

/* The address of a pinned `existing` in bgc.lock. */
static void move_pin(struct request *r, json_t *changes, const char *from, const char *to)
{
    struct program *p = r->an->program;
    struct span id = program_pin_span(p, from);
    const struct source *src = sources_find(&r->an->sources, id);
    if (!src)
        return;
    size_t line = id.start;
    while (line && src->text[line - 1] != '\n')
        line--;
    const char *there = strstr(src->text + line, from);
    if (there && there < src->text + id.start)
        edit(r, changes, id.file, (size_t)(there - src->text),
             (size_t)(there - src->text) + strlen(from), to);
}

/* Reads the files of all environments, so that their lines have marks too. */
static void read_environments(struct request *r)
{
    struct program *p = r->an->program;
    DIR *dir = opendir(path_join(r->a, *p->root_dir ? p->root_dir : ".", "env"));
    if (!dir)
        return;
    struct quiet q;
    analysis_quiet(r->an, &q);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        size_t n = strlen(e->d_name);
        if (n > 3 && !strcmp(e->d_name + n - 3, ".bg"))
            program_read(p, NO_SPAN, arena_printf(p->arena, "env/%s", e->d_name), NULL, NULL);
    }
    analysis_loud(r->an, &q);
    closedir(dir);
    r->an->marked = false;
}

/* A check that a scenario expects to fail: "gate.check". */
static void edit_expected(struct request *r, json_t *changes, const struct mark *decl,
                          const char *name)
{
    const struct program *p = r->an->program;
    bool gate = decl->means == MEANS_DECL && decl->decl->kind == DECL_GATE;
    if (!gate && decl->means != MEANS_CHECK)
        return;
    const char *old = gate ? arena_printf(r->a, "%s.", decl->decl->name.text)
                           : arena_printf(r->a, "%s.%s", decl->decl->name.text,
                                          decl->check->name.text);
    const char *new = gate ? arena_printf(r->a, "%s.", name)
                           : arena_printf(r->a, "%s.%s", decl->decl->name.text, name);
    for (size_t i = 0; i < p->scenarios.n; i++)
        for (const struct scene_ast *s = p->scenarios.at[i]->scenes; s; s = s->next) {
            const struct expr *e = s->kind == SCENE_EXPECT ? s->cond : NULL;
            if (!e || e->kind != EXPR_BINARY || e->a->kind != EXPR_NAME || !e->a->name.text ||
                strcmp(e->a->name.text, "failed") != 0 || e->b->kind != EXPR_LITERAL ||
                e->b->literal->kind != V_STRING)
                continue;
            const char *said = e->b->literal->s;
            size_t n = strlen(old);
            if (strncmp(said, old, n) != 0 || (!gate && said[n]))
                continue;
            edit(r, changes, e->b->span.file, e->b->span.start + 1, e->b->span.start + 1 + n, new);
        }
}

static json_t *workspace_edit(struct request *r, json_t *changes)
{
    if (!r->ws->client.versions)
        return json_pack("{s:o}", "changes", changes);
    json_t *all = json_array(), *list;
    const char *uri;
    json_object_foreach(changes, uri, list)
    {
        const struct document *d = documents_find(&r->ws->documents, uri);
        json_array_append_new(all, json_pack("{s:{s:s, s:o}, s:O}", "textDocument", "uri", uri,
                                             "version",
                                             d ? json_integer(d->version) : json_null(), "edits",
                                             list));
    }
    json_decref(changes);
    return json_pack("{s:o}", "documentChanges", all);
}

json_t *feature_rename(struct request *r)
{
    const json_t *said = json_object_get(r->params, "newName");
    const char *name = json_string_value(said);
    const struct mark *m = request_mark(r);
    r->refusal = fixed_name(r, m);
    if (r->refusal)
        return NULL;
    if (!name || !is_name(name)) {
        r->refusal = "a name is made of the letters a-z, digits and `_`, begins with no digit, and is "
                     "none of: if then else for in and or not true false none";
        return NULL;
    }
    const char *old = source_text(r, m->span);
    if (!strcmp(old, name))
        return json_pack("{s:{}}", "changes");
    if (declaration(r, m)->means == MEANS_DECL && declaration(r, m)->decl->kind == DECL_INPUT)
        read_environments(r);
    m = request_mark(r);
    const struct mark decl = *declaration(r, m);
    if (taken(r, &decl, name)) {
        r->refusal = arena_printf(r->a, "there is a `%s` already", name);
        return NULL;
    }
    if (in_used_module(r, &decl)) {
        r->refusal = "this module is in use: under another name, this resource of it would be built "
                     "anew";
        return NULL;
    }
    json_t *changes = json_object();
    const struct marks *marks = analysis_marks(r->an);
    for (size_t i = 0; i < marks->all.n; i++) {
        const struct mark *k = &marks->all.at[i];
        if (k->target.file != m->target.file || k->target.start != m->target.start ||
            k->means == MEANS_FILE || (k->decl && k->decl->kind == DECL_ENTRY))
            continue;
        edit(r, changes, k->span.file, k->span.start, k->span.end, name);
    }
    const char *home = home_word(&decl);
    if (home && decl.means == MEANS_DECL) {
        const char *from = arena_printf(r->a, "%s.%s", home, old);
        const char *to = arena_printf(r->a, "%s.%s", home, name);
        if (decl.decl->kind == DECL_RESOURCE)
            add_moved(r, changes, from, to);
        else if (decl.decl->kind == DECL_EXISTING && decl.decl->pin)
            move_pin(r, changes, from, to);
    }
    edit_expected(r, changes, &decl, name);
    return workspace_edit(r, changes);
}
