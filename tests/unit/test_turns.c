/* Two worlds in one run: who gives way to whom, and that nobody does for nothing. */
#include "runs.h"

static const char *put_before(struct arena *a, const char *text, const char *where, const char *what)
{
    const char *at = strstr(text, where);
    assert_non_null(at);
    return arena_printf(a, "%.*s%s%s", (int)(at - text), text, what, at);
}

/* The two worlds of the campaign of faults; `web` has a kill switch. */
static const char *two_worlds(struct arena *a)
{
    const char *src = getenv("SRCDIR"), *text;
    char all[8192];
    FILE *f = fopen(arena_printf(a, "%s/tests/faults/two.bg", src ? src : "."), "r");
    assert_non_null(f);
    all[fread(all, 1, sizeof all - 1, f)] = '\0';
    fclose(f);
    text = put_before(a, arena_strdup(a, all), "  entry alb",
                      "  resource burning: cloudwatch.alarm { metric = alb.http_5xx, stat = \"sum\", above = 50, over = 1m, "
                      "missing = \"missing\" }\n");
    const char *names = "names = [\"www.example.com\"]";
    return put_before(a, text, arena_printf(a, "%s }", names), "kill_switch = web.burning, ");
}

static struct run run_as(struct rig *r, struct store *store, struct cloud *cloud, enum run_mode mode, const char *size)
{
    return run_of(r, store, cloud, &(struct run_args){.mode = mode}, size);
}

static size_t versions_of(struct rig *r, const char *world)
{
    const struct value *all = sandbox_inventory(r->box, r->a);
    struct map ids;
    map_init(&ids, r->a);
    for (size_t i = 0; i < all->list.n; i++) {
        const char *id = value_get_string(all->list.at[i], "world"), *address = value_get_string(all->list.at[i], "address");
        if (id && address && !strncmp(address, world, strlen(world)))
            map_put(&ids, id, r);
    }
    return ids.n;
}

/* Who asks for removals takes nothing back: `web`, whose kill switch fired, has no turn,
 * and the removal of `api` must not give way to it, over and over. */
static void test_a_removal_gives_way_to_no_rollback_that_it_refuses(void **state)
{
    (void)state;
    struct rig r;
    struct arena *a = arena_new("text");
    rig_program(&r, two_worlds(a));
    assert_true(program_check(r.program));
    rig_account(&r);
    struct store *store = store_memory(r.a, sandbox_objects(r.box));
    struct retry_config retry = {.services = service_source_of_program(r.a, r.program), .seed = 1};
    struct cloud *cloud = retry_new(r.a, r.cloud, &retry);
    assert_int_equal(run_as(&r, store, cloud, RUN_APPLY, "t2.small").exit_code, 0);
    cloud_sleep(cloud, clock_now(cloud->clock) + 30 * MINUTE);
    assert_int_equal(run_as(&r, store, cloud, RUN_APPLY, "t3.small").exit_code, 0);
    assert_int_equal(versions_of(&r, "web."), 2);
    assert_int_equal(versions_of(&r, "api."), 2);
    cloud_sleep(cloud, clock_now(cloud->clock) + 180 * MINUTE); /* the bakes are over */
    assert_true(sandbox_fault(r.box, NULL, "web.alb.http_5xx", value_int(r.a, 5000)));
    cloud_sleep(cloud, clock_now(cloud->clock) + 10 * MINUTE);
    struct run last = run_as(&r, store, cloud, RUN_RETIRE, "t3.small");
    assert_int_equal(last.exit_code, 7);
    assert_non_null(strstr(said(&r), "kill switch"));
    assert_int_equal(versions_of(&r, "web."), 2);
    assert_int_equal(versions_of(&r, "api."), 1);
    rig_close(&r);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_removal_gives_way_to_no_rollback_that_it_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
