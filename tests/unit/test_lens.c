/* Lenses one by one: what AWS spells differently, what waits, what is wrong; codecs; and
 * declarations that are no lenses. */
#include <stdlib.h>

#include "lab.h"

/* Grouped by AWS in its own way, the rules are the same rules. */
static void test_rules_are_compared_one_by_one(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "ec2.security_group");
    struct value *object = json(
        w, "{\"GroupId\":\"sg-1\",\"VpcId\":\"vpc-1\",\"Description\":\"managed by bgc\","
           "\"IpPermissionsEgress\":[],\"IpPermissions\":[{\"IpProtocol\":\"tcp\",\"FromPort\":"
           "\"443\","
           "\"ToPort\":\"443\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"},{\"CidrIp\":\"10.0.0.0/8\","
           "\"Description\":\"office\"}],\"Ipv6Ranges\":[{\"CidrIpv6\":\"::/0\"}],"
           "\"UserIdGroupPairs\":[{\"GroupId\":\"sg-2\",\"UserId\":\"123456789012\"}]},"
           "{\"IpProtocol\":\"-1\",\"UserIdGroupPairs\":[{\"GroupId\":\"sg-3\"}]}]}");
    struct reading *r = schema_read(&w->ss, w->a, &w->ds, s, object);
    no_errors(w, "rules");
    assert_int_equal(value_get(r->fields, "ingress")->list.n, 5);

    struct value *wanted = value_map(w->a), *rule = value_map(w->a);
    value_put(rule, "from", value_cidr(w->a, "0.0.0.0/0"));
    value_put(rule, "port", value_int(w->a, 443));
    struct value *more = value_map(w->a);
    value_put(more, "from", value_cidr(w->a, "192.168.0.0/16"));
    value_put(more, "port", value_range(w->a, value_int(w->a, 80), value_int(w->a, 80)));
    struct value *rules[] = {rule, more};
    value_put(wanted, "ingress", value_set(w->a, rules, 2));
    size_t n = 0;
    struct change *c = schema_diff(&w->ss, w->a, s, wanted, r->fields, &n);
    assert_int_equal(n, 1);
    assert_string_equal(c->path, "ingress");
    assert_int_equal(c->added->list.n, 1);
    assert_int_equal(c->removed->list.n, 4);

    const struct schema_call **u = schema_updates(w->a, s, c, n, &n);
    assert_int_equal(n, 2);
    struct call_env env = env_of(w, wanted);
    env.added = c->added;
    env.removed = c->removed;
    struct value *in = schema_request(&w->ss, w->a, &w->ds, s, u[0], &env);
    assert_string_equal(as_json(w, in),
                        "{\"GroupId\":\"id-1\",\"IpPermissions\":[{\"FromPort\":80,\"IpProtocol\":"
                        "\"tcp\",\"IpRanges\":[{\"CidrIp\":\"192.168.0.0/16\"}],\"ToPort\":80}]}");
    arena_free(w->a);
}

static void test_nested_records_by_field(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "elbv2.target_group");
    struct value *props = value_map(w->a), *health = value_map(w->a);
    value_put(health, "path", value_string(w->a, "/healthz"));
    value_put(health, "every", value_duration(w->a, 10000));
    value_put(props, "vpc", value_string(w->a, "vpc-1"));
    value_put(props, "port", value_int(w->a, 8080));
    value_put(props, "health", health);
    struct value *desired = schema_desired(&w->ss, w->a, s, props);
    struct call_env env = env_of(w, desired);
    struct value *in = schema_request(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env);
    no_errors(w, "target group");
    assert_string_equal(value_get_string(in, "HealthCheckPath"), "/healthz");
    assert_int_equal(value_get_int(in, "HealthCheckIntervalSeconds", 0), 10);

    struct value *object = value_map(w->a);
    path_merge(w->a, object, in);
    value_put(object, "TargetGroupArn", value_string(w->a, "arn:1"));
    value_put(object, "HealthCheckPath", value_string(w->a, "/"));
    value_put(object, "HealthCheckIntervalSeconds", value_string(w->a, "10"));
    struct reading *r = schema_read(&w->ss, w->a, &w->ds, s, object);
    no_errors(w, "target group");
    size_t n = 0;
    struct change *c = schema_diff(&w->ss, w->a, s, desired, r->fields, &n);
    assert_int_equal(n, 2); /* and `drain`, which is brought after creation */
    assert_string_equal(c[0].path, "health.path");
    assert_string_equal(c[1].path, "drain");
    arena_free(w->a);
}

