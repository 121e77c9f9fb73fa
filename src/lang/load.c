#include "lang/load.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "lang/files.h"
#include "lang/parse.h"
#include "lang/remote.h"

/* The files that are being loaded, innermost first: a circle of imports. */
enum { IMPORTS_MAX = 100 }; /* files that import one another in turn */

struct loading {
    const struct loading *up;
    unsigned depth;
    const char *path; /* of the program's; NULL for embedded files */
    const char *dir;
    struct scope *scope;
    bool root;
};

static struct scope *load_file(struct program *p, const struct loading *up, struct span at,
                               const char *path);

/* ---- what may stand where -------------------------------------------- */

enum home {
    IN_ROOT = 1,
    IN_IMPORTED = 2,
    IN_SHARED = 4,
    IN_WORLD = 8,
    IN_MODULE = 16,
    IN_TESTS = 32, /* a file beside the root file: X.test.bg */
};

/* One row per kind of declaration: the word that begins it, and where it may stand. */
static const struct {
    const char *word;
    unsigned homes;
} kinds[] = {
    [DECL_STACK] = {"stack", IN_ROOT},
    [DECL_ACCOUNT] = {"account", IN_ROOT},
    [DECL_USE] = {"use", IN_ROOT | IN_IMPORTED},
    [DECL_INPUT] = {"input", IN_ROOT},
    [DECL_LET] = {"let", IN_ROOT | IN_IMPORTED | IN_SHARED | IN_WORLD | IN_MODULE},
    [DECL_OUTPUT] = {"output", IN_ROOT},
    [DECL_ASSERT] = {"assert", IN_ROOT | IN_SHARED | IN_WORLD | IN_MODULE},
    [DECL_FN] = {"fn", IN_ROOT | IN_IMPORTED},
    [DECL_MODULE] = {"module", IN_ROOT | IN_IMPORTED},
    [DECL_OUT] = {"out", IN_MODULE},
    [DECL_EXISTING] = {"existing", IN_SHARED | IN_WORLD | IN_MODULE},
    [DECL_RESOURCE] = {"resource", IN_SHARED | IN_WORLD | IN_MODULE},
    [DECL_SHARED] = {"shared", IN_ROOT},
    [DECL_WORLD] = {"world", IN_ROOT},
    [DECL_ENTRY] = {"entry", IN_WORLD},
    [DECL_TRAFFIC] = {"traffic", IN_ROOT},
    [DECL_GATE] = {"gate", IN_ROOT},
    [DECL_ROLLOUT] = {"rollout", IN_ROOT},
    [DECL_SCENARIO] = {"scenario", IN_ROOT | IN_TESTS},
    [DECL_TEST] = {"test", IN_ROOT | IN_TESTS},
    [DECL_MOVED] = {"moved", IN_ROOT},
    [DECL_ADOPT] = {"adopt", IN_ROOT},
    [DECL_TYPE] = {"type", IN_ROOT | IN_IMPORTED},
    [DECL_SERVICE] = {"service", IN_ROOT | IN_IMPORTED},
};

static const char *home_name(enum home at)
{
    switch (at) {
    case IN_ROOT: return "at the top of a file";
    case IN_IMPORTED: return "in an imported file";
    case IN_SHARED: return "in `shared`";
    case IN_WORLD: return "in a world";
    case IN_MODULE: return "in a module";
    case IN_TESTS: return "in a file of tests";
    }
    return "here";
}

static bool allowed_here(struct program *p, const struct scope *s, const struct decl *d,
                         enum home at)
{
    if (kinds[d->kind].homes & at)
        return true;
    if (s->file && s->file->broken)
        return false; /* it may stand here only because a brace was lost */
    const char *word = kinds[d->kind].word;
    struct span span = {d->span.file, d->span.start, d->span.start + (uint32_t)strlen(word)};
    struct diag *e = diag_error(p->ds, "BG1003", span, "`%s` cannot stand %s", word, home_name(at));
    if (d->kind == DECL_RESOURCE || d->kind == DECL_EXISTING)
        diag_help(p->ds, e, "put it into `shared { ... }`, or into a `world` if it exists once per "
                            "colour");
    else if (at == IN_IMPORTED)
        diag_help(p->ds, e,
                  "an imported file gives modules, functions, values and types; move this "
                  "to the root file");
    else if (at == IN_TESTS)
        diag_help(p->ds, e, "a file of tests holds `test` and `scenario`; move this to \"%s\"",
                  p->root_path);
    else if (kinds[d->kind].homes & IN_ROOT)
        diag_help(p->ds, e, "move it to the top of the root file");
    return false;
}

