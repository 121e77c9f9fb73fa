/* The account's objects: what their declarations say of calls. */
#include "sandbox.h"

static const char *group(struct rig *r, const char *name)
{
    return rig_text(
        rig_call(r, "ec2", "CreateSecurityGroup",
                 "{\"GroupName\":\"%s\",\"Description\":\"d\",\"VpcId\":\"%s\","
                 "\"TagSpecifications\":[{\"ResourceType\":\"security-group\","
                 "\"Tags\":[{\"Key\":\"bgc:stack\",\"Value\":\"%s\"}]}]}",
                 name,
                 rig_text(rig_call(r, "ec2", "CreateVpc", "{\"CidrBlock\":\"10.0.0.0/16\"}"),
                          "Vpc.VpcId"),
                 name),
        "GroupId");
}

static void ids_and_reading(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *id = group(&r, "one");
    assert_int_equal(strncmp(id, "sg-", 3), 0);
    assert_int_equal(strlen(id), 20);
    struct value *v = rig_call(&r, "ec2", "DescribeSecurityGroups", "{\"GroupIds\":[\"%s\"]}", id);
    assert_string_equal(rig_text(v, "SecurityGroups[0].GroupName"), "one");
    assert_string_equal(rig_text(v, "SecurityGroups[0].Tags[0].Value"), "one");
    /* AWS lets everything out of a new group. */
    assert_string_equal(rig_text(v, "SecurityGroups[0].IpPermissionsEgress[0].IpProtocol"), "-1");
    assert_null(rig_try(&r, "ec2", "DescribeSecurityGroups", "{\"GroupIds\":[\"sg-0\"]}"));
    assert_string_equal(r.code, "InvalidGroup.NotFound");
    group(&r, "two");
    v = rig_call(&r, "ec2", "DescribeSecurityGroups",
                 "{\"Filters\":[{\"Name\":\"tag:bgc:stack\",\"Values\":[\"one\"]}]}");
    assert_int_equal(value_get(v, "SecurityGroups")->list.n, 1);
    assert_null(rig_try(&r, "ec2", "FlyToTheMoon", "{}"));
    assert_string_equal(r.code, CLOUD_ERR_UNKNOWN_OPERATION);
    rig_close(&r);
}

static void same_name(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *vpc =
        rig_text(rig_call(&r, "ec2", "CreateVpc", "{\"CidrBlock\":\"10.0.0.0/16\"}"), "Vpc.VpcId");
    rig_call(&r, "ec2", "CreateSecurityGroup",
             "{\"GroupName\":\"a\",\"Description\":\"d\",\"VpcId\":\"%s\"}", vpc);
    assert_null(rig_try(&r, "ec2", "CreateSecurityGroup",
                        "{\"GroupName\":\"a\",\"Description\":\"d\",\"VpcId\":\"%s\"}", vpc));
    assert_string_equal(r.code, "InvalidGroup.Duplicate");
    /* Load balancing takes the same settings as the same wish. */
    const char *tg = rig_text(rig_call(&r, "elbv2", "CreateTargetGroup",
                                       "{\"Name\":\"g\",\"Port\":80,\"VpcId\":\"%s\"}", vpc),
                              "TargetGroups[0].TargetGroupArn");
    assert_non_null(strstr(tg, ":targetgroup/g/"));
    assert_string_equal(rig_text(rig_call(&r, "elbv2", "CreateTargetGroup",
                                          "{\"Name\":\"g\",\"Port\":80,\"VpcId\":\"%s\"}", vpc),
                                 "TargetGroups[0].TargetGroupArn"),
                        tg);
    assert_null(rig_try(&r, "elbv2", "CreateTargetGroup",
                        "{\"Name\":\"g\",\"Port\":81,\"VpcId\":\"%s\"}", vpc));
    assert_string_equal(r.code, "DuplicateTargetGroupName");
    rig_close(&r);
}

static void tokens(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *first =
        rig_text(rig_call(&r, "ec2", "CreateLaunchTemplate",
                          "{\"LaunchTemplateName\":\"l\",\"ClientToken\":\"k\","
                          "\"LaunchTemplateData\":{\"InstanceType\":\"t3.small\"}}"),
                 "LaunchTemplate.LaunchTemplateId");
    assert_string_equal(
        rig_text(rig_call(&r, "ec2", "CreateLaunchTemplate",
                          "{\"LaunchTemplateName\":\"l\",\"ClientToken\":\"k\","
                          "\"LaunchTemplateData\":{\"InstanceType\":\"t3.small\"}}"),
                 "LaunchTemplate.LaunchTemplateId"),
        first);
    assert_null(rig_try(&r, "ec2", "CreateLaunchTemplate",
                        "{\"LaunchTemplateName\":\"l\",\"ClientToken\":\"k\","
                        "\"LaunchTemplateData\":{\"InstanceType\":\"t3.large\"}}"));
    assert_string_equal(r.code, "IdempotentParameterMismatch");
    assert_null(rig_try(&r, "ec2", "CreateLaunchTemplate",
                        "{\"LaunchTemplateName\":\"l\",\"ClientToken\":\"j\","
                        "\"LaunchTemplateData\":{\"InstanceType\":\"t3.small\"}}"));
    assert_string_equal(r.code, "InvalidLaunchTemplateName.AlreadyExistsException");
    rig_close(&r);
}

