#include "base/digest.h"

#include <openssl/evp.h>

#include "base/arena.h"

void digest_sha256(const void *bytes, size_t n, unsigned char out[DIGEST_SIZE])
{
    unsigned len = 0;
    if (!EVP_Digest(bytes, n, out, &len, EVP_sha256(), NULL) || len != DIGEST_SIZE)
        arena_exhausted("digest");
}

/* Never made: a name for libcrypto's. */
struct digest;

struct digest *digest_begin(void)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (!c || !EVP_DigestInit_ex(c, EVP_sha256(), NULL))
        arena_exhausted("digest");
    return (struct digest *)c;
}

void digest_add(struct digest *d, const void *bytes, size_t n)
{
    if (!EVP_DigestUpdate((EVP_MD_CTX *)d, bytes, n))
        arena_exhausted("digest");
}

void digest_end(struct digest *d, unsigned char out[DIGEST_SIZE])
{
    unsigned len = 0;
    if (!EVP_DigestFinal_ex((EVP_MD_CTX *)d, out, &len) || len != DIGEST_SIZE)
        arena_exhausted("digest");
    EVP_MD_CTX_free((EVP_MD_CTX *)d);
}

const char *digest_hex(struct arena *a, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *s = arena_alloc(a, n * 2 + 1);
    for (size_t i = 0; i < n; i++) {
        s[i * 2] = digits[bytes[i] >> 4];
        s[i * 2 + 1] = digits[bytes[i] & 15];
    }
    s[n * 2] = '\0';
    return s;
}

const char *digest_sha256_hex(struct arena *a, const void *bytes, size_t n)
{
    unsigned char d[DIGEST_SIZE];
    digest_sha256(bytes, n, d);
    return digest_hex(a, d, DIGEST_SIZE);
}
