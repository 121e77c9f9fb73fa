#!/bin/sh
# embed.sh SRCDIR - writes to stdout a C file that holds the standard library
# and the explanations of the diagnostics (see src/base/embed.h). Text files
# only: a line becomes a line of a string.
set -eu
LC_ALL=C
export LC_ALL
cd "$1"

files=$(
    { [ ! -d stdlib ] || find stdlib -name '*.bg' ! -name '*.test.bg'
      [ ! -d docs/errors ] || find docs/errors -name 'BG*.md'
    } | sort)

echo '/* Written by tools/embed.sh. */'
echo '#include "base/embed.h"'
echo
for f in /dev/null $files; do printf '%s\n' "$f"; done | awk '
function close_text() {
    if (n) print "    ;"
}
{
    path = $0
    if (path == "/dev/null") next
    printf "static const char text%d[] =\n    \"\"\n", n
    name[n++] = path
    while ((got = (getline line < path)) > 0) {
        gsub(/\\/, "&&", line)
        gsub(/"/, "\\\"", line)
        gsub(/\?/, "\\?", line)
        gsub(/\t/, "\\t", line)
        gsub(/\r/, "\\r", line)
        print "    \"" line "\\n\""
    }
    if (got < 0) { print "embed.sh: cannot read " path > "/dev/stderr"; exit 1 }
    close(path)
    close_text()
}
END {
    print "\nconst struct embedded_file embedded_files[] = {"
    for (i = 0; i < n; i++)
        printf "    {\"%s\", text%d, sizeof text%d - 1},\n", name[i], i, i
    print "    {0, 0, 0},\n};"
    printf "const size_t embedded_files_n = %d;\n", n
}'