#define RULE                                                                                       \
    "{\"GroupId\":\"%s\",\"IpPermissions\":[{\"IpProtocol\":\"tcp\",\"FromPort\":443,\"ToPort\":"  \
    "443,\"%s\":[{\"%s\":\"%s\"}]}]}"

static void rules_and_dependencies(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *a = group(&r, "a"), *b = group(&r, "b");
    rig_call(&r, "ec2", "AuthorizeSecurityGroupIngress", RULE, a, "IpRanges", "CidrIp",
             "0.0.0.0/0");
    assert_null(rig_try(&r, "ec2", "AuthorizeSecurityGroupIngress", RULE, a, "IpRanges", "CidrIp",
                        "0.0.0.0/0"));
    assert_string_equal(r.code, "InvalidPermission.Duplicate");
    rig_call(&r, "ec2", "AuthorizeSecurityGroupIngress", RULE, a, "UserIdGroupPairs", "GroupId", b);
    assert_null(rig_try(&r, "ec2", "DeleteSecurityGroup", "{\"GroupId\":\"%s\"}", b));
    assert_string_equal(r.code, "DependencyViolation");
    rig_call(&r, "ec2", "RevokeSecurityGroupIngress", RULE, a, "UserIdGroupPairs", "GroupId", b);
    assert_null(rig_try(&r, "ec2", "RevokeSecurityGroupIngress", RULE, a, "UserIdGroupPairs",
                        "GroupId", b));
    assert_string_equal(r.code, "InvalidPermission.NotFound");
    rig_call(&r, "ec2", "DeleteSecurityGroup", "{\"GroupId\":\"%s\"}", b);
    assert_null(rig_try(&r, "ec2", "DeleteSecurityGroup", "{\"GroupId\":\"%s\"}", b));
    assert_string_equal(r.code, "InvalidGroup.NotFound");
    rig_close(&r);
}

static void tags_come_and_go(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    const char *id = group(&r, "a");
    rig_call(&r, "ec2", "CreateTags",
             "{\"Resources\":[\"%s\"],\"Tags\":[{\"Key\":\"bgc:sealed\",\"Value\":\"yes\"}]}", id);
    struct value *v = rig_call(&r, "ec2", "DescribeSecurityGroups", "{\"GroupIds\":[\"%s\"]}", id);
    assert_int_equal(value_at(v, "SecurityGroups[0].Tags")->list.n, 2);
    rig_call(&r, "ec2", "DeleteTags", "{\"Resources\":[\"%s\"],\"Tags\":[{\"Key\":\"bgc:stack\"}]}",
             id);
    v = rig_call(&r, "ec2", "DescribeSecurityGroups", "{\"GroupIds\":[\"%s\"]}", id);
    assert_int_equal(value_at(v, "SecurityGroups[0].Tags")->list.n, 1);
    assert_string_equal(rig_text(v, "SecurityGroups[0].Tags[0].Key"), "bgc:sealed");
    assert_null(rig_try(&r, "ec2", "CreateTags", "{\"Resources\":[\"sg-0\"],\"Tags\":[]}"));
    /* Tags that another read adds are not in the first one. */
    struct rig_world w = rig_build(&r, "blue", 1);
    v = rig_call(&r, "elbv2", "DescribeTargetGroups", "{\"TargetGroupArns\":[\"%s\"]}", w.tg);
    assert_null(value_at(v, "TargetGroups[0].Tags"));
    v = rig_call(&r, "elbv2", "DescribeTags", "{\"ResourceArns\":[\"%s\",\"%s\"]}", w.tg, w.lb);
    assert_int_equal(value_get(v, "TagDescriptions")->list.n, 2);
    assert_int_equal(value_at(v, "TagDescriptions[0].Tags")->list.n, 4);
    rig_close(&r);
}

static void put_calls_forget(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    rig_call(&r, "cloudwatch", "PutMetricAlarm",
             "{\"AlarmName\":\"x\",\"Namespace\":\"N\",\"MetricName\":\"m\",\"Statistic\":\"Sum\","
             "\"Period\":60,\"EvaluationPeriods\":1,\"Threshold\":5,\"AlarmActions\":[\"a\"]}");
    rig_call(&r, "cloudwatch", "PutMetricAlarm",
             "{\"AlarmName\":\"x\",\"Namespace\":\"N\",\"MetricName\":\"m\",\"Statistic\":\"Sum\","
             "\"Period\":60,\"EvaluationPeriods\":1,\"Threshold\":6}");
    struct value *v = rig_call(&r, "cloudwatch", "DescribeAlarms", "{\"AlarmNames\":[\"x\"]}");
    assert_int_equal(value_get(v, "MetricAlarms")->list.n, 1);
    const struct value *t = value_at(v, "MetricAlarms[0].Threshold");
    assert_true(t && (t->kind == V_INT ? t->i == 6 : dec_double(t->dec) > 5.9));
    assert_null(value_at(v, "MetricAlarms[0].AlarmActions"));
    rig_close(&r);
}

