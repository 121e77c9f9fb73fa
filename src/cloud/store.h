/* store.h - the third seam: small objects with compare-and-swap.
 *
 * S3, a local folder, or the sandbox's own. Losing the store loses no safety
 * (the traffic record carries what matters), so it holds the lock, latched
 * verdicts, approvals, intents and measurements.
 */
#ifndef BGC_CLOUD_STORE_H
#define BGC_CLOUD_STORE_H

#include "base/diag.h"
#include "cloud/cloud.h"

enum store_result {
    STORE_OK,
    STORE_CONFLICT, /* the etag did not match, or the object exists */
    STORE_ABSENT,
    STORE_UNSURE,   /* ambiguous: read and compare */
    STORE_FAILED,   /* *why */
};

struct store_ops {
    enum store_result (*get)(void *self, struct arena *a, const char *key, const char **text,
                             const char **etag, const char **why);
    /* etag NULL: only if absent (If-None-Match: *); else If-Match. */
    enum store_result (*put)(void *self, struct arena *a, const char *key, const char *text,
                             const char *etag, const char **new_etag, const char **why);
    enum store_result (*del)(void *self, struct arena *a, const char *key, const char *etag,
                             const char **why);
    enum store_result (*list)(void *self, struct arena *a, const char *prefix,
                              const char ***keys, size_t *n, const char **why);
};

struct store {
    const struct store_ops *ops;
    void *self;
    const char *where; /* for people: "s3://acme-bgc-state/shop", ".bgc" */
};

/* A folder: objects are files, CAS by content hash under an fcntl lock. */
struct store *store_folder(struct arena *a, const char *path);
/* An S3 bucket through the cloud seam. `url` is "s3://bucket/prefix". NULL: reported. */
struct store *store_s3(struct arena *a, struct diags *ds, struct cloud *c, const char *url);
/* In memory (the sandbox's own): objects live in `objects` (name -> text), which
 * the sandbox persists. */
struct store *store_memory(struct arena *a, struct map *objects);

#endif
