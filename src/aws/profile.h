/* profile.h - the shared AWS files: ~/.aws/config and ~/.aws/credentials.
 *
 * Read once, leniently, as other AWS tools do: what is no setting is passed
 * over. Where both files name a profile, `credentials` wins per setting.
 * AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE move them.
 */
#ifndef BGC_AWS_PROFILE_H
#define BGC_AWS_PROFILE_H

#include "base/map.h"

struct aws_env {
    /* The environment, handed in: NULL when the variable is not set. */
    const char *(*get)(void *self, const char *name);
    void *self;
};
/* NULL for empty variables too. */
const char *aws_env_get(const struct aws_env *e, const char *name);

struct profiles {
    struct arena *arena;
    const char *config_path, *credentials_path; /* where they were looked for; NULL: no HOME */
    bool config_found, credentials_found;
    struct map config; /* "default", "profile x", "sso-session x", "services x" -> struct map * */
    struct map credentials; /* "x" -> struct map * of texts */
};

void profiles_read(struct profiles *p, struct arena *a, const struct aws_env *env);
bool profile_exists(const struct profiles *p, const char *name);
/* A setting of a profile; nested ones as "s3.endpoint_url". NULL. */
const char *profile_setting(const struct profiles *p, const char *name, const char *key);
/* A setting of another section of `config`: ("sso-session", "corp", "sso_region"). */
const char *profile_section(const struct profiles *p, const char *kind, const char *name,
                            const char *key);
/* A small text file, whole; NULL when it cannot be read or is over 1 MiB. */
char *file_text(struct arena *a, const char *path);

#endif
