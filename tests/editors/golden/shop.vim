| ## The online shop: one web tier behind one load balancer, upgraded by
    ## The online shop: one web tier behind one load balancer, upgraded by bgDoc
| ## building a second world beside the live one and moving traffic over.
    ## building a second world beside the live one and moving traffic over. bgDoc
| stack shop {
    stack                          bgDeclare
    shop                           bgSpace
    {                              bgBracket
|   region  = "eu-west-1"
    region                         bgProperty
    =                              bgOperator
    "eu-west-1"                    bgString
|   account = "123456789012"
    account                        bgProperty
    =                              bgOperator
    "123456789012"                 bgString
|   store   = "s3://acme-bgc-state"
    store                          bgProperty
    =                              bgOperator
    "s3://acme-bgc-state"          bgString
| }
    }                              bgBracket
| 
| ## Records live in the company's DNS account.
    ## Records live in the company's DNS account. bgDoc
| account dns { role = "arn:aws:iam::210987654321:role/bgc-dns" }
    account                        bgDeclare
    dns                            bgSpace
    {                              bgBracket
    role                           bgProperty
    =                              bgOperator
    "arn:aws:iam::210987654321:role/bgc-dns" bgString
    }                              bgBracket
| 
| use std.network
    use                            bgDeclare
    std.network                    bgSpace
| 
| input env:   "dev" | "stage" | "prod" = "prod"
    input                          bgDeclare
    env                            bgInput
    :                              bgPunct
    "dev"                          bgString
    |                              bgOperator
    "stage"                        bgString
    |                              bgOperator
    "prod"                         bgString
    =                              bgOperator
    "prod"                         bgString
| input size:  ec2.instance_type = "t3.small"
    input                          bgDeclare
    size                           bgInput
    :                              bgPunct
    ec2.instance_type              bgTypeName
    =                              bgOperator
    "t3.small"                     bgString
| input fleet: 1..50 = 3
    input                          bgDeclare
    fleet                          bgInput
    :                              bgPunct
    1                              bgNumber
    ..                             bgOperator
    50                             bgNumber
    =                              bgOperator
    3                              bgNumber
| 
| let host = "shop.example.com"
    let                            bgDeclare
    host                           bgValue
    =                              bgOperator
    "shop.example.com"             bgString
| 
| shared {
    shared                         bgDeclare
    {                              bgBracket
|   existing zone:  route53.zone in dns { name = "example.com", private = false }
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
    private                        bgProperty
    =                              bgOperator
    false                          bgConstant
    }                              bgBracket
|   existing net:   std.network { tag = env }
    existing                       bgDeclare
    net                            bgResource
    :                              bgColon
    std.network                    bgPath
    {                              bgBracket
    tag                            bgProperty
    =                              bgOperator
    env                            bgName
    }                              bgBracket
|   existing cert:  acm.certificate { covers = host }
    existing                       bgDeclare
    cert                           bgResource
    :                              bgColon
    acm.certificate                bgPath
    {                              bgBracket
    covers                         bgProperty
    =                              bgOperator
    host                           bgName
    }                              bgBracket
|   existing db:    rds.instance { name = "shop-${env}" }
    existing                       bgDeclare
    db                             bgResource
    :                              bgColon
    rds.instance                   bgPath
    {                              bgBracket
    name                           bgProperty
    =                              bgOperator
    "shop-                         bgString
    ${                             bgHole
    env                            bgName
    }                              bgHole
    "                              bgString
    }                              bgBracket
|   existing db_in: ec2.security_group { name = "shop-${env}-db-client" }
    existing                       bgDeclare
    db_in                          bgResource
    :                              bgColon
    ec2.security_group             bgPath
    {                              bgBracket
    name                           bgProperty
    =                              bgOperator
    "shop-                         bgString
    ${                             bgHole
    env                            bgName
    }                              bgHole
    -db-client"                    bgString
    }                              bgBracket
|   ## The patched image: the answer is pinned in bgc.lock and moves by review.
    ## The patched image: the answer is pinned in bgc.lock and moves by review. bgDoc
|   existing image: ec2.image { owner = "self", name = "shop-base-*", newest = true } pin
    existing                       bgDeclare
    image                          bgResource
    :                              bgColon
    ec2.image                      bgPath
    {                              bgBracket
    owner                          bgProperty
    =                              bgOperator
    "self"                         bgString
    name                           bgProperty
    =                              bgOperator
    "shop-base-*"                  bgString
    newest                         bgProperty
    =                              bgOperator
    true                           bgConstant
    }                              bgBracket
    pin                            bgModifier
|   existing agent: iam.instance_profile { name = "shop-web" }
    existing                       bgDeclare
    agent                          bgResource
    :                              bgColon
    iam.instance_profile           bgPath
    {                              bgBracket
    name                           bgProperty
    =                              bgOperator
    "shop-web"                     bgString
    }                              bgBracket
| }
    }                              bgBracket
