#include "aws/http.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/libcurl.h"
#include "aws/service.h"
#include "aws/uri.h"
#include "base/clock.h"
#include "base/version.h"

struct transfer {
    uint64_t id;
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    struct arena *arena;
    struct http *owner;
    VEC(struct http_header) got;
    char *body;
    size_t nbody, cap, max;
    bool cut, overflow;
    char *sent; /* our copy of the request's body; wiped */
    size_t nsent;
    int64_t began;
    char error[CURL_ERROR_SIZE];
    CURLcode code;
    struct transfer *next;
};

struct http {
    struct libcurl curl;
    CURLM *multi;
    struct arena *arena;
    struct http_config cfg;
    struct transfer *done, **done_tail; /* finished, in order */
    struct transfer *all;               /* under way: for http_free */
    uint64_t last;
    size_t open;
};

struct http *http_new(struct arena *scratch, const struct http_config *cfg, const char **why)
{
    struct libcurl curl;
    if (!libcurl_load(scratch, &curl, why))
        return NULL;
    CURLM *multi = curl.global_init(CURL_GLOBAL_DEFAULT) ? NULL : curl.multi_init();
    if (!multi) {
        *why = "libcurl cannot be initialised";
        return NULL;
    }
    struct arena *a = arena_new("http");
    struct http *h = arena_make(a, struct http);
    h->arena = a;
    h->curl = curl;
    h->multi = multi;
    h->done_tail = &h->done;
    if (cfg) {
        h->cfg.connect_to = cfg->connect_to ? arena_strdup(a, cfg->connect_to) : NULL;
        h->cfg.ca_file = cfg->ca_file ? arena_strdup(a, cfg->ca_file) : NULL;
        h->cfg.proxy = cfg->proxy ? arena_strdup(a, cfg->proxy) : NULL;
        h->cfg.no_proxy = cfg->no_proxy ? arena_strdup(a, cfg->no_proxy) : NULL;
    }
    curl.multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 64L);
    return h;
}

/* ---- what libcurl calls ------------------------------------------------ */

static size_t take_body(char *data, size_t size, size_t n, void *self)
{
    struct transfer *t = self;
    size_t len = size * n, room = t->max - t->nbody, keep = len < room ? len : room;
    if (t->nbody + keep + 1 > t->cap) {
        size_t cap = t->cap ? t->cap : 4096;
        while (cap < t->nbody + keep + 1)
            cap *= 2;
        char *p = realloc(t->body, cap);
        if (!p)
            return 0;
        t->body = p;
        t->cap = cap;
    }
    memcpy(t->body + t->nbody, data, keep);
    t->nbody += keep;
    t->body[t->nbody] = '\0';
    if (keep == len)
        return len;
    t->overflow = true;
    return t->cut ? len : 0; /* the rest is thrown away, or the transfer ends */
}

static size_t take_header(char *data, size_t size, size_t n, void *self)
{
    struct transfer *t = self;
    size_t len = size * n;
    if (len > 5 && !memcmp(data, "HTTP/", 5)) {
        t->got.n = 0; /* of an interim reply, or a proxy's */
        return len;
    }
    const char *colon = memchr(data, ':', len);
    if (!colon || t->got.n >= 200)
        return len;
    const char *v = colon + 1, *end = data + len;
    while (v < end && (*v == ' ' || *v == '\t'))
        v++;
    while (end > v && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    struct http_header h = {arena_strndup(t->arena, data, (size_t)(colon - data)),
                            arena_strndup(t->arena, v, (size_t)(end - v))};
    vec_push(t->arena, &t->got, h);
    return len;
}

/* ---- starting ---------------------------------------------------------- */

/* Cuts "addr:port", "[v6]:port" or "addr" at `p`; returns what follows the port. */
static const char *cut_address(struct arena *a, const char *p, const char **host, const char **port)
{
    size_t n = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ":,");
    *host = arena_strndup(a, p, n);
    p += n;
    *port = "";
    if (*p == ':') {
        n = strcspn(p + 1, ":,");
        *port = arena_strndup(a, p + 1, n);
        p += 1 + n;
    }
    return p;
}

/* Follows the configuration's rules from host:port, once. */
static void apply_rules(struct arena *a, const char *rules, const char **host, const char **port)
{
    for (const char *p = rules; p && *p;) {
        const char *from, *from_port, *to, *to_port;
        p = cut_address(a, p, &from, &from_port);
        if (*p == ':')
            p = cut_address(a, p + 1, &to, &to_port);
        else
            to = to_port = "";
        p += strcspn(p, ",");
        p += *p == ',';
        if (*to && (!*from || service_glob(from, *host)) &&
            (!*from_port || !strcmp(from_port, *port))) {
            *host = to;
            if (*to_port)
                *port = to_port;
            return;
        }
    }
}

