| ## A doc comment with "quotes" and ${no hole}.
    ## A doc comment with "quotes" and ${no hole}. bgDoc
| ### three signs are no doc comment
    ### three signs are no doc comment bgComment
| # an ordinary one
    # an ordinary one              bgComment
| stack tricky { region = "eu-west-1", tags = { "a b" => "c" } } # behind
    stack                          bgDeclare
    tricky                         bgSpace
    {                              bgBracket
    region                         bgProperty
    =                              bgOperator
    "eu-west-1"                    bgString
    tags                           bgProperty
    =                              bgOperator
    {                              bgBracket
    "a b"                          bgString
    =>                             bgOperator
    "c"                            bgString
    }                              bgBracket
    }                              bgBracket
    # behind                       bgComment
| account dns { role = "arn:aws:iam::210987654321:role/bgc-dns" }
    account                        bgDeclare
    dns                            bgSpace
    {                              bgBracket
    role                           bgProperty
    =                              bgOperator
    "arn:aws:iam::210987654321:role/bgc-dns" bgString
    }                              bgBracket
| use std.network
    use                            bgDeclare
    std.network                    bgSpace
| use "./other.bg" = other
    use                            bgDeclare
    "./other.bg"                   bgString
    =                              bgOperator
    other                          bgName
| type small = string r"^[a-z]{1,3}\"$" | 1..50 | "x"
    type                           bgDeclare
    small                          bgNewType
    =                              bgOperator
    string                         bgTypeWord
    r"^[a-z]{1,3}\"$"              bgRegex
    |                              bgOperator
    1                              bgNumber
    ..                             bgOperator
    50                             bgNumber
    |                              bgOperator
    "x"                            bgString
| type pair = { left: int = 1, right: set ref ec2.vpc? }
    type                           bgDeclare
    pair                           bgNewType
    =                              bgOperator
    {                              bgAlias
    left                           bgParam
    :                              bgAlias
    int                            bgTypeWord
    =                              bgOperator
    1                              bgNumber
    ,                              bgAlias
    right                          bgParam
    :                              bgAlias
    set                            bgTypeMaker
    ref                            bgTypeMaker
    ec2.vpc                        bgTypeName
    ?                              bgOperator
    }                              bgAlias
| input size: "dev" | "prod" = "dev"
    input                          bgDeclare
    size                           bgInput
    :                              bgPunct
    "dev"                          bgString
    |                              bgOperator
    "prod"                         bgString
    =                              bgOperator
    "dev"                          bgString
| input ports: [int] = [80, 443]
    input                          bgDeclare
    ports                          bgInput
    :                              bgPunct
    [                              bgTyped
    int                            bgTypeWord
    ]                              bgTyped
    =                              bgOperator
    80                             bgNumber
    443                            bgNumber
| input key: secret string
    input                          bgDeclare
    key                            bgInput
    :                              bgPunct
    secret                         bgTypeMaker
    string                         bgTypeWord
| let text = "a ${size} b \"c\" \n $${not} \u{1F600} ${if size == "dev" then "x${1 + 2}y" else { a = 1 }.a} end"
    let                            bgDeclare
    text                           bgValue
    =                              bgOperator
    "a                             bgString
    ${                             bgHole
    size                           bgName
    }                              bgHole
    b                              bgString
    \"                             bgEscape
    c                              bgString
    \"                             bgEscape
    \n                             bgEscape
    $${                            bgEscape
    not}                           bgString
    \u{1F600}                      bgEscape
    ${                             bgHole
    if                             bgConditional
    size                           bgName
    ==                             bgOperator
    "dev"                          bgString
    then                           bgConditional
    "x                             bgString
    ${                             bgHole
    1                              bgNumber
    +                              bgOperator
    2                              bgNumber
    }                              bgHole
    y"                             bgString
    else                           bgConditional
    {                              bgBracket
    a                              bgProperty
    =                              bgOperator
    1                              bgNumber
    }                              bgBracket
    .                              bgInterpolation
    a                              bgMember
    }                              bgHole
    end"                           bgString
| let bad = "\q"
    let                            bgDeclare
    bad                            bgValue
    =                              bgOperator
    "                              bgString
    \q                             bgBadEscape
    "                              bgString
| let block = """
    let                            bgDeclare
    block                          bgValue
    =                              bgOperator
    """                            bgBlock
|   indented ${size}
    indented                       bgBlock
    ${                             bgHole
    size                           bgName
    }                              bgHole
|     # no comment, "quoted"
    # no comment, "quoted"         bgBlock
