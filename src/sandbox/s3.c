/* Buckets with conditional writes, as far as a store needs them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/account.h"

/* Objects live beside those of store_memory, under "s3://bucket/key"; the store
 * in memory gives them etags that are never used twice. */
static const char *why_not(enum store_result r)
{
    return r == STORE_ABSENT ? "NoSuchKey" : "PreconditionFailed";
}

static const char *unquoted(struct arena *a, const char *etag)
{
    size_t n = etag ? strlen(etag) : 0;
    return n >= 2 && etag[0] == '"' ? arena_strndup(a, etag + 1, n - 2) : etag;
}

static void put_object(struct call *c, struct store *st, const char *key)
{
    struct arena *a = c->arena;
    const char *body = value_get_string(c->req.input, "Body"), *why = NULL, *tag = NULL, *text,
               *old;
    const char *match = unquoted(a, value_get_string(c->req.input, "IfMatch"));
    bool fresh = value_get_string(c->req.input, "IfNoneMatch") != NULL;
    if (!match && !fresh && st->ops->get(st->self, a, key, &text, &old, &why) == STORE_OK)
        match = old; /* no condition: over what is there */
    enum store_result r = st->ops->put(st->self, a, key, body ? body : "", match, &tag, &why);
    if (r != STORE_OK) {
        call_fail(c, "PreconditionFailed",
                  "At least one of the pre-conditions you specified did not hold");
        c->reply.error.http_status = 412;
        return;
    }
    struct value *out = value_map(a);
    value_put(out, "ETag", value_stringf(a, "\"%s\"", tag));
    call_ok(c, out);
}

static void list_objects(struct call *c, struct store *st, const char *bucket)
{
    struct arena *a = c->arena;
    const char *prefix = value_get_string(c->req.input, "Prefix"), **keys, *why;
    const char *whole = arena_printf(a, "s3://%s/%s", bucket, prefix ? prefix : "");
    size_t n, skip = strlen("s3://") + strlen(bucket) + 1;
    st->ops->list(st->self, a, whole, &keys, &n, &why);
    struct value **at = arena_array(a, struct value *, n + 1);
    for (size_t i = 0; i < n; i++) {
        at[i] = value_map(a);
        value_put(at[i], "Key", value_string(a, keys[i] + skip));
    }
    struct value *out = value_map(a);
    value_put(out, "Contents", value_list(a, at, n));
    value_put(out, "KeyCount", value_int(a, (int64_t)n));
    value_put(out, "IsTruncated", value_bool(a, false));
    call_ok(c, out);
}

bool s3_call(struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const char *bucket = value_get_string(c->req.input, "Bucket"),
               *name = value_get_string(c->req.input, "Key");
    const char *op = c->req.operation, *text, *etag, *why = NULL;
    const char *key = arena_printf(a, "s3://%s/%s", bucket ? bucket : "", name ? name : "");
    struct store *st = store_memory(a, &s->stored);
    if (!strcmp(op, "HeadBucket") || !strcmp(op, "CreateBucket")) {
        call_ok(c, NULL); /* every bucket is there, and ours */
    } else if (!strcmp(op, "GetObject")) {
        enum store_result r = st->ops->get(st->self, a, key, &text, &etag, &why);
        if (r != STORE_OK) {
            call_fail(c, why_not(r), "The specified key does not exist.");
            c->reply.error.http_status = 404;
            return true;
        }
        struct value *out = value_map(a);
        value_put(out, "Body", value_string(a, text));
        value_put(out, "ETag", value_stringf(a, "\"%s\"", etag));
        call_ok(c, out);
    } else if (!strcmp(op, "PutObject")) {
        put_object(c, st, key);
    } else if (!strcmp(op, "DeleteObject")) {
        const char *match = unquoted(a, value_get_string(c->req.input, "IfMatch"));
        enum store_result r = st->ops->del(st->self, a, key, match, &why);
        if (r == STORE_CONFLICT || (r == STORE_ABSENT && match)) {
            call_fail(c, why_not(r),
                      "At least one of the pre-conditions you specified did not hold");
            c->reply.error.http_status = r == STORE_ABSENT ? 404 : 412;
        } else {
            call_ok(c, NULL);
        }
    } else {
        list_objects(c, st, bucket ? bucket : "");
    }
    return true;
}