static void set_route(const struct http *h, struct transfer *t, const struct http_request *req)
{
    struct arena *a = t->arena;
    struct uri u;
    if ((!req->connect_to && !h->cfg.connect_to) ||
        !uri_parse(a, arena_strndup(a, req->url, strcspn(req->url, "?#")), &u))
        return;
    const char *own = strchr(u.host, ':') ? arena_printf(a, "[%s]", u.host) : u.host;
    const char *own_port = arena_printf(a, "%d", u.port), *host = own, *port = own_port;
    if (req->connect_to) {
        cut_address(a, req->connect_to, &host, &port);
        if (!*port)
            port = own_port;
    }
    apply_rules(a, h->cfg.connect_to, &host, &port);
    if (!strcmp(host, own) && !strcmp(port, own_port))
        return;
    t->connect_to =
        h->curl.slist_append(NULL, arena_printf(a, "%s:%s:%s:%s", own, own_port, host, port));
    h->curl.easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->connect_to);
}

static void set_safety(const struct http *h, const struct transfer *t,
                       const struct http_request *req)
{
    const struct libcurl *curl = &h->curl;
    CURL *c = t->easy;
    curl->easy_setopt(c, CURLOPT_PROTOCOLS_STR, req->plain ? "https,http" : "https");
    curl->easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl->easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl->easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    curl->easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl->easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    const char *ca = req->ca_file ? req->ca_file : h->cfg.ca_file;
    if (ca)
        curl->easy_setopt(c, CURLOPT_CAINFO, ca);
    /* An empty proxy keeps libcurl from asking the environment. */
    curl->easy_setopt(c, CURLOPT_PROXY, !req->plain && h->cfg.proxy ? h->cfg.proxy : "");
    curl->easy_setopt(c, CURLOPT_NOPROXY, h->cfg.no_proxy ? h->cfg.no_proxy : "");
}

static void set_body(struct transfer *t, const struct http_request *req)
{
    const struct libcurl *curl = &t->owner->curl;
    CURL *c = t->easy;
    bool post = !strcmp(req->method, "POST") || !strcmp(req->method, "PUT");
    if (!strcmp(req->method, "HEAD")) {
        curl->easy_setopt(c, CURLOPT_NOBODY, 1L);
    } else if (req->body && (req->nbody || post)) {
        t->sent = OPENSSL_malloc(req->nbody + 1);
        t->nsent = req->nbody;
        if (t->sent && req->nbody)
            memcpy(t->sent, req->body, req->nbody);
        curl->easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(t->sent ? req->nbody : 0));
        curl->easy_setopt(c, CURLOPT_POSTFIELDS, t->sent ? t->sent : "");
    }
    if (strcmp(req->method, "HEAD") != 0)
        curl->easy_setopt(c, CURLOPT_CUSTOMREQUEST, req->method);
}

static void set_headers(struct transfer *t, const struct http_request *req)
{
    const struct libcurl *curl = &t->owner->curl;
    bool typed = false;
    for (size_t i = 0; i < req->nheaders; i++) {
        /* libcurl sends an empty value only when it is written with ';'. */
        const char *line = arena_printf(t->arena, *req->headers[i].value ? "%s: %s" : "%s;",
                                        req->headers[i].name, req->headers[i].value);
        struct curl_slist *more = curl->slist_append(t->headers, line);
        if (more)
            t->headers = more;
        typed |= !strcasecmp(req->headers[i].name, "Content-Type");
    }
    /* What libcurl would add on its own. */
    static const char *const off[] = {"Expect:", "Content-Type:"};
    for (size_t i = 0; i < (typed ? 1U : 2U); i++) {
        struct curl_slist *more = curl->slist_append(t->headers, off[i]);
        if (more)
            t->headers = more;
    }
    curl->easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void finish(struct http *h, struct transfer *t, CURLcode code)
{
    t->code = code;
    for (struct transfer **at = &h->all; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            break;
        }
    t->next = NULL;
    *h->done_tail = t;
    h->done_tail = &t->next;
}

uint64_t http_start(struct http *h, const struct http_request *req)
{
    const struct libcurl *curl = &h->curl;
    struct arena *a = arena_new("transfer");
    struct transfer *t = arena_make(a, struct transfer);
    t->arena = a;
    t->owner = h;
    t->id = ++h->last;
    t->began = clock_mono();
    t->max = req->body_max ? req->body_max : HTTP_BODY_MAX;
    t->cut = req->cut_body;
    t->next = h->all;
    h->all = t;
    h->open++;
    t->easy = curl->easy_init();
    if (!t->easy) {
        finish(h, t, CURLE_FAILED_INIT);
        return t->id;
    }
    CURL *c = t->easy;
    curl->easy_setopt(c, CURLOPT_URL, req->url);
    curl->easy_setopt(c, CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
    curl->easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(c, CURLOPT_PRIVATE, t);
    curl->easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
    curl->easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl->easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl->easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl->easy_setopt(c, CURLOPT_HEADERDATA, t);
    curl->easy_setopt(c, CURLOPT_USERAGENT, arena_printf(a, "bgc/%s", bgc_version()));
    curl->easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(req->connect_ms ? req->connect_ms : 10000));
    curl->easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(req->total_ms ? req->total_ms : 30000));
    curl->easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl->easy_setopt(c, CURLOPT_CERTINFO, req->certificate ? 1L : 0L);
    curl->easy_setopt(c, CURLOPT_FRESH_CONNECT, req->once ? 1L : 0L);
    curl->easy_setopt(c, CURLOPT_FORBID_REUSE, req->close ? 1L : 0L);
    set_safety(h, t, req);
    set_route(h, t, req);
    set_body(t, req);
    set_headers(t, req);
    if (curl->multi_add_handle(h->multi, c) != CURLM_OK)
        finish(h, t, CURLE_FAILED_INIT);
    return t->id;
}

