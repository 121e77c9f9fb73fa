| # Groups of instances that grow and shrink.
    # Groups of instances that grow and shrink. bgComment
| 
| ## The quota of vCPUs that machines of a type count against; none: one of their own.
    ## The quota of vCPUs that machines of a type count against; none: one of their own. bgDoc
| fn vcpu_quota(size: string): string? = (
    fn                             bgDeclare
    vcpu_quota                     bgFunction
    (                              bgBracket
    size                           bgParam
    :                              bgParams
    string                         bgTypeWord
    )                              bgBracket
    :                              bgPunct
    string                         bgTypeWord
    ?                              bgOperator
    =                              bgOperator
|   if matches(size, r"^(a|c|d|h|i|im|is|m|r|t|z)[0-9]") then "L-1216C47A"
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^(a|c|d|h|i|im|is|m|r|t|z)[0-9]" bgRegex
    then                           bgConditional
    "L-1216C47A"                   bgString
|   else if matches(size, r"^(g|gr|vt)[0-9]") then "L-DB2E81BA"
    else                           bgConditional
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^(g|gr|vt)[0-9]"             bgRegex
    then                           bgConditional
    "L-DB2E81BA"                   bgString
|   else if matches(size, r"^p[0-9]") then "L-417A185B"
    else                           bgConditional
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^p[0-9]"                     bgRegex
    then                           bgConditional
    "L-417A185B"                   bgString
|   else if matches(size, r"^x[0-9]") then "L-7295265B"
    else                           bgConditional
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^x[0-9]"                     bgRegex
    then                           bgConditional
    "L-7295265B"                   bgString
|   else if matches(size, r"^f[0-9]") then "L-74FC7D96"
    else                           bgConditional
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^f[0-9]"                     bgRegex
    then                           bgConditional
    "L-74FC7D96"                   bgString
|   else if matches(size, r"^inf[0-9]") then "L-1945791B"
    else                           bgConditional
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^inf[0-9]"                   bgRegex
    then                           bgConditional
    "L-1945791B"                   bgString
|   else if matches(size, r"^trn[0-9]") then "L-2C3B7624"
    else                           bgConditional
    if                             bgConditional
    matches                        bgCall
    size                           bgName
    r"^trn[0-9]"                   bgRegex
    then                           bgConditional
    "L-2C3B7624"                   bgString
|   else none
    else                           bgConditional
    none                           bgConstant
| )
| 
| ## A group of like instances, kept at the size that is needed.
    ## A group of like instances, kept at the size that is needed. bgDoc
