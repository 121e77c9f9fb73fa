#include "aws/aws.h"

#include <string.h>

#include "aws/aws_call.h"
#include "aws/xml.h"

enum { CONNECT_MS = 10000, CALL_MS = 30000, WAKE_MS = 100, SLEEP_MAX_MS = 60 * 60 * 1000 };

const struct aws_account *aws_account(const struct aws *w, const char *alias)
{
    for (size_t i = 0; i < w->cfg.naccounts; i++)
        if (!strcmp(w->cfg.accounts[i].alias, alias))
            return &w->cfg.accounts[i];
    return NULL;
}

/* ---- the cloud interface ----------------------------------------------- */

static uint64_t submit(void *self, const struct cloud_request *req)
{
    struct aws *w = self;
    struct arena *a = arena_new("call");
    struct aws_call *c = arena_make(a, struct aws_call);
    c->arena = a;
    c->ticket = ++w->last;
    c->req = cloud_request_copy(a, req);
    c->began = clock_mono();
    *w->waiting_tail = c;
    w->waiting_tail = &c->next;
    return c->ticket;
}

static void done(struct aws *w, struct aws_call *c)
{
    c->next = NULL;
    *w->done_tail = c;
    w->done_tail = &c->next;
}

static void send_waiting(struct aws *w)
{
    while (w->waiting) {
        struct aws_call *c = w->waiting;
        w->waiting = c->next;
        if (!w->waiting)
            w->waiting_tail = &w->waiting;
        c->reply = (struct cloud_reply){.ticket = c->ticket};
        bool probe = !strcmp(c->req.service, "probe");
        if (probe ? probe_send(w, c) : aws_send(w, c)) {
            c->next = w->flying;
            w->flying = c;
        } else {
            c->reply.duration_ms = clock_mono() - c->began;
            done(w, c);
        }
    }
}

static void arrived(struct aws *w, struct http_result *r)
{
    for (struct aws_call **at = &w->flying; *at; at = &(*at)->next) {
        struct aws_call *c = *at;
        if (c->transfer != r->id)
            continue;
        if (aws_receive(w, c, r)) {
            *at = c->next;
            done(w, c);
        }
        break;
    }
    http_release(w->http, r);
}

static const char *keep(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

static void deliver(struct aws *w, struct arena *a, struct cloud_reply *out)
{
    struct aws_call *c = w->done;
    w->done = c->next;
    if (!w->done)
        w->done_tail = &w->done;
    *out = c->reply;
    out->ticket = c->ticket;
    out->output = c->reply.ok ? cloud_value_copy(a, c->reply.output) : NULL;
    out->request_id = keep(a, c->reply.request_id);
    out->error.code = keep(a, c->reply.error.code);
    out->error.message = keep(a, c->reply.error.message);
    out->error.request_id = keep(a, c->reply.error.request_id);
    arena_free(c->arena);
}

/* Real ms until the schedule clock reads `deadline`. */
static int64_t real_ms(const struct aws *w, int64_t deadline)
{
    int64_t now = clock_now(w->cfg.clock);
    if (deadline <= now)
        return 0;
    double ms = (double)(deadline - now) / clock_speed(w->cfg.clock);
    return ms > SLEEP_MAX_MS ? SLEEP_MAX_MS : (int64_t)ms + 1;
}

static bool wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct aws *w = self;
    sig_atomic_t signals = w->cfg.wake ? *w->cfg.wake : 0;
    for (;;) {
        send_waiting(w);
        if (w->done) {
            deliver(w, a, out);
            return true;
        }
        int64_t left = real_ms(w, deadline);
        if (w->cfg.wake && left > WAKE_MS)
            left = WAKE_MS;
        struct http_result r;
        if (http_poll(w->http, left, &r))
            arrived(w, &r);
        else if (clock_now(w->cfg.clock) >= deadline)
            return false;
        if (w->cfg.wake && *w->cfg.wake != signals && !w->done)
            return false;
    }
}

static void free_calls(struct aws_call *c)
{
    while (c) {
        struct aws_call *next = c->next;
        arena_free(c->arena);
        c = next;
    }
}

static void aws_free(void *self)
{
    struct aws *w = self;
    http_free(w->http);
    creds_free(w->creds);
    free_calls(w->waiting);
    free_calls(w->flying);
    free_calls(w->done);
}

static void declare(void *self, const char *alias, const char *role)
{
    struct aws *w = self;
    if (aws_account(w, alias))
        return;
    struct aws_account *all = arena_array(w->arena, struct aws_account, w->cfg.naccounts + 1);
    for (size_t i = 0; i < w->cfg.naccounts; i++)
        all[i] = w->cfg.accounts[i];
    all[w->cfg.naccounts++] = (struct aws_account){.alias = arena_strdup(w->arena, alias),
                                                   .role = role ? arena_strdup(w->arena, role) : NULL};
    w->cfg.accounts = all;
}

static const struct cloud_ops ops = {submit, wait, aws_free, declare};

/* ---- making ------------------------------------------------------------ */

static const char *profile_endpoint(void *self, const char *service_key)
{
    const struct aws *w = self;
    if (!service_key)
        return profile_setting(&w->profiles, w->profile, "endpoint_url");
    const char *services = profile_setting(&w->profiles, w->profile, "services");
    if (!services)
        return NULL;
    return profile_section(&w->profiles, "services", services,
                           arena_printf(w->arena, "%s.endpoint_url", service_key));
}

static bool is_true(const char *s)
{
    return s && (!strcmp(s, "true") || !strcmp(s, "1"));
}

