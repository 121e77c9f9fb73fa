/* creds_sso.c - a profile of IAM Identity Center: the login that `aws sso login` keeps
 * in a file, renewed with its refresh token when it has run out, and the
 * credentials of a role that it stands for. */
#include <openssl/evp.h>
#include <string.h>

#include "aws/creds_state.h"
#include "base/clock.h"
#include "base/file.h"

enum { RENEW_BEFORE_MS = 5 * 60 * 1000 };

struct login {
    struct creds_chain *c;
    const char *profile, *region, *path;
    struct value *kept; /* what the file says; a MAP */
    const char *token, *expires;
};

static const char *sha1_hex(struct arena *a, const char *s)
{
    unsigned char d[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (!EVP_Digest(s, strlen(s), d, &n, EVP_sha1(), NULL))
        n = 0;
    char *out = arena_alloc(a, n * 2 + 1);
    for (unsigned i = 0; i < n; i++) {
        out[i * 2] = "0123456789abcdef"[d[i] >> 4];
        out[i * 2 + 1] = "0123456789abcdef"[d[i] & 15];
    }
    out[n * 2] = '\0';
    return out;
}

static const char *setting(struct creds_chain *c, const char *profile, const char *session,
                           const char *key)
{
    const char *s = session ? profile_section(c->cfg.profiles, "sso-session", session, key) : NULL;
    return s ? s : profile_setting(c->cfg.profiles, profile, key);
}

/* ---- where it is asked ------------------------------------------------------ */

/* "https://portal.sso.eu-west-1.amazonaws.com", or what the environment says instead
 * ("AWS_ENDPOINT_URL_SSO"). NULL with *why. */
static const char *base_url(const struct login *l, const char *host, const char *variable,
                            bool *plain, const char **why)
{
    struct arena *a = l->c->scratch;
    const char *own = aws_env_get(&l->c->cfg.env, variable);
    const char *suffix = strncmp(l->region, "cn-", 3) ? "amazonaws.com" : "amazonaws.com.cn";
    struct uri u;
    *plain = false;
    if (!own)
        return arena_printf(a, "https://%s.%s.%s", host, l->region, suffix);
    if (!uri_parse(a, own, &u)) {
        *why = arena_printf(a, "%s is no URL", variable);
        return NULL;
    }
    if (!u.https && !uri_loopback(u.host)) {
        *why = arena_printf(a, "%s is plain http, and no loopback address", variable);
        return NULL;
    }
    *plain = !u.https;
    size_t n = strlen(own);
    return own[n - 1] == '/' ? arena_strndup(a, own, n - 1) : own;
}

/* ---- the login -------------------------------------------------------------- */

static bool ends_within(const char *iso, int64_t ms)
{
    int64_t at = iso ? clock_parse_iso(iso) : 0;
    return at > 0 && at <= clock_wall() + ms;
}

static bool can_renew(const struct login *l)
{
    const char *until = value_get_string(l->kept, "registrationExpiresAt");
    return value_get_string(l->kept, "refreshToken") && value_get_string(l->kept, "clientId") &&
           value_get_string(l->kept, "clientSecret") && !ends_within(until, 0);
}

static void put(struct login *l, struct value *m, const char *key, const char *text)
{
    value_put(m, key, value_string(l->c->scratch, text));
}

/* As the AWS CLI keeps it, so that it, too, has the new one: a refresh token is good
 * once. A file that cannot be written costs a login, later. */
static void keep(struct login *l)
{
    struct buf b;
    const char *error;
    buf_init(&b, l->c->scratch);
    value_json(&b, l->kept, 0);
    file_write_atomic(l->c->scratch, l->path, buf_text(&b), b.len, 0600, &error);
}

static bool renew(struct login *l, const char **why)
{
    struct arena *a = l->c->scratch;
    bool plain;
    const char *url = base_url(l, "oidc", "AWS_ENDPOINT_URL_SSO_OIDC", &plain, why);
    if (!url)
        return false;
    struct value *in = value_map(a);
    static const char *const own[] = {"clientId", "clientSecret", "refreshToken"};
    put(l, in, "grantType", "refresh_token");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        put(l, in, own[i], value_get_string(l->kept, own[i]));
    struct buf body;
    buf_init(&body, a);
    value_json(&body, in, 0);
    struct http_header h = {"content-type", "application/json"};
    const char *text = creds_fetch(l->c, "POST", arena_printf(a, "%s/token", url), plain, &h, 1,
                                   buf_text(&body), why);
    const struct value *v = text ? value_from_json(a, text, strlen(text), why) : NULL;
    const char *token = value_get_string(v, "accessToken");
    int64_t seconds = value_get_int(v, "expiresIn", 0);
    if (!v)
        return false;
    if (!token || seconds <= 0) {
        *why = "it answered without a token";
        return false;
    }
    l->token = token;
    l->expires = clock_iso(a, clock_wall() + seconds * 1000);
    put(l, l->kept, "accessToken", token);
    put(l, l->kept, "expiresAt", l->expires);
    if (value_get_string(v, "refreshToken"))
        put(l, l->kept, "refreshToken", value_get_string(v, "refreshToken"));
    keep(l);
    return true;
}

static enum found log_in(struct login *l)
{
    const char *why = NULL;
    char *text = file_text(l->c->scratch, l->path);
    l->kept = text ? value_from_json(l->c->scratch, text, strlen(text), &why) : NULL;
    l->token = value_get_string(l->kept, "accessToken");
    l->expires = value_get_string(l->kept, "expiresAt");
    if (!l->token)
        return creds_broken(l->c, "BG5102", "profile %s: there is no SSO login in %s", l->profile,
                            l->path);
    bool over = ends_within(l->expires, 0);
    if (!ends_within(l->expires, RENEW_BEFORE_MS) || (can_renew(l) && renew(l, &why)) || !over)
        return FOUND;
    return why ? creds_broken(l->c, "BG5104",
                              "profile %s: the SSO login expired at %s, and was not renewed: %s",
                              l->profile, l->expires, why)
               : creds_broken(l->c, "BG5104", "profile %s: the SSO login expired at %s", l->profile,
                              l->expires);
}

/* ---- the role's credentials --------------------------------------------------- */

static const char *ask_role(struct login *l, const char *role, const char *account, const char **why)
{
    struct buf url;
    bool plain;
    const char *base = base_url(l, "portal.sso", "AWS_ENDPOINT_URL_SSO", &plain, why);
    if (!base)
        return NULL;
    buf_init(&url, l->c->scratch);
    buf_printf(&url, "%s/federation/credentials?role_name=", base);
    uri_put(&url, role, "");
    buf_puts(&url, "&account_id=");
    uri_put(&url, account, "");
    struct http_header h = {"x-amz-sso_bearer_token", l->token};
    return creds_fetch(l->c, "GET", buf_text(&url), plain, &h, 1, NULL, why);
}

enum found creds_from_sso(struct creds_chain *c, struct kept *k, const char *profile)
{
    struct arena *a = c->scratch;
    const char *session = profile_setting(c->cfg.profiles, profile, "sso_session");
    const char *start = setting(c, profile, session, "sso_start_url");
    const char *account = profile_setting(c->cfg.profiles, profile, "sso_account_id");
    const char *role = profile_setting(c->cfg.profiles, profile, "sso_role_name");
    const char *home = aws_env_get(&c->cfg.env, "HOME"), *why = NULL;
    struct login l = {
        .c = c, .profile = profile, .region = setting(c, profile, session, "sso_region")};
    if (!start || !l.region || !role || !home)
        return creds_broken(c, "BG5102", "profile %s: %s", profile,
                            !start      ? "sso_start_url is missing"
                            : !l.region ? "sso_region is missing"
                            : !role     ? "sso_role_name is missing"
                                        : "HOME is not set");
    l.path =
        arena_printf(a, "%s/.aws/sso/cache/%s.json", home, sha1_hex(a, session ? session : start));
    c->help = arena_printf(a, "log in by: aws sso login --profile %s", profile);
    enum found f = log_in(&l);
    if (f != FOUND)
        return f;
    const char *body = ask_role(&l, role, account, &why);
    if (!body)
        return creds_broken(c, "BG5102", "profile %s: SSO gave no credentials: %s", profile, why);
    const struct value *v = value_from_json(a, body, strlen(body), &why);
    const struct value *r = value_get(v, "roleCredentials");
    const char *access = value_get_string(r, "accessKeyId");
    const char *secret = value_get_string(r, "secretAccessKey");
    int64_t expires = value_get_int(r, "expiration", 0);
    if (!access || !secret)
        return creds_broken(c, "BG5102", "profile %s: SSO answered without an access key", profile);
    creds_set(c, k, access, secret, value_get_string(r, "sessionToken"), expires,
              arena_printf(a, "profile %s, SSO role %s in account %s", profile, role, account));
    int64_t login = l.expires ? clock_parse_iso(l.expires) : 0;
    k->creds.fixed = expires > 0 && login > 0 && login < expires && !can_renew(&l);
    c->help = NULL;
    return FOUND;
}
