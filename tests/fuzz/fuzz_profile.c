/* fuzz_profile.c - any bytes as ~/.aws/config and ~/.aws/credentials.
 *
 * What must hold: they are read leniently, and every setting can be asked for.
 * See README.md for how to run it.
 */
#include <string.h>

#include "aws/profile.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *env(void *self, const char *name)
{
    bool one = !strcmp(name, "AWS_CONFIG_FILE") || !strcmp(name, "AWS_SHARED_CREDENTIALS_FILE");
    return one ? self : NULL;
}

static const char *name_of(const char *key)
{
    const char *space = strchr(key, ' ');
    return space ? space + 1 : key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = fuzz_file(data, size, path);
    struct arena *a = arena_new("fuzz");
    struct profiles p;
    profiles_read(&p, a, &(struct aws_env){env, path});
    static const char *const keys[] = {"region", "role_arn", "s3.endpoint_url", "sso_session",
                                       "source_profile", "credential_process"};
    for (size_t i = 0; i < p.config.n && i < 100; i++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            const char *name = name_of(p.config.entries[i].key);
            profile_setting(&p, name, keys[k]);
            profile_section(&p, "sso-session", name, keys[k]);
        }
    profile_exists(&p, "default");
    arena_free(a);
    close(fd);
    return 0;
}