/* ---- names ----------------------------------------------------------- */

static struct scope *scope_new(struct program *p, enum scope_kind kind, const char *name,
                               struct scope *parent, const struct file_ast *file)
{
    struct scope *s = arena_make(p->arena, struct scope);
    s->kind = kind;
    s->name = name;
    s->parent = parent;
    s->file = file;
    map_init(&s->symbols, p->arena);
    return s;
}

static void report_twice(struct program *p, const char *name, struct span span, struct span first)
{
    struct diag *e = diag_error(p->ds, "BG1002", span, "`%s` is declared twice", name);
    diag_at(p->ds, e, "declared again");
    diag_label(p->ds, e, first, "first declared here");
    diag_help(p->ds, e, "give one of them another name");
}

/* The declaration that `name` would hide or be hidden by; NULL. Parameters of
 * modules are seen from nowhere else, so they hide nothing. */
static const struct symbol *clash(const struct program *p, const struct scope *s, const char *name)
{
    const struct symbol *own = map_find(&s->symbols, name);
    if (own || s->kind == SCOPE_MODULE)
        return own;
    own = scope_find(s, name);
    /* The prelude may grow without breaking whoever has the name already. */
    return own && own->scope != p->prelude ? own : NULL;
}

static struct symbol *add_symbol(struct program *p, struct scope *s, const char *name,
                                 struct span span, const struct decl *d)
{
    const struct symbol *first = clash(p, s, name);
    if (first) {
        report_twice(p, name, span, first->decl->name.span.file ? first->decl->name.span
                                                                : first->decl->span);
        return NULL;
    }
    struct symbol *y = arena_make(p->arena, struct symbol);
    y->name = name;
    y->decl = d;
    y->scope = s;
    y->ordinal = (uint32_t)s->symbols.n;
    map_put(&s->symbols, name, y);
    return y;
}

static size_t count(const struct decl *d)
{
    size_t n = 0;
    for (; d; d = d->next)
        n++;
    return n;
}

static struct symbol *declare(struct program *p, struct scope *s, const struct decl *d)
{
    return d->name.text ? add_symbol(p, s, d->name.text, d->name.span, d) : NULL;
}

/* For declarations that live in lists and not in scopes: accounts, gates, ... */
static bool unique_in(struct program *p, const struct decl *d)
{
    if (!d->name.text)
        return true;
    struct map *seen = &p->unscoped[d->kind];
    if (!seen->arena)
        map_init(seen, p->arena);
    const struct decl *first = map_find(seen, d->name.text);
    if (first)
        report_twice(p, d->name.text, d->name.span, first->name.span);
    else
        map_put(seen, d->name.text, (void *)(uintptr_t)d);
    return !first;
}
#define push_unique(p, list, d)                                                                    \
    do {                                                                                           \
        if (unique_in((p), (d)))                                                                   \
            vec_push((p)->arena, &(list), (d));                                                    \
    } while (0)

/* ---- bodies ---------------------------------------------------------- */

static void declare_body(struct program *p, struct scope *s, const struct decl *body,
                         enum home at);

static void declare_params(struct program *p, struct scope *s, const struct decl *module)
{
    for (const struct field_ast *f = module->params; f; f = f->next) {
        struct decl *d = arena_make(p->arena, struct decl);
        d->kind = DECL_INPUT;
        d->span = f->name.span;
        d->name = f->name;
        d->type = f->type;
        d->value = f->value;
        d->doc = f->doc;
        declare(p, s, d);
    }
}

static void declare_module(struct program *p, struct scope *s, const struct decl *d)
{
    struct symbol *y = declare(p, s, d);
    struct scope *body = scope_new(p, SCOPE_MODULE, d->name.text, s, s->file);
    if (y)
        y->body = body;
    declare_params(p, body, d);
    declare_body(p, body, d->body, IN_MODULE);
}

static void declare_one(struct program *p, struct scope *s, const struct decl *d)
{
    if (d->kind == DECL_ENTRY && !s->entry)
        s->entry = d;
    if (d->kind == DECL_LET || d->kind == DECL_EXISTING || d->kind == DECL_RESOURCE)
        declare(p, s, d);
}

static void declare_body(struct program *p, struct scope *s, const struct decl *body, enum home at)
{
    map_reserve(&s->symbols, s->symbols.n + count(body));
    for (const struct decl *d = body; d; d = d->next)
        if (allowed_here(p, s, d, at))
            declare_one(p, s, d);
}

/* ---- imports --------------------------------------------------------- */

