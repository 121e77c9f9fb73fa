/* file_lock.h - one process at a time at a file, on this machine.
 *
 * The lock is the kernel's (flock) on a file "PATH.lock" beside it, for the file
 * itself is replaced when it is written. It goes with the process, however that
 * ends: nothing has to be cleaned up after a crash. The text inside says who
 * holds it; it means nothing once the lock is gone.
 */
#ifndef BGC_BASE_FILE_LOCK_H
#define BGC_BASE_FILE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum file_lock_result { FILE_LOCK_TAKEN, FILE_LOCK_HELD, FILE_LOCK_FAILED };

struct file_lock {
    int fd;           /* -1: not held */
    const char *path; /* of the lock file */
};

/* Tries for up to `patience` ms. FILE_LOCK_HELD: *who is the text of the holder;
 * FILE_LOCK_FAILED: *who says why. `me` is one line. */
enum file_lock_result file_lock_take(struct arena *a, struct file_lock *l, const char *path,
                                     const char *me, int64_t patience, const char **who);
/* Removes the lock file too. Safe on one that is not held. */
void file_lock_release(struct file_lock *l);

#endif