| 
| world web {
    world                          bgDeclare
    web                            bgSpace
    {                              bgBracket
|   resource lb_sg: ec2.security_group {
    resource                       bgDeclare
    lb_sg                          bgResource
    :                              bgColon
    ec2.security_group             bgPath
    {                              bgBracket
|     vpc     = net.vpc
    vpc                            bgProperty
    =                              bgOperator
    net                            bgName
    vpc                            bgMember
|     ingress = [{ from = 0.0.0.0/0, port = 443 }, { from = ::/0, port = 443 }]
    ingress                        bgProperty
    =                              bgOperator
    {                              bgBracket
    from                           bgProperty
    =                              bgOperator
    0.0.0.0/0                      bgNetwork
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
    443                            bgNumber
    }                              bgBracket
|     egress  = [{ to = net.range, port = 8080 }]
    egress                         bgProperty
    =                              bgOperator
    {                              bgBracket
    to                             bgProperty
    =                              bgOperator
    net                            bgName
    range                          bgMember
    port                           bgProperty
    =                              bgOperator
    8080                           bgNumber
    }                              bgBracket
|   }
    }                              bgBracket
|   resource app_sg: ec2.security_group {
    resource                       bgDeclare
    app_sg                         bgResource
    :                              bgColon
    ec2.security_group             bgPath
    {                              bgBracket
|     vpc     = net.vpc
    vpc                            bgProperty
    =                              bgOperator
    net                            bgName
    vpc                            bgMember
|     ingress = [{ from = lb_sg, port = 8080 }]
    ingress                        bgProperty
    =                              bgOperator
    {                              bgBracket
    from                           bgProperty
    =                              bgOperator
    lb_sg                          bgName
    port                           bgProperty
    =                              bgOperator
    8080                           bgNumber
    }                              bgBracket
|     egress  = [{ to = 0.0.0.0/0, port = 443 }, { to = net.range, port = 5432 }]
    egress                         bgProperty
    =                              bgOperator
    {                              bgBracket
    to                             bgProperty
    =                              bgOperator
    0.0.0.0/0                      bgNetwork
    port                           bgProperty
    =                              bgOperator
    443                            bgNumber
    }                              bgBracket
    {                              bgBracket
    to                             bgProperty
    =                              bgOperator
    net                            bgName
    range                          bgMember
    port                           bgProperty
    =                              bgOperator
    5432                           bgNumber
    }                              bgBracket
|   }
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
|   resource lt: ec2.launch_template {
    resource                       bgDeclare
    lt                             bgResource
    :                              bgColon
    ec2.launch_template            bgPath
    {                              bgBracket
|     image   = image
    image                          bgProperty
    =                              bgOperator
    image                          bgName
|     size    = size
    size                           bgProperty
    =                              bgOperator
    size                           bgName
|     profile = agent
    profile                        bgProperty
    =                              bgOperator
    agent                          bgName
|     groups  = [app_sg, db_in]
    groups                         bgProperty
    =                              bgOperator
    app_sg                         bgName
    db_in                          bgName
|     disk    = 20GiB
    disk                           bgProperty
    =                              bgOperator
    20                             bgNumber
    GiB                            bgUnit
|     imds    = "required"
    imds                           bgProperty
    =                              bgOperator
    "required"                     bgString
|     monitor = 1m
    monitor                        bgProperty
    =                              bgOperator
    1                              bgNumber
    m                              bgUnit
|     boot    = file("boot.sh", { log = log.name, port = 8080 })
    boot                           bgProperty
    =                              bgOperator
    file                           bgCall
    "boot.sh"                      bgString
    {                              bgBracket
    log                            bgProperty
    =                              bgOperator
    log                            bgName
    name                           bgMember
    port                           bgProperty
    =                              bgOperator
    8080                           bgNumber
    }                              bgBracket
|   }
    }                              bgBracket
|   resource tg: elbv2.target_group {
    resource                       bgDeclare
    tg                             bgResource
    :                              bgColon
    elbv2.target_group             bgPath
    {                              bgBracket
|     vpc    = net.vpc
    vpc                            bgProperty
    =                              bgOperator
    net                            bgName
    vpc                            bgMember
|     port   = 8080
    port                           bgProperty
    =                              bgOperator
    8080                           bgNumber
|     drain  = 30s
    drain                          bgProperty
    =                              bgOperator
    30                             bgNumber
    s                              bgUnit
|     health = { path = "/healthz", every = 10s, healthy = 2, unhealthy = 2 }
    health                         bgProperty
    =                              bgOperator
    {                              bgBracket
    path                           bgProperty
    =                              bgOperator
    "/healthz"                     bgString
    every                          bgProperty
    =                              bgOperator
    10                             bgNumber
    s                              bgUnit
    healthy                        bgProperty
    =                              bgOperator
    2                              bgNumber
    unhealthy                      bgProperty
    =                              bgOperator
    2                              bgNumber
    }                              bgBracket
|   }
    }                              bgBracket
|   resource asg: autoscaling.group {
    resource                       bgDeclare
    asg                            bgResource
    :                              bgColon
    autoscaling.group              bgPath
    {                              bgBracket
|     template = lt
    template                       bgProperty
    =                              bgOperator
    lt                             bgName
|     subnets  = net.private
    subnets                        bgProperty
    =                              bgOperator
    net                            bgName
    private                        bgMember
|     size     = fleet..fleet * 4
    size                           bgProperty
    =                              bgOperator
    fleet                          bgName
    ..                             bgOperator
    fleet                          bgName
    *                              bgOperator
    4                              bgNumber
|     targets  = [tg]
    targets                        bgProperty
    =                              bgOperator
    tg                             bgName
|     health   = "elb"
    health                         bgProperty
    =                              bgOperator
    "elb"                          bgString
|   }
    }                              bgBracket
|   resource scale: autoscaling.policy { group = asg, track = "cpu", target = 50% }
    resource                       bgDeclare
    scale                          bgResource
    :                              bgColon
    autoscaling.policy             bgPath
    {                              bgBracket
    group                          bgProperty
    =                              bgOperator
    asg                            bgName
    track                          bgProperty
    =                              bgOperator
    "cpu"                          bgString
    target                         bgProperty
    =                              bgOperator
    50                             bgNumber
    %                              bgUnit
    }                              bgBracket
|   resource alb: elbv2.load_balancer {
    resource                       bgDeclare
    alb                            bgResource
    :                              bgColon
    elbv2.load_balancer            bgPath
    {                              bgBracket
|     scheme     = "internet-facing"
    scheme                         bgProperty
    =                              bgOperator
    "internet-facing"              bgString
|     subnets    = net.public
    subnets                        bgProperty
    =                              bgOperator
    net                            bgName
    public                         bgMember
|     groups     = [lb_sg]
    groups                         bgProperty
    =                              bgOperator
    lb_sg                          bgName
|     keep_alive = 60s
    keep_alive                     bgProperty
    =                              bgOperator
    60                             bgNumber
    s                              bgUnit
|   }
    }                              bgBracket
|   resource tls: elbv2.listener {
    resource                       bgDeclare
    tls                            bgResource
    :                              bgColon
    elbv2.listener                 bgPath
    {                              bgBracket
|     lb      = alb
    lb                             bgProperty
    =                              bgOperator
    alb                            bgName
|     port    = 443
    port                           bgProperty
    =                              bgOperator
    443                            bgNumber
|     certs   = [cert]
    certs                          bgProperty
    =                              bgOperator
    cert                           bgName
|     policy  = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    policy                         bgProperty
    =                              bgOperator
    "ELBSecurityPolicy-TLS13-1-2-2021-06" bgString
|     forward = tg
    forward                        bgProperty
    =                              bgOperator
    tg                             bgName
|   }
    }                              bgBracket
|   resource burning: cloudwatch.alarm { metric = alb.http_5xx, stat = "sum", above = 50, over = 1m, missing = "missing" }
    resource                       bgDeclare
    burning                        bgResource
    :                              bgColon
    cloudwatch.alarm               bgPath
    {                              bgBracket
    metric                         bgProperty
    =                              bgOperator
    alb                            bgName
    http_5xx                       bgMember
    stat                           bgProperty
    =                              bgOperator
    "sum"                          bgString
    above                          bgProperty
    =                              bgOperator
    50                             bgNumber
    over                           bgProperty
    =                              bgOperator
    1                              bgNumber
    m                              bgUnit
    missing                        bgProperty
    =                              bgOperator
    "missing"                      bgString
    }                              bgBracket
|   entry alb
    entry                          bgDeclare
    alb                            bgName
| }
    }                              bgBracket
| 
| traffic web: route53.weighted { zone = zone, names = [host], kill_switch = web.burning }
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
    host                           bgName
    kill_switch                    bgProperty
    =                              bgOperator
    web                            bgName
    burning                        bgMember
    }                              bgBracket
