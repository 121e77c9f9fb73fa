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
    json_t *list = json_object_get(changes, uri), *old;
    if (!list) {
        list = json_array();
        json_object_set_new(changes, uri, list);
    }
    json_t *one = json_pack("{s:o, s:s}", "range", range_json(analysis_text(r->an, file), start, end),
                            "newText", text);
    size_t i;
    json_array_foreach(list, i, old) /* by another program that has the file too */
        if (json_equal(old, one)) {
            json_decref(one);
            return;
        }
    json_array_append_new(list, one);
}

/* ---- addresses ------------------------------------------------------- */

struct addresses {
    struct request *r;
    const struct symbol *module; /* whose instances are looked for */
    VEC(const char *) all;
    const char *unknown; /* an instance with keys that nobody knows now */
};

static void see_instances(struct addresses *s, const struct scope *body, const char *home, int depth);

/* An instance, or each of one that has keys: those stand in the evaluated program. */
static void see_instance(struct addresses *s, const struct symbol *y, const struct symbol *module,
                         const char *address, int depth)
{
    const struct graph *g = s->r->an->graph;
    VEC(const char *) each = {0};
    if (!y->decl->key_set) {
        vec_push(s->r->a, &each, address);
    } else if (!g) {
        s->unknown = y->name;
    } else {
        size_t n = strlen(address);
        for (size_t i = 0; i < g->nodes.n; i++) {
            const char *at = g->nodes.at[i]->address, *end = strstr(at, "\"]");
            if (strncmp(at, address, n) != 0 || strncmp(at + n, "[\"", 2) != 0 || !(end = strstr(at + n, "\"]")))
                continue;
            const char *one = arena_strndup(s->r->a, at, (size_t)(end + 2 - at));
            if (!each.n || strcmp(each.at[each.n - 1], one) != 0)
                vec_push(s->r->a, &each, one);
        }
    }
    for (size_t i = 0; i < each.n; i++) {
        if (module == s->module)
            vec_push(s->r->a, &s->all, each.at[i]);
        see_instances(s, module->body, each.at[i], depth + 1);
    }
}

static void see_instances(struct addresses *s, const struct scope *body, const char *home, int depth)
{
    enum { DEEPEST = 50 }; /* a module that contains itself is an error, but not an endless one */
    struct program *p = s->r->an->program;
    for (size_t i = 0; body && depth < DEEPEST && i < body->symbols.n; i++) {
        const struct symbol *y = body->symbols.entries[i].value;
        const struct decl *d = y->decl;
        if ((d->kind != DECL_RESOURCE && d->kind != DECL_EXISTING) || !d->path)
            continue;
        const struct symbol *module = program_module(p, y->scope, d->path);
        if (module && module->body)
            see_instance(s, y, module, arena_printf(s->r->a, "%s.%s", home, y->name), depth);
    }
}

/* Before which words the name of a declaration stands in addresses: its world, `shared`,
 * or every instance of its module. */
static void homes_of(struct addresses *s, const struct mark *decl)
{
    const struct program *p = s->r->an->program;
    const struct scope *in = decl->scope;
    if (decl->means != MEANS_DECL || !in ||
        (decl->decl->kind != DECL_RESOURCE && decl->decl->kind != DECL_EXISTING))
        return;
    if (in->kind == SCOPE_WORLD || in->kind == SCOPE_SHARED) {
        vec_push(s->r->a, &s->all, in->kind == SCOPE_WORLD ? in->name : "shared");
        return;
    }
    if (in->kind != SCOPE_MODULE || !in->name || !in->parent)
        return;
    s->module = map_find(&in->parent->symbols, in->name);
    see_instances(s, p->root->shared, "shared", 0);
    for (size_t i = 0; i < p->worlds.n; i++) {
        const struct symbol *w = map_find(&p->root->symbols, p->worlds.at[i]->name.text);
        if (w)
            see_instances(s, w->body, w->name, 0);
    }
}

/* Lines `moved OLD -> NEW` behind the others, or at the end. */
static void add_moved(struct request *r, json_t *changes, const struct addresses *s, const char *old,
                      const char *name)
{
    const struct program *p = r->an->program;
    const struct scope *root = p->root;
    if (!root->file || !s->all.n)
        return;
    const struct source *src = sources_find(&r->an->sources, (struct span){root->file->file, 0, 0});
    const char *end_of_line = src->len && strstr(src->text, "\r\n") ? "\r\n" : "\n";
    const char *lines = "";
    for (size_t i = 0; i < s->all.n; i++)
        lines = arena_printf(r->a, "%s%smoved %s.%s -> %s.%s", lines, i ? end_of_line : "", s->all.at[i], old,
                             s->all.at[i], name);
    size_t at = src->len;
    if (p->moved.n) {
        at = p->moved.at[p->moved.n - 1]->span.end;
        while (at < src->len && src->text[at] != '\n' && src->text[at] != '\r')
            at++;
        lines = arena_printf(r->a, "%s%s", end_of_line, lines);
    } else {
        bool ends = at && src->text[at - 1] == '\n';
        lines = arena_printf(r->a, "%s%s%s%s", ends ? "" : end_of_line, end_of_line, lines, end_of_line);
    }
    edit(r, changes, root->file->file, at, at, lines);
}

