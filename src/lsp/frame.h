/* frame.h - messages out of a stream of bytes (LSP 3.17, "Base Protocol").
 *
 * A message is `Content-Length: N`, perhaps other headers, an empty line, and N
 * bytes of JSON. Bytes come in any pieces. What cannot be understood is skipped
 * up to the next header, so that one bad message does not end the conversation.
 */
#ifndef BGC_LSP_FRAME_H
#define BGC_LSP_FRAME_H

#include <stdbool.h>
#include <stddef.h>

enum { FRAME_MAX = 128 << 20 }; /* bytes of one message; a larger one is skipped */

struct frames { /* zeroed: empty */
    char *at;
    size_t from, len, cap; /* unread: at[from] up to at[len] */
    size_t skip;           /* bytes of a message that is too large, still to come */
};

enum frame {
    FRAME_NONE, /* the rest of it has not come yet */
    FRAME_BODY,
    FRAME_BAD,  /* something was skipped */
};

void frames_add(struct frames *f, const char *bytes, size_t n);
/* The next message; *body lives until the next frames_add. */
enum frame frames_next(struct frames *f, const char **body, size_t *len);
void frames_free(struct frames *f);

#endif
