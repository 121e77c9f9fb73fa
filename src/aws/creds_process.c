/* creds_process.c - credentials that a program prints (credential_process).
 *
 * The command comes from the user's own AWS configuration, never from a .bg
 * file. It is split into words as a shell would split plain quoting, and run
 * without a shell. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "aws/creds_state.h"
#include "base/clock.h"

enum { OUTPUT_MAX = 64 * 1024, PATIENCE_MS = 60 * 1000, MAX_WORDS = 100 };

extern char **environ; /* the child inherits ours, as with every other tool */

/* NULL when a quote is not closed or there are too many words. */
static char **words_of(struct arena *a, const char *s)
{
    char **words = arena_array(a, char *, MAX_WORDS + 1);
    size_t n = 0;
    for (;;) {
        while (*s == ' ' || *s == '\t')
            s++;
        if (!*s)
            return n ? words : NULL;
        if (n == MAX_WORDS)
            return NULL;
        struct buf b;
        buf_init(&b, a);
        for (char quote = 0; *s && (quote || (*s != ' ' && *s != '\t'));) {
            if (quote ? *s == quote : *s == '"' || *s == '\'') {
                quote = quote ? 0 : *s;
                s++;
                if (quote && !strchr(s, quote))
                    return NULL;
            } else {
                if (*s == '\\' && quote != '\'' && s[1])
                    s++;
                buf_putc(&b, *s++);
            }
        }
        words[n++] = buf_text(&b);
    }
}

/* Reads to the end, for PATIENCE_MS at most; false: too long or too slow. */
static bool read_all(int fd, char *out, size_t max, size_t *n)
{
    int64_t until = clock_mono() + PATIENCE_MS;
    *n = 0;
    for (;;) {
        int64_t left = until - clock_mono();
        struct pollfd p = {fd, POLLIN, 0};
        if (left <= 0)
            return false;
        int ready = poll(&p, 1, (int)left);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        ssize_t got = read(fd, out + *n, max - *n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        *n += (size_t)got;
        if (*n == max)
            return false;
    }
}

static bool run(char *const *words, char *out, size_t max, size_t *n, const char **why)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC)) {
        *why = strerror(errno);
        return false;
    }
    posix_spawn_file_actions_t acts;
    posix_spawn_file_actions_init(&acts);
    posix_spawn_file_actions_adddup2(&acts, fds[1], 1);
    pid_t pid;
    int e = posix_spawnp(&pid, words[0], &acts, NULL, words, environ);
    posix_spawn_file_actions_destroy(&acts);
    close(fds[1]);
    if (e) {
        close(fds[0]);
        *why = strerror(e);
        return false;
    }
    bool whole = read_all(fds[0], out, max, n);
    close(fds[0]);
    if (!whole)
        kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!whole)
        *why = "it took longer than a minute or printed more than 64 KiB";
    else if (!WIFEXITED(status) || WEXITSTATUS(status))
        *why = "it failed";
    else
        return true;
    return false;
}

enum found creds_from_process(struct creds_chain *c, struct kept *k, const char *command,
                              const char *origin)
{
    struct arena *a = c->scratch;
    char **words = words_of(a, command);
    if (!words)
        return creds_broken(c, "BG5105", "%s: the command cannot be split into words", origin);
    char *text = arena_alloc(a, OUTPUT_MAX + 1);
    size_t n = 0;
    const char *why = "";
    if (!run(words, text, OUTPUT_MAX, &n, &why)) {
        OPENSSL_cleanse(text, n);
        return creds_broken(c, "BG5105", "%s: %s: %s", origin, words[0], why);
    }
    text[n] = '\0';
    const struct value *v = value_from_json(a, text, n, &why);
    OPENSSL_cleanse(text, n);
    if (!v || value_get_int(v, "Version", 0) != 1)
        return creds_broken(c, "BG5105", "%s: %s did not print JSON with \"Version\": 1", origin,
                            words[0]);
    return creds_from_map(c, k, v, origin);
}
