/* test.h - what every unit test needs: cmocka, and the headers that it wants
 * to be included before it, in their order. */
#ifndef BGC_TESTS_TEST_H
#define BGC_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