| type autoscaling.group {
    type                           bgDeclare
    autoscaling.group              bgPath
    {                              bgBracket
|   api autoscaling
    api                            bgModifier
    autoscaling                    bgSpace
|   id    name: string <- AutoScalingGroupName
    id                             bgModifier
    name                           bgField
    :                              bgPunct
    string                         bgTypeWord
    <-                             bgOperator
    AutoScalingGroupName           bgName
|   field template: ref ec2.launch_template -> LaunchTemplate.LaunchTemplateId
    field                          bgModifier
    template                       bgField
    :                              bgPunct
    ref                            bgTypeMaker
    ec2.launch_template            bgTypeName
    ->                             bgOperator
    LaunchTemplate                 bgName
    LaunchTemplateId               bgMember
|   ## One in each zone that it shall survive the loss of.
    ## One in each zone that it shall survive the loss of. bgDoc
|   field subnets: set ref ec2.subnet -> VPCZoneIdentifier via csv
    field                          bgModifier
    subnets                        bgField
    :                              bgPunct
    set                            bgTypeMaker
    ref                            bgTypeMaker
    ec2.subnet                     bgTypeName
    ->                             bgOperator
    VPCZoneIdentifier              bgName
    via                            bgKeyword
    csv                            bgName
|   ## The fewest and the most instances. How many there are in between is up to
    ## The fewest and the most instances. How many there are in between is up to bgDoc
|   ## policies; bgc holds the lower end up while traffic moves.
    ## policies; bgc holds the lower end up while traffic moves. bgDoc
|   tune  size: range int -> { MinSize = it.low, MaxSize = it.high } <- { low = MinSize, high = MaxSize }
    tune                           bgModifier
    size                           bgField
    :                              bgPunct
    range                          bgTypeMaker
    int                            bgTypeWord
    ->                             bgOperator
    {                              bgBracket
    MinSize                        bgProperty
    =                              bgOperator
    it                             bgName
    low                            bgMember
    MaxSize                        bgProperty
    =                              bgOperator
    it                             bgName
    high                           bgMember
    }                              bgBracket
    <-                             bgOperator
    {                              bgBracket
    low                            bgProperty
    =                              bgOperator
    MinSize                        bgName
    high                           bgProperty
    =                              bgOperator
    MaxSize                        bgName
    }                              bgBracket
|   ## Where its instances are registered to get requests.
    ## Where its instances are registered to get requests. bgDoc
|   field targets: set ref elbv2.target_group = [] -> TargetGroupARNs
    field                          bgModifier
    targets                        bgField
    :                              bgPunct
    set                            bgTypeMaker
    ref                            bgTypeMaker
    elbv2.target_group             bgTypeName
    =                              bgOperator
    ->                             bgOperator
    TargetGroupARNs                bgName
|   ## Who says that an instance is well: "ec2" looks at the machine, "elb" also
    ## Who says that an instance is well: "ec2" looks at the machine, "elb" also bgDoc
|   ## at the health checks of `targets`, and replaces what fails them.
    ## at the health checks of `targets`, and replaces what fails them. bgDoc
|   field health: "ec2" | "elb" = "ec2" -> HealthCheckType via enum({ ec2 = "EC2", elb = "ELB" })
    field                          bgModifier
    health                         bgField
    :                              bgPunct
    "ec2"                          bgString
    |                              bgOperator
    "elb"                          bgString
    =                              bgOperator
    "ec2"                          bgString
    ->                             bgOperator
    HealthCheckType                bgName
    via                            bgKeyword
    enum                           bgCall
    {                              bgBracket
    ec2                            bgProperty
    =                              bgOperator
    "EC2"                          bgString
    elb                            bgProperty
    =                              bgOperator
    "ELB"                          bgString
    }                              bgBracket
|   ## How long a new instance may fail health checks before it is replaced.
    ## How long a new instance may fail health checks before it is replaced. bgDoc
|   field grace: duration = 5m -> HealthCheckGracePeriod via seconds
    field                          bgModifier
    grace                          bgField
    :                              bgPunct
    duration                       bgTypeWord
    =                              bgOperator
    5                              bgNumber
    m                              bgUnit
    ->                             bgOperator
    HealthCheckGracePeriod         bgName
    via                            bgKeyword
    seconds                        bgName
|   ## How long after its start an instance counts as working normally.
    ## How long after its start an instance counts as working normally. bgDoc
|   field warmup: duration? -> DefaultInstanceWarmup via seconds
    field                          bgModifier
    warmup                         bgField
    :                              bgPunct
    duration                       bgTypeWord
    ?                              bgOperator
    ->                             bgOperator
    DefaultInstanceWarmup          bgName
    via                            bgKeyword
    seconds                        bgName
|   live  desired: int <- DesiredCapacity
    live                           bgModifier
    desired                        bgField
    :                              bgPunct
    int                            bgTypeWord
    <-                             bgOperator
    DesiredCapacity                bgName
|   live  arn: string <- AutoScalingGroupARN
    live                           bgModifier
    arn                            bgField
    :                              bgPunct
    string                         bgTypeWord
    <-                             bgOperator
    AutoScalingGroupARN            bgName
|   ## Instances that take work.
    ## Instances that take work.   bgDoc
|   live  in_service: int <- count(Instances ?? [], i => i.LifecycleState == "InService" and i.HealthStatus == "Healthy")
    live                           bgModifier
    in_service                     bgField
    :                              bgPunct
    int                            bgTypeWord
    <-                             bgOperator
    count                          bgCall
    Instances                      bgName
    ??                             bgOperator
    i                              bgParameter
    =>                             bgOperator
    i                              bgName
    LifecycleState                 bgMember
    ==                             bgOperator
    "InService"                    bgString
    and                            bgLogical
    i                              bgName
    HealthStatus                   bgMember
    ==                             bgOperator
    "Healthy"                      bgString
|   ## Instances there are, whatever they do.
    ## Instances there are, whatever they do. bgDoc
|   live  instances: int <- length(Instances ?? [])
    live                           bgModifier
    instances                      bgField
    :                              bgPunct
    int                            bgTypeWord
    <-                             bgOperator
    length                         bgCall
    Instances                      bgName
    ??                             bgOperator
| 
|   ## As instances report it: every minute when the launch template says `monitor = 1m`.
    ## As instances report it: every minute when the launch template says `monitor = 1m`. bgDoc
|   metric cpu: percent = "AWS/EC2" CPUUtilization { AutoScalingGroupName = name } with { unit = "percent" }
    metric                         bgModifier
    cpu                            bgMetric
    :                              bgPunct
    percent                        bgTypeWord
    =                              bgOperator
    "AWS/EC2"                      bgString
    CPUUtilization                 bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    name                           bgName
    }                              bgBracket
    with                           bgKeyword
    {                              bgBracket
    unit                           bgProperty
    =                              bgOperator
    "percent"                      bgString
    }                              bgBracket
|   ## Needs the CloudWatch agent, aggregating by AutoScalingGroupName.
    ## Needs the CloudWatch agent, aggregating by AutoScalingGroupName. bgDoc
|   metric memory: percent = "CWAgent" mem_used_percent { AutoScalingGroupName = name } with { unit = "percent" }
    metric                         bgModifier
    memory                         bgMetric
    :                              bgPunct
    percent                        bgTypeWord
    =                              bgOperator
    "CWAgent"                      bgString
    mem_used_percent               bgName
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    name                           bgName
    }                              bgBracket
    with                           bgKeyword
    {                              bgBracket
    unit                           bgProperty
    =                              bgOperator
    "percent"                      bgString
    }                              bgBracket
