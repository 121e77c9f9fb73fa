#include "cli/lock_unused.h"

#include <string.h>

#include "base/file.h"
#include "cli/cmd_lock.h"
#include "cli/command.h"
#include "cli/spec.h"
#include "lang/moved.h"
#include "lang/remote.h"

static bool uses(struct program *p, struct arena *a, const char *address)
{
    for (size_t i = 0; i < p->remotes.n; i++)
        if (!strcmp(remote_pin_name(a, p->remotes.at[i]), address))
            return true;
    const struct decl *d = moved_declared(p, address);
    return d && d->kind == DECL_EXISTING && d->pin;
}

/* Whether another program in the folder does. */
static bool used_elsewhere(struct context *c, const char *address)
{
    size_t n;
    const char *const *all = spec_all(c->session, path_dirname(c->session, c->path), &n);
    for (size_t i = 0; all && i < n; i++) {
        struct sources sources;
        struct diags quiet;
        if (!strcmp(path_basename(all[i]), path_basename(c->path)))
            continue;
        sources_init(&sources, c->session);
        diags_init(&quiet, c->session, &sources);
        struct program *p = program_load(c->session, &c->names, &quiet, all[i], NULL);
        if (quiet.errors || uses(p, c->session, address))
            return true;
    }
    return false;
}

struct unused {
    VEC(const char *) all;
};

static struct unused unused_in(struct context *c)
{
    struct unused u = {0};
    const struct map *pins = c->path ? program_pins(c->program) : NULL;
    for (size_t i = 0; pins && i < pins->n; i++) {
        const char *address = pins->entries[i].key;
        if (!uses(c->program, c->session, address) && !used_elsewhere(c, address))
            vec_push(c->session, &u.all, address);
    }
    return u;
}

/* The line of a pin in the text of the lock, with its end. */
static struct span line_of(const struct source *src, struct span id)
{
    uint32_t start = id.start, end = id.end;
    while (start && src->text[start - 1] != '\n')
        start--;
    while (end < src->len && src->text[end] != '\n')
        end++;
    return (struct span){id.file, start, end < src->len ? end + 1 : end};
}

void lock_warn_unused(struct context *c)
{
    struct unused u = unused_in(c);
    for (size_t i = 0; i < u.all.n; i++) {
        struct span id = program_pin_span(c->program, u.all.at[i]);
        const struct source *src = sources_find(&c->sources, id);
        if (!src)
            continue;
        struct span line = line_of(src, id), name = line;
        name.start += (uint32_t)strspn(src->text + name.start, " \t");
        name.end = name.start + (uint32_t)strlen(u.all.at[i]);
        struct diag *d = diag_warn(&c->ds, "BG7006", name, "nothing uses this pin");
        diag_help(&c->ds, d, "`bgc lock prune` takes such lines out");
        diag_edit(&c->ds, diag_fix(&c->ds, d, false, "remove it"), line, "%s", "");
    }
}

static bool is_unused(const struct unused *u, const char *address)
{
    for (size_t i = 0; i < u->all.n; i++)
        if (!strcmp(u->all.at[i], address))
            return true;
    return false;
}

int lock_prune(struct context *c)
{
    struct unused u = unused_in(c);
    const struct map *pins = program_pins(c->program);
    const struct source *src = NULL;
    struct buf b;
    size_t at = 0;
    buf_init(&b, c->session);
    for (size_t i = 0; i < pins->n; i++) { /* in the order of the file */
        struct span id = program_pin_span(c->program, pins->entries[i].key);
        if (!is_unused(&u, pins->entries[i].key) || !(src = sources_find(&c->sources, id)))
            continue;
        struct span line = line_of(src, id);
        buf_put(&b, src->text + at, line.start - at);
        at = line.end;
        buf_printf(&c->out, "%s: removed\n", pins->entries[i].key);
    }
    if (!src) {
        buf_puts(&c->out, "every pin is used\n");
        return EXIT_DONE;
    }
    buf_put(&b, src->text + at, src->len - at);
    const char *path = path_join(c->session, path_dirname(c->session, c->path), LOCK_FILE), *error = NULL;
    if (!file_write_atomic(c->session, path, buf_text(&b), b.len, 0, &error)) {
        c->out.len = 0;
        diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
        return EXIT_ERROR;
    }
    return EXIT_DONE;
}
