#include "lsp/analysis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/eval.h"
#include "lang/inputs.h"
#include "lang/lint.h"
#include "lang/load.h"

enum { LINT_AT_ONCE = 200 }; /* resources; the rules of more are asked after errors are shown */

/* ---- what the checker says ------------------------------------------- */

static size_t slot_of(const struct found_slots *f, const struct expr *e)
{
    size_t i = ((uintptr_t)e >> 4) * 0x9e3779b1u & (f->cap - 1);
    while (f->at[i].e && f->at[i].e != e)
        i = (i + 1) & (f->cap - 1);
    return i;
}

static void grow(struct arena *a, struct found_slots *f)
{
    struct found_slots old = *f;
    f->cap = old.cap ? old.cap * 2 : 1024;
    f->at = arena_array(a, struct check_found, f->cap);
    for (size_t i = 0; i < old.cap; i++)
        if (old.at[i].e)
            f->at[slot_of(f, old.at[i].e)] = old.at[i];
}

static void see(struct check_watch *w, const struct check_found *found)
{
    struct analysis *an = (struct analysis *)w;
    struct found_slots *f = &an->found;
    uint32_t file = found->e->span.file;
    if (!an->name && program_is_std(an->program, found->e->span))
        return;
    if (!file)
        return;
    if (f->n * 2 >= f->cap)
        grow(an->arena, f);
    struct check_found *slot = &f->at[slot_of(f, found->e)];
    if (!slot->e) {
        f->n++;
        *slot = *found;
        return;
    }
    /* Seen again: what was known then is not forgotten. */
    const struct type *want = slot->want ? slot->want : found->want;
    if (found->type && found->type->kind != TYPE_K_POISON)
        *slot = *found;
    slot->want = want;
}

const struct check_found *analysis_found(const struct analysis *an, const struct expr *e)
{
    if (!e || !an->found.cap)
        return NULL;
    const struct check_found *f = &an->found.at[slot_of(&an->found, e)];
    return f->e ? f : NULL;
}

/* ---- making ---------------------------------------------------------- */

static const char *open_text(void *self, const char *path, size_t *len)
{
    const struct analysis *an = self;
    const struct document *d = documents_at(an->documents, path);
    if (!d)
        return NULL;
    *len = d->len;
    /* The document changes; the program is of this moment. */
    return arena_strndup(an->arena, d->text, d->len);
}

struct analysis *analysis_new(const char *root, const char *name,
                              const struct documents *documents, enum encoding e)
{
    struct analysis *an = calloc(1, sizeof *an);
    char *own = strdup(root);
    if (!an || !own) {
        fprintf(stderr, "bgc: out of memory (an analysis)\n");
        exit(1);
    }
    an->root = own;
    an->documents = documents;
    an->encoding = e;
    an->arena = arena_new("analysis");
    an->reports = json_object();
    an->watch.see = see;
    an->overlay = (struct overlay){open_text, an};
    an->name = name;
    return an;
}

void analysis_free(struct analysis *an)
{
    arena_free(an->arena);
    json_decref(an->reports);
    free(an->root);
    free(an);
}

/* As `bgc check` does: without values for all inputs nothing is evaluated. */
static void evaluate(struct analysis *an)
{
    struct program *p = an->program;
    for (size_t i = 0; i < p->inputs.n; i++)
        if (!p->inputs.at[i]->value)
            return;
    struct inputs_args none = {0};
    struct map *inputs = inputs_read(p, an->arena, &none);
    if (!inputs)
        return;
    struct eval_args args = {.inputs = inputs, .pins = program_pins(p)};
    if (!an->ds.errors)
        an->graph = eval_program(p, an->arena, &args);
}

/* Values for an environment are checked when their file is open: env/NAME.bg. */
static void check_environments(struct analysis *an)
{
    size_t dir = strlen(an->program->root_dir);
    for (const struct document *d = an->documents->first; d; d = d->next) {
        const char *rest = d->path;
        if (strncmp(rest, an->program->root_dir, dir) != 0 || strncmp(rest + dir, "/env/", 5) != 0)
            continue;
        rest += dir + 5;
        size_t n = strlen(rest);
        if (strchr(rest, '/') || n < 4 || strcmp(rest + n - 3, ".bg") != 0)
            continue;
        struct inputs_args args = {.env = arena_strndup(an->arena, rest, n - 3)};
        inputs_read(an->program, an->arena, &args);
    }
}

void analysis_make(struct analysis *an)
{
    if (an->fresh)
        return;
    an->fresh = true;
    an->reported = false;
    an->linted = false;
    arena_reset(an->arena);
    an->found = (struct found_slots){0};
    an->marks = (struct marks){0};
    an->marked = false;
    an->texts = NULL;
    an->ntexts = 0;
    an->graph = NULL;
    sources_init(&an->sources, an->arena);
    diags_init(&an->ds, an->arena, &an->sources);
    intern_init(&an->names, an->arena);
    if (an->name) {
        an->program = program_stdlib(an->arena, &an->names, &an->ds);
        load_std(an->program, an->name);
        return;
    }
    an->program = program_load_over(an->arena, &an->names, &an->ds, an->root, &an->overlay);
    an->program->watch = &an->watch;
    program_load_tests(an->program);
    schemas_init(&an->schemas, an->program);
    if (program_check(an->program) && !an->ds.errors) {
        schemas_check(&an->schemas);
        if (!an->ds.errors)
            evaluate(an);
    }
    check_environments(an);
    an->program->watch = NULL;
    if (!an->graph || an->graph->nodes.n <= LINT_AT_ONCE)
        analysis_lint(an);
}

bool analysis_lint(struct analysis *an)
{
    if (an->linted || an->name || !an->fresh)
        return false;
    an->linted = true;
    program_lint(an->program, an->graph, NULL);
    return true;
}

/* ---- asking ---------------------------------------------------------- */

const struct marks *analysis_marks(struct analysis *an)
{
    if (!an->marked) {
        struct quiet q;
        an->marked = true;
        analysis_quiet(an, &q);
        marks_make(an, &an->marks);
        analysis_loud(an, &q);
    }
    return &an->marks;
}

uint32_t analysis_file(const struct analysis *an, const char *path)
{
    if (an->name)
        path = arena_printf(an->arena, "std:%s", an->name);
    for (size_t i = 1; path && i < an->sources.files.n; i++)
        if (!strcmp(an->sources.files.at[i]->path, path))
            return (uint32_t)i;
    return 0;
}

const struct text *analysis_text(struct analysis *an, uint32_t file)
{
    const struct source *src = sources_find(&an->sources, (struct span){file, 0, 0});
    if (an->ntexts <= file) {
        size_t n = an->sources.files.n > file ? an->sources.files.n : file + 1;
        struct text **at = arena_array(an->arena, struct text *, n);
        if (an->ntexts)
            memcpy(at, an->texts, an->ntexts * sizeof *at);
        an->texts = at;
        an->ntexts = n;
    }
    if (!an->texts[file]) {
        struct text *t = arena_make(an->arena, struct text);
        text_init(t, an->arena, src ? src->text : "", src ? src->len : 0, an->encoding);
        an->texts[file] = t;
    }
    return an->texts[file];
}

bool analysis_std(const struct analysis *an, uint32_t file)
{
    return program_is_std(an->program, (struct span){file, 0, 0});
}

void analysis_quiet(struct analysis *an, struct quiet *q)
{
    q->loud = an->program->ds;
    diags_init(&q->ds, an->arena, &an->sources);
    an->program->ds = &q->ds;
}

void analysis_loud(struct analysis *an, struct quiet *q)
{
    an->program->ds = q->loud;
}
