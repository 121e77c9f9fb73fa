/* Objects in an S3 bucket, through the cloud seam. Conditional writes
 * (If-None-Match: *, If-Match: etag) are the compare-and-swap; S3 answers 412
 * when the condition does not hold, and 409 when another write was under way. */
#include "cloud/store.h"

#include <string.h>

struct bucket {
    struct cloud *cloud;
    const char *name, *prefix; /* prefix without a slash at its ends; may be "" */
};

static const char SERVICE[] = "s3";

static struct value *input_of(const struct bucket *b, struct arena *a, const char *key)
{
    struct value *in = value_map(a);
    value_put(in, "Bucket", value_string(a, b->name));
    if (key)
        value_put(in, "Key", value_string(a, *b->prefix ? arena_printf(a, "%s/%s", b->prefix, key) : key));
    return in;
}

static void call(const struct bucket *b, struct arena *a, const char *operation, struct value *in, bool writes,
                 struct cloud_reply *r)
{
    struct cloud_request req = {.service = SERVICE, .operation = operation, .input = in, .mutating = writes,
                                .address = "store"};
    if (!cloud_call(b->cloud, a, &req, r) && !r->error.code)
        *r = (struct cloud_reply){.error = {.code = CLOUD_ERR_LOST, .message = "no reply", .ambiguous = true}};
}

static bool one_of(const char *code, const char *const *codes)
{
    for (; code && *codes; codes++)
        if (!strcmp(code, *codes))
            return true;
    return false;
}

/* What a failed call says about the object. */
static enum store_result understood(struct arena *a, const struct cloud_reply *r, const char **why)
{
    static const char *const conflict[] = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409", NULL};
    static const char *const absent[] = {"NoSuchKey", "NotFound", "404", NULL};
    const struct cloud_error *e = &r->error;
    if (e->http_status == 412 || e->http_status == 409 || one_of(e->code, conflict))
        return STORE_CONFLICT;
    if (one_of(e->code, absent))
        return STORE_ABSENT;
    struct buf b;
    buf_init(&b, a);
    buf_puts(&b, e->code ? e->code : "no reply");
    buf_puts(&b, ": ");
    buf_put_visible(&b, e->message ? e->message : "");
    *why = buf_text(&b);
    return e->ambiguous ? STORE_UNSURE : STORE_FAILED;
}

static enum store_result s3_get(void *self, struct arena *a, const char *key, const char **text, const char **etag,
                                const char **why)
{
    const struct bucket *b = self;
    struct cloud_reply r;
    call(b, a, "GetObject", input_of(b, a, key), false, &r);
    if (!r.ok)
        return understood(a, &r, why);
    *text = value_get_string(r.output, "Body");
    *etag = value_get_string(r.output, "ETag");
    if (!*text)
        *text = "";
    if (*etag)
        return STORE_OK;
    *why = "the object came without an ETag";
    return STORE_FAILED;
}

static enum store_result s3_put(void *self, struct arena *a, const char *key, const char *text, const char *etag,
                                const char **new_etag, const char **why)
{
    const struct bucket *b = self;
    struct value *in = input_of(b, a, key);
    value_put(in, "Body", value_string(a, text));
    value_put(in, "ContentType", value_string(a, "application/json"));
    value_put(in, etag ? "IfMatch" : "IfNoneMatch", value_string(a, etag ? etag : "*"));
    struct cloud_reply r;
    call(b, a, "PutObject", in, true, &r);
    if (!r.ok) {
        enum store_result s = understood(a, &r, why);
        return s == STORE_ABSENT && etag ? STORE_CONFLICT : s; /* If-Match of an object that is gone */
    }
    *new_etag = value_get_string(r.output, "ETag");
    if (*new_etag)
        return STORE_OK;
    *why = "the write was answered without an ETag";
    return STORE_UNSURE;
}

static enum store_result s3_del(void *self, struct arena *a, const char *key, const char *etag, const char **why)
{
    const struct bucket *b = self;
    struct value *in = input_of(b, a, key);
    if (etag)
        value_put(in, "IfMatch", value_string(a, etag));
    struct cloud_reply r;
    call(b, a, "DeleteObject", in, true, &r);
    return r.ok ? STORE_OK : understood(a, &r, why);
}

static enum store_result s3_list(void *self, struct arena *a, const char *prefix, const char ***keys, size_t *n,
                                 const char **why)
{
    const struct bucket *b = self;
    const char *from = *b->prefix ? arena_printf(a, "%s/%s", b->prefix, prefix) : prefix;
    size_t skip = *b->prefix ? strlen(b->prefix) + 1 : 0;
    struct value *in = input_of(b, a, NULL);
    value_put(in, "Prefix", value_string(a, from));
    struct cloud_reply r;
    call(b, a, "ListObjectsV2", in, false, &r);
    if (!r.ok)
        return understood(a, &r, why);
    const struct value *all = value_get(r.output, "Contents");
    size_t count = all && all->kind == V_LIST ? all->list.n : 0;
    *keys = arena_array(a, const char *, count + 1);
    *n = 0;
    for (size_t i = 0; i < count; i++) { /* S3 lists in the order of the keys' bytes */
        const char *key = value_get_string(all->list.at[i], "Key");
        if (key && strlen(key) > skip)
            (*keys)[(*n)++] = key + skip;
    }
    return STORE_OK;
}

static const struct store_ops s3_ops = {s3_get, s3_put, s3_del, s3_list};

struct store *store_s3(struct arena *a, struct diags *ds, struct cloud *c, const char *url)
{
    const char *rest = strncmp(url, "s3://", 5) ? NULL : url + 5;
    const char *slash = rest ? strchr(rest, '/') : NULL;
    size_t n = rest ? slash ? (size_t)(slash - rest) : strlen(rest) : 0;
    bool sound = n >= 3 && n <= 63 && strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789.-") >= n;
    if (!sound) {
        struct diag *d = diag_error(ds, "BG6120", NO_SPAN, "`%s` is no place for a store", url);
        diag_help(ds, d, "write \"s3://BUCKET\" or \"s3://BUCKET/PREFIX\"; a bucket's name has 3 to 63 lower-case letters, digits, dots and dashes");
        return NULL;
    }
    struct bucket *b = arena_make(a, struct bucket);
    b->cloud = c;
    b->name = arena_strndup(a, rest, n);
    char *prefix = arena_strdup(a, slash ? slash + 1 : "");
    for (size_t end = strlen(prefix); end && prefix[end - 1] == '/'; end--)
        prefix[end - 1] = '\0';
    b->prefix = prefix;
    struct store *s = arena_make(a, struct store);
    *s = (struct store){&s3_ops, b, arena_strdup(a, url)};
    return s;
}
