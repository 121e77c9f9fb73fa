#include "base/digest.h"

#include <openssl/evp.h>

#include "base/arena.h"

void digest_sha256(const void *bytes, size_t n, unsigned char out[DIGEST_SIZE])
{
    unsigned len = 0;
    if (!EVP_Digest(bytes, n, out, &len, EVP_sha256(), NULL) || len != DIGEST_SIZE)
        arena_exhausted("digest");
}