static void use_std(struct program *p, struct scope *s, const struct decl *d)
{
    const char *name = d->path + strlen("std.");
    struct scope *file = NULL;
    if (!strncmp(d->path, "std.", 4) && !strchr(name, '.'))
        file = load_std(p, arena_printf(p->arena, "std/%s.bg", name));
    if (!file) {
        struct diag *e = diag_error(p->ds, "BG0107", d->path_span.file ? d->path_span : d->span,
                                    "the standard library has no `%s`", d->path);
        VEC(const char *) have = {0};
        for (size_t i = 0; i < embedded_files_n; i++) {
            const char *f = embedded_files[i].path;
            if (!strncmp(f, "stdlib/std/", 11) && strcmp(f, "stdlib/std/prelude.bg") != 0)
                vec_push(p->arena, &have,
                         arena_printf(p->arena, "std.%.*s", (int)strlen(f) - 14, f + 11));
        }
        diag_did_you_mean(p->ds, e, d->path_span, d->path, have.at, have.n);
        return;
    }
    struct symbol *y = add_symbol(p, s, d->path, d->path_span.file ? d->path_span : d->span, d);
    if (y)
        y->body = file;
    struct symbol *module = map_find(&file->symbols, name);
    if (module && module->decl->kind == DECL_MODULE)
        map_put(&p->modules, d->path, module);
}

/* What a copied module calls "./parts.bg" stands beside it where it comes from. */
static const char *open_beside(struct program *p, struct span at, const char *relative)
{
    const char *url = remote_join(p->arena, remote_origin(p, at), relative);
    if (url)
        return remote_open(p, at, url);
    struct diag *d = diag_error(p->ds, "BG0102", at, "\"%s\" is outside of `%s`", relative,
                                remote_origin(p, at));
    diag_help(p->ds, d, "a copied module imports what its own host has, by a relative path");
    return NULL;
}

static void use_file(struct program *p, const struct loading *l, const struct decl *d)
{
    struct span at = d->path2_span;
    const char *path = NULL;
    if (remote_meant(d->path2))
        path = remote_open(p, at, d->path2);
    else if (!remote_origin(p, at))
        path = files_resolve(p, at, l->dir, d->path2);
    else
        path = open_beside(p, at, d->path2);
    struct scope *file = path ? load_file(p, l, at, path) : NULL;
    if (!d->as.text)
        return;
    struct symbol *y = add_symbol(p, l->scope, d->as.text, d->as.span, d);
    if (y)
        y->body = file;
}

static void declare_type(struct program *p, struct scope *s, const struct decl *d)
{
    const char *path = d->path ? d->path : d->name.text;
    if (!path)
        return;
    if (!strchr(path, '.')) {
        add_symbol(p, s, path, d->path_span.file ? d->path_span : d->name.span, d);
        return;
    }
    const struct decl *first = map_find(&p->types, path);
    if (first)
        report_twice(p, path, d->path_span.file ? d->path_span : d->span, first->path_span);
    else
        map_put(&p->types, path, (void *)(uintptr_t)d);
}

/* ---- files ----------------------------------------------------------- */

static void declare_top(struct program *p, const struct loading *l, const struct decl *d)
{
    struct scope *s = l->scope;
    struct symbol *y;
    switch (d->kind) {
    case DECL_STACK:
        if (p->stack) {
            struct diag *e = diag_error(p->ds, "BG0105", d->name.span, "a second stack");
            diag_label(p->ds, e, p->stack->name.span, "the first is here");
            diag_help(p->ds, e,
                      "a root file holds one stack; put the other into a file of its own");
        } else {
            p->stack = d;
        }
        break;
    case DECL_ACCOUNT: push_unique(p, p->accounts, d); break;
    case DECL_USE:
        if (d->path2)
            use_file(p, l, d);
        else if (d->path)
            use_std(p, s, d);
        break;
    case DECL_INPUT:
        if (declare(p, s, d))
            vec_push(p->arena, &p->inputs, d);
        break;
    case DECL_LET:
    case DECL_FN: declare(p, s, d); break;
    case DECL_MODULE: declare_module(p, s, d); break;
    case DECL_SHARED: declare_body(p, s->shared, d->body, IN_SHARED); break;
    case DECL_WORLD:
        y = declare(p, s, d);
        if (!y)
            break;
        vec_push(p->arena, &p->worlds, d);
        y->body = scope_new(p, SCOPE_WORLD, d->name.text, s->shared ? s->shared : s, s->file);
        break;
    case DECL_TYPE: declare_type(p, s, d); break;
    case DECL_SERVICE:
        if (d->name.text)
            map_put(&p->services, d->name.text, (void *)(uintptr_t)d);
        break;
    case DECL_OUTPUT: push_unique(p, p->outputs, d); break;
    case DECL_GATE: push_unique(p, p->gates, d); break;
    case DECL_ASSERT: vec_push(p->arena, &p->asserts, d); break;
    case DECL_TRAFFIC: vec_push(p->arena, &p->traffics, d); break;
    case DECL_ROLLOUT: vec_push(p->arena, &p->rollouts, d); break;
    case DECL_SCENARIO: vec_push(p->arena, &p->scenarios, d); break;
    case DECL_MOVED: vec_push(p->arena, &p->moved, d); break;
    case DECL_ADOPT: vec_push(p->arena, &p->adopts, d); break;
    case DECL_TEST: vec_push(p->arena, &p->tests, d); break;
    case DECL_OUT:
    case DECL_EXISTING:
    case DECL_RESOURCE:
    case DECL_ENTRY: break;
    }
}

