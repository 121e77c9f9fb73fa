#include "cli/cmd_local.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/file.h"
#include "base/version.h"
#include "cli/command.h"
#include "lang/parse.h"
#include "lang/print.h"

int cmd_version(struct context *c)
{
    buf_printf(&c->out, "bgc %s\n", bgc_version());
    return EXIT_DONE;
}

/* ---- explain ------------------------------------------------------------------ */

/* "bg3001" and "3001" mean BG3001. */
static const char *full_code(struct arena *a, const char *word)
{
    struct buf b;
    buf_init(&b, a);
    if (isdigit((unsigned char)*word))
        buf_puts(&b, "BG");
    for (const char *s = word; *s; s++)
        buf_putc(&b, (char)toupper((unsigned char)*s));
    return buf_text(&b);
}

static const char *code_of(struct arena *a, const char *path)
{
    static const char dir[] = "docs/errors/";
    size_t n = strlen(path);
    if (strncmp(path, dir, sizeof dir - 1) || n < sizeof dir + 3 || strcmp(path + n - 3, ".md"))
        return NULL;
    return arena_strndup(a, path + sizeof dir - 1, n - sizeof dir + 1 - 3);
}

static int no_such_code(struct context *c, const char *code)
{
    const char **codes = arena_array(c->session, const char *, embedded_files_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < embedded_files_n; i++)
        if ((codes[n] = code_of(c->session, embedded_files[i].path)))
            n++;
    struct diag *d = diag_error(&c->ds, "BG0909", NO_SPAN, "no diagnostic has the code `%s`", code);
    const char *meant = suggest(code, codes, n);
    if (meant)
        diag_help(&c->ds, d, "did you mean `%s`?", meant);
    else
        diag_help(&c->ds, d, "codes look like BG3001; `bgc explain` alone lists them");
    return EXIT_ERROR;
}

/* "```text boot.sh": the name of the file whose text follows. */
static void put_file_name(struct context *c, const char *fence, const char *end)
{
    const char *name = memchr(fence, ' ', (size_t)(end - fence));
    if (name && memchr(name, '.', (size_t)(end - name)))
        buf_printf(&c->out, "    # %.*s\n", (int)(end - name - 1), name + 1);
}

/* Markdown for a terminal: titles without their mark, code set in. */
static void put_page(struct context *c, const char *text)
{
    bool code = false;
    for (const char *s = text, *end; *s; s = *end ? end + 1 : end) {
        end = strchr(s, '\n');
        end = end ? end : s + strlen(s);
        if (!strncmp(s, "```", 3)) {
            code = !code;
            if (code)
                put_file_name(c, s, end);
            continue;
        }
        bool title = !code && *s == '#';
        s += title ? strspn(s, "# ") : 0;
        if (title && c->colour_out)
            buf_puts(&c->out, "\033[1m");
        if (code && end > s)
            buf_puts(&c->out, "    ");
        buf_put(&c->out, s, (size_t)(end - s));
        if (title && c->colour_out)
            buf_puts(&c->out, "\033[0m");
        buf_putc(&c->out, '\n');
    }
}

static int list_codes(struct context *c)
{
    for (size_t i = 0; i < embedded_files_n; i++) {
        const char *code = code_of(c->session, embedded_files[i].path);
        const char *title = code ? strchr(embedded_files[i].text, ':') : NULL;
        if (title)
            buf_printf(&c->out, "%s  %.*s\n", code, (int)strcspn(title + 2, "\n"), title + 2);
    }
    return EXIT_DONE;
}

int cmd_explain(struct context *c)
{
    if (!c->opt.args.n)
        return list_codes(c);
    const char *code = full_code(c->session, c->opt.args.at[0]);
    const struct embedded_file *f = embed_find(arena_printf(c->session, "docs/errors/%s.md", code));
    if (!f)
        return no_such_code(c, code);
    put_page(c, f->text);
    return EXIT_DONE;
}

/* ---- fmt ------------------------------------------------------------------------ */

enum { STDIN_MAX = 64 << 20 };

struct formatting {
    struct context *c;
    bool check;
    size_t changed, seen;
};

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n >= m && !strcmp(s + n - m, end);
}

/* env/stage.bg holds `name = value` lines, which are no declarations. */
static bool holds_bindings(struct arena *a, const char *path)
{
    return !strcmp(path_basename(path_dirname(a, path)), "env");
}

