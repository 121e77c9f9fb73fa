/* Record sets: exact deletion, whole batches, PENDING before INSYNC. */
#include "sandbox.h"

static void exact_deletion(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *z = rig_zone(&r);
    const char *set = rig_alias(&r, "a.1", 100, "lb.example.net", "");
    assert_non_null(rig_batch(&r, z, rig_change(&r, "CREATE", set)));
    assert_null(rig_batch(&r, z, rig_change(&r, "CREATE", set)));
    assert_string_equal(r.code, "InvalidChangeBatch");
    assert_non_null(strstr(r.message, "but it already exists"));
    assert_null(
        rig_batch(&r, z, rig_change(&r, "DELETE", rig_alias(&r, "a.1", 99, "lb.example.net", ""))));
    assert_non_null(strstr(r.message, "values provided do not match"));
    assert_null(rig_batch(
        &r, z, rig_change(&r, "DELETE", rig_alias(&r, "a.2", 100, "lb.example.net", ""))));
    assert_non_null(strstr(r.message, "but it was not found"));
    /* As the API shows it: final dots, numbers as texts. */
    assert_non_null(
        rig_batch(&r, z,
                  rig_change(&r, "DELETE",
                             "{\"Name\":\"shop.example.com.\",\"Type\":\"A\",\"SetIdentifier\":\"a."
                             "1\",\"Weight\":\"100\","
                             "\"AliasTarget\":{\"HostedZoneId\":\"Z32O12XQLNTSW2\",\"DNSName\":"
                             "\"lb.example.net.\",\"EvaluateTargetHealth\":\"false\"}}")));
    struct value *v =
        rig_call(&r, "route53", "ListResourceRecordSets", "{\"HostedZoneId\":\"%s\"}", z);
    assert_int_equal(value_get(v, "ResourceRecordSets")->list.n, 2); /* NS and SOA */
    rig_close(&r);
}

static void all_or_nothing(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *z = rig_zone(&r);
    const char *a = rig_alias(&r, "a.1", 100, "a.example.net", ""),
               *b = rig_alias(&r, "b.1", 0, "b.example.net", "");
    const char *both =
        arena_printf(r.a, "%s,%s", rig_change(&r, "CREATE", a), rig_change(&r, "DELETE", b));
    assert_null(rig_batch(&r, z, both));
    struct value *v =
        rig_call(&r, "route53", "ListResourceRecordSets", "{\"HostedZoneId\":\"%s\"}", z);
    assert_int_equal(value_get(v, "ResourceRecordSets")->list.n, 2);
    /* Deleted and created under one name within a batch. */
    assert_non_null(rig_batch(&r, z, rig_change(&r, "CREATE", a)));
    both = arena_printf(r.a, "%s,%s", rig_change(&r, "DELETE", a),
                        rig_change(&r, "CREATE", rig_alias(&r, "a.1", 50, "a.example.net", "")));
    assert_non_null(rig_batch(&r, z, both));
    v = rig_call(&r, "route53", "ListResourceRecordSets",
                 "{\"HostedZoneId\":\"%s\",\"StartRecordName\":\"shop.example.com\"}", z);
    assert_int_equal(value_get_int(value_at(v, "ResourceRecordSets[0]"), "Weight", -1), 50);
    rig_close(&r);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *z = rig_zone(&r);
    const char *simple = "{\"Name\":\"shop.example.com\",\"Type\":\"A\",\"TTL\":60,"
                         "\"ResourceRecords\":[{\"Value\":\"192.0.2.1\"}]}";
    assert_non_null(rig_batch(&r, z, rig_change(&r, "CREATE", simple)));
    static const struct {
        const char *set, *says;
    } wrong[] = {
        {"{\"Name\":\"shop.example.org\",\"Type\":\"A\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":"
         "\"192.0.2.1\"}]}",
         "not permitted in zone"},
        {"{\"Name\":\"x.example.com\",\"Type\":\"TXT\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":"
         "\"bare\"}]}",
         "InvalidCharacterString"},
        {"{\"Name\":\"x.example.com\",\"Type\":\"A\",\"TTL\":60}", "Expected exactly one of"},
        {"{\"Name\":\"shop.example.com\",\"Type\":\"CNAME\",\"TTL\":60,\"ResourceRecords\":[{"
         "\"Value\":\"y.example.com\"}]}",
         "conflicting RRSet"},
        {"{\"Name\":\"x.example.com\",\"Type\":\"A\",\"SetIdentifier\":\"i\",\"Weight\":256,"
         "\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"192.0.2.1\"}]}",
         "between 0 and 255"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(rig_batch(&r, z, rig_change(&r, "CREATE", wrong[i].set)));
        assert_string_equal(r.code, "InvalidChangeBatch");
        assert_non_null(strstr(r.message, wrong[i].says));
    }
    assert_null(
        rig_batch(&r, z, rig_change(&r, "CREATE", rig_alias(&r, "a.1", 1, "lb.example.net", ""))));
    assert_non_null(strstr(r.message, "exists with the same name and type"));
    /* Converted in one batch, as a hand-made record is. */
    const char *both =
        arena_printf(r.a, "%s,%s", rig_change(&r, "DELETE", simple),
                     rig_change(&r, "CREATE", rig_alias(&r, "a.1", 1, "lb.example.net", "")));
    assert_non_null(rig_batch(&r, z, both));
    assert_null(rig_batch(&r, "ZNONE", rig_change(&r, "CREATE", simple)));
    assert_string_equal(r.code, "NoSuchHostedZone");
    char big[400];
    memset(big, 'x', sizeof big);
    big[300] = '\0';
    assert_null(
        rig_batch(&r, z,
                  rig_change(&r, "CREATE",
                             arena_printf(r.a,
                                          "{\"Name\":\"x.example.com\",\"Type\":\"TXT\",\"TTL\":60,"
                                          "\"ResourceRecords\":[{\"Value\":\"\\\"%s\\\"\"}]}",
                                          big))));
    assert_non_null(strstr(r.message, "CharacterStringTooLong"));
    rig_close(&r);
}

static const char *status(struct rig *r, const char *id)
{
    return rig_text(rig_call(r, "route53", "GetChange", "{\"Id\":\"%s\"}", id),
                    "ChangeInfo.Status");
}

static void pending_before_insync(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct value *v = rig_must(
        &r, rig_batch(&r, rig_zone(&r),
                      rig_change(&r, "CREATE", rig_alias(&r, "a.1", 1, "lb.example.net", ""))));
    const char *id = rig_text(v, "ChangeInfo.Id");
    assert_string_equal(rig_text(v, "ChangeInfo.Status"), "PENDING");
    rig_sleep(&r, 25);
    assert_string_equal(status(&r, id), "PENDING");
    rig_sleep(&r, 40);
    assert_string_equal(status(&r, strrchr(id, '/') + 1), "INSYNC");
    assert_null(rig_try(&r, "route53", "GetChange", "{\"Id\":\"CNONE\"}"));
    assert_string_equal(r.code, "NoSuchChange");
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_deletion),
        cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(pending_before_insync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
