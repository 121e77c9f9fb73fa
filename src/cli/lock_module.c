#include "cli/lock_module.h"

#include <string.h>

#include "aws/http.h"
#include "aws/uri.h"
#include "base/file.h"
#include "cli/cmd_lock.h"
#include "cli/command.h"
#include "lang/parse.h"
#include "lang/remote.h"

enum {
    MODULE_MAX = 1 << 20, /* bytes of one file */
    FILES_MAX = 100,      /* that import one another */
    CONNECT_MS = 10000,
    TOTAL_MS = 30000,
};

struct copy {
    const char *url, *path; /* path: below the root folder */
    const char *text;
    size_t len;
};

struct fetching {
    struct context *c;
    struct http *http;
    VEC(struct copy) copies;
};

/* ---- fetching ---------------------------------------------------------- */

static bool refuse(struct context *c, const char *url, const char *why)
{
    struct diag *d = diag_error(&c->ds, "BG6213", NO_SPAN, "`%s` cannot be fetched: %s", url, why);
    diag_note(&c->ds, d, "nothing was written");
    return false;
}

static const char *header(const struct wire_response *r, const char *name)
{
    for (size_t i = 0; i < r->nheaders; i++)
        if (!strcasecmp(r->headers[i].name, name))
            return r->headers[i].value;
    return NULL;
}

/* A redirect is not followed: the spec says where a module is. */
static bool take(struct fetching *f, struct copy *copy, const struct http_result *r)
{
    struct arena *a = f->c->session;
    const char *to = header(&r->reply, "location");
    if (r->outcome == HTTP_TOO_LONG)
        return refuse(f->c, copy->url, "it is longer than 1 MiB, which no module is");
    if (r->outcome != HTTP_OK)
        return refuse(f->c, copy->url, r->why);
    if (r->reply.status / 100 == 3 && to)
        return refuse(f->c, copy->url, arena_printf(a, "it has moved to %s; write that", to));
    if (r->reply.status != 200)
        return refuse(f->c, copy->url, arena_printf(a, "status %d", r->reply.status));
    copy->text = arena_strndup(a, r->reply.body, r->reply.nbody);
    copy->len = r->reply.nbody;
    return true;
}

static bool fetch(struct fetching *f, struct copy *copy)
{
    struct uri u;
    struct http_request req = {
        .method = "GET",
        .url = copy->url,
        .connect_ms = CONNECT_MS,
        .total_ms = TOTAL_MS,
        .body_max = MODULE_MAX,
        .plain = uri_parse(f->c->session, copy->url, &u) && !u.https && uri_loopback(u.host),
    };
    struct http_result r;
    http_fetch(f->http, &req, &r);
    bool good = take(f, copy, &r);
    http_release(f->http, &r);
    return good;
}

static bool add(struct fetching *f, const char *url)
{
    for (size_t i = 0; i < f->copies.n; i++)
        if (!strcmp(f->copies.at[i].url, url))
            return true;
    const char *why, *path = remote_copy(f->c->session, url, &why);
    if (!path)
        return refuse(f->c, url, why);
    if (f->copies.n == FILES_MAX)
        return refuse(f->c, url, "more than 100 files import one another");
    vec_push(f->c->session, &f->copies, (struct copy){.url = url, .path = path});
    return true;
}

/* Whatever it is, it is program text, and what it imports is fetched too. */
static bool read_imports(struct fetching *f, const struct copy *copy)
{
    struct context *c = f->c;
    size_t before = c->ds.errors;
    uint32_t file = sources_add(&c->sources, copy->url, copy->text, copy->len);
    const struct file_ast *ast = parse_file(c->session, &c->names, &c->ds, file);
    if (c->ds.errors != before)
        return refuse(c, copy->url, "what is there is no module");
    for (const struct decl *d = ast->decls; d; d = d->next) {
        const char *url = d->kind == DECL_USE && d->path2
                              ? remote_join(c->session, copy->url, d->path2)
                              : NULL;
        if (url && !add(f, url))
            return false;
    }
    return true;
}

static bool fetch_all(struct fetching *f, const char *url)
{
    struct context *c = f->c;
    const char *proxy = context_env(NULL, "HTTPS_PROXY"), *none = context_env(NULL, "NO_PROXY");
    struct http_config cfg = {
        .connect_to = context_env(NULL, "BGC_CONNECT_TO"),
        .ca_file = context_env(NULL, "AWS_CA_BUNDLE"),
        .proxy = proxy ? proxy : context_env(NULL, "https_proxy"),
        .no_proxy = none ? none : context_env(NULL, "no_proxy"),
    };
    const char *why;
    f->http = http_new(c->session, &cfg, &why);
    if (!f->http)
        return refuse(c, url, why);
    bool good = add(f, url);
    for (size_t i = 0; good && i < f->copies.n; i++) {
        struct copy copy = f->copies.at[i]; /* the list may move while it grows */
        good = fetch(f, &copy) && read_imports(f, &copy);
        f->copies.at[i] = copy;
    }
    http_free(f->http);
    return good;
}

