#include "lang/parse.h"

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

static void parser_open(struct parser *p, struct arena *a, struct intern *names, struct diags *ds,
                        uint32_t file, enum start start)
{
    *p = (struct parser){.arena = a, .names = names, .ds = ds, .start = start};
    lex_open(&p->lex, a, names, ds, file, ds->sources->files.at[file]);
}

/* Reads the text once; when its brackets do not balance, forgets that reading,
 * mends them and reads it again. True when nothing was wrong. */
static bool run(struct parser *p, struct arena *a, struct intern *names, struct diags *ds,
                uint32_t file, enum start start)
{
    const struct source *src = ds->sources->files.at[file];
    size_t mark = diags_mark(ds), errors = ds->errors;
    if (src->len > FILE_MAX) {
        *p = (struct parser){.arena = a};
        struct diag *d = diag_error(ds, "BG0015", (struct span){file, 0, 0},
                                    "this file is larger than 64 MiB");
        diag_help(ds, d, "split it; `use \"./other.bg\" = name` reads another file");
        return false;
    }
    parser_open(p, a, names, ds, file, start);
    bgparse(p);
    lex_close(&p->lex);
    if (p->unbalanced && !p->fatal) {
        diags_rewind(ds, mark);
        parser_open(p, a, names, ds, file, start);
        mend_brackets(p);
        if (p->lex.errors <= SYNTAX_ERRORS_MAX)
            bgparse(p);
        lex_close(&p->lex);
        if (ds->errors == errors) /* every imbalance is reported; never stay silent */
            diag_error(ds, "BG0005", (struct span){file, 0, 0}, "brackets do not balance here");
    }
    if (p->lex.errors > SYNTAX_ERRORS_MAX)
        diag_error(ds, "BG0001", lex_span(&p->lex, src->len, src->len),
                   "there are more errors; the rest of this file was not read");
    return ds->errors == errors;
}

struct file_ast *parse_file(struct arena *a, struct intern *names, struct diags *ds, uint32_t file)
{
    struct parser *p = arena_make(a, struct parser);
    struct file_ast *ast = arena_make(a, struct file_ast);
    ast->file = file;
    ast->broken = !run(p, a, names, ds, file, PARSE_FILE);
    ast->decls = p->decls;
    ast->allows = p->allows;
    ast->binds = p->binds;
    for (size_t i = 0; i < p->lost.n; i++)
        vec_push(a, &ast->lost, p->lost.at[i]);
    return ast;
}

struct expr *parse_expr(struct arena *a, struct intern *names, struct diags *ds, uint32_t file)
{
    struct parser *p = arena_make(a, struct parser);
    return run(p, a, names, ds, file, PARSE_EXPR) ? p->expr : NULL;
}

bool parse_bindings(struct arena *a, struct intern *names, struct diags *ds, uint32_t file,
                    struct arg **out)
{
    struct parser *p = arena_make(a, struct parser);
    bool sound = run(p, a, names, ds, file, PARSE_BINDINGS);
    *out = p->bindings;
    return sound;
}
