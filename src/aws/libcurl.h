/* libcurl.h - the functions of libcurl that we call, loaded on first use.
 *
 * `curl.easy_init()` is curl_easy_init(): the one way to reach libcurl.
 */
#ifndef BGC_AWS_LIBCURL_H
#define BGC_AWS_LIBCURL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/arena.h"

#define LIBCURL_FUNCTIONS(X)                                                                       \
    X(global_init) X(getdate)                                                                      \
    X(easy_init) X(easy_setopt) X(easy_getinfo) X(easy_strerror) X(easy_cleanup)                   \
    X(multi_init) X(multi_setopt) X(multi_add_handle) X(multi_remove_handle) X(multi_perform)      \
    X(multi_info_read) X(multi_poll) X(multi_cleanup)                                              \
    X(slist_append) X(slist_free_all)

struct libcurl {
#define X(name) __typeof__(&(curl_##name)) name;
    LIBCURL_FUNCTIONS(X)
#undef X
};

/* false: *why says what is missing, in `scratch`. */
bool libcurl_load(struct arena *scratch, struct libcurl *out, const char **why);

#endif
