#include "aws/sigv4.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "aws/uri.h"
#include "base/buf.h"
#include "base/digest.h"

enum { DIGEST = 32 };

static void sha256(const void *bytes, size_t n, unsigned char out[DIGEST])
{
    digest_sha256(bytes, n, out);
}

const char *sha256_base64(struct arena *a, const void *bytes, size_t n)
{
    unsigned char d[DIGEST];
    sha256(bytes, n, d);
    char *s = arena_alloc(a, (DIGEST + 2) / 3 * 4 + 1);
    EVP_EncodeBlock((unsigned char *)s, d, DIGEST);
    return s;
}

static void hmac(const void *key, size_t nkey, const char *text, unsigned char out[DIGEST])
{
    unsigned len = 0;
    if (!HMAC(EVP_sha256(), key, (int)nkey, (const unsigned char *)text, strlen(text), out, &len))
        arena_exhausted("signature");
}

/* ---- the canonical request --------------------------------------------- */

struct pair {
    const char *name, *value;
};

static int pair_cmp(const void *pa, const void *pb)
{
    const struct pair *a = pa, *b = pb;
    int c = strcmp(a->name, b->name);
    return c ? c : strcmp(a->value, b->value);
}

static void put_query(struct buf *out, struct arena *a, const char *query)
{
    VEC(struct pair) pairs = {0};
    for (const char *p = query; p && *p;) {
        size_t n = strcspn(p, "&");
        size_t k = strcspn(p, "=&");
        struct pair one = {arena_strndup(a, p, k), ""};
        if (k < n)
            one.value = arena_strndup(a, p + k + 1, n - k - 1);
        if (n)
            vec_push(a, &pairs, one);
        p += n + (p[n] == '&');
    }
    if (pairs.n)
        qsort(pairs.at, pairs.n, sizeof *pairs.at, pair_cmp);
    for (size_t i = 0; i < pairs.n; i++)
        buf_printf(out, "%s%s=%s", i ? "&" : "", pairs.at[i].name, pairs.at[i].value);
}

/* RFC 3986 section 5.2.4 on segments; empty segments vanish as well. */
static const char *normal_path(struct arena *a, const char *path)
{
    VEC(const char *) keep = {0};
    const char *p = path;
    bool slash = false;
    while (*p) {
        while (*p == '/')
            p++, slash = true;
        if (!*p)
            break;
        size_t n = strcspn(p, "/");
        slash = p[n] == '/';
        if (n == 2 && p[0] == '.' && p[1] == '.') {
            if (keep.n)
                keep.n--;
        } else if (!(n == 1 && p[0] == '.')) {
            const char *segment = arena_strndup(a, p, n);
            vec_push(a, &keep, segment);
        }
        p += n;
    }
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < keep.n; i++)
        buf_printf(&b, "/%s", keep.at[i]);
    if (slash || !keep.n)
        buf_putc(&b, '/');
    return buf_text(&b);
}