/* ---- writing ----------------------------------------------------------- */

static bool cannot_write(struct context *c, const char *path, const char *why)
{
    diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, why);
    return false;
}

static bool write_copy(struct context *c, const char *root, const struct copy *copy)
{
    struct arena *a = c->session;
    const char *path = path_join(a, root, copy->path), *dir = path_dirname(a, path), *why;
    if (!make_dirs(a, dir, 0777, &why))
        return cannot_write(c, path, why);
    if (!path_inside(a, root, path_dirname(a, copy->path), &why))
        return cannot_write(c, path, "vendor/ is a link to somewhere else");
    return file_write_atomic(a, path, copy->text, copy->len, 0, &why) || cannot_write(c, path, why);
}

/* Pins that are there change in place, the last in the file first, so that the places of
 * the others stay; new ones are added behind. */
static const char *edit_pins(struct context *c, struct fetching *f, struct program *p,
                             const char *text)
{
    VEC(const struct copy *) order = {0};
    for (size_t i = 0; i < f->copies.n; i++) {
        const char *name = remote_pin_name(c->session, f->copies.at[i].url);
        struct span at = program_pin_span(p, name);
        size_t to = order.n;
        vec_push(c->session, &order, NULL);
        for (; to > 0; to--) {
            name = remote_pin_name(c->session, order.at[to - 1]->url);
            if (program_pin_span(p, name).start >= at.start)
                break;
            order.at[to] = order.at[to - 1];
        }
        order.at[to] = &f->copies.at[i];
    }
    for (size_t i = 0; i < order.n; i++) {
        const struct copy *copy = order.at[i];
        const char *name = remote_pin_name(c->session, copy->url);
        text = lock_edit(c->session, text, strlen(text), program_pin_span(p, name), name,
                         remote_pin(c->session, copy->text, copy->len), NULL);
    }
    return text;
}

static void say(struct context *c, struct program *p, const struct copy *copy)
{
    const char *pin = remote_pin(c->session, copy->text, copy->len);
    const char *old = map_find(program_pins(p), remote_pin_name(c->session, copy->url));
    if (old && !strcmp(old, pin))
        buf_printf(&c->out, "%s stays %.19s\n", copy->url, pin);
    else
        buf_printf(&c->out, "%s: %.19s -> %.19s, in %s\n", copy->url, old ? old : "nothing", pin,
                   copy->path);
}

/* ---- the command ------------------------------------------------------- */

static void forget_mistakes(struct context *c)
{
    diags_init(&c->ds, c->session, &c->sources);
    c->ds.secrets = &c->secrets;
}

/* The program need not be sound: a module that is missing is why one calls this. Only when it
 * cannot be read is what is wrong with it shown, for then nobody knows what it uses. */
static bool is_used(struct context *c, const char *url)
{
    context_load(c, 2);
    struct program *p = c->program;
    if (!p || !p->root->file)
        return false;
    for (size_t i = 0; i < p->remotes.n; i++)
        if (!strcmp(p->remotes.at[i], url))
            return true;
    if (p->root->file->broken)
        return false;
    forget_mistakes(c);
    struct diag *d = diag_error(&c->ds, "BG6205", NO_SPAN, "the spec does not use `%s`", url);
    const char *meant = suggest(url, p->remotes.at, p->remotes.n);
    if (meant)
        diag_help(&c->ds, d, "did you mean `%s`?", meant);
    else
        diag_help(&c->ds, d, "write `use \"%s\" = tier` into %s first", url, c->path);
    return false;
}

int lock_module(struct context *c, const char *url)
{
    if (!is_used(c, url))
        return EXIT_ERROR;
    struct program *p = c->program;
    const char *root = path_dirname(c->session, c->path);
    const char *path = path_join(c->session, root, LOCK_FILE), *text = LOCK_HEAD, *why;
    size_t len = strlen(text);
    forget_mistakes(c);
    if (file_exists(path) && !file_read(c->session, path, &text, &len, &why)) {
        diag_error(&c->ds, "BG0101", NO_SPAN, "cannot read \"%s\": %s", path, why);
        return EXIT_ERROR;
    }
    struct fetching f = {.c = c};
    if (!fetch_all(&f, url))
        return EXIT_ERROR;
    for (size_t i = 0; i < f.copies.n; i++)
        if (!write_copy(c, root, &f.copies.at[i]))
            return EXIT_ERROR;
    text = edit_pins(c, &f, p, text);
    if (!file_write_atomic(c->session, path, text, strlen(text), 0, &why)) {
        cannot_write(c, path, why);
        return EXIT_ERROR;
    }
    for (size_t i = 0; i < f.copies.n; i++)
        say(c, p, &f.copies.at[i]);
    return EXIT_DONE;
}
