#include "golden.h"

#include "base/render.h"
#include "base/value.h"
#include "base/version.h"

struct scene {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct buf out;
};

static int setup(void **state)
{
    struct arena *a = arena_new("test");
    struct scene *s = arena_make(a, struct scene);
    s->a = a;
    sources_init(&s->sources, a);
    diags_init(&s->ds, a, &s->sources);
    buf_init(&s->out, a);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    arena_free(s->a);
    return 0;
}

static uint32_t add(struct scene *s, const char *path, const char *text)
{
    return sources_add(&s->sources, path, text, strlen(text));
}

/* The span of the first `what` in a file. */
static struct span find(const struct scene *s, uint32_t file, const char *what)
{
    const char *text = s->sources.files.at[file]->text;
    uint32_t at = (uint32_t)(strstr(text, what) - text);
    return (struct span){file, at, at + (uint32_t)strlen(what)};
}

static const char *text_of(struct scene *s)
{
    render_text(&s->out, &s->ds, false);
    return buf_text(&s->out);
}

static const char shop[] =
    "# shop\n\n\n\n\n\n\n\nworld web {\n  resource tg: elbv2.target_group {\n"
    "    port = 8080\n  }\n}\nshared {\n  targets = [tg]\n}\n";

static void the_usual_shape(void **state)
{
    struct scene *s = *state;
    uint32_t f = add(s, "shop.bg", shop);
    struct span use = find(s, f, "[tg]");
    struct diag *d = diag_error(&s->ds, "BG3001", (struct span){f, use.start + 1, use.end - 1},
                                "shared code cannot see a world");
    diag_at(&s->ds, d, "exists once per colour");
    diag_label(&s->ds, d, find(s, f, "tg"), "declared in world `web` here");
    diag_help(&s->ds, d, "move this resource into `world web`");
    assert_string_equal(text_of(s), "error[BG3001]: shared code cannot see a world\n"
                                    "  --> shop.bg:15:14\n"
                                    "   |\n"
                                    "15 |   targets = [tg]\n"
                                    "   |              ^^ exists once per colour\n"
                                    "   |\n"
                                    "10 |   resource tg: elbv2.target_group {\n"
                                    "   |            -- declared in world `web` here\n"
                                    "   = help: move this resource into `world web`\n");
}

static void order_and_doubles(void **state)
{
    struct scene *s = *state;
    uint32_t f = add(s, "a.bg", "one\ntwo\n"), g = add(s, "b.bg", "three\n");
    diag_error(&s->ds, "BG1002", find(s, g, "three"), "third");
    diag_warn(&s->ds, "BG1003", find(s, f, "two"), "second");
    diag_error(&s->ds, "BG1002", find(s, f, "one"), "first");
    diag_error(&s->ds, "BG1002", find(s, f, "one"), "the same place and code");
    diag_error(&s->ds, "BG0001", NO_SPAN, "no place");
    diag_error(&s->ds, "BG0001", NO_SPAN, "no place either");
    diag_error(&s->ds, "BG0001", NO_SPAN, "no place");
    size_t n;
    struct diag **all = render_order(s->a, &s->ds, &n);
    assert_int_equal(n, 5);
    assert_string_equal(all[0]->message, "no place");
    assert_string_equal(all[1]->message, "no place either");
    assert_string_equal(all[2]->message, "first");
    assert_string_equal(all[3]->message, "second");
    assert_string_equal(all[4]->message, "third");
}