static bool switched(const struct aws *w, const char *variable, const char *setting)
{
    const char *s = aws_env_get(&w->cfg.env, variable);
    return is_true(s ? s : profile_setting(&w->profiles, w->profile, setting));
}

static void find_region(struct aws *w, struct diags *ds)
{
    const struct aws_env *e = &w->cfg.env;
    const char *from = "AWS_REGION", *said = aws_env_get(e, from);
    if (!said)
        said = aws_env_get(e, from = "AWS_DEFAULT_REGION");
    if (!said) {
        said = profile_setting(&w->profiles, w->profile, "region");
        from = arena_printf(w->arena, "profile %s", w->profile);
    }
    w->region = w->cfg.region ? w->cfg.region : said;
    if (w->cfg.region && said && strcmp(said, w->cfg.region) != 0) {
        struct diag *d = diag_warn(ds, "BG5203", w->cfg.region_span,
                                   "%s says %s, but the stack is in %s", from, said, w->cfg.region);
        diag_note(ds, d, "the stack's own region is used");
    }
}

struct cloud *aws_cloud_new(struct arena *session, const struct aws_config *cfg, struct diags *ds)
{
    struct aws *w = arena_make(session, struct aws);
    w->arena = session;
    w->cfg = *cfg;
    if (!w->cfg.connect_ms)
        w->cfg.connect_ms = CONNECT_MS;
    if (!w->cfg.call_ms)
        w->cfg.call_ms = CALL_MS;
    const struct aws_env *e = &w->cfg.env;
    w->waiting_tail = &w->waiting;
    w->done_tail = &w->done;
    map_init(&w->models, session);
    profiles_read(&w->profiles, session, e);
    w->profile = cfg->profile;
    if (!w->profile)
        w->profile = aws_env_get(e, "AWS_PROFILE");
    if (!w->profile)
        w->profile = "default";
    find_region(w, ds);
    w->endpoint = (struct endpoint_config){
        cfg->env.get,
        cfg->env.self,
        profile_endpoint,
        w,
        switched(w, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
        switched(w, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
    };
    const char *proxy = aws_env_get(e, "HTTPS_PROXY"), *no_proxy = aws_env_get(e, "NO_PROXY");
    w->http_config = (struct http_config){
        cfg->connect_to,
        aws_env_get(e, "AWS_CA_BUNDLE"),
        proxy ? proxy : aws_env_get(e, "https_proxy"),
        no_proxy ? no_proxy : aws_env_get(e, "no_proxy"),
    };
    const char *why;
    if (xml_ready(session, &why))
        w->http = http_new(session, &w->http_config, &why);
    if (!w->http) {
        struct diag *d =
            diag_error(ds, "BG5205", NO_SPAN, "what talks to AWS cannot be loaded: %s", why);
        diag_help(ds, d, "install %s and %s; commands with --sandbox need neither",
                  LIBCURL_SONAME, LIBXML_SONAME);
        return NULL;
    }
    struct creds_config cc = {
        .env = *e,
        .profiles = &w->profiles,
        .profile = cfg->profile,
        .region = w->region,
        .services = cfg->services,
        .endpoint = &w->endpoint,
        .http = &w->http_config,
    };
    w->creds = creds_new(session, &cc);
    w->cloud = (struct cloud){&ops, w, w->cfg.clock, cfg->trace};
    return &w->cloud;
}

/* ---- who and where ----------------------------------------------------- */

const char *aws_region(struct cloud *c, const char *account)
{
    struct aws *w = c->self;
    const struct aws_account *acc = account ? aws_account(w, account) : NULL;
    if (acc && acc->region)
        return acc->region;
    if (!w->region && !w->region_sought) {
        w->region_sought = true;
        w->region = creds_imds_region(w->creds);
    }
    return w->region;
}

static const struct creds *creds_for(struct aws *w, const char *account, struct creds_error *e)
{
    const struct aws_account *acc = account ? aws_account(w, account) : NULL;
    return acc && acc->role ? creds_assume(w->creds, acc->role, acc->external_id, e)
                            : creds_get(w->creds, e);
}

bool aws_check(struct cloud *c, const char *account, struct diags *ds, struct span span)
{
    struct aws *w = c->self;
    struct creds_error e = {0};
    if (!creds_for(w, account, &e)) {
        struct diag *d = diag_error(ds, e.code, span, "%s", e.message);
        for (size_t i = 0; i < e.nnotes; i++)
            diag_note(ds, d, "%s", e.notes[i]);
        if (e.help)
            diag_help(ds, d, "%s", e.help);
        return false;
    }
    if (!aws_region(c, account)) {
        struct diag *d = diag_error(ds, "BG5204", span, "no AWS region is known");
        diag_note(ds, d,
                  "looked at the stack's region, AWS_REGION, AWS_DEFAULT_REGION, profile %s and "
                  "the instance metadata",
                  w->profile);
        diag_help(ds, d, "write `region = \"eu-west-1\"` in the stack");
        return false;
    }
    return true;
}

const char *aws_origin(struct cloud *c, const char *account)
{
    struct aws *w = c->self;
    struct creds_error e;
    const struct creds *creds = creds_for(w, account, &e);
    return creds ? creds->origin : NULL;
}

int64_t aws_credentials_end(struct cloud *c, const char *account, bool *fixed)
{
    struct aws *w = c->self;
    struct creds_error e;
    const struct creds *creds = creds_for(w, account, &e);
    *fixed = creds && creds->fixed;
    return creds ? creds->expires : 0;
}

const char *aws_profile(struct cloud *c)
{
    return ((struct aws *)c->self)->profile;
}
