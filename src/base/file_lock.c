#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_MS = 50, LINE_MAX = 256 };

/* Who had it before may have removed the file between our open and our lock: then
 * another process can hold a lock on a new one. */
static bool still_there(int fd, const char *path)
{
    struct stat mine, now;
    return !fstat(fd, &mine) && !stat(path, &now) && mine.st_ino == now.st_ino &&
           mine.st_dev == now.st_dev;
}

static const char *first_line(struct arena *a, int fd)
{
    char text[LINE_MAX];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return *text ? arena_strdup(a, text) : "another process";
}

static void pause_ms(long ms)
{
    struct timespec t = {0, ms * 1000000L};
    nanosleep(&t, NULL);
}

static bool sign(int fd, const char *me)
{
    size_t n = strnlen(me, LINE_MAX - 2);
    return !ftruncate(fd, 0) && pwrite(fd, me, n, 0) == (ssize_t)n &&
           pwrite(fd, "\n", 1, (off_t)n) == 1;
}

enum file_lock_result file_lock_take(struct arena *a, struct file_lock *l, const char *path,
                                     const char *me, int64_t patience, const char **who)
{
    *l = (struct file_lock){-1, arena_printf(a, "%s.lock", path)};
    for (int64_t waited = 0;; waited += PAUSE_MS) {
        int fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (fd < 0) {
            *who = arena_strdup(a, strerror(errno));
            return FILE_LOCK_FAILED;
        }
        if (!flock(fd, LOCK_EX | LOCK_NB)) {
            if (still_there(fd, l->path)) {
                l->fd = fd;
                sign(fd, me); /* a full disk keeps nobody from working: it is for people */
                return FILE_LOCK_TAKEN;
            }
        } else if (errno != EWOULDBLOCK && errno != EINTR) {
            *who = arena_strdup(a, strerror(errno));
            close(fd);
            return FILE_LOCK_FAILED;
        } else if (waited >= patience) {
            *who = first_line(a, fd);
            close(fd);
            return FILE_LOCK_HELD;
        }
        close(fd);
        pause_ms(PAUSE_MS);
    }
}

void file_lock_release(struct file_lock *l)
{
    if (l->fd < 0)
        return;
    unlink(l->path); /* while it is held: who waits opens a new one */
    close(l->fd);
    l->fd = -1;
}