|   metric working: number = "AWS/AutoScaling" GroupInServiceInstances { AutoScalingGroupName = name } with { stat = "Average" }
    metric                         bgModifier
    working                        bgMetric
    :                              bgPunct
    number                         bgTypeWord
    =                              bgOperator
    "AWS/AutoScaling"              bgString
    GroupInServiceInstances        bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    name                           bgName
    }                              bgBracket
    with                           bgKeyword
    {                              bgBracket
    stat                           bgProperty
    =                              bgOperator
    "Average"                      bgString
    }                              bgBracket
| 
|   # Instances made from then on carry the group's tags too.
    # Instances made from then on carry the group's tags too. bgComment
|   tags { at = "Tags", shape = "annotated" }
    tags                           bgName
    {                              bgBracket
    at                             bgProperty
    =                              bgOperator
    "Tags"                         bgString
    shape                          bgProperty
    =                              bgOperator
    "annotated"                    bgString
    }                              bgBracket
|   annotate { ResourceId = id ?? physical_name, ResourceType = "auto-scaling-group", PropagateAtLaunch = true }
    annotate                       bgName
    {                              bgBracket
    ResourceId                     bgProperty
    =                              bgOperator
    id                             bgName
    ??                             bgOperator
    physical_name                  bgName
    ResourceType                   bgProperty
    =                              bgOperator
    "auto-scaling-group"           bgString
    PropagateAtLaunch              bgProperty
    =                              bgOperator
    true                           bgConstant
    }                              bgBracket
|   name_limit = 255
    name_limit                     bgProperty
    =                              bgOperator
    255                            bgNumber
|   dormant { size = 0..0 }
    dormant                        bgName
    {                              bgBracket
    size                           bgProperty
    =                              bgOperator
    0                              bgNumber
    ..                             bgOperator
    0                              bgNumber
    }                              bgBracket
| 
|   existing machine: set ec2.machine { name = template.size }
    existing                       bgDeclare
    machine                        bgResource
    :                              bgColon
    set                            bgSet
    ec2.machine                    bgPath
    {                              bgBracket
    name                           bgProperty
    =                              bgOperator
    template                       bgName
    size                           bgMember
    }                              bgBracket
|   existing offers: set ec2.offer { machine = template.size }
    existing                       bgDeclare
    offers                         bgResource
    :                              bgColon
    set                            bgSet
    ec2.offer                      bgPath
    {                              bgBracket
    machine                        bgProperty
    =                              bgOperator
    template                       bgName
    size                           bgMember
    }                              bgBracket
