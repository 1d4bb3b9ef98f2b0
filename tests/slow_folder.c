/* Preloaded into a process: what it does to files below SLOW_FOLDER takes as long as on a far, busy file server.

   Half of the time passes before the file system has done it, and half before the process hears of it.
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 4096, LEAST = 100, MOST = 300, SELDOM = 50, LONGEST = 2000 };

static char is_slow_file[FILES];
static unsigned done;

static int is_below(const char *path) {
    const char *root = getenv("SLOW_FOLDER");
    size_t size = root ? strlen(root) : 0;
    return size && path && !strncmp(path, root, size) && (!path[size] || path[size] == '/');
}

static int is_slow(int file) { return file >= 0 && file < FILES && is_slow_file[file]; }

/* Milliseconds that the next operation takes: others in each process, and now and then very many. */
static int next_delay(int slow) {
    if (!slow) return 0;
    unsigned number = __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED) + getpid();
    return number % SELDOM ? LEAST + number * 2654435761u % (MOST - LEAST + 1) : LONGEST;
}

static void pass(int milliseconds) {
    int before = errno;
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    if (milliseconds) while (nanosleep(&left, &left) && errno == EINTR);
    errno = before;
}

#define TAKE_LONG(type, slow, call)          \
    int delay = next_delay(slow);            \
    pass(delay / 2);                         \
    type result = call;                      \
    pass(delay - delay / 2);                 \
    return result

static int opened(const char *path, int flags, mode_t mode) {
    int slow = is_below(path), delay = next_delay(slow);
    pass(delay / 2);
    int file = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pass(delay - delay / 2);
    if (file >= 0 && file < FILES) is_slow_file[file] = slow;
    return file;
}

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...) {                        \
        va_list rest;                                                   \
        va_start(rest, flags);                                          \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                   \
        return opened(path, flags, mode);                               \
    }

OPEN(open)
OPEN(open64)

int close(int file) {
    if (file >= 0 && file < FILES) is_slow_file[file] = 0;
    return syscall(SYS_close, file);
}

int stat(const char *path, struct stat *found) { TAKE_LONG(int, is_below(path), fstatat(AT_FDCWD, path, found, 0)); }
int lstat(const char *path, struct stat *found) {
    TAKE_LONG(int, is_below(path), fstatat(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW));
}
int stat64(const char *path, struct stat64 *found) { TAKE_LONG(int, is_below(path), fstatat64(AT_FDCWD, path, found, 0)); }
int lstat64(const char *path, struct stat64 *found) {
    TAKE_LONG(int, is_below(path), fstatat64(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW));
}

DIR *opendir(const char *path) {
    int file = opened(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return file < 0 ? NULL : fdopendir(file);
}

int mkdir(const char *path, mode_t mode) { TAKE_LONG(int, is_below(path), mkdirat(AT_FDCWD, path, mode)); }
int unlink(const char *path) { TAKE_LONG(int, is_below(path), unlinkat(AT_FDCWD, path, 0)); }
int link(const char *from, const char *to) { TAKE_LONG(int, is_below(to), linkat(AT_FDCWD, from, AT_FDCWD, to, 0)); }
int rename(const char *from, const char *to) { TAKE_LONG(int, is_below(to), renameat(AT_FDCWD, from, AT_FDCWD, to)); }
int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
    TAKE_LONG(int, is_below(path), syscall(SYS_utimensat, folder, path, times, flags));
}

ssize_t write(int file, const void *data, size_t size) {
    TAKE_LONG(ssize_t, is_slow(file), syscall(SYS_write, file, data, size));
}
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) {
    TAKE_LONG(ssize_t, is_slow(file), syscall(SYS_pwrite64, file, data, size, offset));
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
    TAKE_LONG(ssize_t, is_slow(file), syscall(SYS_pwrite64, file, data, size, offset));
}
int fsync(int file) { TAKE_LONG(int, is_slow(file), syscall(SYS_fsync, file)); }
int fdatasync(int file) { TAKE_LONG(int, is_slow(file), syscall(SYS_fdatasync, file)); }