| 
| gate calm {
    gate                           bgDeclare
    calm                           bgGate
    {                              bgBracket
|   every 30s no_data hold
    every                          bgStep
    30                             bgNumber
    s                              bgUnit
    no_data                        bgStep
    hold                           bgConstantWord
|   check db: max(db.connections, 1m) < 350
    check                          bgStep
    db                             bgGate
    max                            bgCall
    db                             bgName
    connections                    bgMember
    1                              bgNumber
    m                              bgUnit
    <                              bgOperator
    350                            bgNumber
| }
    }                              bgBracket
| 
| gate ready {
    gate                           bgDeclare
    ready                          bgGate
    {                              bgBracket
|   check healthy: healthy(web.tg) == 100% within 10m
    check                          bgStep
    healthy                        bgGate
    healthy                        bgCall
    web                            bgName
    tg                             bgMember
    ==                             bgOperator
    100                            bgNumber
    %                              bgUnit
    within                         bgStep
    10                             bgNumber
    m                              bgUnit
|   check tls:     http.get("https://${web.entry.dns}/healthz", host = host).status == 200 every 5s times 12
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
|   check cpu:     avg(web.asg.cpu, 5m) < 60%
    check                          bgStep
    cpu                            bgGate
    avg                            bgCall
    web                            bgName
    asg                            bgMember
    cpu                            bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    60                             bgNumber
    %                              bgUnit
|   check memory:  avg(web.asg.memory, 5m) < 80%
    check                          bgStep
    memory                         bgGate
    avg                            bgCall
    web                            bgName
    asg                            bgMember
    memory                         bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    80                             bgNumber
    %                              bgUnit
|   check logs:    count(web.log, "?ERROR ?FATAL", 5m) == 0
    check                          bgStep
    logs                           bgGate
    count                          bgCall
    web                            bgName
    log                            bgMember
    "?ERROR ?FATAL"                bgString
    5                              bgNumber
    m                              bgUnit
    ==                             bgOperator
    0                              bgNumber
|   check scaling: scales(web.asg, by = 1) within 10m
    check                          bgStep
    scaling                        bgGate
    scales                         bgCall
    web                            bgName
    asg                            bgMember
    by                             bgProperty
    =                              bgOperator
    1                              bgNumber
    within                         bgStep
    10                             bgNumber
    m                              bgUnit
| }
    }                              bgBracket