/* Worlds come last: their names must not hide what stands outside of them,
 * wherever in the file that is. */
static void declare_worlds(struct program *p, const struct file_ast *file, struct scope *s)
{
    for (const struct decl *d = file->decls; d; d = d->next) {
        if (d->kind != DECL_WORLD || !d->name.text)
            continue;
        const struct symbol *y = map_find(&s->symbols, d->name.text);
        if (y && y->decl == d)
            declare_body(p, y->body, d->body, IN_WORLD);
    }
}

static void declare_file(struct program *p, const struct loading *l, const struct file_ast *file)
{
    struct scope *s = l->scope;
    enum home at = l->root ? IN_ROOT : IN_IMPORTED;
    for (const struct decl *d = file->decls; d && l->root; d = d->next)
        if (d->kind == DECL_SHARED && !s->shared)
            s->shared = scope_new(p, SCOPE_SHARED, NULL, s, file);
    for (const struct decl *d = file->decls; d; d = d->next)
        if (allowed_here(p, s, d, at))
            declare_top(p, l, d);
    if (l->root)
        declare_worlds(p, file, s);
}

static struct scope *file_scope(struct program *p, uint32_t number, const struct file_ast *file)
{
    struct scope *s = scope_new(p, SCOPE_ROOT, NULL, p->prelude, file);
    while (p->file_scopes.n <= number)
        vec_push(p->arena, &p->file_scopes, NULL);
    p->file_scopes.at[number] = s;
    return s;
}

static struct scope *load_file(struct program *p, const struct loading *up, struct span at,
                               const char *path)
{
    for (const struct loading *l = up; l; l = l->up)
        if (l->path && !strcmp(l->path, path)) {
            struct diag *e = diag_error(p->ds, "BG0103", at, "these files import each other");
            for (const struct loading *m = up; m != l; m = m->up)
                diag_note(p->ds, e, "\"%s\" is imported by \"%s\"", m->path, m->up->path);
            diag_help(p->ds, e, "move what both need into a third file");
            return NULL;
        }
    struct scope *old = map_find(&p->files, path);
    if (old)
        return old;
    if (up->depth >= IMPORTS_MAX) {
        struct diag *e = diag_error(p->ds, "BG0109", at, "these files import one another %d levels "
                                    "deep", IMPORTS_MAX);
        diag_help(p->ds, e, "import them side by side: a file may have many `use` lines");
        return NULL;
    }
    uint32_t number = 0;
    if (!files_read(p, at, path, &number))
        return NULL;
    const struct file_ast *file = parse_file(p->arena, p->names, p->ds, number);
    struct scope *s = file_scope(p, number, file);
    map_put(&p->files, path, s);
    struct loading l = {up, up->depth + 1, path, files_dir(p->arena, path), s, false};
    declare_file(p, &l, file);
    return s;
}

struct scope *load_std(struct program *p, const char *name)
{
    const char *key = arena_printf(p->arena, "std:%s", name);
    if (map_has(&p->files, key))
        return map_find(&p->files, key);
    uint32_t number = 0;
    if (!files_read_std(p, name, &number)) {
        map_put(&p->files, key, NULL);
        return NULL;
    }
    const struct file_ast *file = parse_file(p->arena, p->names, p->ds, number);
    struct scope *s = file_scope(p, number, file);
    map_put(&p->files, key, s);
    struct loading l = {.dir = "", .scope = s};
    declare_file(p, &l, file);
    return s;
}

void program_load_all_types(struct program *p)
{
    for (size_t i = 0; i < embedded_files_n; i++)
        if (!strncmp(embedded_files[i].path, "stdlib/aws/", 11))
            load_std(p, embedded_files[i].path + strlen("stdlib/"));
}

