#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/embed.h"
#include "base/file.h"
#include "base/intern.h"
#include "base/map.h"
#include "base/source.h"
#include "base/utf8.h"

static int setup(void **state)
{
    *state = arena_new("test");
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
    struct arena *a = *state;
    for (size_t size = 0; size < 5000; size += 37) {
        unsigned char *p = arena_alloc(a, size);
        assert_int_equal((uintptr_t)p % 8, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xee, size);
    }
    assert_true(arena_used(a) > 100000);
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    const unsigned char *again = arena_alloc(a, 4000);
    for (size_t i = 0; i < 4000; i++)
        assert_int_equal(again[i], 0);
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_strndup(a, "abc", 2), "ab");
}

static void vec_grows(void **state)
{
    VEC(int) v = {0};
    for (int i = 0; i < 1000; i++)
        vec_push(*state, &v, i);
    assert_int_equal(v.n, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(v.at[i], i);
}

static void buf_builds_text(void **state)
{
    struct buf b;
    buf_init(&b, *state);
    assert_string_equal(buf_text(&b), "");
    for (int i = 0; i < 500; i++)
        buf_printf(&b, "%d,", i % 10);
    assert_int_equal(b.len, 1000);
    buf_clear(&b);
    assert_string_equal(buf_text(&b), "");
    buf_put(&b, "a\0b", 3);
    buf_fill(&b, '-', 3);
    assert_int_equal(b.len, 6);
    assert_memory_equal(buf_text(&b), "a\0b---", 7);
}

static void buf_shows_controls(void **state)
{
    struct buf b;
    buf_init(&b, *state);
    buf_put_visible(&b, "a\n\t\x1b[31m\x7f\xff\xc3\xa9\xe2\x80\xae");
    assert_string_equal(buf_text(&b), "a\\n\\t\\u{1b}[31m\\u{7f}\\xff\xc3\xa9\\u{202e}");
    buf_clear(&b);
    buf_put_json(&b, "\"\\\n\x01\xff\xc3\xa9/");
    assert_string_equal(buf_text(&b), "\"\\\"\\\\\\n\\u0001\\ufffd\xc3\xa9/\"");
}

static void map_keeps_order(void **state)
{
    struct arena *a = *state;
    struct map m;
    map_init(&m, a);
    assert_null(map_find(&m, "x"));
    for (int i = 0; i < 2000; i++)
        assert_null(map_put(&m, arena_printf(a, "k%d", i * 7919 % 2000), arena_printf(a, "%d", i)));
    assert_int_equal(m.n, 2000);
    for (int i = 0; i < 2000; i++) {
        assert_string_equal(m.entries[i].key, arena_printf(a, "k%d", i * 7919 % 2000));
        assert_string_equal(map_find(&m, arena_printf(a, "k%d", i * 7919 % 2000)),
                            arena_printf(a, "%d", i));
    }
    assert_false(map_has(&m, "k2000"));
    assert_string_equal(map_put(&m, "k0", "new"), "0");
    assert_string_equal(m.entries[0].value, "new");
    assert_int_equal(m.n, 2000);
}

/* Below nine entries and above, reserved or grown, keys with and without an end. */
static void map_of_any_size(void **state)
{
    struct arena *a = *state;
    for (int n = 0; n < 60; n++) {
        struct map m;
        map_init(&m, a);
        if (n % 2)
            map_reserve(&m, (size_t)n);
        for (int i = 0; i < n; i++) {
            assert_null(map_put(&m, arena_printf(a, "key-number-%d", i), arena_printf(a, "%d", i)));
            assert_null(map_find(&m, arena_printf(a, "key-number-%d", i + 1)));
        }
        struct map clone;
        map_clone(&clone, &m);
        map_put(&clone, "another", &clone);
        assert_int_equal(m.n, n);
        assert_false(map_has(&m, "another"));
        for (int i = 0; i < n; i++) {
            const char *key = arena_printf(a, "key-number-%d", i);
            const char *longer = arena_printf(a, "%s-and-more", key);
            assert_string_equal(map_find(&m, key), arena_printf(a, "%d", i));
            assert_ptr_equal(map_find(&m, key), map_find_n(&m, longer, strlen(key)));
            assert_ptr_equal(map_find(&m, key), map_find(&clone, key));
            assert_null(map_find_n(&m, key, 0));
        }
    }
    struct map m;
    map_init(&m, a);
    map_put(&m, "", a);
    assert_ptr_equal(map_find_n(&m, "x", 0), a);
    /* the beginning of a key is another key, also of the same pointer */
    static const char dotted[] = "ec2.subnet";
    map_put(&m, dotted, a);
    assert_ptr_equal(map_find_n(&m, dotted, sizeof dotted - 1), a);
    assert_null(map_find_n(&m, dotted, 3));
}

static void intern_makes_one_pointer(void **state)
{
    struct intern in;
    intern_init(&in, *state);
    char text[] = "name and more";
    const char *p = intern(&in, "name");
    assert_ptr_equal(p, intern_n(&in, text, 4));
    text[0] = 'g';
    assert_string_equal(p, "name");
    assert_ptr_not_equal(p, intern_n(&in, text, 4));
    char big[300];
    memset(big, 'x', sizeof big);
    assert_ptr_equal(intern_n(&in, big, sizeof big), intern_n(&in, big, sizeof big));
}

static void utf8_takes_only_valid(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        uint32_t c;
    } cases[] = {
        {"A", 1, 'A'},
        {"\xc3\xa9", 2, 0xe9},
        {"\xe6\x9d\xb1", 3, 0x6771},
        {"\xf0\x9f\x98\x80", 4, 0x1f600},
        {"\xc0\x80", 0, 0}, /* overlong */
        {"\xe0\x80\xaf", 0, 0},
        {"\xed\xa0\x80", 0, 0}, /* a surrogate */
        {"\xf4\x90\x80\x80", 0, 0},
        {"\x80", 0, 0},
        {"\xc3", 0, 0},
        {"\xe6\x9d", 0, 0},
        {"\xff", 0, 0},
        {"\xc3"
         "A",
         0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t c = 0;
        assert_int_equal(utf8_decode(cases[i].bytes, strlen(cases[i].bytes), &c), cases[i].n);
        if (cases[i].n)
            assert_int_equal(c, cases[i].c);
    }
    assert_int_equal(utf8_width('a'), 1);
    assert_int_equal(utf8_width(0x6771), 2);
    assert_int_equal(utf8_width(0x301), 0);
    assert_int_equal(utf8_width(0x1f600), 2);
    assert_true(utf8_is_control(0x202e) && utf8_is_control(0x9b) && !utf8_is_control(' '));
}

static void places_count_characters(void **state)
{
    struct sources s;
    sources_init(&s, *state);
    const char *text = "a\xc3\xa9"
                       "b\r\n\nlast";
    uint32_t f = sources_add(&s, "x.bg", text, strlen(text));
    const struct source *src = sources_find(&s, (struct span){f, 0, 0});
    assert_null(sources_find(&s, NO_SPAN));
    assert_null(sources_find(&s, (struct span){99, 0, 0}));
    struct place p = source_place(src, 3);
    assert_int_equal(p.line, 1);
    assert_int_equal(p.column, 3);
    p = source_place(src, 1000);
    assert_int_equal(p.line, 3);
    assert_int_equal(p.column, 5);
    size_t len;
    source_line(src, 1, &len);
    assert_int_equal(len, 4);
    source_line(src, 2, &len);
    assert_int_equal(len, 0);
    assert_memory_equal(source_line(src, 3, &len), "last", 4);
    source_line(src, 4, &len);
    assert_int_equal(len, 0);
    struct span j = span_join((struct span){1, 5, 9}, (struct span){1, 2, 6});
    assert_true(j.start == 2 && j.end == 9);
    j = span_join(NO_SPAN, (struct span){1, 2, 6});
    assert_true(j.file == 1 && j.start == 2);
    j = span_join((struct span){1, 5, 9}, (struct span){2, 2, 6});
    assert_true(j.file == 1 && j.start == 5 && j.end == 9);
}

static void suggestions(void **state)
{
    (void)state;
    static const char *const words[] = {"ingress", "egress", "drain", "health", "size", "zone"};
    const size_t n = sizeof words / sizeof *words;
    assert_string_equal(suggest("drian", words, n), "drain");
    assert_string_equal(suggest("ingres", words, n), "ingress");
    assert_string_equal(suggest("sise", words, n), "size");
    assert_null(suggest("keep_alive", words, n));
    assert_null(suggest("x", words, n));
    assert_null(suggest("", words, n));
}

static void diags_count(void **state)
{
    struct diags ds;
    diags_init(&ds, *state, NULL);
    struct diag *d = diag_error(&ds, "BG1001", NO_SPAN, "%s", "one");
    diag_note(&ds, d, "n%d", 1);
    diag_note(&ds, d, "n%d", 2);
    diag_warn(&ds, "BG1002", NO_SPAN, "two");
    assert_int_equal(ds.errors, 1);
    assert_int_equal(ds.warnings, 1);
    assert_int_equal(ds.all.n, 2);
    assert_string_equal(d->notes.at[1], "n2");
}

static void embedded_files_are_the_files(void **state)
{
    const char *src = getenv("SRCDIR"), *text, *error;
    size_t len;
    if (!src)
        skip();
    for (size_t i = 0; i < embedded_files_n; i++) {
        const struct embedded_file *f = &embedded_files[i];
        if (i)
            assert_true(strcmp(embedded_files[i - 1].path, f->path) < 0);
        assert_ptr_equal(embed_find(f->path), f);
        assert_int_equal(strlen(f->text), f->len);
        assert_true(file_read(*state, path_join(*state, src, f->path), &text, &len, &error));
        assert_string_equal(f->text, text);
    }
    assert_null(embed_find("no/such/file"));
    assert_null(embed_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arena_gives_zeroed_aligned_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(vec_grows, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_builds_text, setup, teardown),
        cmocka_unit_test_setup_teardown(buf_shows_controls, setup, teardown),
        cmocka_unit_test_setup_teardown(map_keeps_order, setup, teardown),
        cmocka_unit_test_setup_teardown(map_of_any_size, setup, teardown),
        cmocka_unit_test_setup_teardown(intern_makes_one_pointer, setup, teardown),
        cmocka_unit_test(utf8_takes_only_valid),
        cmocka_unit_test_setup_teardown(places_count_characters, setup, teardown),
        cmocka_unit_test(suggestions),
        cmocka_unit_test_setup_teardown(diags_count, setup, teardown),
        cmocka_unit_test_setup_teardown(embedded_files_are_the_files, setup, teardown),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