static void shapes_of_text(void **state)
{
    struct scene *s = *state;
    uint32_t f = add(s, "odd.bg",
                     "\tname = \"\xe6\x9d\xb1\xe4\xba\xac\" + tab\there\r\n"
                     "e\xcc\x81 = caf\xc3\xa9 + x\r\n"
                     "bad \xff byte\x1b[31m and \xe2\x80\xae turned\n"
                     "world web {\n  entry alb\n\n  more\n}\n"
                     "pair(a, a)");
    uint32_t g = add(s, "other file.bg", "let a = 1\n");
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "\xe6\x9d\xb1\xe4\xba\xac"), "wide"),
            "two each");
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "here"), "after a tab"), "here");
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "x\r"), "a span over the line's end"),
            "x");
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "byte"), "bad bytes\x1b[31m\n"),
            "\x07");
    struct diag *d =
        diag_error(&s->ds, "BG1004", find(s, f, "world web {\n  entry alb\n\n  more\n}"), "lines");
    diag_at(&s->ds, d, "all of this");
    d = diag_warn(&s->ds, "BG1005", find(s, f, "a, a"), "twice on a line");
    struct span second = find(s, f, "a)");
    second.end--;
    diag_label(&s->ds, d, second, "again");
    diag_label(&s->ds, d, find(s, g, "a"), "in another file");
    diag_label(&s->ds, d, NO_SPAN, "declared in the standard library");
    diag_note(&s->ds, d, "a note\nof two lines");
    uint32_t end = (uint32_t)s->sources.files.at[f]->len;
    diag_at(&s->ds, diag_error(&s->ds, "BG0002", (struct span){f, end, end}, "it ends here"),
            "`}` is missing");
    end = (uint32_t)s->sources.files.at[g]->len;
    diag_error(&s->ds, "BG0002", (struct span){g, end, end}, "it ends after a newline");
    diag_error(&s->ds, "BG0002", (struct span){g, end + 7, end + 90}, "out of the file");
    struct span two = find(s, g, "let");
    diag_error(&s->ds, "BG0003", (struct span){g, two.start, 10}, "up to the newline");
    golden_check(s->a, "render.txt", text_of(s));
}

static void long_lines_are_clipped(void **state)
{
    struct scene *s = *state;
    struct buf b;
    buf_init(&b, s->a);
    for (int i = 0; i < 400; i++)
        buf_printf(&b, "word%03d \xc3\xa9 ", i);
    uint32_t f = add(s, "long.bg", buf_text(&b));
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "word000"), "begin"), "first");
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "word200"), "middle"), "middle");
    diag_at(&s->ds, diag_error(&s->ds, "BG1001", find(s, f, "word399"), "end"), "last");
    struct span wide = find(s, f, "word100");
    wide.end += 2000;
    struct diag *d = diag_error(&s->ds, "BG1001", wide, "a long mark");
    diag_label(&s->ds, d, find(s, f, "word150"), "on the same line");
    golden_check(s->a, "render-long.txt", text_of(s));
}

static void in_colour(void **state)
{
    struct scene *s = *state;
    uint32_t f = add(s, "shop.bg", shop);
    struct diag *d = diag_error(&s->ds, "BG3001", find(s, f, "tg"), "message");
    diag_help(&s->ds, d, "help");
    render_text(&s->out, &s->ds, true);
    assert_non_null(strstr(buf_text(&s->out), "\x1b[1;31merror[BG3001]\x1b[0m"));
    golden_check(s->a, "render-colour.txt", buf_text(&s->out));
}

static void fill(struct scene *s)
{
    uint32_t f = add(s, "my shop, 100%.bg", shop);
    struct diag *d = diag_error(&s->ds, "BG9001", find(s, f, "[tg]"), "it is 100%%: \"wrong\"");
    diag_at(&s->ds, d, "here");
    diag_label(&s->ds, d, find(s, f, "tg"), "there");
    diag_note(&s->ds, d, "a note\x1b[0m");
    diag_help(&s->ds, d, "first line\nsecond line");
    diag_warn(&s->ds, "BG9002", NO_SPAN, "no place");
    d = diag_warn(&s->ds, "BG9001", (struct span){add(s, "std:aws/ec2.bg", "type\n"), 0, 4},
                  "again");
}