/* Hops change these on the way, or no one else signs them. */
static bool unsigned_header(const char *name)
{
    static const char *const no[] = {"expect",          "user-agent",
                                     "x-amzn-trace-id", "transfer-encoding",
                                     "connection",      "authorization"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (!strcasecmp(name, no[i]))
            return true;
    return false;
}

static const char *lower(struct arena *a, const char *s)
{
    char *t = arena_strdup(a, s);
    for (char *p = t; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return t;
}

/* Without outer blanks, and with runs of blanks as one space. */
static const char *trimmed(struct arena *a, const char *s)
{
    char *t = arena_alloc(a, strlen(s) + 1), *o = t;
    for (const char *p = s; *p; p++) {
        if (isspace((unsigned char)*p)) {
            if (o != t && o[-1] != ' ')
                *o++ = ' ';
        } else {
            *o++ = *p;
        }
    }
    if (o != t && o[-1] == ' ')
        o--;
    *o = '\0';
    return t;
}

static const char *amz_date(struct arena *a, int64_t ms)
{
    time_t t = (time_t)(ms / 1000);
    struct tm tm;
    if (!gmtime_r(&t, &tm))
        memset(&tm, 0, sizeof tm);
    char s[40];
    strftime(s, sizeof s, "%Y%m%dT%H%M%SZ", &tm);
    return arena_strdup(a, s);
}

/* Sorted by name; values of equal names joined by commas in their order. */
static void put_headers(struct buf *out, struct buf *names, struct arena *a, struct pair *h,
                        size_t n)
{
    for (size_t i = 1; i < n; i++) /* insertion sort: few, and it must be stable */
        for (size_t j = i; j && strcmp(h[j - 1].name, h[j].name) > 0; j--) {
            struct pair t = h[j];
            h[j] = h[j - 1];
            h[j - 1] = t;
        }
    for (size_t i = 0; i < n;) {
        const char *name = h[i].name;
        buf_printf(names, "%s%s", names->len ? ";" : "", name);
        buf_printf(out, "%s:", name);
        for (bool first = true; i < n && !strcmp(h[i].name, name); i++, first = false)
            buf_printf(out, "%s%s", first ? "" : ",", trimmed(a, h[i].value));
        buf_putc(out, '\n');
    }
}

static void sign(const struct sigv4_request *r, const char *date, const char *day,
                 const char *scope, const char *canonical_hash, struct arena *a,
                 unsigned char out[DIGEST])
{
    unsigned char k[DIGEST], k2[DIGEST];
    size_t n = strlen(r->secret_key) + 4;
    char *seed = OPENSSL_malloc(n + 1);
    if (!seed) {
        memset(out, 0, DIGEST);
        return;
    }
    memcpy(seed, "AWS4", 4);
    memcpy(seed + 4, r->secret_key, n - 4 + 1);
    hmac(seed, n, day, k);
    OPENSSL_clear_free(seed, n + 1);
    hmac(k, DIGEST, r->region, k2);
    hmac(k2, DIGEST, r->service, k);
    hmac(k, DIGEST, "aws4_request", k2);
    const char *text = arena_printf(a, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, canonical_hash);
    hmac(k2, DIGEST, text, out);
    OPENSSL_cleanse(k, sizeof k);
    OPENSSL_cleanse(k2, sizeof k2);
}

void sigv4_sign(struct arena *a, const struct sigv4_request *r, struct sigv4_result *out)
{
    *out = (struct sigv4_result){0};
    const char *date = amz_date(a, r->time);
    const char *day = arena_strndup(a, date, 8);
    out->headers[out->nheaders++] = (struct http_header){"X-Amz-Date", date};
    if (r->session_token)
        out->headers[out->nheaders++] =
            (struct http_header){"X-Amz-Security-Token", r->session_token};
    if (r->hash_header)
        out->headers[out->nheaders++] =
            (struct http_header){"X-Amz-Content-SHA256", r->payload_hash};

    struct pair *h = arena_array(a, struct pair, r->nheaders + out->nheaders + 1);
    size_t n = 0;
    h[n++] = (struct pair){"host", r->host};
    for (size_t i = 0; i < r->nheaders; i++)
        if (!unsigned_header(r->headers[i].name))
            h[n++] = (struct pair){lower(a, r->headers[i].name), r->headers[i].value};
    for (size_t i = 0; i < out->nheaders; i++)
        h[n++] = (struct pair){lower(a, out->headers[i].name), out->headers[i].value};

    struct buf canonical, names;
    buf_init(&canonical, a);
    buf_init(&names, a);
    buf_printf(&canonical, "%s\n", r->method);
    if (r->single_encoding)
        buf_puts(&canonical, r->path && *r->path ? r->path : "/");
    else
        uri_put(&canonical, normal_path(a, r->path ? r->path : "/"), "/");
    buf_putc(&canonical, '\n');
    put_query(&canonical, a, r->query);
    buf_putc(&canonical, '\n');
    put_headers(&canonical, &names, a, h, n);
    buf_printf(&canonical, "\n%s\n%s", buf_text(&names), r->payload_hash);
    out->canonical = buf_text(&canonical);

    const char *scope = arena_printf(a, "%s/%s/%s/aws4_request", day, r->region, r->service);
    unsigned char mac[DIGEST];
    sign(r, date, day, scope, digest_sha256_hex(a, out->canonical, canonical.len), a, mac);
    out->signature = digest_hex(a, mac, DIGEST);
    out->headers[out->nheaders++] = (struct http_header){
        "Authorization",
        arena_printf(a, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                     r->access_key, scope, buf_text(&names), out->signature)};
}