|   preflight zones {
    preflight                      bgModifier
    zones                          bgMetric
    {                              bgBracket
|     needs = length(machine) == 0 or all(subnets, s => any(offers, o => o.zone == s.zone))
    needs                          bgProperty
    =                              bgOperator
    length                         bgCall
    machine                        bgName
    ==                             bgOperator
    0                              bgNumber
    or                             bgLogical
    all                            bgCall
    subnets                        bgName
    s                              bgParameter
    =>                             bgOperator
    any                            bgCall
    offers                         bgName
    o                              bgParameter
    =>                             bgOperator
    o                              bgName
    zone                           bgMember
    ==                             bgOperator
    s                              bgName
    zone                           bgMember
|     fail  = "${template.size} is not offered in ${join([for s in subnets if not any(offers, o => o.zone == s.zone): s.zone], " and ")}"
    fail                           bgProperty
    =                              bgOperator
    "                              bgString
    ${                             bgHole
    template                       bgName
    .                              bgInterpolation
    size                           bgMember
    }                              bgHole
    is not offered in              bgString
    ${                             bgHole
    join                           bgCall
    ([                             bgInterpolation
    for                            bgConditional
    s                              bgName
    in                             bgConditional
    subnets                        bgName
    if                             bgConditional
    not                            bgLogical
    any                            bgCall
    (                              bgInterpolation
    offers                         bgName
    ,                              bgInterpolation
    o                              bgParameter
    =>                             bgOperator
    o                              bgName
    .                              bgInterpolation
    zone                           bgMember
    ==                             bgOperator
    s                              bgName
    .                              bgInterpolation
    zone                           bgMember
    ):                             bgInterpolation
    s                              bgName
    .                              bgInterpolation
    zone                           bgMember
    ],                             bgInterpolation
    " and "                        bgString
    )                              bgInterpolation
    }                              bgHole
    "                              bgString
|     help  = "take another instance type, or leave the subnets of that zone out"
    help                           bgProperty
    =                              bgOperator
    "take another instance type, or leave the subnets of that zone out" bgString
|   }
    }                              bgBracket
|   # The world that serves has its addresses already: these are for the new one.
    # The world that serves has its addresses already: these are for the new one. bgComment
|   preflight addresses {
    preflight                      bgModifier
    addresses                      bgMetric
    {                              bgBracket
|     needs = sum([for s in subnets: s.free]) >= size.low
    needs                          bgProperty
    =                              bgOperator
    sum                            bgCall
    for                            bgConditional
    s                              bgName
    in                             bgConditional
    subnets                        bgName
    s                              bgName
    free                           bgMember
    >=                             bgOperator
    size                           bgName
    low                            bgMember
|     fail  = "the subnets have ${sum([for s in subnets: s.free])} free addresses, and ${size.low} instances are to start in them"
    fail                           bgProperty
    =                              bgOperator
    "the subnets have              bgString
    ${                             bgHole
    sum                            bgCall
    ([                             bgInterpolation
    for                            bgConditional
    s                              bgName
    in                             bgConditional
    subnets                        bgName
    :                              bgInterpolation
    s                              bgName
    .                              bgInterpolation
    free                           bgMember
    ])                             bgInterpolation
    }                              bgHole
    free addresses, and            bgString
    ${                             bgHole
    size                           bgName
    .                              bgInterpolation
    low                            bgMember
    }                              bgHole
    instances are to start in them" bgString
|     help  = "free addresses, add subnets, or begin with fewer instances"
    help                           bgProperty
    =                              bgOperator
    "free addresses, add subnets, or begin with fewer instances" bgString
|   }
    }                              bgBracket
|   preflight room {
    preflight                      bgModifier
    room                           bgMetric
    {                              bgBracket
|     needs = sum([for s in subnets: s.free]) < size.low or sum([for s in subnets: s.free]) >= size.high
    needs                          bgProperty
    =                              bgOperator
    sum                            bgCall
    for                            bgConditional
    s                              bgName
    in                             bgConditional
    subnets                        bgName
    s                              bgName
    free                           bgMember
    <                              bgOperator
    size                           bgName
    low                            bgMember
    or                             bgLogical
    sum                            bgCall
    for                            bgConditional
    s                              bgName
    in                             bgConditional
    subnets                        bgName
    s                              bgName
    free                           bgMember
    >=                             bgOperator
    size                           bgName
    high                           bgMember
|     warn  = "the subnets have ${sum([for s in subnets: s.free])} free addresses, and the group may grow to ${size.high} instances"
    warn                           bgProperty
    =                              bgOperator
    "the subnets have              bgString
    ${                             bgHole
    sum                            bgCall
    ([                             bgInterpolation
    for                            bgConditional
    s                              bgName
    in                             bgConditional
    subnets                        bgName
    :                              bgInterpolation
    s                              bgName
    .                              bgInterpolation
    free                           bgMember
    ])                             bgInterpolation
    }                              bgHole
    free addresses, and the group may grow to bgString
    ${                             bgHole
    size                           bgName
    .                              bgInterpolation
    high                           bgMember
    }                              bgHole
    instances"                     bgString
|     help  = "free addresses or add subnets before traffic makes it grow"
    help                           bgProperty
    =                              bgOperator
    "free addresses or add subnets before traffic makes it grow" bgString
|   }
    }                              bgBracket
