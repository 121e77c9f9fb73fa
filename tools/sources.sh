#!/bin/sh
# sources.sh [SRCDIR] - writes SRCDIR/sources.am, the lists that Makefile.am
# includes, from what is there. Leaves the file alone when nothing changed (so
# that nothing is rebuilt, and a read-only source folder is fine).
# With --check: only says whether the file is up to date.
set -eu
LC_ALL=C
export LC_ALL
check=
if [ "${1-}" = --check ]; then check=1; shift; fi
cd "${1:-.}"

list() { # list NAME FILE...: an automake variable
    name=$1
    shift
    printf '%s =' "$name"
    for f; do printf ' \\\n\t%s' "$f"; done
    printf '\n\n'
}
found() { # found DIR FIND-ARGUMENTS...: sorted; nothing when there is no DIR
    [ ! -d "$1" ] || find "$@" | sort
}

lists=$(
    echo '# Written by tools/sources.sh; not in version control.'
    list bgc_sources $(found src -name '*.c' ! -path src/cli/main.c)
    list bgc_headers $(found src -name '*.h')
    list bgc_unit_tests $(found tests/unit -name 'test_*.c' | sed 's/\.c$//')
    list bgc_test_scripts $(found tests -mindepth 2 -maxdepth 2 -name run.sh)
    if [ -f grammar/parse.y ]; then
        list bgc_grammar grammar/parse.tab.c grammar/lex.yy.c
        list bgc_grammar_headers grammar/parse.tab.h grammar/lex.yy.h
    else
        list bgc_grammar
        list bgc_grammar_headers
    fi
)
if [ "$lists" = "$(cat sources.am 2>/dev/null || :)" ]; then exit 0; fi
if [ -n "$check" ]; then echo "sources.am is stale: run tools/sources.sh" >&2; exit 1; fi
printf '%s\n' "$lists" > sources.am.$$
mv -f sources.am.$$ sources.am
