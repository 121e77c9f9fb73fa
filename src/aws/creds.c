#include "aws/creds.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds_state.h"
#include "base/intern.h"
#include "base/clock.h"

enum { REFRESH_BEFORE_MS = 15 * 60 * 1000, RENEW_AGAIN_MS = 60 * 1000, MAX_PROFILE_CHAIN = 10 };

/* ---- speaking ---------------------------------------------------------- */

void creds_note(struct creds_chain *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(c->scratch, fmt, ap);
    va_end(ap);
    vec_push(c->scratch, &c->notes, text);
}

enum found creds_broken(struct creds_chain *c, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    c->message = arena_vprintf(c->scratch, fmt, ap);
    va_end(ap);
    c->code = code;
    return BROKEN;
}

static void begin(struct creds_chain *c)
{
    arena_reset(c->scratch);
    memset(&c->notes, 0, sizeof c->notes);
    c->code = c->message = c->help = NULL;
}

static const struct creds *failed(struct creds_chain *c, struct creds_error *error)
{
    *error = (struct creds_error){c->code, c->message, c->notes.at, c->notes.n, c->help};
    return NULL;
}

/* ---- keeping ----------------------------------------------------------- */

static void wipe(char **text)
{
    if (*text) {
        OPENSSL_cleanse(*text, strlen(*text));
        free(*text);
    }
    *text = NULL;
}

static char *own(const char *s)
{
    char *t = s ? strdup(s) : NULL;
    if (s && !t)
        arena_exhausted("credentials");
    return t;
}

void creds_set(struct creds_chain *c, struct kept *k, const char *access, const char *secret,
               const char *token, int64_t expires, const char *origin)
{
    char *s = own(secret), *t = own(token && *token ? token : NULL);
    wipe(&k->secret);
    wipe(&k->token);
    k->secret = s;
    k->token = t;
    k->creds = (struct creds){arena_strdup(c->arena, access), s ? s : "", t, expires,
                              arena_strdup(c->arena, origin), false};
}

enum found creds_from_map(struct creds_chain *c, struct kept *k, const struct value *v,
                          const char *origin)
{
    const char *access = value_get_string(v, "AccessKeyId");
    const char *secret = value_get_string(v, "SecretAccessKey");
    const char *token = value_get_string(v, "Token");
    const char *expiry = value_get_string(v, "Expiration");
    if (!token)
        token = value_get_string(v, "SessionToken");
    if (!access || !secret || !*access || !*secret)
        return creds_broken(c, "BG5102", "%s answered without an access key", origin);
    int64_t expires = expiry ? clock_parse_iso(expiry) : 0;
    if (expires < 0)
        return creds_broken(c, "BG5102", "%s answered with an expiry that is no time", origin);
    if (expires && expires <= clock_wall())
        return creds_broken(c, "BG5104", "the credentials of %s expired at %s", origin, expiry);
    creds_set(c, k, access, secret, token, expires, origin);
    return FOUND;
}

static bool fresh(const struct kept *k)
{
    return !k->creds.expires || k->creds.expires - clock_wall() > REFRESH_BEFORE_MS;
}

static bool usable(const struct kept *k)
{
    return k->secret && (!k->creds.expires || k->creds.expires > clock_wall() + 60 * 1000);
}

/* ---- the places -------------------------------------------------------- */