|   existing vcpu_limit: service_quotas.quota { service = "ec2", code = vcpu_quota(template.size) }
    existing                       bgDeclare
    vcpu_limit                     bgResource
    :                              bgColon
    service_quotas.quota           bgPath
    {                              bgBracket
    service                        bgProperty
    =                              bgOperator
    "ec2"                          bgString
    code                           bgProperty
    =                              bgOperator
    vcpu_quota                     bgCall
    template                       bgName
    size                           bgMember
    }                              bgBracket
|   existing running: set ec2.running {}
    existing                       bgDeclare
    running                        bgResource
    :                              bgColon
    set                            bgSet
    ec2.running                    bgPath
    {}                             bgBracket
|   quota vcpus {
    quota                          bgModifier
    vcpus                          bgMetric
    {                              bgBracket
|     of    = vcpu_limit
    of                             bgProperty
    =                              bgOperator
    vcpu_limit                     bgName
|     takes = size.high * sum([for m in machine: m.cpus])
    takes                          bgProperty
    =                              bgOperator
    size                           bgName
    high                           bgMember
    *                              bgOperator
    sum                            bgCall
    for                            bgConditional
    m                              bgName
    in                             bgConditional
    machine                        bgName
    m                              bgName
    cpus                           bgMember
|     used  = sum([for r in running if vcpu_quota(r.size) == vcpu_quota(template.size): r.cpus])
    used                           bgProperty
    =                              bgOperator
    sum                            bgCall
    for                            bgConditional
    r                              bgName
    in                             bgConditional
    running                        bgName
    if                             bgConditional
    vcpu_quota                     bgCall
    r                              bgName
    size                           bgMember
    ==                             bgOperator
    vcpu_quota                     bgCall
    template                       bgName
    size                           bgMember
    r                              bgName
    cpus                           bgMember
|   }
    }                              bgBracket
| 
|   create CreateAutoScalingGroup {
    create                         bgStep
    CreateAutoScalingGroup         bgOperation
    {                              bgBracket
|     AutoScalingGroupName = physical_name
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    physical_name                  bgName
|     LaunchTemplate = { Version = "$Latest" }
    LaunchTemplate                 bgProperty
    =                              bgOperator
    {                              bgBracket
    Version                        bgProperty
    =                              bgOperator
    "$Latest"                      bgString
    }                              bgBracket
|   } adopt AlreadyExists retry ValidationError r"(?i)invalid IAM instance profile" for 2m, ValidationError r"(?i)launch template.*(not found|does not exist)" for 1m, ValidationError r"(?i)pending delete" for 15m
    }                              bgBracket
    adopt                          bgName
    AlreadyExists                  bgName
    retry                          bgKeyword
    ValidationError                bgName
    r"(?i)invalid IAM instance profile" bgRegex
    for                            bgConditional
    2                              bgNumber
    m                              bgUnit
    ValidationError                bgName
    r"(?i)launch template.*(not found|does not exist)" bgRegex
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
    ValidationError                bgName
    r"(?i)pending delete"          bgRegex
    for                            bgConditional
    15                             bgNumber
    m                              bgUnit
|   # Without it CloudWatch has no sizes of the group to show.
    # Without it CloudWatch has no sizes of the group to show. bgComment
|   after create EnableMetricsCollection { AutoScalingGroupName = id, Granularity = "1Minute" }
    after create                   bgStep
    EnableMetricsCollection        bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    Granularity                    bgProperty
    =                              bgOperator
    "1Minute"                      bgString
    }                              bgBracket
|   find   DescribeAutoScalingGroups { Filters = owned } -> AutoScalingGroups
    find                           bgStep
    DescribeAutoScalingGroups      bgOperation
    {                              bgBracket
    Filters                        bgProperty
    =                              bgOperator
    owned                          bgName
    }                              bgBracket
    ->                             bgOperator
    AutoScalingGroups              bgName
|   read   DescribeAutoScalingGroups { AutoScalingGroupNames = ids } -> AutoScalingGroups batch 50
    read                           bgStep
    DescribeAutoScalingGroups      bgOperation
    {                              bgBracket
    AutoScalingGroupNames          bgProperty
    =                              bgOperator
    ids                            bgName
    }                              bgBracket
    ->                             bgOperator
    AutoScalingGroups              bgName
    batch                          bgKeyword
    50                             bgNumber
