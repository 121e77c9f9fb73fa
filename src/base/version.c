#include "base/version.h"

#ifndef BGC_VERSION
#define BGC_VERSION "unreleased"
#endif

const char *bgc_version(void)
{
    return BGC_VERSION;
}
