#include "cli/cmd_types.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/doc.h"
#include "schema/model.h"

/* ---- models ---------------------------------------------------------------------------- */

/* The last of a folder's entries by name: versions are dates. */
static const char *newest_in(struct arena *a, const char *folder)
{
    DIR *d = opendir(folder);
    if (!d && errno == ENOMEM)
        arena_exhausted("folder");
    const char *best = NULL;
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.' && (!best || strcmp(e->d_name, best) > 0) &&
            file_exists(arena_printf(a, "%s/%s/service-2.json", folder, e->d_name)))
            best = arena_strdup(a, e->d_name);
    if (d)
        closedir(d);
    return best;
}

static const char *model_path(struct arena *a, const char *dir, const char *name)
{
    const char *plain = arena_printf(a, "%s/%s.json", dir, name);
    if (file_exists(plain))
        return plain;
    const char *folder = arena_printf(a, "%s/%s", dir, name);
    const char *flat = arena_printf(a, "%s/service-2.json", folder);
    if (file_exists(flat))
        return flat;
    const char *version = newest_in(a, folder);
    return version ? arena_printf(a, "%s/%s/service-2.json", folder, version) : NULL;
}

/* The folder that AWS's models of a service are in: its name unless it says so. */
static const char *model_name(const struct decl *service)
{
    for (const struct arg *x = service->fields; x; x = x->next)
        if (!strcmp(x->name.text, "model") && x->value->kind == EXPR_LITERAL &&
            x->value->literal->kind == V_STRING)
            return x->value->literal->s;
    return service->name.text;
}

static struct model *load_model(struct session *s, const char *dir, const char *service)
{
    const struct decl *decl = program_service(s->p, service);
    if (!decl)
        return NULL; /* the type's own check has said it */
    const char *name = model_name(decl), *path = model_path(s->a, dir, name);
    if (!path) {
        struct diag *d = diag_error(&s->ds, "BG5708", decl->name.span,
                                    "there is no model of `%s` in %s", name, dir);
        diag_help(&s->ds, d, "it is looked for as %s/%s/VERSION/service-2.json; gunzip it first",
                  dir, name);
        return NULL;
    }
    const char *text, *error = NULL;
    size_t len;
    struct value *root = NULL;
    if (file_read(s->a, path, &text, &len, &error))
        root = value_from_json(s->a, text, len, &error);
    struct model *m = root ? model_new(s->a, service, root) : NULL;
    if (!m)
        diag_error(&s->ds, "BG5708", decl->name.span, "%s: %s", path,
                   error ? error : "this is no model of a service");
    return m;
}

static int usage(const char *why, const char *what)
{
    fprintf(stderr, "bgc types: %s%s\n", why, what);
    fprintf(stderr, "usage: bgc types\n       bgc types check --models DIR [FILE]\n");
    return 1;
}

static int run_check(int argc, char **argv)
{
    const char *dir = NULL, *file = NULL;
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--models") && i + 1 < argc)
            dir = argv[++i];
        else if (argv[i][0] == '-')
            return usage("there is no option ", argv[i]);
        else if (file)
            return usage("one file at a time; too many: ", argv[i]);
        else
            file = argv[i];
    }
    if (!dir)
        return usage("where are the models? ", "--models DIR");
    struct session s;
    session_open(&s, file);
    struct map models;
    map_init(&models, s.a);
    size_t n = 0, checked = 0, good = 0;
    const char *const *names = schemas_names(&s.ss, s.a, &n);
    for (size_t i = 0; i < n; i++) {
        const struct decl *decl = program_type(s.p, names[i]);
        const struct source *src = decl ? sources_find(&s.sources, decl->span) : NULL;
        if (file && (!src || strcmp(src->path, s.p->root_path)))
            continue;
        const struct schema *schema = schema_find(&s.ss, names[i]);
        if (!schema)
            continue;
        if (!map_has(&models, schema->service))
            map_put(&models, schema->service, load_model(&s, dir, schema->service));
        const struct model *m = map_find(&models, schema->service);
        checked++;
        good += m && model_check(&s.ss, s.a, &s.ds, schema, m);
    }
    buf_printf(&s.out, "%zu of %zu types agree with their models\n", good, checked);
    return session_close(&s);
}

/* ---- types ------------------------------------------------------------------------------ */

int cmd_types(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "check"))
        return run_check(argc - 2, argv + 2);
    if (argc > 1)
        return usage("it does not take ", argv[1]);
    struct session s;
    session_open(&s, NULL);
    size_t n = 0, width = 0;
    const char *const *names = doc_types(&s, &n);
    for (size_t i = 0; i < n; i++)
        if (strlen(names[i]) > width)
            width = strlen(names[i]);
    for (size_t i = 0; i < n; i++)
        buf_printf(&s.out, "%-*s  %s\n", (int)width, names[i], doc_type_line(s.a, doc_type(&s, names[i])));
    return session_close(&s);
}