|   wait   count(live.Instances ?? [], i => i.LifecycleState == "InService") >= size.low within 15m every 10s
    wait                           bgStep
    count                          bgCall
    live                           bgName
    Instances                      bgMember
    ??                             bgOperator
    i                              bgParameter
    =>                             bgOperator
    i                              bgName
    LifecycleState                 bgMember
    ==                             bgOperator
    "InService"                    bgString
    >=                             bgOperator
    size                           bgName
    low                            bgMember
    within                         bgStep
    15                             bgNumber
    m                              bgUnit
    every                          bgStep
    10                             bgNumber
    s                              bgUnit
|   update size UpdateAutoScalingGroup { AutoScalingGroupName = id } retry ScalingActivityInProgress for 5m, ResourceContention for 1m
    update                         bgStep
    size                           bgName
    UpdateAutoScalingGroup         bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    }                              bgBracket
    retry                          bgKeyword
    ScalingActivityInProgress      bgName
    for                            bgConditional
    5                              bgNumber
    m                              bgUnit
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   update template UpdateAutoScalingGroup { AutoScalingGroupName = id, LaunchTemplate = { Version = "$Latest" } } retry ScalingActivityInProgress for 5m, ResourceContention for 1m
    update                         bgStep
    template                       bgName
    UpdateAutoScalingGroup         bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    LaunchTemplate                 bgProperty
    =                              bgOperator
    {                              bgBracket
    Version                        bgProperty
    =                              bgOperator
    "$Latest"                      bgString
    }                              bgBracket
    }                              bgBracket
    retry                          bgKeyword
    ScalingActivityInProgress      bgName
    for                            bgConditional
    5                              bgNumber
    m                              bgUnit
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   update subnets, health, grace, warmup UpdateAutoScalingGroup { AutoScalingGroupName = id } retry ScalingActivityInProgress for 5m, ResourceContention for 1m
    update                         bgStep
    subnets                        bgName
    health                         bgName
    grace                          bgName
    warmup                         bgName
    UpdateAutoScalingGroup         bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    }                              bgBracket
    retry                          bgKeyword
    ScalingActivityInProgress      bgName
    for                            bgConditional
    5                              bgNumber
    m                              bgUnit
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   update desired SetDesiredCapacity { AutoScalingGroupName = id, DesiredCapacity = value, HonorCooldown = false } retry ScalingActivityInProgress for 5m, ResourceContention for 1m
    update                         bgStep
    desired                        bgName
    SetDesiredCapacity             bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    DesiredCapacity                bgProperty
    =                              bgOperator
    value                          bgName
    HonorCooldown                  bgProperty
    =                              bgOperator
    false                          bgConstant
    }                              bgBracket
    retry                          bgKeyword
    ScalingActivityInProgress      bgName
    for                            bgConditional
    5                              bgNumber
    m                              bgUnit
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   update targets.added AttachLoadBalancerTargetGroups { AutoScalingGroupName = id, TargetGroupARNs = added } retry ResourceContention for 1m
    update                         bgStep
    targets                        bgName
    added                          bgMember
    AttachLoadBalancerTargetGroups bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    TargetGroupARNs                bgProperty
    =                              bgOperator
    added                          bgName
    }                              bgBracket
    retry                          bgKeyword
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   update targets.removed DetachLoadBalancerTargetGroups { AutoScalingGroupName = id, TargetGroupARNs = removed } retry ResourceContention for 1m
    update                         bgStep
    targets                        bgName
    removed                        bgMember
    DetachLoadBalancerTargetGroups bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    TargetGroupARNs                bgProperty
    =                              bgOperator
    removed                        bgName
    }                              bgBracket
    retry                          bgKeyword
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   tag    CreateOrUpdateTags { Tags = tags } retry ResourceContention for 1m
    tag                            bgStep
    CreateOrUpdateTags             bgOperation
    {                              bgBracket
    Tags                           bgProperty
    =                              bgOperator
    tags                           bgName
    }                              bgBracket
    retry                          bgKeyword
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   untag  DeleteTags { Tags = [for k in keys: { ResourceId = id, ResourceType = "auto-scaling-group", Key = k }] } retry ResourceContention for 1m
    untag                          bgStep
    DeleteTags                     bgOperation
    {                              bgBracket
    Tags                           bgProperty
    =                              bgOperator
    for                            bgConditional
    k                              bgName
    in                             bgConditional
    keys                           bgName
    {                              bgBracket
    ResourceId                     bgProperty
    =                              bgOperator
    id                             bgName
    ResourceType                   bgProperty
    =                              bgOperator
    "auto-scaling-group"           bgString
    Key                            bgProperty
    =                              bgOperator
    k                              bgName
    }                              bgBracket
    }                              bgBracket
    retry                          bgKeyword
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   delete DeleteAutoScalingGroup { AutoScalingGroupName = id, ForceDelete = true } absent ValidationError retry ScalingActivityInProgress for 10m, ResourceInUse for 10m, ResourceContention for 1m
    delete                         bgStep
    DeleteAutoScalingGroup         bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    id                             bgName
    ForceDelete                    bgProperty
    =                              bgOperator
    true                           bgConstant
    }                              bgBracket
    absent                         bgKeyword
    ValidationError                bgName
    retry                          bgKeyword
    ScalingActivityInProgress      bgName
    for                            bgConditional
    10                             bgNumber
    m                              bgUnit
    ResourceInUse                  bgName
    for                            bgConditional
    10                             bgNumber
    m                              bgUnit
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   # Instances deregister and terminate first; what they hold is free only then.
    # Instances deregister and terminate first; what they hold is free only then. bgComment
