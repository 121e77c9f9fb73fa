#include "lang/remote.h"

#include <ctype.h>
#include <string.h>

#include "base/digest.h"
#include "lang/files.h"

bool remote_meant(const char *path)
{
    size_t host = strcspn(path, "/");
    return strstr(path, "://") || strstr(path, "::") || !strncmp(path, "git@", 4) ||
           (path[host] && host > 4 && !strncmp(path + host - 4, ".com", 4));
}

/* ---- addresses ------------------------------------------------------- */

/* Lower-case letters, so that one host has one folder. *host_n and *port_n are the
 * lengths of its two parts; the port may be absent. */
static bool split_host(const char *s, size_t n, size_t *host_n, size_t *port_n)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
    size_t host = strspn(s, letters);
    *host_n = host;
    *port_n = 0;
    if (!host || host > n || *s == '.' || *s == '-')
        return false;
    if (host == n)
        return true;
    *port_n = strspn(s + host + 1, "0123456789");
    return s[host] == ':' && *port_n && *port_n <= 5 && host + 1 + *port_n == n;
}

/* One step of a path: it becomes a name in a folder, everywhere the same. */
static bool is_step(const char *s, size_t n)
{
    if (!n || *s == '.')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)s[i]) && !strchr("._~@+-", s[i]))
            return false;
    return true;
}

static bool are_steps(const char *path)
{
    size_t len = strlen(path);
    for (const char *s = path;; s++) {
        size_t n = strcspn(s, "/");
        if (!is_step(s, n))
            return false;
        s += n;
        if (!*s)
            break;
    }
    return len > 3 && !strcmp(path + len - 3, ".bg");
}

/* Without TLS only what cannot leave the machine. */
static bool is_here(const char *host, size_t n)
{
    return (n == 9 && !strncmp(host, "localhost", n)) ||
           (n > 4 && !strncmp(host, "127.", 4) && strspn(host, "0123456789.") >= n);
}

const char *remote_copy(struct arena *a, const char *url, const char **why)
{
    bool tls = !strncmp(url, "https://", 8);
    const char *host = url + (tls ? 8 : 7);
    *why = "an address is https, a host in lower case, and a path of plain names that ends in .bg";
    if (!tls && strncmp(url, "http://", 7) != 0)
        return NULL;
    size_t n = strcspn(host, "/"), host_n, port_n;
    if (!split_host(host, n, &host_n, &port_n) || !host[n] || !are_steps(host + n + 1))
        return NULL;
    if (!tls && !is_here(host, host_n)) {
        *why = "without TLS anybody on the way could change it: write https";
        return NULL;
    }
    if (!port_n)
        return arena_printf(a, "vendor/%.*s/%s", (int)host_n, host, host + n + 1);
    return arena_printf(a, "vendor/%.*s_%.*s/%s", (int)host_n, host, (int)port_n,
                        host + host_n + 1, host + n + 1);
}

const char *remote_join(struct arena *a, const char *url, const char *path)
{
    if (remote_meant(path))
        return path;
    const char *host_end = strchr(strstr(url, "://") + 3, '/');
    const char *dir = files_dir(a, host_end + 1);
    const char *whole = *dir ? arena_printf(a, "%s/%s", dir, path) : path;
    const char *steps = *path == '/' ? NULL : files_normalize(a, whole);
    return steps && *steps ? arena_printf(a, "%.*s/%s", (int)(host_end - url), url, steps) : NULL;
}

const char *remote_pin_name(struct arena *a, const char *url)
{
    return arena_printf(a, "\"%s\"", url);
}

const char *remote_pin(struct arena *a, const char *text, size_t len)
{
    return arena_printf(a, "sha256:%s", digest_sha256_hex(a, text, len));
}

/* ---- in a program ---------------------------------------------------- */

static const char *report_missing(struct program *p, struct span at, const char *url,
                                  const char *what)
{
    struct diag *d = diag_error(p->ds, "BG0111", at, "`%s` %s", url, what);
    diag_help(p->ds, d, "`bgc lock update %s` copies it and pins the copy; commit both", url);
    return NULL;
}

const char *remote_open(struct program *p, struct span at, const char *url)
{
    const char *why, *path = remote_copy(p->arena, url, &why);
    vec_push(p->arena, &p->remotes, url);
    if (!path) {
        struct diag *d = diag_error(p->ds, "BG0110", at, "no module can be copied from `%s`", url);
        diag_note(p->ds, d, "%s", why);
        diag_help(p->ds, d, "write where its file is, `https://example.com/tier/1.2/tier.bg`, or "
                            "keep a copy of your own: `use \"./tier.bg\" = tier`");
        return NULL;
    }
    const char *name = remote_pin_name(p->arena, url);
    const char *pin = map_find(program_pins(p), name);
    if (!pin)
        return report_missing(p, at, url, "is not pinned");
    if (!files_has(p, path))
        return report_missing(p, at, url, "is pinned, and its copy is not here");
    uint32_t file = 0;
    const struct source *src = files_read(p, at, path, &file);
    if (!src)
        return NULL;
    if (strcmp(pin, remote_pin(p->arena, src->text, src->len)) != 0) {
        struct diag *d = diag_error(p->ds, "BG0112", at, "\"%s\" is not what is pinned of `%s`",
                                    path, url);
        diag_label(p->ds, d, program_pin_span(p, name), "pinned here");
        diag_help(p->ds, d, "`bgc lock update %s` takes it anew; a module of your own is best kept "
                            "outside of vendor/", url);
        return NULL;
    }
    while (p->origins.n <= file)
        vec_push(p->arena, &p->origins, NULL);
    p->origins.at[file] = url;
    return path;
}

const char *remote_origin(const struct program *p, struct span at)
{
    return at.file < p->origins.n ? p->origins.at[at.file] : NULL;
}