static void as_json(void **state)
{
    struct scene *s = *state;
    const char *error;
    fill(s);
    render_diags(&s->out, &s->ds, RENDER_JSON, false);
    struct value *v = value_from_json(s->a, s->out.at, s->out.len, &error);
    assert_non_null(v);
    assert_string_equal(value_at(v, "[1].code")->s, "BG9001");
    assert_int_equal(value_at(v, "[1].line")->i, 15);
    assert_int_equal(value_at(v, "[1].column")->i, 13);
    assert_int_equal(value_at(v, "[1].end_column")->i, 17);
    assert_string_equal(value_at(v, "[1].labels[0].text")->s, "there");
    assert_int_equal(value_at(v, "[0].path")->kind, V_NONE);
    golden_check(s->a, "render.json", buf_text(&s->out));
}

static void as_sarif(void **state)
{
    struct scene *s = *state;
    fill(s);
    render_diags(&s->out, &s->ds, RENDER_SARIF, false);
    /* the golden file outlives releases */
    char *text = buf_text(&s->out), *version = strstr(text, bgc_version());
    assert_non_null(version);
    *version = '\0';
    golden_check(s->a, "render.sarif",
                 arena_printf(s->a, "%sVERSION%s", text, version + strlen(bgc_version())));
}

static void as_github(void **state)
{
    struct scene *s = *state;
    fill(s);
    render_diags(&s->out, &s->ds, RENDER_GITHUB, false);
    assert_string_equal(
        buf_text(&s->out),
        "::warning title=BG9002::no place\n"
        "::error file=my shop%2C 100%25.bg,line=15,endLine=15,col=13,endColumn=17,title=BG9001::"
        "it is 100%25: \"wrong\": here%0Anote: a note\\u{1b}[0m%0Ahelp: first line%0Asecond line\n"
        "::warning file=std%3Aaws/ec2.bg,line=1,endLine=1,col=1,endColumn=5,title=BG9001::again\n");
}

static void nothing_to_say(void **state)
{
    struct scene *s = *state;
    render_diags(&s->out, &s->ds, RENDER_TEXT, true);
    assert_int_equal(s->out.len, 0);
    render_diags(&s->out, &s->ds, RENDER_JSON, false);
    assert_string_equal(buf_text(&s->out), "[]\n");
}

/* Whatever bytes and spans: no crash, and nothing raw gets through. */
static void any_bytes(void **state)
{
    struct scene *s = *state;
    uint32_t seed = 1;
    for (int round = 0; round < 300; round++) {
        char *text = arena_alloc(s->a, 301);
        uint32_t len = (seed >> 8) % 300;
        for (uint32_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = "\xe6\x9d\xb1\xc3\xa9\t\r\n\x1b\xff z\0"[(seed >> 16) % 14];
        }
        uint32_t f = sources_add(&s->sources, "x", text, len);
        uint32_t x = (seed >> 5) % (len + 3), y = x + (seed >> 12) % 40;
        struct diag *d = diag_error(&s->ds, "BG1001", (struct span){f, x, y}, "x");
        diag_label(&s->ds, d, (struct span){f, y / 2, x / 2}, "back to front");
        diag_label(&s->ds, d, (struct span){f, x / 2, y}, "long");
    }
    const char *out = text_of(s);
    assert_null(strpbrk(out, "\x1b\r\t"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_usual_shape, setup, teardown),
        cmocka_unit_test_setup_teardown(order_and_doubles, setup, teardown),
        cmocka_unit_test_setup_teardown(shapes_of_text, setup, teardown),
        cmocka_unit_test_setup_teardown(long_lines_are_clipped, setup, teardown),
        cmocka_unit_test_setup_teardown(in_colour, setup, teardown),
        cmocka_unit_test_setup_teardown(as_json, setup, teardown),
        cmocka_unit_test_setup_teardown(as_sarif, setup, teardown),
        cmocka_unit_test_setup_teardown(as_github, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_to_say, setup, teardown),
        cmocka_unit_test_setup_teardown(any_bytes, setup, teardown),
    };
    return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
