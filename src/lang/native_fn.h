/* native_fn.h - the functions of the table in native.c, by the file they are in. */
#ifndef BGC_LANG_NATIVE_FN_H
#define BGC_LANG_NATIVE_FN_H

#include "lang/native.h"

#define NATIVE(name) struct value *native_##name(struct native_call *c)

/* native_list.c */
NATIVE(length);
NATIVE(contains);
NATIVE(covers);
NATIVE(covers_any);
NATIVE(index);
NATIVE(first);
NATIVE(last);
NATIVE(slice);
NATIVE(reverse);
NATIVE(concat);
NATIVE(flatten);
NATIVE(sort);
NATIVE(unique);
NATIVE(keys);
NATIVE(values);
NATIVE(any);
NATIVE(all_of);
NATIVE(count);

/* native_number.c */
NATIVE(sum);
NATIVE(min);
NATIVE(max);
NATIVE(floor);
NATIVE(ceil);
NATIVE(round);
NATIVE(abs);
NATIVE(int);
NATIVE(number);

/* native_text.c */
NATIVE(join);
NATIVE(split);
NATIVE(lower);
NATIVE(upper);
NATIVE(trim);
NATIVE(replace);
NATIVE(starts_with);
NATIVE(ends_with);
NATIVE(matches);
NATIVE(json);
NATIVE(base64);
NATIVE(sha256);

/* fill.c */
NATIVE(file);
bool native_file_early(struct native_call *c);

/* native_net.c */
NATIVE(cidr);
NATIVE(subnet);
NATIVE(cidr_host);
NATIVE(cidr_prefix);

#undef NATIVE

/* Whether every address of `part` is in `whole` (both canonical). */
bool net_contains(const char *whole, const char *part);
/* "10.0.0.7/16" becomes "10.0.0.0/16"; NULL: no network. */
const char *net_canonical(struct arena *a, const char *text);

#endif