| 
| ## While both worlds serve: green is held against blue.
    ## While both worlds serve: green is held against blue. bgDoc
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
|   check errors:  ratio(web.alb.http_5xx, web.alb.requests, 5m) < 0.5%
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
|   check latency: p99(web.alb.latency, 5m) < 1.2 * p99(live.web.alb.latency, 5m)
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
|   check cpu:     avg(web.asg.cpu, 5m) < 75%
    check                          bgStep
    cpu                            bgGate
    avg                            bgCall
    web                            bgName
    asg                            bgMember
    cpu                            bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    75                             bgNumber
    %                              bgUnit
|   check logs:    count(web.log, "?FATAL ?panic", 5m) == 0
    check                          bgStep
    logs                           bgGate
    count                          bgCall
    web                            bgName
    log                            bgMember
    "?FATAL ?panic"                bgString
    5                              bgNumber
    m                              bgUnit
    ==                             bgOperator
    0                              bgNumber
|   check db:      avg(db.cpu, 5m) < 70% and max(db.connections, 5m) < 400
    check                          bgStep
    db                             bgGate
    avg                            bgCall
    db                             bgName
    cpu                            bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    70                             bgNumber
    %                              bgUnit
    and                            bgLogical
    max                            bgCall
    db                             bgName
    connections                    bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    400                            bgNumber