static void test_unknown_values_wait(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "autoscaling.group");
    struct value *props = value_map(w->a), *fields = value_map(w->a);
    value_put(props, "template", value_ref(w->a, "web.lt", "ec2.launch_template", NULL));
    value_put(fields, "template", value_string(w->a, "lt-1"));
    size_t n = 0;
    struct change *c = schema_diff(&w->ss, w->a, s, props, fields, &n);
    assert_int_equal(n, 1);
    assert_true(c->deferred);
    struct facts facts;
    facts_init(&facts, w->a);
    struct value *lt = value_map(w->a);
    value_put(lt, "id", value_string(w->a, "lt-1"));
    facts_put(&facts, "web.lt", lt);
    schema_diff(&w->ss, w->a, s, schema_ids(w->a, &facts, props), fields, &n);
    assert_int_equal(n, 0);
    arena_free(w->a);
}

static void test_defaults_follow_other_fields(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "ec2.launch_template");
    struct value *props = value_map(w->a);
    value_put(props, "image", value_ref(w->a, "shared.image", "ec2.image", NULL));
    struct value *d = schema_desired(&w->ss, w->a, s, props);
    struct value *device = value_get(d, "device");
    assert_non_null(device);
    assert_int_equal(device->kind, V_REF);
    assert_string_equal(device->ref.field, "root_device");
    /* one that comes to none leaves the field alone */
    s = schema_find(&w->ss, "elbv2.listener");
    props = value_map(w->a);
    assert_null(value_get(schema_desired(&w->ss, w->a, s, props), "policy"));
    struct value *cert = value_ref(w->a, "shared.cert", "acm.certificate", NULL);
    value_put(props, "certs", value_set(w->a, &cert, 1));
    assert_non_null(value_get(schema_desired(&w->ss, w->a, s, props), "policy"));
    no_errors(w, "launch template");
    arena_free(w->a);
}

static void test_queries_have_their_own_defaults(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "ec2.security_group");
    struct value *props = value_map(w->a);
    value_put(props, "name", value_string(w->a, "db"));
    assert_int_equal(schema_query(&w->ss, w->a, s, props)->map->n, 1);
    s = schema_find(&w->ss, "ec2.image");
    assert_non_null(value_get(schema_query(&w->ss, w->a, s, props), "newest"));
    assert_null(value_get(schema_desired(&w->ss, w->a, s, props), "newest"));
    no_errors(w, "queries");
    arena_free(w->a);
}

static void test_waits(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "autoscaling.group");
    struct reading r = {.id = "g", .tags = value_map(w->a)};
    r.object = json(w, "{\"MinSize\":\"2\",\"MaxSize\":\"4\",\"Instances\":[{\"LifecycleState\":"
                       "\"InService\"},{\"LifecycleState\":\"Pending\"}]}");
    r.fields = value_map(w->a);
    value_put(r.fields, "size", value_range(w->a, value_int(w->a, 2), value_int(w->a, 4)));
    int64_t budget = 0, every = 0;
    assert_int_equal(schema_wait(&w->ss, w->a, s, "create", &r, &budget, &every), WAIT_PENDING);
    assert_int_equal(budget, 900000);
    assert_int_equal(every, 10000);
    value_put(r.fields, "size", value_range(w->a, value_int(w->a, 1), value_int(w->a, 4)));
    assert_int_equal(schema_wait(&w->ss, w->a, s, "create", &r, &budget, &every), WAIT_DONE);
    assert_int_equal(schema_wait(&w->ss, w->a, s, "delete", &r, &budget, &every), WAIT_PENDING);
    assert_int_equal(schema_wait(&w->ss, w->a, s, "delete", NULL, &budget, &every), WAIT_DONE);
    no_errors(w, "waits");
    arena_free(w->a);
}

