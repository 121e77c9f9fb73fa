/* The store in a bucket: compare-and-swap through the cloud. */
#include "sandbox.h"

#include "cloud/store.h"

static const char *why;

static enum store_result put(struct store *s, struct arena *a, const char *key, const char *text,
                             const char *etag, const char **tag)
{
    const char *ignored;
    return s->ops->put(s->self, a, key, text, etag, tag ? tag : &ignored, &why);
}

static enum store_result get(struct store *s, struct arena *a, const char *key, const char **text,
                             const char **tag)
{
    return s->ops->get(s->self, a, key, text, tag, &why);
}

static void promise(struct store *s, struct arena *a)
{
    const char *text, *tag, *first, *second, *third, **keys;
    size_t n;
    assert_int_equal(get(s, a, "shop/lock", &text, &tag), STORE_ABSENT);
    assert_int_equal(put(s, a, "shop/lock", "one", "1", NULL),
                     STORE_CONFLICT); /* nothing is there to match */
    assert_int_equal(put(s, a, "shop/lock", "one", NULL, &first), STORE_OK);
    assert_int_equal(put(s, a, "shop/lock", "two", NULL, NULL), STORE_CONFLICT);
    assert_int_equal(get(s, a, "shop/lock", &text, &tag), STORE_OK);
    assert_string_equal(text, "one");
    assert_string_equal(tag, first);
    assert_int_equal(put(s, a, "shop/lock", "one", first, &second), STORE_OK);
    assert_string_not_equal(first, second); /* equal texts, written twice */
    assert_int_equal(put(s, a, "shop/lock", "late", first, NULL), STORE_CONFLICT);
    assert_int_equal(s->ops->del(s->self, a, "shop/lock", first, &why), STORE_CONFLICT);
    assert_int_equal(s->ops->del(s->self, a, "shop/lock", second, &why), STORE_OK);
    assert_int_equal(get(s, a, "shop/lock", &text, &tag), STORE_ABSENT);
    assert_int_equal(put(s, a, "shop/lock", "again", NULL, &third), STORE_OK);
    assert_string_not_equal(third, first);
    assert_string_not_equal(third, second);
    assert_int_equal(put(s, a, "shop/lock", "stale", second, NULL), STORE_CONFLICT);
    /* What was read stays as it was read. */
    assert_int_equal(get(s, a, "shop/lock", &text, &tag), STORE_OK);
    assert_int_equal(put(s, a, "shop/lock", "changed", tag, NULL), STORE_OK);
    assert_string_equal(text, "again");
    assert_int_equal(put(s, a, "shop/journal/00000002", "b\nc", NULL, NULL), STORE_OK);
    assert_int_equal(put(s, a, "shop/journal/00000001", "", NULL, NULL), STORE_OK);
    assert_int_equal(put(s, a, "shopping/list", "x", NULL, NULL), STORE_OK);
    assert_int_equal(s->ops->list(s->self, a, "shop/journal/", &keys, &n, &why), STORE_OK);
    assert_int_equal(n, 2);
    assert_string_equal(keys[0], "shop/journal/00000001");
    assert_int_equal(get(s, a, keys[0], &text, &tag), STORE_OK);
    assert_string_equal(text, "");
    assert_int_equal(get(s, a, keys[1], &text, &tag), STORE_OK);
    assert_string_equal(text, "b\nc");
    assert_int_equal(s->ops->list(s->self, a, "nothing/", &keys, &n, &why), STORE_OK);
    assert_int_equal(n, 0);
}

static enum call_fault lose(void *self, uint64_t ordinal, const struct cloud_request *req,
                            int64_t *delay_ms)
{
    (void)self, (void)ordinal, (void)req, (void)delay_ms;
    return CALL_FAULT_LOST;
}

static void in_a_bucket(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    promise(store_s3(r.a, &r.ds, r.cloud, "s3://acme-state/some/prefix/"), r.a);
    promise(store_s3(r.a, &r.ds, r.cloud, "s3://acme-state"), r.a);
    assert_null(store_s3(r.a, &r.ds, r.cloud, "s3://NO"));
    /* Nobody knows whether a write whose answer was lost took place. */
    struct store *s = store_s3(r.a, &r.ds, r.cloud, "s3://acme-state/other");
    const char *text, *tag;
    sandbox_hook(r.box, &(struct fault_hook){.decide = lose});
    assert_int_equal(put(s, r.a, "k", "v", NULL, NULL), STORE_UNSURE);
    sandbox_hook(r.box, NULL);
    assert_int_equal(get(s, r.a, "k", &text, &tag), STORE_OK);
    assert_string_equal(text, "v");
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
