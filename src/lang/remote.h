/* remote.h - modules of other projects: `use "https://host/path/tier.bg" = tier`.
 *
 * A program is what stands in its folder. So the module's text is a copy there,
 * vendor/host/path/tier.bg, in git like the rest: whoever reads a change sees all that
 * it brings, and no command but `bgc lock update URL` fetches anything. bgc.lock pins
 * the copy's SHA-256, so that an edit of the copy does not pass for what its address
 * gives:
 *
 *     "https://host/path/tier.bg" = "sha256:..."
 *
 * What such a file imports by a relative path is meant relative to its own address, and
 * is copied and pinned the same way. It reads no file of the program's.
 */
#ifndef BGC_LANG_REMOTE_H
#define BGC_LANG_REMOTE_H

#include "lang/program.h"

/* Whether `use "PATH"` means an address, fit or not: "https://...", "git::...",
 * "github.com/...". */
bool remote_meant(const char *path);
/* Where the copy of `url` stands, relative to the root folder. NULL: it is no address that
 * could be used, and *why is a sentence that says what one looks like. */
const char *remote_copy(struct arena *a, const char *url, const char **why);
/* The address that the relative path of a `use` in the file at `url` means; an absolute one is
 * itself. NULL: it climbs out of the host. */
const char *remote_join(struct arena *a, const char *url, const char *path);
/* The name of its pin in bgc.lock, and the pin of a text. */
const char *remote_pin_name(struct arena *a, const char *url);
const char *remote_pin(struct arena *a, const char *text, size_t len);

/* The path of the copy, which is there and is what is pinned. NULL: reported at `at`. */
const char *remote_open(struct program *p, struct span at, const char *url);
/* The address that the file which `at` points into was copied from; NULL: it is the program's
 * own, or embedded. */
const char *remote_origin(const struct program *p, struct span at);

#endif