/* The canonical form of a text; false: it has errors, which were reported. */
static bool fmt_text(struct formatting *f, const char *path, const char *text, size_t len,
                     struct buf *b)
{
    struct context *c = f->c;
    size_t errors = c->ds.errors;
    uint32_t n = sources_add(&c->sources, path, text, len);
    struct file_ast bindings = {.file = n};
    struct arg *lines;
    const struct file_ast *file = &bindings;
    if (holds_bindings(c->session, path))
        parse_bindings(c->session, &c->names, &c->ds, n, &lines);
    else
        file = parse_file(c->session, &c->names, &c->ds, n);
    if (c->ds.errors > errors)
        return false;
    buf_init(b, c->session);
    print_file(b, c->sources.files.at[n], file);
    return true;
}

static void fmt_file(struct formatting *f, const char *path)
{
    struct context *c = f->c;
    const char *text, *error = NULL;
    size_t len;
    struct buf b;
    f->seen++;
    if (!file_read(c->session, path, &text, &len, &error)) {
        diag_error(&c->ds, "BG0101", NO_SPAN, "cannot read \"%s\": %s", path, error);
        return;
    }
    if (!fmt_text(f, path, text, len, &b))
        return;
    if (b.len == len && !memcmp(buf_text(&b), text, len))
        return;
    f->changed++;
    if (!option_given(&c->opt, OPT_QUIET))
        buf_printf(&c->out, "%s%s\n", path, f->check ? " would change" : "");
    if (!f->check && !file_write_atomic(c->session, path, buf_text(&b), b.len, 0, &error))
        diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
}