/* ---- finishing --------------------------------------------------------- */

static void collect(struct http *h)
{
    const struct libcurl *curl = &h->curl;
    int running, left;
    curl->multi_perform(h->multi, &running);
    for (CURLMsg *m; (m = curl->multi_info_read(h->multi, &left));) {
        if (m->msg != CURLMSG_DONE)
            continue;
        char *self = NULL;
        CURLcode code = m->data.result;
        curl->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &self);
        curl->multi_remove_handle(h->multi, m->easy_handle);
        finish(h, (struct transfer *)(void *)self, code);
    }
}

static const char *cert_field(struct arena *a, const struct curl_slist *list, const char *name)
{
    size_t n = strlen(name);
    for (; list; list = list->next)
        if (!strncmp(list->data, name, n) && list->data[n] == ':')
            return arena_strdup(a, list->data + n + 1);
    return NULL;
}

/* Whether any byte of the request may have left: before the handshake is
 * complete none has. */
static bool was_sent(const struct transfer *t)
{
    long n = 0;
    t->owner->curl.easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &n);
    return n > 0;
}

static void describe(struct transfer *t, struct http_result *r)
{
    const struct libcurl *curl = &t->owner->curl;
    *r = (struct http_result){.id = t->id, .transfer = t};
    r->duration_ms = clock_mono() - t->began;
    long status = 0;
    if (t->easy)
        curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    r->reply =
        (struct wire_response){(int)status, t->got.at, t->got.n, t->body ? t->body : "", t->nbody};
    struct curl_certinfo *certs = NULL;
    if (t->easy && !curl->easy_getinfo(t->easy, CURLINFO_CERTINFO, &certs) && certs &&
        certs->num_of_certs > 0) {
        r->cert_subject = cert_field(t->arena, certs->certinfo[0], "Subject");
        r->cert_expires = cert_field(t->arena, certs->certinfo[0], "Expire date");
    }
    if (t->code == CURLE_OK) {
        r->outcome = HTTP_OK;
        return;
    }
    r->why = *t->error ? t->error : curl->easy_strerror(t->code);
    if (t->overflow)
        r->outcome = HTTP_TOO_LONG;
    else
        r->outcome = t->easy && was_sent(t) ? HTTP_LOST : HTTP_UNSENT;
}

bool http_poll(struct http *h, int64_t timeout_ms, struct http_result *out)
{
    int64_t until = clock_mono() + timeout_ms;
    for (;;) {
        collect(h);
        if (h->done) {
            struct transfer *t = h->done;
            h->done = t->next;
            if (!h->done)
                h->done_tail = &h->done;
            h->open--;
            describe(t, out);
            return true;
        }
        int64_t left = until - clock_mono();
        if (left <= 0)
            return false;
        int ignored;
        if (h->curl.multi_poll(h->multi, NULL, 0, (int)(left < 60000 ? left : 60000), &ignored) !=
            CURLM_OK)
            return false;
    }
}

static void destroy(struct transfer *t)
{
    const struct libcurl *curl = &t->owner->curl;
    if (t->easy)
        curl->easy_cleanup(t->easy);
    for (struct curl_slist *l = t->headers; l; l = l->next)
        OPENSSL_cleanse(l->data, strlen(l->data)); /* signatures and tokens */
    curl->slist_free_all(t->headers);
    curl->slist_free_all(t->connect_to);
    if (t->sent)
        OPENSSL_clear_free(t->sent, t->nsent + 1);
    if (t->body) {
        OPENSSL_cleanse(t->body, t->nbody);
        free(t->body);
    }
    arena_free(t->arena);
}

void http_release(struct http *h, struct http_result *r)
{
    (void)h;
    if (r->transfer)
        destroy(r->transfer);
    r->transfer = NULL;
}

int64_t http_date(const struct http *h, const char *text)
{
    return (int64_t)h->curl.getdate(text, NULL);
}

size_t http_open(const struct http *h)
{
    return h->open;
}

void http_fetch(struct http *h, const struct http_request *req, struct http_result *out)
{
    http_start(h, req);
    while (!http_poll(h, 60000, out))
        ;
}

void http_free(struct http *h)
{
    if (!h)
        return;
    const struct libcurl *curl = &h->curl;
    for (struct transfer *t = h->all, *next; t; t = next) {
        next = t->next;
        if (t->easy)
            curl->multi_remove_handle(h->multi, t->easy);
        destroy(t);
    }
    for (struct transfer *t = h->done, *next; t; t = next) {
        next = t->next;
        destroy(t);
    }
    curl->multi_cleanup(h->multi);
    arena_free(h->arena);
}