| }
    }                              bgBracket
| 
| ## When green serves alone there is no blue to compare with.
    ## When green serves alone there is no blue to compare with. bgDoc
| gate settled {
    gate                           bgDeclare
    settled                        bgGate
    {                              bgBracket
|   every 30s tolerate 1 no_data hold
    every                          bgStep
    30                             bgNumber
    s                              bgUnit
    tolerate                       bgStep
    1                              bgNumber
    no_data                        bgStep
    hold                           bgConstantWord
|   check errors:  ratio(web.alb.http_5xx, web.alb.requests, 5m) < 0.5%
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
|   check latency: p99(web.alb.latency, 5m) < 800ms
    check                          bgStep
    latency                        bgGate
    p99                            bgCall
    web                            bgName
    alb                            bgMember
    latency                        bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    800                            bgNumber
    ms                             bgUnit
|   check db:      avg(db.cpu, 5m) < 70% and max(db.connections, 5m) < 400
    check                          bgStep
    db                             bgGate
    avg                            bgCall
    db                             bgName
    cpu                            bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    70                             bgNumber
    %                              bgUnit
    and                            bgLogical
    max                            bgCall
    db                             bgName
    connections                    bgMember
    5                              bgNumber
    m                              bgUnit
    <                              bgOperator
    400                            bgNumber
| }
    }                              bgBracket
| 
| rollout web {
    rollout                        bgDeclare
    web                            bgSpace
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
|   shift  50% for 20m while steady
    shift                          bgStep
    50                             bgNumber
    %                              bgUnit
    for                            bgConditional
    20                             bgNumber
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
|   shift  100% for 30m while settled
    shift                          bgStep
    100                            bgNumber
    %                              bgUnit
    for                            bgConditional
    30                             bgNumber
    m                              bgUnit
    while                          bgStep
    settled                        bgGate
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
| 
| ## The same checks, faster: for a fix that cannot wait.
    ## The same checks, faster: for a fix that cannot wait. bgDoc
| rollout web as hotfix {
    rollout                        bgDeclare
    web                            bgSpace
    as                             bgAs
    hotfix                         bgFunction
    {                              bgBracket
|   test   ready
    test                           bgStep
    ready                          bgGate
|   shift  25% for 10m while steady
    shift                          bgStep
    25                             bgNumber
    %                              bgUnit
    for                            bgConditional
    10                             bgNumber
    m                              bgUnit
    while                          bgStep
    steady                         bgGate
|   shift  100% for 10m while settled
    shift                          bgStep
    100                            bgNumber
    %                              bgUnit
    for                            bgConditional
    10                             bgNumber
    m                              bgUnit
    while                          bgStep
    settled                        bgGate
|   bake   2h while settled
    bake                           bgStep
    2                              bgNumber
    h                              bgUnit
    while                          bgStep
    settled                        bgGate
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
| 
| scenario "errors at half traffic roll back" {
    scenario                       bgDeclare
    "errors at half traffic roll back" bgString
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
|   expect outcome == "rolled_back"
    expect                         bgStep
    outcome                        bgName
    ==                             bgOperator
    "rolled_back"                  bgString
|   expect lost < 0.5%
    expect                         bgStep
    lost                           bgName
    <                              bgOperator
    0.5                            bgNumber
    %                              bgUnit
|   expect restored within 3m
    expect                         bgStep
    restored                       bgName
    within                         bgStep
    3                              bgNumber
    m                              bgUnit
| }
    }                              bgBracket
| 
| scenario "a clean upgrade" {
    scenario                       bgDeclare
    "a clean upgrade"              bgString
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
|   expect outcome == "applied"
    expect                         bgStep
    outcome                        bgName
    ==                             bgOperator
    "applied"                      bgString
|   expect share == 100%
    expect                         bgStep
    share                          bgName
    ==                             bgOperator
    100                            bgNumber
    %                              bgUnit
|   expect lost < 0.1%
    expect                         bgStep
    lost                           bgName
    <                              bgOperator
    0.1                            bgNumber
    %                              bgUnit
| }
    }                              bgBracket
| 
| scenario "green never becomes healthy" {
    scenario                       bgDeclare
    "green never becomes healthy"  bgString
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
|   at build { web.tg.healthy = 0 }
    at                             bgStep
    build                          bgConstantWord
    {                              bgBracket
    web                            bgName
    tg                             bgMember
    healthy                        bgMember
    =                              bgOperator
    0                              bgNumber
    }                              bgBracket
|   expect outcome == "rolled_back"
    expect                         bgStep
    outcome                        bgName
    ==                             bgOperator
    "rolled_back"                  bgString
|   expect failed == "ready.healthy"
    expect                         bgStep
    failed                         bgName
    ==                             bgOperator
    "ready.healthy"                bgString
|   expect lost < 0.1%
    expect                         bgStep
    lost                           bgName
    <                              bgOperator
    0.1                            bgNumber
    %                              bgUnit
| }
    }                              bgBracket