|   wait delete live == none within 30m every 15s
    wait delete                    bgStep
    live                           bgName
    ==                             bgOperator
    none                           bgConstant
    within                         bgStep
    30                             bgNumber
    m                              bgUnit
    every                          bgStep
    15                             bgNumber
    s                              bgUnit
| }
    }                              bgBracket
| 
| ## Keeps a measure of a group near a target by changing the group's size.
    ## Keeps a measure of a group near a target by changing the group's size. bgDoc
| type autoscaling.policy {
    type                           bgDeclare
    autoscaling.policy             bgPath
    {                              bgBracket
|   api autoscaling
    api                            bgModifier
    autoscaling                    bgSpace
|   id    name: string <- PolicyName
    id                             bgModifier
    name                           bgField
    :                              bgPunct
    string                         bgTypeWord
    <-                             bgOperator
    PolicyName                     bgName
|   fixed group: ref autoscaling.group -> AutoScalingGroupName
    fixed                          bgModifier
    group                          bgField
    :                              bgPunct
    ref                            bgTypeMaker
    autoscaling.group              bgTypeName
    ->                             bgOperator
    AutoScalingGroupName           bgName
|   ## What is held near the target: mean CPU, mean bytes in or out an instance,
    ## What is held near the target: mean CPU, mean bytes in or out an instance, bgDoc
|   ## or requests a target ("requests", which needs `label`).
    ## or requests a target ("requests", which needs `label`). bgDoc
|   field track: "cpu" | "requests" | "network_in" | "network_out" -> TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType via enum({ cpu = "ASGAverageCPUUtilization", requests = "ALBRequestCountPerTarget", network_in = "ASGAverageNetworkIn", network_out = "ASGAverageNetworkOut" })
    field                          bgModifier
    track                          bgField
    :                              bgPunct
    "cpu"                          bgString
    |                              bgOperator
    "requests"                     bgString
    |                              bgOperator
    "network_in"                   bgString
    |                              bgOperator
    "network_out"                  bgString
    ->                             bgOperator
    TargetTrackingConfiguration    bgName
    PredefinedMetricSpecification  bgMember
    PredefinedMetricType           bgMember
    via                            bgKeyword
    enum                           bgCall
    {                              bgBracket
    cpu                            bgProperty
    =                              bgOperator
    "ASGAverageCPUUtilization"     bgString
    requests                       bgProperty
    =                              bgOperator
    "ALBRequestCountPerTarget"     bgString
    network_in                     bgProperty
    =                              bgOperator
    "ASGAverageNetworkIn"          bgString
    network_out                    bgProperty
    =                              bgOperator
    "ASGAverageNetworkOut"         bgString
    }                              bgBracket
|   ## For "requests": "${alb.arn_suffix}/${tg.arn_suffix}".
    ## For "requests": "${alb.arn_suffix}/${tg.arn_suffix}". bgDoc
|   field label: string? -> TargetTrackingConfiguration.PredefinedMetricSpecification.ResourceLabel
    field                          bgModifier
    label                          bgField
    :                              bgPunct
    string                         bgTypeWord
    ?                              bgOperator
    ->                             bgOperator
    TargetTrackingConfiguration    bgName
    PredefinedMetricSpecification  bgMember
    ResourceLabel                  bgMember
|   ## 50% of CPU; 1000 requests a minute and target.
    ## 50% of CPU; 1000 requests a minute and target. bgDoc
|   tune  target: percent | number -> TargetTrackingConfiguration.TargetValue via measure
    tune                           bgModifier
    target                         bgField
    :                              bgPunct
    percent                        bgTypeWord
    |                              bgOperator
    number                         bgTypeWord
    ->                             bgOperator
    TargetTrackingConfiguration    bgName
    TargetValue                    bgMember
    via                            bgKeyword
    measure                        bgName
|   ## Whether it may also make the group smaller.
    ## Whether it may also make the group smaller. bgDoc
|   field shrink: bool = true -> TargetTrackingConfiguration.DisableScaleIn via choice([true, false], [false, true])
    field                          bgModifier
    shrink                         bgField
    :                              bgPunct
    bool                           bgTypeWord
    =                              bgOperator
    true                           bgConstant
    ->                             bgOperator
    TargetTrackingConfiguration    bgName
    DisableScaleIn                 bgMember
    via                            bgKeyword
    choice                         bgCall
    true                           bgConstant
    false                          bgConstant
    false                          bgConstant
    true                           bgConstant
|   field warmup: duration? -> EstimatedInstanceWarmup via seconds
    field                          bgModifier
    warmup                         bgField
    :                              bgPunct
    duration                       bgTypeWord
    ?                              bgOperator
    ->                             bgOperator
    EstimatedInstanceWarmup        bgName
    via                            bgKeyword
    seconds                        bgName
| 
|   tags { shape = "none", owner = "name" }
    tags                           bgName
    {                              bgBracket
    shape                          bgProperty
    =                              bgOperator
    "none"                         bgString
    owner                          bgProperty
    =                              bgOperator
    "name"                         bgString
    }                              bgBracket
|   name_limit = 255
    name_limit                     bgProperty
    =                              bgOperator
    255                            bgNumber
| 
|   # The same call makes and changes it.
    # The same call makes and changes it. bgComment
|   create PutScalingPolicy { PolicyName = physical_name, PolicyType = "TargetTrackingScaling" } retry ValidationError r"(?i)group.*not found" for 1m, ResourceContention for 1m
    create                         bgStep
    PutScalingPolicy               bgOperation
    {                              bgBracket
    PolicyName                     bgProperty
    =                              bgOperator
    physical_name                  bgName
    PolicyType                     bgProperty
    =                              bgOperator
    "TargetTrackingScaling"        bgString
    }                              bgBracket
    retry                          bgKeyword
    ValidationError                bgName
    r"(?i)group.*not found"        bgRegex
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   find   DescribePolicies {} -> ScalingPolicies where starts_with(it.PolicyName, name_prefix)
    find                           bgStep
    DescribePolicies               bgOperation
    {}                             bgBracket
    ->                             bgOperator
    ScalingPolicies                bgName
    where                          bgKeyword
    starts_with                    bgCall
    it                             bgName
    PolicyName                     bgMember
    name_prefix                    bgName
|   read   DescribePolicies { PolicyNames = ids } -> ScalingPolicies batch 50
    read                           bgStep
    DescribePolicies               bgOperation
    {                              bgBracket
    PolicyNames                    bgProperty
    =                              bgOperator
    ids                            bgName
    }                              bgBracket
    ->                             bgOperator
    ScalingPolicies                bgName
    batch                          bgKeyword
    50                             bgNumber
|   update track, label, target, shrink, warmup PutScalingPolicy { AutoScalingGroupName = group, PolicyName = id, PolicyType = "TargetTrackingScaling" } retry ResourceContention for 1m
    update                         bgStep
    track                          bgName
    label                          bgName
    target                         bgName
    shrink                         bgName
    warmup                         bgName
    PutScalingPolicy               bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    group                          bgName
    PolicyName                     bgProperty
    =                              bgOperator
    id                             bgName
    PolicyType                     bgProperty
    =                              bgOperator
    "TargetTrackingScaling"        bgString
    }                              bgBracket
    retry                          bgKeyword
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
|   # It goes with its group; then there is nothing left to delete.
    # It goes with its group; then there is nothing left to delete. bgComment
|   delete DeletePolicy { AutoScalingGroupName = live.AutoScalingGroupName, PolicyName = id } absent ValidationError retry ResourceContention for 1m
    delete                         bgStep
    DeletePolicy                   bgOperation
    {                              bgBracket
    AutoScalingGroupName           bgProperty
    =                              bgOperator
    live                           bgName
    AutoScalingGroupName           bgMember
    PolicyName                     bgProperty
    =                              bgOperator
    id                             bgName
    }                              bgBracket
    absent                         bgKeyword
    ValidationError                bgName
    retry                          bgKeyword
    ResourceContention             bgName
    for                            bgConditional
    1                              bgNumber
    m                              bgUnit
| }
    }                              bgBracket