static void test_results(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "elbv2.target_group");
    struct call_env env = env_of(w, value_map(w->a));
    size_t n = 0;
    struct value **found = schema_result(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_FIND), &env,
                                         json(w, "{\"TargetGroups\":[{\"TargetGroupName\":\"shop-"
                                                 "a\"},{\"TargetGroupName\":\"other\"}]}"),
                                         &n);
    assert_int_equal(n, 1);
    assert_string_equal(value_get_string(found[0], "TargetGroupName"), "shop-a");
    const struct schema_call *tags = schema_next(s, schema_call(s, VERB_READ));
    struct value *joined = schema_join(
        &w->ss, w->a, &w->ds, s, tags, &env, found[0],
        json(w, "{\"TagDescriptions\":[{\"ResourceArn\":\"id-0\",\"Tags\":[]},{\"ResourceArn\":"
                "\"id-1\",\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}]}]}"));
    assert_string_equal(as_json(w, value_get(joined, "Tags")), "[{\"Key\":\"a\",\"Value\":\"b\"}]");
    struct value **made =
        schema_result(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env,
                      json(w, "{\"TargetGroups\":[{\"TargetGroupArn\":\"arn:1\"}]}"), &n);
    assert_int_equal(n, 1);
    assert_string_equal(made[0]->s, "arn:1");
    const struct schema_call *c = NULL;
    assert_ptr_equal(schema_of_operation(&w->ss, "elbv2", "CreateTargetGroup", 0, &c), s);
    assert_int_equal(c->verb, VERB_CREATE);
    assert_non_null(schema_of_operation(&w->ss, "ec2", "CreateTags", 2, &c));
    assert_null(schema_of_operation(&w->ss, "ec2", "NoSuch", 0, &c));
    no_errors(w, "results");
    arena_free(w->a);
}

static void test_metrics_of_others(void **state)
{
    (void)state;
    struct lab *w = lab_new(
        "stack shop { region = \"eu-west-1\" }\n"
        "shared {\n"
        "  resource lb: elbv2.load_balancer { scheme = \"internal\", subnets = [], groups = [] }\n"
        "  resource burning: cloudwatch.alarm { metric = lb.http_5xx, stat = \"sum\", above = 50 "
        "}\n"
        "}\n");
    struct graph *g = eval_program(w->p, w->a, &(struct eval_args){0});
    no_errors(w, "program");
    struct node *n = graph_find(g, "shared.burning");
    const struct schema *s = schema_find(&w->ss, n->type);
    struct value *desired = schema_desired(&w->ss, w->a, s, n->props);
    struct facts facts;
    facts_init(&facts, w->a);
    struct value *v = schema_metrics(&w->ss, w->a, g, &facts, desired);
    assert_int_equal(value_get(v, "metric")->kind, V_METRIC); /* not made yet */
    struct value *lb = json(w, "{\"id\":\"arn:1\",\"arn_suffix\":\"app/lb/1\"}");
    facts_put(&facts, "shared.lb", lb);
    v = schema_metrics(&w->ss, w->a, g, &facts, desired);
    assert_string_equal(as_json(w, value_get(v, "metric")),
                        "{\"Dimensions\":[{\"Name\":\"LoadBalancer\",\"Value\":\"app/lb/1\"}],"
                        "\"MetricName\":\"HTTPCode_Target_5XX_Count\",\"Namespace\":"
                        "\"AWS/ApplicationELB\"}");
    struct call_env env = env_of(w, v);
    struct value *in = schema_request(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env);
    no_errors(w, "alarm");
    assert_string_equal(value_get_string(in, "Namespace"), "AWS/ApplicationELB");
    arena_free(w->a);
}

static void test_wrong_values_are_said(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "autoscaling.group");
    struct value *props = value_map(w->a);
    value_put(props, "grace", value_duration(w->a, 1500));
    struct call_env env = env_of(w, props);
    assert_null(schema_request(&w->ss, w->a, &w->ds, s, schema_call(s, VERB_CREATE), &env));
    assert_int_equal(w->ds.errors, 1);
    assert_string_equal(w->ds.all.at[0]->code, "BG1802");
    assert_string_equal(w->ds.all.at[0]->message,
                        "`autoscaling.group.grace`: 1500ms is no whole number of seconds");
    struct value *o = json(w, "{\"AutoScalingGroupName\":\"g\",\"MinSize\":\"two\",\"MaxSize\":4}");
    assert_null(schema_read(&w->ss, w->a, &w->ds, s, o));
    assert_string_equal(w->ds.all.at[1]->code, "BG1801");
    arena_free(w->a);
}