| 
| scenario "latency doubles at 10 %" {
    scenario                       bgDeclare
    "latency doubles at 10 %"      bgString
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
|   at 10% { web.alb.latency = 2 }
    at                             bgStep
    10                             bgNumber
    %                              bgUnit
    {                              bgBracket
    web                            bgName
    alb                            bgMember
    latency                        bgMember
    =                              bgOperator
    2                              bgNumber
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
| 
| scenario "green's log is dirty" {
    scenario                       bgDeclare
    "green's log is dirty"         bgString
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
|   at 10% { web.log = 5 }
    at                             bgStep
    10                             bgNumber
    %                              bgUnit
    {                              bgBracket
    web                            bgName
    log                            bgMember
    =                              bgOperator
    5                              bgNumber
    }                              bgBracket
|   expect outcome == "rolled_back"
    expect                         bgStep
    outcome                        bgName
    ==                             bgOperator
    "rolled_back"                  bgString
|   expect failed == "steady.logs"
    expect                         bgStep
    failed                         bgName
    ==                             bgOperator
    "steady.logs"                  bgString
| }
    }                              bgBracket
| 
| scenario "the database slows down during the bake" {
    scenario                       bgDeclare
    "the database slows down during the bake" bgString
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
|   expect failed == "settled.db"
    expect                         bgStep
    failed                         bgName
    ==                             bgOperator
    "settled.db"                   bgString
|   expect restored within 3m
    expect                         bgStep
    restored                       bgName
    within                         bgStep
    3                              bgNumber
    m                              bgUnit
| }
    }                              bgBracket
| 
| scenario "the spec goes back during the bake" {
    scenario                       bgDeclare
    "the spec goes back during the bake" bgString
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
|   edit   { size = "t2.small" }
    edit                           bgStep
    {                              bgBracket
    size                           bgProperty
    =                              bgOperator
    "t2.small"                     bgString
    }                              bgBracket
|   expect outcome == "applied"
    expect                         bgStep
    outcome                        bgName
    ==                             bgOperator
    "applied"                      bgString
|   expect restored within 3m
    expect                         bgStep
    restored                       bgName
    within                         bgStep
    3                              bgNumber
    m                              bgUnit
|   expect lost < 0.1%
    expect                         bgStep
    lost                           bgName
    <                              bgOperator
    0.1                            bgNumber
    %                              bgUnit
| }
    }                              bgBracket
| 
| output url = "https://${host}/"
    output                         bgDeclare
    url                            bgValue
    =                              bgOperator
    "https://                      bgString
    ${                             bgHole
    host                           bgName
    }                              bgHole
    /"                             bgString
