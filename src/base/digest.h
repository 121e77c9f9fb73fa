/* digest.h - SHA-256, which cannot fail.
 *
 * libcrypto makes its tables when it is first used, and can find no memory for them.
 * A digest that is not there would be a wrong identity or a wrong signature, so it is
 * treated as the arena treats it: the process says so and ends.
 */
#ifndef BGC_BASE_DIGEST_H
#define BGC_BASE_DIGEST_H

#include <stddef.h>

struct arena;

enum { DIGEST_SIZE = 32 };

void digest_sha256(const void *bytes, size_t n, unsigned char out[DIGEST_SIZE]);
/* The same piece by piece; digest_end releases it. */
struct digest *digest_begin(void);
void digest_add(struct digest *d, const void *bytes, size_t n);
void digest_end(struct digest *d, unsigned char out[DIGEST_SIZE]);
/* The same as 64 lower-case hexadecimal digits. */
const char *digest_sha256_hex(struct arena *a, const void *bytes, size_t n);
/* Any bytes as lower-case hexadecimal digits. */
const char *digest_hex(struct arena *a, const unsigned char *bytes, size_t n);

#endif
