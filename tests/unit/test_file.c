#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

static struct arena *a;
static const char *dir;

static int setup(void **state)
{
    (void)state;
    a = arena_new("test");
    const char *tmp = getenv("TMPDIR");
    char *name = arena_printf(a, "%s/bgc-test-XXXXXX", tmp ? tmp : "/tmp");
    dir = mkdtemp(name);
    return dir ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const names[] = {"root/in/f", "root/out", "root/up", "root/in",  "root",
                                        "secret",    "f",        "link",    "dangling", "pipe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(path_join(a, dir, names[i]));
    int left = rmdir(dir); /* nothing else may be left behind */
    arena_free(a);
    return left;
}

static const char *in(const char *name)
{
    return path_join(a, dir, name);
}

static bool put(const char *path, const char *text, mode_t mode)
{
    const char *error;
    return file_write_atomic(a, path, text, strlen(text), mode, &error);
}

static void expect_text(const char *path, const char *want)
{
    const char *text, *error;
    size_t len;
    assert_true(file_read(a, path, &text, &len, &error));
    assert_string_equal(text, want);
    assert_int_equal(len, strlen(want));
}

static void expect_error(const char *path, const char *want)
{
    const char *text, *error = NULL;
    size_t len;
    assert_false(file_read(a, path, &text, &len, &error));
    assert_string_equal(error, want);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void writes_and_reads(void **state)
{
    (void)state;
    const char *f = in("f");
    assert_false(file_exists(f));
    assert_true(put(f, "one", 0600));
    expect_text(f, "one");
    assert_int_equal(mode_of(f), 0600);
    assert_true(put(f, "", 0)); /* keeps the mode */
    expect_text(f, "");
    assert_int_equal(mode_of(f), 0600);
    assert_true(put(f, "three", 0644));
    assert_int_equal(mode_of(f), 0644);
    assert_int_equal(symlink("f", in("link")), 0);
    assert_true(put(in("link"), "four", 0));
    expect_text(f, "four");
    struct stat st;
    assert_int_equal(lstat(in("link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
}

static void refuses(void **state)
{
    (void)state;
    const char *error;
    expect_error(in("none"), "no such file");
    expect_error(dir, "it is a folder");
    expect_error("/dev/zero", "it is no regular file");
    assert_int_equal(mkfifo(in("pipe"), 0600), 0);
    expect_error(in("pipe"), "it is no regular file"); /* and does not hang */
    assert_false(put(in("none/f"), "x", 0));
    assert_false(file_write_atomic(a, dir, "x", 1, 0, &error));
    assert_string_equal(error, "it is a folder");
    assert_int_equal(symlink("nowhere", in("dangling")), 0);
    assert_false(put(in("dangling"), "x", 0));
    assert_int_equal(truncate(in("f"), 0), -1);
    assert_true(put(in("f"), "x", 0));
    assert_int_equal(truncate(in("f"), (off_t)(64 << 20) + 1), 0);
    expect_error(in("f"), "it is longer than 64 MiB");
}

static void joins(void **state)
{
    (void)state;
    assert_string_equal(path_join(a, "a", "b"), "a/b");
    assert_string_equal(path_join(a, "a/", "b"), "a/b");
    assert_string_equal(path_join(a, ".", "b"), "b");
    assert_string_equal(path_join(a, "a", "/b"), "/b");
    assert_string_equal(path_dirname(a, "a/b/c"), "a/b");
    assert_string_equal(path_dirname(a, "/a"), "/");
    assert_string_equal(path_dirname(a, "a"), ".");
    assert_string_equal(path_basename("a/b"), "b");
    assert_string_equal(path_basename("b"), "b");
}

static void stays_inside(void **state)
{
    (void)state;
    const char *root = in("root"), *text, *error;
    size_t len;
    assert_int_equal(mkdir(root, 0700), 0);
    assert_int_equal(mkdir(in("root/in"), 0700), 0);
    assert_true(put(in("root/in/f"), "inside", 0));
    assert_true(put(in("secret"), "outside", 0));
    assert_true(file_read_inside(a, root, "in/f", &text, &len, &error));
    assert_string_equal(text, "inside");
    assert_true(file_read_inside(a, root, "in/../in/f", &text, &len, &error));
    assert_non_null(path_inside(a, root, ".", &error));
    assert_false(file_read_inside(a, root, "../secret", &text, &len, &error));
    assert_string_equal(error, arena_printf(a, "it lies outside of %s", root));
    assert_false(file_read_inside(a, root, in("secret"), &text, &len, &error));
    assert_false(file_read_inside(a, root, "/etc/passwd", &text, &len, &error));
    assert_int_equal(symlink("../secret", in("root/out")), 0);
    assert_false(file_read_inside(a, root, "out", &text, &len, &error));
    assert_int_equal(symlink("..", in("root/up")), 0);
    assert_false(file_read_inside(a, root, "up/secret", &text, &len, &error));
    assert_false(file_read_inside(a, root, "none", &text, &len, &error));
    assert_string_equal(error, "no such file");
    /* a folder whose name only begins alike is another folder */
    assert_null(path_inside(a, in("root/in"), "../in/../../secret", &error));
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text, *iso;
    } good[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
        {"2026-11-16T10:00:00Z", "2026-11-16T10:00:00Z"},
        {"2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59Z"},
        {"2026-11-16T10:00:00+01:00", "2026-11-16T09:00:00Z"},
        {"2026-11-16T10:00:00.25-0530", "2026-11-16T15:30:00Z"},
        {"2000-03-01t00:00:00z", "2000-03-01T00:00:00Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
    };
    static const char *const bad[] = {"",
                                      "2026-11-16",
                                      "2026-11-16T10:00:00",
                                      "2026-13-01T00:00:00Z",
                                      "2023-02-29T00:00:00Z",
                                      "2026-11-16T24:00:00Z",
                                      "x",
                                      "2026-11-16T10:00:00+1",
                                      "2026-11-16T10:00:00Zx",
                                      "1969-12-31T23:59:59Z",
                                      "2026-11-16T10:00Z"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_string_equal(clock_iso(a, clock_parse_iso(good[i].text)), good[i].iso);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(clock_parse_iso(bad[i]) == -1);
    assert_true(clock_parse_iso("1970-01-01T00:00:01.5Z") == 1500);
    assert_string_equal(clock_span(a, 4800000), "1h 20m");
    assert_string_equal(clock_span(a, 45000), "45s");
    assert_string_equal(clock_span(a, 250), "250ms");
    assert_string_equal(clock_span(a, 0), "0s");
    assert_string_equal(clock_span(a, -90061000), "-1d 1h 1m 1s");
}

static void clocks(void **state)
{
    (void)state;
    const struct clock *real = clock_real(a, 1), *fast = clock_real(a, 1000);
    assert_true(clock_speed(real) == 1);
    assert_true(clock_speed(fast) == 1000);
    int64_t start = clock_now(fast), wall = clock_wall(), mono = clock_mono();
    while (clock_mono() < mono + 3)
        usleep(500);
    assert_true(clock_now(fast) - start >= 2000);
    assert_true(clock_now(real) - wall < 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_and_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(joins, setup, teardown),
        cmocka_unit_test_setup_teardown(stays_inside, setup, teardown),
        cmocka_unit_test_setup_teardown(times, setup, teardown),
        cmocka_unit_test_setup_teardown(clocks, setup, teardown),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