|   """
    """                            bgBlock
| let pattern = r"a\"b[#]" # a comment
    let                            bgDeclare
    pattern                        bgValue
    =                              bgOperator
    r"a\"b[#]"                     bgRegex
    # a comment                    bgComment
| let units = [250ms, 30s, 5m, 2h, 7d, 0.5%, 1.5%, 512MiB, 20GiB, 1B, 200/s, 200/size]
    let                            bgDeclare
    units                          bgValue
    =                              bgOperator
    250                            bgNumber
    ms                             bgUnit
    30                             bgNumber
    s                              bgUnit
    5                              bgNumber
    m                              bgUnit
    2                              bgNumber
    h                              bgUnit
    7                              bgNumber
    d                              bgUnit
    0.5                            bgNumber
    %                              bgUnit
    1.5                            bgNumber
    %                              bgUnit
    512                            bgNumber
    MiB                            bgUnit
    20                             bgNumber
    GiB                            bgUnit
    1                              bgNumber
    B                              bgUnit
    200                            bgNumber
    /s                             bgUnit
    200                            bgNumber
    /                              bgOperator
    size                           bgName
| let nets = [10.0.0.0/16, 0.0.0.0/0, ::/0, 2001:db8::/32, fe80::1]
    let                            bgDeclare
    nets                           bgValue
    =                              bgOperator
    10.0.0.0/16                    bgNetwork
    0.0.0.0/0                      bgNetwork
    ::/0                           bgNetwork
    2001:db8::/32                  bgNetwork
    fe80::1                        bgNetwork
| let sums = -1 + 2 * (3 - 4) / 5 ?? 6
    let                            bgDeclare
    sums                           bgValue
    =                              bgOperator
    -                              bgOperator
    1                              bgNumber
    +                              bgOperator
    2                              bgNumber
    *                              bgOperator
    3                              bgNumber
    -                              bgOperator
    4                              bgNumber
    /                              bgOperator
    5                              bgNumber
    ??                             bgOperator
    6                              bgNumber
| let tests = not true and false or none == none
    let                            bgDeclare
    tests                          bgValue
    =                              bgOperator
    not                            bgLogical
    true                           bgConstant
    and                            bgLogical
    false                          bgConstant
    or                             bgLogical
    none                           bgConstant
    ==                             bgOperator
    none                           bgConstant
| let spread = 1..50
    let                            bgDeclare
    spread                         bgValue
    =                              bgOperator
    1                              bgNumber
    ..                             bgOperator
    50                             bgNumber
| let many = [for port in ports if port > 80: port + 1]
    let                            bgDeclare
    many                           bgValue
    =                              bgOperator
    for                            bgConditional
    port                           bgName
    in                             bgConditional
    ports                          bgName
    if                             bgConditional
    port                           bgName
    >                              bgOperator
    80                             bgNumber
    port                           bgName
    +                              bgOperator
    1                              bgNumber
| let keyed = {for k, v in { "a" => 1 }: k => v}
    let                            bgDeclare
    keyed                          bgValue
    =                              bgOperator
    {                              bgBracket
    for                            bgConditional
    k                              bgName
    v                              bgName
    in                             bgConditional
    {                              bgBracket
    "a"                            bgString
    =>                             bgOperator
    1                              bgNumber
    }                              bgBracket
    k                              bgParameter
    =>                             bgOperator
    v                              bgName
    }                              bgBracket
| let lambda = all(ports, x => x >= 1 and x <= 65535)
    let                            bgDeclare
    lambda                         bgValue
    =                              bgOperator
    all                            bgCall
    ports                          bgName
    x                              bgParameter
    =>                             bgOperator
    x                              bgName
    >=                             bgOperator
    1                              bgNumber
    and                            bgLogical
    x                              bgName
    <=                             bgOperator
    65535                          bgNumber
| let emoji = "😀" # 😀 stays a comment
    let                            bgDeclare
    emoji                          bgValue
    =                              bgOperator
    "😀"                            bgString
    # 😀 stays a comment            bgComment
| fn twice(n: int, of: string = "x"): int = n * 2
    fn                             bgDeclare
    twice                          bgFunction
    (                              bgBracket
    n                              bgParam
    :                              bgParams
    int                            bgTypeWord
    ,                              bgParams
    of                             bgParam
    :                              bgParams
    string                         bgTypeWord
    =                              bgOperator
    "x"                            bgString
    )                              bgBracket
    :                              bgPunct
    int                            bgTypeWord
    =                              bgOperator
    n                              bgName
    *                              bgOperator
    2                              bgNumber
