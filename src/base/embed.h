/* embed.h - the files that travel inside the binary.
 *
 * The build writes them from stdlib/ (all .bg files but the .test.bg ones) and
 * docs/errors/, sorted by path. Paths are those of the source tree:
 * "stdlib/aws/ec2.bg", "docs/errors/BG3001.md". Text ends with NUL.
 */
#ifndef BGC_BASE_EMBED_H
#define BGC_BASE_EMBED_H

#include <stddef.h>

struct embedded_file {
    const char *path;
    const char *text;
    size_t len;
};

extern const struct embedded_file embedded_files[];
extern const size_t embedded_files_n;

/* NULL when there is none. */
const struct embedded_file *embed_find(const char *path);

#endif