static enum found from_environment(struct creds_chain *c, struct kept *k)
{
    const struct aws_env *e = &c->cfg.env;
    if (c->explicit_profile) {
        creds_note(c, "environment: passed over, because --profile was given");
        return NOT_HERE;
    }
    const char *access = aws_env_get(e, "AWS_ACCESS_KEY_ID"),
               *secret = aws_env_get(e, "AWS_SECRET_ACCESS_KEY");
    if (!access && !secret) {
        creds_note(c, "environment: AWS_ACCESS_KEY_ID is not set");
        return NOT_HERE;
    }
    if (!access || !secret)
        return creds_broken(c, "BG5102", "%s is set, but %s is not",
                            access ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                            access ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    const char *expiry = aws_env_get(e, "AWS_CREDENTIAL_EXPIRATION");
    int64_t expires = expiry ? clock_parse_iso(expiry) : 0;
    if (expires > 0 && expires <= clock_wall())
        return creds_broken(c, "BG5104", "the credentials in the environment expired at %s",
                            expiry);
    creds_set(c, k, access, secret, aws_env_get(e, "AWS_SESSION_TOKEN"), expires > 0 ? expires : 0,
              "environment variables");
    k->creds.fixed = expires > 0;
    return FOUND;
}

static const char *session_name(struct creds_chain *c, const char *profile)
{
    const char *s = aws_env_get(&c->cfg.env, "AWS_ROLE_SESSION_NAME");
    if (!s && profile)
        s = profile_setting(c->cfg.profiles, profile, "role_session_name");
    return s ? s : "bgc";
}

static enum found with_web_identity(struct creds_chain *c, struct kept *k, const char *role,
                                    const char *file, const char *profile, const char *origin)
{
    char *token = file_text(c->scratch, file);
    if (!token)
        return creds_broken(c, "BG5102", "the web identity token file %s cannot be read", file);
    token[strcspn(token, "\r\n")] = '\0';
    return creds_from_role(c, k, NULL, role, NULL, session_name(c, profile), token, 3600, origin);
}

static enum found from_credential_source(struct creds_chain *c, struct kept *k, const char *source)
{
    if (!strcmp(source, "Environment")) {
        bool was = c->explicit_profile;
        c->explicit_profile = false;
        enum found f = from_environment(c, k);
        c->explicit_profile = was;
        return f;
    }
    if (!strcmp(source, "EcsContainer"))
        return creds_from_container(c, k);
    if (!strcmp(source, "Ec2InstanceMetadata"))
        return creds_from_imds(c, k);
    return creds_broken(c, "BG5102",
                        "credential_source must be Environment, EcsContainer or "
                        "Ec2InstanceMetadata, not \"%s\"",
                        source);
}

static enum found from_profile(struct creds_chain *c, struct kept *k, const char *name, int depth);

/* A role that a profile names, on top of whatever its source is. */
static enum found from_profile_role(struct creds_chain *c, struct kept *k, const char *name,
                                    const char *role, int depth)
{
    const struct profiles *p = c->cfg.profiles;
    const char *source_profile = profile_setting(p, name, "source_profile");
    const char *source = profile_setting(p, name, "credential_source");
    const char *file = profile_setting(p, name, "web_identity_token_file");
    const char *origin = arena_printf(c->scratch, "profile %s, role %s", name, role);
    if (file)
        return with_web_identity(c, k, role, file, name, origin);
    if (profile_setting(p, name, "mfa_serial"))
        return creds_broken(c, "BG5102", "profile %s asks for an MFA code, which bgc never does",
                            name);
    struct kept from = {0};
    enum found f;
    if (source_profile && source)
        return creds_broken(c, "BG5102", "profile %s has both source_profile and credential_source",
                            name);
    if (source)
        f = from_credential_source(c, &from, source);
    else if (!source_profile)
        return creds_broken(c, "BG5102",
                            "profile %s has a role_arn but no source_profile, credential_source or "
                            "web_identity_token_file",
                            name);
    else if (!strcmp(source_profile, name)) /* its own static keys */
        f = FOUND, creds_set(c, &from, profile_setting(p, name, "aws_access_key_id") ?: "",
                             profile_setting(p, name, "aws_secret_access_key") ?: "",
                             profile_setting(p, name, "aws_session_token"), 0, name);
    else
        f = from_profile(c, &from, source_profile, depth + 1);
    if (f == FOUND) {
        const char *seconds = profile_setting(p, name, "duration_seconds");
        f = creds_from_role(c, k, &from.creds, role, profile_setting(p, name, "external_id"),
                            session_name(c, name), NULL, seconds ? atoll(seconds) : 3600, origin);
    } else if (f == NOT_HERE) {
        f = creds_broken(c, "BG5102", "profile %s: its source %s has no credentials", name,
                         source ? source : source_profile);
    }
    wipe(&from.secret);
    wipe(&from.token);
    return f;
}

static enum found from_profile(struct creds_chain *c, struct kept *k, const char *name, int depth)
{
    const struct profiles *p = c->cfg.profiles;
    if (depth > MAX_PROFILE_CHAIN)
        return creds_broken(c, "BG5102",
                            "the profiles' source_profile settings go in a circle at %s", name);
    if (!profile_exists(p, name)) {
        if (depth || c->explicit_profile || aws_env_get(&c->cfg.env, "AWS_PROFILE")) {
            c->help = arena_printf(c->scratch, "looked in %s and %s",
                                   p->config_path ? p->config_path : "(no HOME)",
                                   p->credentials_path ? p->credentials_path : "(no HOME)");
            return creds_broken(c, "BG5102", "there is no profile %s", name);
        }
        creds_note(c, "profile %s: %s %s, %s %s", name,
                   p->config_path ? p->config_path : "~/.aws/config",
                   p->config_found ? "does not have it" : "does not exist",
                   p->credentials_path ? p->credentials_path : "~/.aws/credentials",
                   p->credentials_found ? "does not have it" : "does not exist");
        return NOT_HERE;
    }
    const char *role = profile_setting(p, name, "role_arn");
    if (role)
        return from_profile_role(c, k, name, role, depth);
    if (profile_setting(p, name, "sso_account_id"))
        return creds_from_sso(c, k, name);
    const char *access = profile_setting(p, name, "aws_access_key_id");
    const char *secret = profile_setting(p, name, "aws_secret_access_key");
    if (access || secret) {
        if (!access || !secret)
            return creds_broken(c, "BG5102",
                                "profile %s has only one of aws_access_key_id and "
                                "aws_secret_access_key",
                                name);
        creds_set(c, k, access, secret, profile_setting(p, name, "aws_session_token"), 0,
                  arena_printf(c->scratch, "profile %s, static keys", name));
        return FOUND;
    }
    const char *command = profile_setting(p, name, "credential_process");
    if (command)
        return creds_from_process(c, k, command,
                                  arena_printf(c->scratch, "profile %s, credential_process", name));
    creds_note(c, "profile %s: has no role_arn, sso_account_id, keys or credential_process", name);
    return NOT_HERE;
}

static enum found from_web_identity(struct creds_chain *c, struct kept *k)
{
    const struct aws_env *e = &c->cfg.env;
    const char *file = aws_env_get(e, "AWS_WEB_IDENTITY_TOKEN_FILE"),
               *role = aws_env_get(e, "AWS_ROLE_ARN");
    bool github = aws_env_get(e, "ACTIONS_ID_TOKEN_REQUEST_URL") != NULL;
    if (!role) {
        creds_note(c, "web identity: AWS_ROLE_ARN is not set");
        return NOT_HERE;
    }
    if (file)
        return with_web_identity(c, k, role, file, NULL,
                                 arena_printf(c->scratch, "web identity, role %s", role));
    if (!github) {
        creds_note(c, "web identity: neither AWS_WEB_IDENTITY_TOKEN_FILE nor "
                      "ACTIONS_ID_TOKEN_REQUEST_URL is set");
        return NOT_HERE;
    }
    const char *token = creds_github_token(c);
    if (!token)
        return BROKEN;
    return creds_from_role(c, k, NULL, role, NULL, session_name(c, NULL), token, 3600,
                           arena_printf(c->scratch, "GitHub OIDC, role %s", role));
}

/* ---- the chain --------------------------------------------------------- */

static enum found search(struct creds_chain *c, struct kept *k)
{
    enum found f = from_environment(c, k);
    if (f == NOT_HERE)
        f = from_profile(c, k, c->profile, 0);
    if (f == NOT_HERE)
        f = from_web_identity(c, k);
    if (f == NOT_HERE)
        f = creds_from_container(c, k);
    if (f == NOT_HERE)
        f = creds_from_imds(c, k);
    if (f == NOT_HERE) {
        creds_broken(c, "BG5101", "no AWS credentials were found");
        c->help = "set AWS_PROFILE, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; try "
                  "without an account by --sandbox";
        f = BROKEN;
    }
    return f;
}

struct creds_chain *creds_new(struct arena *a, const struct creds_config *cfg)
{
    struct creds_chain *c = arena_make(a, struct creds_chain);
    c->arena = a;
    c->scratch = arena_new("credentials");
    c->cfg = *cfg;
    c->explicit_profile = cfg->profile != NULL;
    c->profile = cfg->profile;
    if (!c->profile)
        c->profile = aws_env_get(&cfg->env, "AWS_PROFILE");
    if (!c->profile)
        c->profile = aws_env_get(&cfg->env, "AWS_DEFAULT_PROFILE");
    if (!c->profile)
        c->profile = "default";
    return c;
}

const struct creds *creds_get(struct creds_chain *c, struct creds_error *error)
{
    if (c->base_valid && fresh(&c->base))
        return &c->base.creds;
    /* A renewal failed, but what we have is still good for a while. */
    if (c->base_valid && usable(&c->base) && clock_mono() < c->retry_at)
        return &c->base.creds;
    begin(c);
    if (search(c, &c->base) == FOUND) {
        c->base_valid = true;
        return &c->base.creds;
    }
    c->retry_at = clock_mono() + RENEW_AGAIN_MS;
    if (c->base_valid && usable(&c->base))
        return &c->base.creds;
    c->base_valid = false;
    return failed(c, error);
}

const struct creds *creds_assume(struct creds_chain *c, const char *role, const char *external_id,
                                 struct creds_error *error)
{
    struct kept *k = c->roles;
    while (k && (strcmp(k->role, role) != 0 || !texts_equal(k->external_id, external_id)))
        k = k->next;
    if (!k) {
        k = arena_make(c->arena, struct kept);
        k->role = arena_strdup(c->arena, role);
        k->external_id = external_id ? arena_strdup(c->arena, external_id) : NULL;
        k->next = c->roles;
        c->roles = k;
    }
    if (k->secret && fresh(k))
        return &k->creds;
    const struct creds *base = creds_get(c, error);
    if (!base)
        return NULL;
    begin(c);
    const char *origin = arena_printf(c->scratch, "role %s, assumed by %s", role, base->origin);
    if (creds_from_role(c, k, base, role, external_id, session_name(c, NULL), NULL, 3600, origin) ==
        FOUND)
        return &k->creds;
    return usable(k) ? &k->creds : failed(c, error);
}

void creds_forget(struct creds_chain *c)
{
    c->base_valid = false;
    for (struct kept *k = c->roles; k; k = k->next)
        wipe(&k->secret);
}

const char *creds_profile(const struct creds_chain *c)
{
    return c->profile;
}

const char *creds_imds_region(struct creds_chain *c)
{
    begin(c);
    const char *r = creds_imds_get(c, "/latest/meta-data/placement/region");
    return r ? arena_strdup(c->arena, r) : NULL;
}

void creds_free(struct creds_chain *c)
{
    if (!c)
        return;
    wipe(&c->base.secret);
    wipe(&c->base.token);
    for (struct kept *k = c->roles; k; k = k->next) {
        wipe(&k->secret);
        wipe(&k->token);
    }
    http_free(c->http);
    arena_free(c->scratch);
}
