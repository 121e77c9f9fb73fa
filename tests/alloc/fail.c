/* fail.c - LD_PRELOAD: of all allocations of a process, one fails.
 *
 *     FAIL_AT=N      the N-th call of malloc, calloc or realloc, counted from 1; what
 *                    comes after it is served again
 *     FAIL_COUNT=F   writes to the file F how many there were, how many files are open at
 *                    the end beside the standard three, and whether something is lost then
 *     FAIL_LIB=L     counts only the calls of the library whose path has L in it
 *
 * Without FAIL_LIB the calls of libcrypto are not counted: it allocates a few thousand
 * times when it is first used, and would hide the ones that are ours.
 *
 * With AddressSanitizer preloaded too, what is lost is searched for (allocated, and nothing
 * points to it) twice: at the moment before the failure, when whatever will be freed later is
 * still held by somebody, and at the end. Who gives up for want of memory ends the process
 * from where he stands and unwinds nothing; of such an end only the first counts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);
static atomic_long seen, fail_at;
static atomic_bool on;

/* dlsym itself allocates: from here, and never given back. */
static char early[1 << 16];
static size_t early_used;

static void *from_early(size_t size)
{
    void *p = early + early_used;
    early_used += (size + 15) & ~(size_t)15;
    if (early_used > sizeof early)
        _exit(99);
    return p;
}

static bool is_early(const void *p)
{
    return (const char *)p >= early && (const char *)p < early + sizeof early;
}

static void find(void)
{
    static bool finding;
    if (real_free || finding)
        return;
    finding = true;
    real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    real_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
}

static bool counted(const void *caller)
{
    static const char *lib;
    static bool asked;
    if (!asked) {
        asked = true;
        lib = getenv("FAIL_LIB");
    }
    Dl_info info;
    const char *path = dladdr(caller, &info) && info.dli_fname ? info.dli_fname : "";
    return lib ? strstr(path, lib) != NULL : !strstr(path, "libcrypto");
}

/* Of AddressSanitizer, when it is there: says what is lost; 1: something is. */
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static int lost(void)
{
    return __lsan_do_recoverable_leak_check ? __lsan_do_recoverable_leak_check() : 0;
}

static bool fails(const void *caller)
{
    if (!atomic_load(&on) || !counted(caller) || atomic_fetch_add(&seen, 1) + 1 != atomic_load(&fail_at))
        return false;
    if (lost())
        _exit(99);
    errno = ENOMEM;
    return true;
}

__attribute__((constructor)) static void begin(void)
{
    find();
    const char *at = getenv("FAIL_AT");
    atomic_store(&fail_at, at ? atol(at) : 0);
    atomic_store(&on, true);
}

static int open_files(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    if (!d)
        return -1;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        int fd = atoi(e->d_name);
        n += fd > 2 && fd != dirfd(d);
    }
    closedir(d);
    return n;
}

__attribute__((destructor)) static void end(void)
{
    atomic_store(&on, false);
    const char *path = getenv("FAIL_COUNT");
    int open = path ? open_files() : 0;
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%ld %d %d\n", atomic_load(&seen), open, lost());
        fclose(f);
    }
}

void *malloc(size_t size)
{
    find();
    if (!real_malloc)
        return from_early(size);
    return fails(__builtin_return_address(0)) ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    find();
    if (!real_calloc)
        return from_early(n * size); /* is zero */
    return fails(__builtin_return_address(0)) ? NULL : real_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    find();
    if (is_early(p) || !real_realloc) {
        void *q = malloc(size);
        if (q && p)
            memcpy(q, p, size);
        return q;
    }
    return fails(__builtin_return_address(0)) ? NULL : real_realloc(p, size);
}

void free(void *p)
{
    if (!p || is_early(p))
        return;
    find();
    real_free(p);
}
