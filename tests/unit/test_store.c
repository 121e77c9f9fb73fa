/* Every store keeps the same laws: compare and swap, absence, order of lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cloud/store.h"
#include "test.h"

#include "shop.h"

struct bench {
    struct arena *a;
    struct store *s;
    const char *text, *etag, *why;
};

static enum store_result get(struct bench *b, const char *key)
{
    b->text = b->etag = b->why = NULL;
    return b->s->ops->get(b->s->self, b->a, key, &b->text, &b->etag, &b->why);
}

static enum store_result put(struct bench *b, const char *key, const char *text, const char *etag)
{
    return b->s->ops->put(b->s->self, b->a, key, text, etag, &b->etag, &b->why);
}

static size_t list(struct bench *b, const char *prefix, const char ***keys)
{
    size_t n = 99;
    assert_int_equal(b->s->ops->list(b->s->self, b->a, prefix, keys, &n, &b->why), STORE_OK);
    return n;
}

static void laws(struct bench *b)
{
    const char **keys;
    assert_int_equal(list(b, "", &keys), 0);
    assert_int_equal(get(b, "shop/lock"), STORE_ABSENT);
    assert_int_equal(put(b, "shop/lock", "x", "7"), STORE_CONFLICT); /* If-Match on nothing */
    assert_int_equal(put(b, "shop/lock", "one\ntwo\n", NULL), STORE_OK);
    const char *first = b->etag;
    assert_int_equal(get(b, "shop/lock"), STORE_OK);
    assert_string_equal(b->text, "one\ntwo\n");
    assert_string_equal(b->etag, first);
    assert_int_equal(put(b, "shop/lock", "y", NULL), STORE_CONFLICT); /* If-None-Match on something */
    assert_int_equal(put(b, "shop/lock", "", first), STORE_OK);
    const char *second = b->etag;
    assert_string_not_equal(first, second);
    assert_int_equal(put(b, "shop/lock", "z", first), STORE_CONFLICT);
    assert_int_equal(get(b, "shop/lock"), STORE_OK);
    assert_string_equal(b->text, "");
    /* The same text again is another object. */
    assert_int_equal(put(b, "shop/lock", "", second), STORE_OK);
    assert_string_not_equal(b->etag, second);
    assert_int_equal(b->s->ops->del(b->s->self, b->a, "shop/lock", second, &b->why), STORE_CONFLICT);
    const char *third = b->etag;
    assert_int_equal(b->s->ops->del(b->s->self, b->a, "shop/lock", third, &b->why), STORE_OK);
    assert_int_equal(b->s->ops->del(b->s->self, b->a, "shop/lock", NULL, &b->why), STORE_ABSENT);
    assert_int_equal(get(b, "shop/lock"), STORE_ABSENT);
    /* An etag of before matches nothing that comes after. */
    assert_int_equal(put(b, "shop/lock", "again", NULL), STORE_OK);
    assert_true(strcmp(b->etag, first) && strcmp(b->etag, second) && strcmp(b->etag, third));
    assert_int_equal(put(b, "shop/lock", "old", third), STORE_CONFLICT);
    assert_int_equal(put(b, "shop/journal/0000000010", "b", NULL), STORE_OK);
    assert_int_equal(put(b, "shop/journal/0000000002", "a", NULL), STORE_OK);
    assert_int_equal(put(b, "shop2/journal/0000000001", "c", NULL), STORE_OK);
    assert_int_equal(list(b, "shop/journal/", &keys), 2);
    assert_string_equal(keys[0], "shop/journal/0000000002");
    assert_string_equal(keys[1], "shop/journal/0000000010");
    assert_int_equal(list(b, "shop/", &keys), 3);
    assert_int_equal(list(b, "nothing/", &keys), 0);
}

static void in_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    struct map objects;
    map_init(&objects, a);
    struct bench b = {.a = a, .s = store_memory(a, &objects)};
    laws(&b);
    /* Another process finds the same objects. */
    struct bench c = {.a = a, .s = store_memory(a, &objects)};
    assert_int_equal(get(&c, "shop/lock"), STORE_OK);
    assert_string_equal(c.text, "again");
    arena_free(a);
}

static char *temporary(struct arena *a)
{
    const char *base = getenv("TMPDIR");
    char *dir = arena_printf(a, "%s/bgc-store-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void discard(const char *path, struct arena *a)
{
    static const char *const files[] = {"shop/lock", "shop/journal/0000000010", "shop/journal/0000000002", "shop/journal",
                                        "shop2/journal/0000000001", "shop2/journal", "shop2", "shop", ".lock", ".generation", ""};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        remove(arena_printf(a, "%s/%s", path, files[i]));
}

static void in_a_folder(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    const char *dir = temporary(a), *why;
    struct bench b = {.a = a, .s = store_folder(a, dir)};
    laws(&b);
    struct bench c = {.a = a, .s = store_folder(a, dir)};
    assert_int_equal(get(&c, "shop/lock"), STORE_OK);
    assert_string_equal(c.text, "again");
    /* What bgc did not write is damaged, and says so. */
    assert_true(file_write_atomic(a, arena_printf(a, "%s/shop/lock", dir), "hello", 5, 0600, &why));
    assert_int_equal(get(&c, "shop/lock"), STORE_FAILED);
    assert_non_null(strstr(c.why, "damaged"));
    assert_int_equal(put(&c, "shop/lock", "x", "1"), STORE_FAILED);
    discard(dir, a);
    arena_free(a);
}

/* A write that fails tells no etag: the caller's own stays what it was. */
static void a_failed_write_changes_nothing(void **state)
{
    (void)state;
    struct arena *a = arena_new("test");
    const char *dir = temporary(a), *why;
    struct bench b = {.a = a, .s = store_folder(a, dir)};
    assert_true(file_write_atomic(a, arena_printf(a, "%s/shop", dir), "x", 1, 0600, &why)); /* a file, not a folder */
    b.etag = "mine";
    assert_int_equal(put(&b, "shop/lock", "x", NULL), STORE_FAILED);
    assert_string_equal(b.etag, "mine");
    assert_non_null(b.why);
    discard(dir, a);
    struct bench gone = {.a = a, .s = store_folder(a, "/proc/nowhere/bgc")};
    assert_int_equal(put(&gone, "k", "x", NULL), STORE_FAILED);
    assert_int_equal(get(&gone, "k"), STORE_ABSENT);
    const char **keys;
    assert_int_equal(list(&gone, "", &keys), 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_memory), cmocka_unit_test(in_a_folder),
                                       cmocka_unit_test(a_failed_write_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
