#include "cli/cmd_lock.h"

#include <string.h>

#include "base/file.h"
#include "cli/account.h"
#include "cli/command.h"
#include "cli/lock_module.h"
#include "cli/lock_unused.h"
#include "lang/remote.h"
#include "rollout/survey.h"

/* ---- the file --------------------------------------------------------------------- */

static bool one_word(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == ' ' || s[i] == '\t')
            return false;
    return n > 0;
}

const char *lock_edit(struct arena *a, const char *text, size_t len, struct span at,
                      const char *address, const char *id, const char *name)
{
    struct buf b;
    buf_init(&b, a);
    if (!at.file) {
        buf_put(&b, text, len);
        if (len && text[len - 1] != '\n')
            buf_putc(&b, '\n');
        buf_printf(&b, "%s = \"%s\"", address, id);
        if (name)
            buf_printf(&b, "   # %s", name);
        buf_putc(&b, '\n');
        return buf_text(&b);
    }
    const char *rest = text + at.end, *line_end = memchr(rest, '\n', len - at.end);
    line_end = line_end ? line_end : text + len;
    buf_put(&b, text, at.start);
    buf_puts(&b, id);
    const char *hash = memchr(rest, '#', (size_t)(line_end - rest));
    if (hash && name) {
        const char *word = hash + 1 + strspn(hash + 1, " \t");
        if (word < line_end && one_word(word, (size_t)(line_end - word))) {
            buf_put(&b, rest, (size_t)(word - rest));
            buf_puts(&b, name);
            rest = line_end;
        }
    }
    buf_put(&b, rest, len - (size_t)(rest - text));
    return buf_text(&b);
}

/* ---- the command -------------------------------------------------------------------- */

static const struct node *pinned_node(struct context *c, const char *address)
{
    VEC(const char *) names = {0};
    for (size_t i = 0; i < c->graph->nodes.n; i++) {
        const struct node *n = c->graph->nodes.at[i];
        if (!n->pin)
            continue;
        if (!strcmp(n->address, address))
            return n;
        vec_push(c->session, &names, n->address);
    }
    struct diag *d =
        diag_error(&c->ds, "BG6205", NO_SPAN, "nothing in the spec is pinned as `%s`", address);
    const char *meant = suggest(address, names.at, names.n);
    if (meant)
        diag_help(&c->ds, d, "did you mean `%s`?", meant);
    else
        for (size_t i = 0; i < names.n; i++)
            diag_note(&c->ds, d, "`%s` is pinned", names.at[i]);
    return NULL;
}

/* The account's answer as it would be without the pin. */
static const struct value *ask(struct context *c, const char *address)
{
    struct map *pins = arena_make(c->session, struct map);
    map_init(pins, c->session);
    const struct map *all = program_pins(c->program);
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->entries[i].key, address) != 0)
            map_put(pins, all->entries[i].key, all->entries[i].value);
    struct eval_args eval = {.inputs = c->inputs, .pins = pins};
    struct survey_args sa = {.program = c->program,
                             .schemas = &c->schemas,
                             .cloud = c->cloud,
                             .ds = &c->ds,
                             .eval = &eval};
    struct survey s = {0};
    return survey_graph(&sa, c->session, &s) ? facts_find(s.facts, address) : NULL;
}

static int update(struct context *c, const char *address)
{
    const struct value *fact = ask(c, address);
    const char *id = value_get_string(fact, "id"), *name = value_get_string(fact, "name");
    const char *old = map_find(program_pins(c->program), address);
    if (!id) {
        if (!c->ds.errors)
            diag_error(&c->ds, "BG6205", NO_SPAN, "the account has no answer for `%s`", address);
        return EXIT_ERROR;
    }
    if (old && !strcmp(old, id)) {
        buf_printf(&c->out, "%s stays %s\n", address, id);
        return EXIT_DONE;
    }
    struct span at = program_pin_span(c->program, address);
    const struct source *src = sources_find(&c->sources, at);
    const char *path = path_join(c->session, path_dirname(c->session, c->path), LOCK_FILE);
    const char *text = src ? src->text : "", *error = NULL;
    size_t len = src ? src->len : 0;
    if (!src && file_exists(path) && !file_read(c->session, path, &text, &len, &error)) {
        diag_error(&c->ds, "BG0101", NO_SPAN, "cannot read \"%s\": %s", path, error);
        return EXIT_ERROR;
    }
    if (!src && !len)
        text = LOCK_HEAD;
    const char *edited =
        lock_edit(c->session, text, src || len ? len : strlen(text), at, address, id, name);
    if (!file_write_atomic(c->session, path, edited, strlen(edited), 0, &error)) {
        diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
        return EXIT_ERROR;
    }
    buf_printf(&c->out, "%s: %s -> %s%s%s%s\n", address, old ? old : "nothing", id,
               name ? " (" : "", name ? name : "", name ? ")" : "");
    return EXIT_DONE;
}

int cmd_lock(struct context *c)
{
    if (c->opt.args.n && !strcmp(c->opt.args.at[0], "prune"))
        return context_load(c, 1) ? lock_prune(c) : EXIT_ERROR;
    if (c->opt.args.n < 2 || strcmp(c->opt.args.at[0], "update") != 0) {
        struct diag *d = diag_error(&c->ds, "BG0904", NO_SPAN, "which pin is to move?");
        diag_help(&c->ds, d,
                  "usage: bgc lock update ADDRESS [FILE|DIR], for example `bgc lock update "
                  "shared.image`; `bgc lock prune` takes out those that nothing uses");
        return EXIT_ERROR;
    }
    if (remote_meant(c->opt.args.at[1]))
        return lock_module(c, c->opt.args.at[1]);
    if (!context_load(c, 2) || !context_graph(c) || !pinned_node(c, c->opt.args.at[1]) ||
        !context_open(c))
        return EXIT_ERROR;
    lock_warn_unused(c);
    return update(c, c->opt.args.at[1]);
}
