#include "cli/cmd_lsp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/version.h"
#include "cli/command.h"
#include "lsp/server.h"

/* Where copies of the standard library go: they are a cache, one per version. */
static const char *library_folder(struct arena *a)
{
    const char *cache = context_env(NULL, "XDG_CACHE_HOME"), *home = context_env(NULL, "HOME");
    if (cache && *cache == '/')
        return arena_printf(a, "%s/bgc/%s", cache, bgc_version());
    return home && *home == '/' ? arena_printf(a, "%s/.cache/bgc/%s", home, bgc_version()) : NULL;
}

static bool write_all(const char *at, size_t n)
{
    while (n) {
        ssize_t done = write(STDOUT_FILENO, at, n);
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            at += done;
            n -= (size_t)done;
        }
    }
    return true;
}

static bool flush(struct server *s)
{
    size_t n;
    const char *out = server_output(s, &n);
    return write_all(out, n);
}

static bool more_waits(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 0) > 0;
}

int cmd_lsp(struct context *c)
{
    static const size_t piece = 1 << 16;
    struct server *s = server_new(library_folder(c->session));
    char *bytes = arena_alloc(c->session, piece);
    int status = EXIT_ERROR;
    bool broken = false; /* nobody listens any more */
    while (!server_done(s, &status)) {
        ssize_t n = read(STDIN_FILENO, bytes, piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        server_feed(s, bytes, (size_t)n);
        /* What is typed fast is compiled once, and what is found first shown first. */
        bool more = true;
        while (more && !more_waits()) {
            more = server_idle(s);
            if (!flush(s)) {
                more = false;
                broken = true;
            }
        }
        if (broken || !flush(s))
            break;
    }
    server_done(s, &status);
    server_free(s);
    return status;
}
