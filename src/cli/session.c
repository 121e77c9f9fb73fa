#include "cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/render.h"

void session_open(struct session *s, const char *file)
{
    s->a = arena_new("session");
    sources_init(&s->sources, s->a);
    diags_init(&s->ds, s->a, &s->sources);
    intern_init(&s->names, s->a);
    buf_init(&s->out, s->a);
    s->p = file ? program_load(s->a, &s->names, &s->ds, file, NULL)
                : program_stdlib(s->a, &s->names, &s->ds);
    schemas_init(&s->ss, s->p);
}

int session_close(struct session *s)
{
    struct buf err;
    buf_init(&err, s->a);
    render_text(&err, &s->ds, !getenv("NO_COLOR") && isatty(STDERR_FILENO));
    fputs(buf_text(&s->out), stdout);
    fputs(buf_text(&err), stderr);
    int status = s->ds.errors ? 1 : 0;
    arena_free(s->a);
    return status;
}
