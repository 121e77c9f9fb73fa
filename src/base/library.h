/* library.h - shared libraries that are loaded when they are first needed.
 *
 * Concept: most commands send nothing. What only sending needs (libcurl and the
 * forty libraries behind it) is not linked, for that would cost every start of
 * bgc more than all its own work; it is loaded by the first call that needs it.
 * Prototypes and constants still come from the library's own header, and
 * configure has looked up the name that the linker would have written.
 *
 * Nothing is remembered here: the dynamic linker counts what is loaded, and
 * finds it again in microseconds. A library stays until the process ends.
 */
#ifndef BGC_BASE_LIBRARY_H
#define BGC_BASE_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* `names` ends with NULL; to[i] becomes the address of names[i]. false: *why
 * says what is missing, in `a`. */
bool library_load(struct arena *a, const char *soname, const char *const *names, void **to,
                  const char **why);

/* Tells packagers that this program opens `soname_text` by itself, in the ELF
 * note that uapi-group.org specifies ("ELF dlopen Metadata"): dpkg, rpm and
 * initrd builders read it as they read DT_NEEDED. */
#define LIBRARY_NOTE(variable, feature, about, soname_text)                                        \
    __attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {               \
        uint32_t name_size, text_size, type;                                                       \
        char name[4];                                                                              \
        _Alignas(4) char text[sizeof LIBRARY_NOTE_TEXT(feature, about, soname_text)];              \
    } variable = {4, sizeof LIBRARY_NOTE_TEXT(feature, about, soname_text), 0x407c0c0a, "FDO",     \
                  LIBRARY_NOTE_TEXT(feature, about, soname_text)}
#define LIBRARY_NOTE_TEXT(feature, about, soname_text)                                             \
    "[{\"feature\":\"" feature "\",\"description\":\"" about                                       \
    "\",\"priority\":\"recommended\",\"soname\":[\"" soname_text "\"]}]"

#endif