static void removal_of_a_balancer(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    struct rig_world w = rig_build(&r, "blue", 1);
    assert_null(rig_try(&r, "elbv2", "DeleteTargetGroup", "{\"TargetGroupArn\":\"%s\"}", w.tg));
    assert_string_equal(r.code, "ResourceInUse");
    struct value *v =
        rig_call(&r, "elbv2", "DescribeLoadBalancers", "{\"LoadBalancerArns\":[\"%s\"]}", w.lb);
    const char *sg = arena_strdup(r.a, rig_text(v, "LoadBalancers[0].SecurityGroups[0]"));
    rig_call(&r, "elbv2", "ModifyLoadBalancerAttributes",
             "{\"LoadBalancerArn\":\"%s\",\"Attributes\":[{\"Key\":\"deletion_protection.enabled\","
             "\"Value\":\"true\"}]}",
             w.lb);
    assert_null(rig_try(&r, "elbv2", "DeleteLoadBalancer", "{\"LoadBalancerArn\":\"%s\"}", w.lb));
    assert_string_equal(r.code, "OperationNotPermitted");
    rig_call(&r, "elbv2", "ModifyLoadBalancerAttributes",
             "{\"LoadBalancerArn\":\"%s\",\"Attributes\":[{\"Key\":\"deletion_protection.enabled\","
             "\"Value\":\"false\"}]}",
             w.lb);
    rig_call(&r, "elbv2", "DeleteLoadBalancer", "{\"LoadBalancerArn\":\"%s\"}", w.lb);
    /* Its listeners go with it; its network interfaces take their time. */
    assert_null(
        rig_try(&r, "elbv2", "DescribeListeners", "{\"ListenerArns\":[\"%s\"]}", w.listener));
    rig_call(&r, "autoscaling", "DeleteAutoScalingGroup",
             "{\"AutoScalingGroupName\":\"%s\",\"ForceDelete\":true}", w.asg);
    assert_null(rig_try(&r, "ec2", "DeleteSecurityGroup", "{\"GroupId\":\"%s\"}", sg));
    assert_string_equal(r.code, "DependencyViolation");
    rig_sleep(&r, 600);
    rig_call(&r, "ec2", "DeleteSecurityGroup", "{\"GroupId\":\"%s\"}", sg);
    rig_close(&r);
}

static const char *story(uint64_t seed)
{
    struct rig r;
    rig_program(&r, "stack t { region = \"eu-west-1\" }\n");
    r.config.seed = seed;
    rig_account(&r);
    rig_build(&r, "blue", 2);
    rig_sleep(&r, 3600);
    char path[] = "/tmp/bgc-sandbox-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(sandbox_save(r.box, &r.ds, path));
    FILE *f = fdopen(fd, "r");
    f = freopen(path, "r", f);
    char *text = calloc(1, 1 << 20);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 1000);
    fclose(f);
    remove(path);
    rig_close(&r);
    return text;
}

static void same_seed_same_bytes(void **state)
{
    (void)state;
    const char *a = story(1), *b = story(1), *c = story(2);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    free((void *)(uintptr_t)a);
    free((void *)(uintptr_t)b);
    free((void *)(uintptr_t)c);
}

static void accounts_are_apart(void **state)
{
    (void)state;
    struct rig r;
    rig_program(&r, "stack t { region = \"eu-west-1\" }\naccount dns { role = "
                    "\"arn:aws:iam::210987654321:role/x\" }\n");
    rig_account(&r);
    const char *id = group(&r, "a");
    struct cloud_request req = {.service = "ec2",
                                .operation = "DescribeSecurityGroups",
                                .account = "dns",
                                .input =
                                    rig_json(&r, arena_printf(r.a, "{\"GroupIds\":[\"%s\"]}", id))};
    struct cloud_reply reply;
    cloud_call(r.cloud, r.a, &req, &reply);
    assert_false(reply.ok);
    req = (struct cloud_request){
        .service = "sts", .operation = "GetCallerIdentity", .account = "dns"};
    cloud_call(r.cloud, r.a, &req, &reply);
    assert_string_equal(rig_text(reply.output, "Account"), "210987654321");
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_and_reading),
        cmocka_unit_test(same_name),
        cmocka_unit_test(tokens),
        cmocka_unit_test(rules_and_dependencies),
        cmocka_unit_test(tags_come_and_go),
        cmocka_unit_test(put_calls_forget),
        cmocka_unit_test(removal_of_a_balancer),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(accounts_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
