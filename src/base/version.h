/* version.h - the release, as configure.ac says it. */
#ifndef BGC_BASE_VERSION_H
#define BGC_BASE_VERSION_H

const char *bgc_version(void); /* "0.1.0" */

#endif