| module net_of(tag: string, many: map int) {
    module                         bgDeclare
    net_of                         bgFunction
    (                              bgBracket
    tag                            bgParam
    :                              bgParams
    string                         bgTypeWord
    ,                              bgParams
    many                           bgParam
    :                              bgParams
    map                            bgTypeMaker
    int                            bgTypeWord
    )                              bgBracket
    {                              bgBracket
|   existing vpc: ec2.vpc { tagged = { "env" => tag } }
    existing                       bgDeclare
    vpc                            bgResource
    :                              bgColon
    ec2.vpc                        bgPath
    {                              bgBracket
    tagged                         bgProperty
    =                              bgOperator
    {                              bgBracket
    "env"                          bgString
    =>                             bgOperator
    tag                            bgName
    }                              bgBracket
    }                              bgBracket
|   out vpc = vpc
    out                            bgDeclare
    vpc                            bgValue
    =                              bgOperator
    vpc                            bgName
| }
    }                              bgBracket
| shared {
    shared                         bgDeclare
    {                              bgBracket
|   existing zone: route53.zone in dns { name = "example.com" }
    existing                       bgDeclare
    zone                           bgResource
    :                              bgColon
    route53.zone                   bgPath
    in                             bgIn
    dns                            bgSpace
    {                              bgBracket
    name                           bgProperty
    =                              bgOperator
    "example.com"                  bgString
    }                              bgBracket
|   existing nets: set ec2.subnet { tagged = { "tier" => "public" } }
    existing                       bgDeclare
    nets                           bgResource
    :                              bgColon
    set                            bgSet
    ec2.subnet                     bgPath
    {                              bgBracket
    tagged                         bgProperty
    =                              bgOperator
    {                              bgBracket
    "tier"                         bgString
    =>                             bgOperator
    "public"                       bgString
    }                              bgBracket
    }                              bgBracket
|   existing image: ec2.image { owner = "self", newest = true } pin
    existing                       bgDeclare
    image                          bgResource
    :                              bgColon
    ec2.image                      bgPath
    {                              bgBracket
    owner                          bgProperty
    =                              bgOperator
    "self"                         bgString
    newest                         bgProperty
    =                              bgOperator
    true                           bgConstant
    }                              bgBracket
    pin                            bgModifier
|   resource sg[k in ["a", "b"]]: ec2.security_group when size == "prod" {
    resource                       bgDeclare
    sg                             bgResource
    [                              bgBracket
    k                              bgName
    in                             bgConditional
    [                              bgKeyed
    "a"                            bgString
    ,                              bgKeyed
    "b"                            bgString
    ]                              bgBracket
    ec2                            bgName
    security_group                 bgMember
    when                           bgStep
    size                           bgName
    ==                             bgOperator
    "prod"                         bgString
    {                              bgBracket
|     vpc     = net.vpc
    vpc                            bgProperty
    =                              bgOperator
    net                            bgName
    vpc                            bgMember
|     ingress = [{ from = 10.0.0.0/8, port = 443 }, { from = ::/0, port = 80 }]
    ingress                        bgProperty
    =                              bgOperator
    {                              bgBracket
    from                           bgProperty
    =                              bgOperator
    10.0.0.0/8                     bgNetwork
    port                           bgProperty
    =                              bgOperator
    443                            bgNumber
    }                              bgBracket
    {                              bgBracket
    from                           bgProperty
    =                              bgOperator
    ::/0                           bgNetwork
    port                           bgProperty
    =                              bgOperator
    80                             bgNumber
    }                              bgBracket
|   } keep
    }                              bgBracket
    keep                           bgModifier
| }
    }                              bgBracket
| world web {
    world                          bgDeclare
    web                            bgSpace
    {                              bgBracket
|   # every word here is the name of a field
    # every word here is the name of a field bgComment
|   resource a: some.thing { size = 1, from = 2, set = 3, live = 4, gate = 5, check = 6, world = 7, when = 8, type = 9 }
    resource                       bgDeclare
    a                              bgResource
    :                              bgColon
    some.thing                     bgPath
    {                              bgBracket
    size                           bgProperty
    =                              bgOperator
    1                              bgNumber
    from                           bgProperty
    =                              bgOperator
    2                              bgNumber
    set                            bgProperty
    =                              bgOperator
    3                              bgNumber
    live                           bgProperty
    =                              bgOperator
    4                              bgNumber
    gate                           bgProperty
    =                              bgOperator
    5                              bgNumber
    check                          bgProperty
    =                              bgOperator
    6                              bgNumber
    world                          bgProperty
    =                              bgOperator
    7                              bgNumber
    when                           bgProperty
    =                              bgOperator
    8                              bgNumber
    type                           bgProperty
    =                              bgOperator
    9                              bgNumber
    }                              bgBracket
|   resource log: logs.group { retain = 30d } keep 30d
    resource                       bgDeclare
    log                            bgResource
    :                              bgColon
    logs.group                     bgPath
    {                              bgBracket
    retain                         bgProperty
    =                              bgOperator
    30                             bgNumber
    d                              bgUnit
    }                              bgBracket
    keep                           bgModifier
    30                             bgNumber
    d                              bgUnit
|   resource q: sqs.queue { name = "x" } active from 100%
    resource                       bgDeclare
    q                              bgResource
    :                              bgColon
    sqs.queue                      bgPath
    {                              bgBracket
    name                           bgProperty
    =                              bgOperator
    "x"                            bgString
    }                              bgBracket
    active from                    bgModifier
    100                            bgNumber
    %                              bgUnit
|   entry a
    entry                          bgDeclare
    a                              bgName
| }
    }                              bgBracket
| traffic web: route53.weighted { zone = zone, names = ["a"], kill_switch = web.burning }
    traffic                        bgDeclare
    web                            bgTraffic
    :                              bgColon
    route53.weighted               bgPath
    {                              bgBracket
    zone                           bgProperty
    =                              bgOperator
    zone                           bgName
    names                          bgProperty
    =                              bgOperator
    "a"                            bgString
    kill_switch                    bgProperty
    =                              bgOperator
    web                            bgName
    burning                        bgMember
    }                              bgBracket
| gate steady {
    gate                           bgDeclare
    steady                         bgGate
    {                              bgBracket
|   every 30s tolerate 1 no_data hold
    every                          bgStep
    30                             bgNumber
    s                              bgUnit
    tolerate                       bgStep
    1                              bgNumber
    no_data                        bgStep
    hold                           bgConstantWord
|   check errors: ratio(web.alb.http_5xx, web.alb.requests, 5m) < 0.5%
    check                          bgStep
    errors                         bgGate
    ratio                          bgCall
    web                            bgName
    alb                            bgMember
    http_5xx                       bgMember
    web                            bgName
    alb                            bgMember
    requests                       bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    0.5                            bgNumber
    %                              bgUnit
|   check latency: p99(web.alb.latency, 5m) < 1.2 * p99(live.web.alb.latency, 5m) within 10m
    check                          bgStep
    latency                        bgGate
    p99                            bgCall
    web                            bgName
    alb                            bgMember
    latency                        bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    1.2                            bgNumber
    *                              bgOperator
    p99                            bgCall
    live                           bgName
    web                            bgMember
    alb                            bgMember
    latency                        bgMember
    5                              bgNumber
    m                              bgUnit
    within                         bgStep
    10                             bgNumber
    m                              bgUnit
|   check tls: http.get("https://${web.entry.dns}/healthz", host = host).status == 200 every 5s times 12
    check                          bgStep
    tls                            bgGate
    http                           bgName
    get                            bgCall
    "https://                      bgString
    ${                             bgHole
    web                            bgName
    .                              bgInterpolation
    entry                          bgMember
    .                              bgInterpolation
    dns                            bgMember
    }                              bgHole
    /healthz"                      bgString
    host                           bgProperty
    =                              bgOperator
    host                           bgName
    status                         bgMember
    ==                             bgOperator
    200                            bgNumber
    every                          bgStep
    5                              bgNumber
    s                              bgUnit
    times                          bgStep
    12                             bgNumber
| }
    }                              bgBracket
| rollout web as hotfix {
    rollout                        bgDeclare
    web                            bgSpace
    as                             bgAs
    hotfix                         bgFunction
    {                              bgBracket
|   build  while calm
    build                          bgStep
    while                          bgStep
    calm                           bgGate
|   test   ready
    test                           bgStep
    ready                          bgGate
|   shift  10% for 15m while steady
    shift                          bgStep
    10                             bgNumber
    %                              bgUnit
    for                            bgConditional
    15                             bgNumber
    m                              bgUnit
    while                          bgStep
    steady                         bgGate
|   approve "release manager" within 4h while steady
    approve                        bgStep
    "release manager"              bgString
    within                         bgStep
    4                              bgNumber
    h                              bgUnit
    while                          bgStep
    steady                         bgGate
|   shift  100% for 30m while settled size full
    shift                          bgStep
    100                            bgNumber
    %                              bgUnit
    for                            bgConditional
    30                             bgNumber
    m                              bgUnit
    while                          bgStep
    settled                        bgGate
    size full                      bgStep
|   bake   24h while settled
    bake                           bgStep
    24                             bgNumber
    h                              bgUnit
    while                          bgStep
    settled                        bgGate
|   retire when requests < 0.1/s for 1h at latest 72h
    retire                         bgStep
    when                           bgStep
    requests                       bgName
    <                              bgOperator
    0.1                            bgNumber
    /s                             bgUnit
    for                            bgConditional
    1                              bgNumber
    h                              bgUnit
    at latest                      bgStep
    72                             bgNumber
    h                              bgUnit
|   on failure rollback within 60s keep 2h
    on failure rollback            bgStep
    within                         bgStep
    60                             bgNumber
    s                              bgUnit
    keep                           bgStep
    2                              bgNumber
    h                              bgUnit
| }
    }                              bgBracket
| scenario "errors at half traffic" {
    scenario                       bgDeclare
    "errors at half traffic"       bgString
    {                              bgBracket
|   live   { size = "t2.small" }
    live                           bgStep
    {                              bgBracket
    size                           bgProperty
    =                              bgOperator
    "t2.small"                     bgString
    }                              bgBracket
|   load   200/s
    load                           bgStep
    200                            bgNumber
    /s                             bgUnit
|   at 50% { web.alb.http_5xx = 8% }
    at                             bgStep
    50                             bgNumber
    %                              bgUnit
    {                              bgBracket
    web                            bgName
    alb                            bgMember
    http_5xx                       bgMember
    =                              bgOperator
    8                              bgNumber
    %                              bgUnit
    }                              bgBracket
|   at bake { db.cpu = 95% }
    at                             bgStep
    bake                           bgConstantWord
    {                              bgBracket
    db                             bgName
    cpu                            bgMember
    =                              bgOperator
    95                             bgNumber
    %                              bgUnit
    }                              bgBracket
|   expect outcome == "rolled_back"
    expect                         bgStep
    outcome                        bgName
    ==                             bgOperator
    "rolled_back"                  bgString
|   expect restored within 3m
    expect                         bgStep
    restored                       bgName
    within                         bgStep
    3                              bgNumber
    m                              bgUnit
| }
    }                              bgBracket
| test "sizes" {
    test                           bgDeclare
    "sizes"                        bgString
    {                              bgBracket
|   given { size = "dev" }
    given                          bgStep
    {                              bgBracket
    size                           bgProperty
    =                              bgOperator
    "dev"                          bgString
    }                              bgBracket
|   mock net.vpc = { id = "vpc-1" }
    mock                           bgStep
    net                            bgName
    vpc                            bgMember
    =                              bgOperator
    {                              bgBracket
    id                             bgProperty
    =                              bgOperator
    "vpc-1"                        bgString
    }                              bgBracket
|   expect web.a.size.low == 3
    expect                         bgStep
    web                            bgName
    a                              bgMember
    size                           bgMember
    low                            bgMember
    ==                             bgOperator
    3                              bgNumber
|   expect error BG1550 "two zones"
    expect                         bgStep
    error                          bgError
    BG1550                         bgCode
    "two zones"                    bgString
|   expect warning BG7101 "two zones"
    expect                         bgStep
    warning                        bgError
    BG7101                         bgCode
    "two zones"                    bgString
| }
    }                              bgBracket
| moved web.old -> web.a
    moved                          bgDeclare
    web                            bgName
    old                            bgMember
    ->                             bgOperator
    web                            bgName
    a                              bgMember
| adopt web.a = "sg-123"
    adopt                          bgDeclare
    web                            bgName
    a                              bgMember
    =                              bgOperator
    "sg-123"                       bgString
| assert length(ports) > 0: "ports"
    assert                         bgDeclare
    length                         bgCall
    ports                          bgName
    >                              bgOperator
    0                              bgNumber
    "ports"                        bgString
| output url = "https://${host}/"
    output                         bgDeclare
    url                            bgValue
    =                              bgOperator
    "https://                      bgString
    ${                             bgHole
    host                           bgName
    }                              bgHole
    /"                             bgString
| type my.thing {
    type                           bgDeclare
    my.thing                       bgPath
    {                              bgBracket
|   api ec2
    api                            bgModifier
    ec2                            bgSpace
|   id    id: string r"^x-" -> Id
    id                             bgModifier
    id                             bgField
    :                              bgPunct
    string                         bgTypeWord
    r"^x-"                         bgRegex
    ->                             bgOperator
    Id                             bgName
|   fixed vpc: ref ec2.vpc -> VpcId
    fixed                          bgModifier
    vpc                            bgField
    :                              bgPunct
    ref                            bgTypeMaker
    ec2.vpc                        bgTypeName
    ->                             bgOperator
    VpcId                          bgName
|   tune  size: range int = 1..2 -> { MinSize = it.low, MaxSize = it.high } <- { low = MinSize, high = MaxSize }
    tune                           bgModifier
    size                           bgField
    :                              bgPunct
    range                          bgTypeMaker
    int                            bgTypeWord
    =                              bgOperator
    1                              bgNumber
    ..                             bgOperator
    2                              bgNumber
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
|   field old: string? -> Old deprecated use vpc
    field                          bgModifier
    old                            bgField
    :                              bgPunct
    string                         bgTypeWord
    ?                              bgOperator
    ->                             bgOperator
    Old                            bgName
    deprecated                     bgKeyword
    use                            bgKeyword
    vpc                            bgName
|   live  count: int <- length(Items ?? [])
    live                           bgModifier
    count                          bgField
    :                              bgPunct
    int                            bgTypeWord
    <-                             bgOperator
    length                         bgCall
    Items                          bgName
    ??                             bgOperator
|   metric cpu: percent = "AWS/EC2" CPUUtilization { InstanceId = id } with { unit = "percent" }
    metric                         bgModifier
    cpu                            bgMetric
    :                              bgPunct
    percent                        bgTypeWord
    =                              bgOperator
    "AWS/EC2"                      bgString
    CPUUtilization                 bgOperation
    {                              bgBracket
    InstanceId                     bgProperty
    =                              bgOperator
    id                             bgName
    }                              bgBracket
    with                           bgKeyword
    {                              bgBracket
    unit                           bgProperty
    =                              bgOperator
    "percent"                      bgString
    }                              bgBracket
|   name_limit = 255
    name_limit                     bgProperty
    =                              bgOperator
    255                            bgNumber
|   quota instances { service = "ec2" }
    quota                          bgModifier
    instances                      bgMetric
    {                              bgBracket
    service                        bgProperty
    =                              bgOperator
    "ec2"                          bgString
    }                              bgBracket
|   create CreateThing { Name = physical_name } -> Id adopt Thing.Duplicate retry Busy r"(?i)not yet" for 2m
    create                         bgStep
    CreateThing                    bgOperation
    {                              bgBracket
    Name                           bgProperty
    =                              bgOperator
    physical_name                  bgName
    }                              bgBracket
    ->                             bgOperator
    Id                             bgName
    adopt                          bgName
    Thing                          bgName
    Duplicate                      bgMember
    retry                          bgKeyword
    Busy                           bgName
    r"(?i)not yet"                 bgRegex
    for                            bgConditional
    2                              bgNumber
    m                              bgUnit
|   update size, vpc SetThing { Id = id }
    update                         bgStep
    size                           bgName
    vpc                            bgName
    SetThing                       bgOperation
    {                              bgBracket
    Id                             bgProperty
    =                              bgOperator
    id                             bgName
    }                              bgBracket
|   update rules.added AddRules { Id = id, Rules = added } batch 50
    update                         bgStep
    rules                          bgName
    added                          bgMember
    AddRules                       bgOperation
    {                              bgBracket
    Id                             bgProperty
    =                              bgOperator
    id                             bgName
    Rules                          bgProperty
    =                              bgOperator
    added                          bgName
    }                              bgBracket
    batch                          bgKeyword
    50                             bgNumber
|   delete DeleteThing { Id = id } absent Thing.NotFound
    delete                         bgStep
    DeleteThing                    bgOperation
    {                              bgBracket
    Id                             bgProperty
    =                              bgOperator
    id                             bgName
    }                              bgBracket
    absent                         bgKeyword
    Thing                          bgName
    NotFound                       bgMember
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
|   lint BG7101 at vpc when size.low > 5: "too large" help "make it smaller"
    lint                           bgModifier
    BG7101                         bgCode
    at                             bgKeyword
    vpc                            bgField
    when                           bgStep
    size                           bgName
    low                            bgMember
    >                              bgOperator
    5                              bgNumber
    "too large"                    bgString
    help                           bgKeyword
    "make it smaller"              bgString
| }
    }                              bgBracket