/* ---- codecs ------------------------------------------------------------------------ */

static void codec_law(struct lab *w, const char *type, const char *via, const char *value,
                      const char *wire)
{
    const char *text =
        arena_printf(w->a,
                     "service t { protocol = \"json\" }\ntype t.t {\n  api t\n"
                     "  id id: string <- Id\n  field f: %s? -> F via %s\n  read Get {} -> T\n}\n",
                     type, via);
    struct lab *o = lab_new(text);
    const struct schema *s = schema_find(&o->ss, "t.t");
    no_errors(o, via);
    assert_non_null(s);
    uint32_t file = sources_add(&o->sources, "v", value, strlen(value));
    struct expr *e = parse_expr(o->a, &o->names, &o->ds, file);
    struct value *v = eval_expr(o->p, o->a, &o->ds, e, NULL);
    v = type_coerce(o->p, o->a, schema_field(s, "f")->type, v, "f");
    no_errors(o, value);
    struct value *fields = value_map(o->a), *object = value_map(o->a);
    value_put(fields, "f", v);
    value_put(fields, "id", value_string(o->a, "x"));
    assert_true(schema_store(&o->ss, o->a, s, fields, object));
    assert_string_equal(as_json(o, value_get(object, "F")), wire);
    struct reading *r = schema_read(&o->ss, o->a, &o->ds, s, object);
    no_errors(o, via);
    struct value *got = value_get(r->fields, "f");
    if (!value_equal(v, got))
        fail_msg("%s: %s came back as %s", via, value, value_text(o->a, got));
    arena_free(o->a);
}

static void test_codecs(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    codec_law(w, "duration", "seconds", "90s", "90");
    codec_law(w, "duration", "seconds(\"text\")", "90s", "\"90\"");
    codec_law(w, "duration", "minutes", "2h", "120");
    codec_law(w, "duration", "days", "30d", "30");
    codec_law(w, "duration", "milliseconds", "250ms", "250");
    codec_law(w, "size", "unit(1GiB)", "20GiB", "20");
    codec_law(w, "percent", "percent", "50%", "50");
    codec_law(w, "percent", "percent", "0.5%", "0.5");
    codec_law(w, "percent", "fraction", "50%", "0.5");
    codec_law(w, "int", "text", "8080", "\"8080\"");
    codec_law(w, "bool", "text", "true", "\"true\"");
    codec_law(w, "[string]", "csv", "[\"a\", \"b\"]", "\"a,b\"");
    codec_law(w, "set string", "csv", "[\"b\", \"a\"]", "\"a,b\"");
    codec_law(w, "string", "base64", "\"Hello, world\"", "\"SGVsbG8sIHdvcmxk\"");
    codec_law(w, "string", "base64", "\"ab\"", "\"YWI=\"");
    codec_law(w, "string", "json", "\"{}\"", "\"{}\"");
    codec_law(w, "map string", "json", "{\"a\" => \"b\"}", "\"{\\\"a\\\":\\\"b\\\"}\"");
    codec_law(w, "\"on\" | \"off\"", "enum({ on = \"ON\", off = \"OFF\" })", "\"off\"", "\"OFF\"");
    codec_law(w, "set string", "wrap(\"Arn\")", "[\"a\"]", "[{\"Arn\":\"a\"}]");
    codec_law(w, "bool", "member(\"Value\")", "true", "{\"Value\":true}");
    codec_law(w, "string", "dns_name", "\"*.example.com\"", "\"*.example.com.\"");
    codec_law(w, "bool", "onoff(\"Enabled\", \"Disabled\")", "false", "\"Disabled\"");
    codec_law(w, "bool", "yes_no", "true", "\"yes\"");
    codec_law(w, "duration", "choice([1m, true], [5m, false])", "5m", "false");
    codec_law(w, "string", "after(\"/zone/\")", "\"Z1\"", "\"Z1\"");
    codec_law(w, "number", "measure", "1.5", "1.5");
    arena_free(w->a);
}