/* `-`: from stdin to stdout, for editors; nothing is printed when it has errors. */
static void fmt_stdin(struct formatting *f)
{
    struct context *c = f->c;
    struct buf text, b;
    char block[1 << 14];
    size_t n;
    buf_init(&text, c->session);
    f->seen++;
    while ((n = fread(block, 1, sizeof block, stdin)) > 0 && text.len <= STDIN_MAX)
        buf_put(&text, block, n);
    if (ferror(stdin) || text.len > STDIN_MAX) {
        diag_error(&c->ds, "BG0101", NO_SPAN, "cannot read stdin: %s",
                   ferror(stdin) ? "reading failed" : "it is larger than 64 MiB");
        return;
    }
    const char *all = buf_text(&text);
    if (!fmt_text(f, "<stdin>", all, text.len, &b))
        return;
    f->changed += b.len != text.len || memcmp(buf_text(&b), all, b.len) != 0;
    if (!f->check)
        buf_put(&c->out, buf_text(&b), b.len);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* What a program's folder does not hold: hidden folders, what a package manager
 * brings, other repositories, other disks. Links are not followed. */
static bool is_foreign(struct arena *a, const char *path, const struct stat *st, dev_t disk)
{
    static const char *const names[] = {"node_modules", "vendor"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(path_basename(path), names[i]))
            return true;
    return st->st_dev != disk || file_exists(path_join(a, path, ".git"));
}

/* All of a machine is no program. */
static bool is_too_much(struct context *c, const char *dir)
{
    struct stat here, there;
    if (stat(dir, &here))
        return false;
    bool all = !stat("/", &there) && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
    if (!all)
        return false;
    struct diag *d = diag_error(&c->ds, "BG0911", NO_SPAN, "\"%s\" is no program's folder", dir);
    diag_help(&c->ds, d, "name the files, or the folder that they are in: `bgc fmt shop`");
    return true;
}

enum { FOLDERS_DEEP = 32 };

static void fmt_folder(struct formatting *f, const char *dir, int depth, dev_t disk)
{
    struct arena *a = f->c->session;
    DIR *d = opendir(dir);
    if (!d && errno == ENOMEM)
        arena_exhausted("folder");
    VEC(const char *) names = {0};
    if (!d) {
        diag_error(&f->c->ds, "BG0101", NO_SPAN, "cannot read the folder \"%s\"", dir);
        return;
    }
    for (const struct dirent *e = readdir(d); e; e = readdir(d))
        if (e->d_name[0] != '.')
            vec_push(a, &names, arena_strdup(a, e->d_name));
    closedir(d);
    if (names.n)
        qsort(names.at, names.n, sizeof *names.at, by_name);
    for (size_t i = 0; i < names.n; i++) {
        struct stat st;
        const char *path = strcmp(dir, ".") != 0 ? path_join(a, dir, names.at[i]) : names.at[i];
        if (lstat(path, &st))
            continue;
        if (S_ISDIR(st.st_mode) && depth < FOLDERS_DEEP && !is_foreign(a, path, &st, disk))
            fmt_folder(f, path, depth + 1, disk);
        else if (S_ISREG(st.st_mode) && ends_with(path, ".bg"))
            fmt_file(f, path);
    }
}

static void fmt_tree(struct formatting *f, const char *dir, dev_t disk)
{
    if (!is_too_much(f->c, dir))
        fmt_folder(f, dir, 0, disk);
}

int cmd_fmt(struct context *c)
{
    struct formatting f = {.c = c, .check = option_given(&c->opt, OPT_CHECK)};
    struct stat st;
    for (size_t i = 0; i < c->opt.args.n; i++)
        if (!strcmp(c->opt.args.at[i], "-"))
            fmt_stdin(&f);
        else if (!stat(c->opt.args.at[i], &st) && S_ISDIR(st.st_mode))
            fmt_tree(&f, c->opt.args.at[i], st.st_dev);
        else
            fmt_file(&f, c->opt.args.at[i]);
    if (!c->opt.args.n && !stat(".", &st))
        fmt_tree(&f, ".", st.st_dev);
    if (!f.seen && !c->ds.errors)
        diag_error(&c->ds, "BG0905", NO_SPAN, "there is no .bg file here");
    return c->ds.errors ? EXIT_ERROR : f.check && f.changed ? 3 : EXIT_DONE;
}

/* ---- graph ------------------------------------------------------------------------ */

static void put_dot_node(struct buf *b, const struct node *n)
{
    buf_puts(b, "    ");
    buf_put_json(b, n->address);
    buf_puts(b, n->existing ? " [style=dashed, label=" : " [label=");
    struct buf label;
    buf_init(&label, b->arena);
    buf_printf(&label, "%s\n%s", n->name, n->type);
    buf_put_json(b, buf_text(&label));
    buf_puts(b, "];\n");
}

/* Graphviz; what is looked up is dashed, arrows point to what is needed. */
static void put_dot(struct buf *b, const struct graph *g)
{
    buf_puts(b, "digraph ");
    buf_put_json(b, g->stack ? g->stack : "stack");
    buf_puts(b, " {\n  rankdir=LR;\n  node [shape=box];\n  subgraph cluster_shared {\n    "
                "label=\"shared\";\n");
    for (size_t i = 0; i < g->nodes.n; i++)
        if (!g->nodes.at[i]->world)
            put_dot_node(b, g->nodes.at[i]);
    buf_puts(b, "  }\n");
    for (size_t w = 0; w < g->worlds.n; w++) {
        buf_printf(b, "  subgraph cluster_world_%s {\n    label=\"world %s/%s\";\n",
                   g->worlds.at[w]->name, g->worlds.at[w]->name, g->worlds.at[w]->id);
        for (size_t i = 0; i < g->worlds.at[w]->nodes.n; i++)
            put_dot_node(b, g->worlds.at[w]->nodes.at[i]);
        buf_puts(b, "  }\n");
    }
    for (size_t i = 0; i < g->nodes.n; i++)
        for (size_t k = 0; k < g->nodes.at[i]->deps.n; k++) {
            const struct node *to = graph_find(g, g->nodes.at[i]->deps.at[k]);
            if (!to)
                continue;
            buf_puts(b, "  ");
            buf_put_json(b, g->nodes.at[i]->address);
            buf_puts(b, " -> ");
            buf_put_json(b, to->address);
            buf_puts(b, ";\n");
        }
    buf_puts(b, "}\n");
}

int cmd_graph(struct context *c)
{
    if (!context_load(c, 0) || !context_graph(c))
        return EXIT_ERROR;
    if (option_given(&c->opt, OPT_JSON)) {
        graph_json(&c->out, c->graph);
        if (c->out.len && c->out.at[c->out.len - 1] != '\n')
            buf_putc(&c->out, '\n');
    } else {
        put_dot(&c->out, c->graph);
    }
    return EXIT_DONE;
}
