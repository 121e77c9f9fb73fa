#include "lsp/features.h"
json_t *feature_completion(struct request *r)
{
    (void)r;
    return NULL;
}
json_t *feature_signature(struct request *r)
{
    (void)r;
    return NULL;
}