/* ---- programs -------------------------------------------------------- */

static struct program *program_new(struct arena *session, struct intern *names, struct diags *ds)
{
    struct program *p = arena_make(session, struct program);
    p->arena = session;
    p->names = names;
    p->ds = ds;
    p->root_dir = "";
    map_init(&p->types, session);
    map_init(&p->services, session);
    map_init(&p->modules, session);
    map_init(&p->files, session);
    map_init(&p->texts, session);
    map_init(&p->type_memo, session);
    map_init(&p->regexes, session);
    map_init(&p->native_memo, session);
    p->prelude = load_std(p, "std/prelude.bg");
    return p;
}

struct program *program_stdlib(struct arena *session, struct intern *names, struct diags *ds)
{
    struct program *p = program_new(session, names, ds);
    p->root = scope_new(p, SCOPE_ROOT, NULL, p->prelude, NULL);
    return p;
}

/* A file without a stack is a library, if it holds only what libraries hold. */
static void want_stack(struct program *p, const struct file_ast *file)
{
    const struct decl *first = NULL;
    bool library = file->decls != NULL;
    for (const struct decl *d = file->decls; d; d = d->next)
        if (!(kinds[d->kind].homes & IN_IMPORTED)) {
            library = false;
            first = first ? first : d;
        }
    if (p->stack || library || file->broken)
        return;
    struct span at = first ? first->span : (struct span){file->file, 0, 0};
    struct diag *e = diag_error(p->ds, "BG0104", at, "this file has no `stack`");
    diag_help(p->ds, e, "begin it with `stack NAME { region = \"eu-west-1\" }`: the unit of plan, "
                        "apply and lock");
}

static struct program *load(struct arena *session, struct intern *names, struct diags *ds,
                            const char *root_path, const char *root_text,
                            const struct overlay *overlay)
{
    struct program *p = program_new(session, names, ds);
    p->overlay = overlay;
    p->root_path = arena_strdup(session, root_path);
    p->root_dir = files_dir(session, p->root_path);
    uint32_t number = 0;
    const char *slash = strrchr(p->root_path, '/');
    const char *name = slash ? slash + 1 : p->root_path;
    if (root_text)
        number = sources_add(ds->sources, p->root_path, root_text, strlen(root_text));
    else if (!files_read_root(p, &number)) {
        p->root = scope_new(p, SCOPE_ROOT, NULL, p->prelude, NULL);
        return p;
    }
    const struct file_ast *file = parse_file(session, names, ds, number);
    p->root = file_scope(p, number, file);
    map_put(&p->files, name, p->root);
    struct loading l = {.path = name, .dir = "", .scope = p->root, .root = true};
    declare_file(p, &l, file);
    want_stack(p, file);
    return p;
}

struct program *program_load(struct arena *session, struct intern *names, struct diags *ds,
                             const char *root_path, const char *root_text)
{
    return load(session, names, ds, root_path, root_text, NULL);
}

struct program *program_load_over(struct arena *session, struct intern *names, struct diags *ds,
                                  const char *root_path, const struct overlay *overlay)
{
    return load(session, names, ds, root_path, NULL, overlay);
}

/* "shop.test.bg" for "shop.bg"; NULL for what is such a file itself. */
static const char *tests_of(struct arena *a, const char *name)
{
    size_t n = strlen(name);
    if (n < 4 || strcmp(name + n - 3, ".bg") != 0 ||
        (n > 8 && !strcmp(name + n - 8, ".test.bg")))
        return NULL;
    return arena_printf(a, "%.*s.test.bg", (int)n - 3, name);
}

void program_load_tests(struct program *p)
{
    const char *slash = strrchr(p->root_path, '/');
    const char *name = tests_of(p->arena, slash ? slash + 1 : p->root_path);
    uint32_t number = 0;
    if (!name || !p->root->file || map_has(&p->files, name) || !files_has(p, name) ||
        !files_read(p, NO_SPAN, name, &number))
        return;
    const struct file_ast *file = parse_file(p->arena, p->names, p->ds, number);
    for (const struct decl *d = file->decls; d; d = d->next)
        if (d->kind == DECL_STACK)
            return; /* a program of its own, which tests a library */
    struct scope *s = file_scope(p, number, file);
    s->parent = p->root;
    map_put(&p->files, name, s);
    struct loading l = {.dir = "", .scope = s};
    for (const struct decl *d = file->decls; d; d = d->next)
        if (allowed_here(p, s, d, IN_TESTS))
            declare_top(p, &l, d);
}