/* Addresses of pinned `existing`s in bgc.lock: what was renamed, and what is below it. */
static void move_pins(struct request *r, json_t *changes, const char *home, const char *old, const char *name)
{
    struct program *p = r->an->program;
    const struct map *pins = program_pins(p);
    const char *from = arena_printf(r->a, "%s.%s", home, old);
    size_t n = strlen(from), word = strlen(home) + 1;
    for (size_t i = 0; pins && i < pins->n; i++) {
        const char *address = pins->entries[i].key;
        struct span id = program_pin_span(p, address);
        const struct source *src = sources_find(&r->an->sources, id);
        if (!src || strncmp(address, from, n) != 0 || (address[n] && !strchr(".[", address[n])))
            continue;
        size_t line = id.start;
        while (line && src->text[line - 1] != '\n')
            line--;
        const char *there = strstr(src->text + line, from);
        if (there && there < src->text + id.start)
            edit(r, changes, id.file, (size_t)(there - src->text) + word, (size_t)(there - src->text) + n, name);
    }
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

/* Where the name is declared; NULL: nowhere that has a mark. */
static const struct mark *declaration(struct request *r, struct span target)
{
    const struct mark *at = marks_at(analysis_marks(r->an), target.file, target.start);
    return at && at->declares ? at : NULL;
}

/* In one program; `said` is a place where it is said. false: it is refused. */
static bool rename_in(struct request *r, struct mark said, const char *name, json_t *changes)
{
    struct span target = said.target;
    const struct mark *at = declaration(r, target);
    if (at && at->means == MEANS_DECL && at->decl->kind == DECL_INPUT) {
        read_environments(r);
        at = declaration(r, target);
    }
    const struct mark decl = at ? *at : said;
    const char *old = source_text(r, decl.span);
    struct addresses homes = {.r = r};
    if (taken(r, &decl, name)) {
        r->refusal = arena_printf(r->a, "there is a `%s` already", name);
        return false;
    }
    homes_of(&homes, &decl);
    if (homes.unknown) {
        r->refusal = arena_printf(r->a, "the keys of `%s` in %s are not known now, and so not what has to be `moved`: "
                                        "mend the program, or give its inputs defaults, first",
                                  homes.unknown, path_basename(r->an->root));
        return false;
    }
    const struct marks *marks = analysis_marks(r->an);
    for (size_t i = 0; i < marks->all.n; i++) {
        const struct mark *k = &marks->all.at[i];
        if (k->target.file != target.file || k->target.start != target.start || k->means == MEANS_FILE ||
            (k->decl && k->decl->kind == DECL_ENTRY))
            continue;
        edit(r, changes, k->span.file, k->span.start, k->span.end, name);
    }
    if (decl.means == MEANS_DECL && decl.decl->kind == DECL_RESOURCE)
        add_moved(r, changes, &homes, old, name);
    for (size_t i = 0; i < homes.all.n; i++)
        move_pins(r, changes, homes.all.at[i], old, name);
    edit_expected(r, changes, &decl, name);
    return true;
}

/* In every other program that has the file of the declaration. */
static bool rename_elsewhere(struct request *r, struct span target, const char *name, json_t *changes)
{
    const struct source *src = sources_find(&r->an->sources, target);
    const char *path = src ? src->path : "";
    size_t n = 0;
    struct analysis **all = workspace_importers(r->ws, r->a, path, &n);
    for (size_t i = 0; i < n; i++) {
        struct request other = *r;
        if (all[i] == r->an)
            continue;
        other.an = all[i];
        struct span there = target;
        there.file = analysis_file(all[i], path);
        const struct mark *at = declaration(&other, there);
        if (at && !rename_in(&other, *at, name, changes)) { /* a broken one may not have it */
            r->refusal = other.refusal;
            return false;
        }
    }
    return true;
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
    if (!strcmp(source_text(r, m->span), name))
        return json_pack("{s:{}}", "changes");
    const struct mark said_at = *m;
    json_t *changes = json_object();
    if (!rename_in(r, said_at, name, changes) || !rename_elsewhere(r, said_at.target, name, changes)) {
        json_decref(changes);
        return NULL;
    }
    return workspace_edit(r, changes);
}
