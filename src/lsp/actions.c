#include "lsp/features.h"

json_t *feature_actions(struct request *r)
{
    (void)r;
    return json_array();
}