/* What AWS writes its own way is read as what was meant. */
static void test_codecs_read_aws_spellings(void **state)
{
    (void)state;
    struct lab *w = lab_new(NULL);
    const struct schema *s = schema_find(&w->ss, "route53.zone");
    struct reading *r = schema_read(
        &w->ss, w->a, &w->ds, s,
        json(w, "{\"Id\":\"/hostedzone/Z1\",\"Name\":\"\\\\052.example.com.\",\"Config\":"
                "{\"PrivateZone\":\"false\"},\"ResourceRecordSetCount\":\"7\"}"));
    no_errors(w, "zone");
    assert_string_equal(r->id, "Z1");
    assert_string_equal(value_get_string(r->fields, "name"), "*.example.com");
    assert_int_equal(value_get_int(r->fields, "records", 0), 7);
    arena_free(w->a);
}

static void fails_with(const char *items, const char *code)
{
    struct arena *a = arena_new("text");
    struct lab *w = lab_new(
        arena_printf(a, "service t { protocol = \"json\" }\ntype t.t {\n  api t\n%s\n}\n", items));
    no_errors(w, "it parses");
    const struct schema *s = schema_find(&w->ss, "t.t");
    if (s || w->ds.all.n != 1 || strcmp(w->ds.all.at[0]->code, code)) {
        for (size_t i = 0; i < w->ds.all.n; i++)
            print_error("%s %s\n", w->ds.all.at[i]->code, w->ds.all.at[i]->message);
        fail_msg("wanted %s alone: %s", code, items);
    }
    arena_free(w->a);
    arena_free(a);
}

static void test_malformed_declarations(void **state)
{
    (void)state;
#define ID "  id id: string <- Id\n"
#define READ "  read Get { Id = id } -> T\n"
    fails_with(READ, "BG1701");
    fails_with(ID "  id other: string <- Other\n" READ, "BG1701");
    fails_with(ID "  live a: int <- A\n  live a: int <- B\n" READ, "BG1702");
    fails_with(ID "  live a: duration <- A via second\n" READ, "BG1703");
    fails_with(ID "  live a: string <- A via seconds\n" READ, "BG1704");
    fails_with(ID "  live a: size <- A via unit\n" READ, "BG1704");
    fails_with(ID "  field a: int -> { A = it }\n" READ, "BG1705");
    fails_with(ID "  live a: duration <- A\n" READ, "BG1706");
    fails_with(ID "  later = [b]\n" READ, "BG1707");
    fails_with(ID "  update b Set { Id = id }\n" READ, "BG1707");
    fails_with(ID "  remove Get { Id = id }\n" READ, "BG1708");
    fails_with(ID "  read Get { Id = ident } -> T\n", "BG1709");
    fails_with(ID "  field a: int -> A\n  update a.added Set { Id = id }\n" READ, "BG1710");
    fails_with(ID "  find List {}\n" READ, "BG1711");
    fails_with(ID "  name_limits = 32\n" READ, "BG1712");
    fails_with(ID "  tags { shape = \"lists\" }\n" READ, "BG1712");
    fails_with(ID "  wait live.A == 1 every 2s\n" READ, "BG1713");
    fails_with(ID "  metric m: number = \"X\" Y { D = id } with { stats = \"Sum\" }\n" READ,
               "BG1714");
    fails_with(ID "  field a: int -> A\n  create Make {} -> Id\n  find List {} -> Ts\n  delete "
                  "Drop { Id = id }\n" READ,
               "BG1715");
    fails_with(ID, "BG1716");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_are_compared_one_by_one),
        cmocka_unit_test(test_nested_records_by_field),
        cmocka_unit_test(test_unknown_values_wait),
        cmocka_unit_test(test_defaults_follow_other_fields),
        cmocka_unit_test(test_queries_have_their_own_defaults),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_metrics_of_others),
        cmocka_unit_test(test_wrong_values_are_said),
        cmocka_unit_test(test_codecs),
        cmocka_unit_test(test_codecs_read_aws_spellings),
        cmocka_unit_test(test_malformed_declarations),
    };
    return cmocka_run_group_tests_name("lens", tests, NULL, NULL);
}
