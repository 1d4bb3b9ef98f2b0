/* Preloaded into a process: notes what it does to files below FILES_ROOT in FILES_TRACE, refuses operations (FILES_REFUSE,
   `files_refuse`), or kills it before one (`files_kill`).

   FILES_TRACE   file that takes a record for each operation (see `trace.py`); where it ends in a slash, a folder with such a file
                 for each process, named by its number
   FILES_REFUSE  "FIRST COUNT ERRNO": the operations that need room fail so, COUNT of them from the FIRST on
   FILES_NO_ROOM "1": no room can be set aside (`fallocate`), as on some network file systems
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { OPEN, CLOSE, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, LINK };
enum { FILES = 4096 };

struct head {
    uint64_t nanoseconds, offset, size;
    uint32_t kind, file, first, second;
};

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int trace = -1, followed[FILES], refuse_with;
static pid_t process;
static long refuse_from = LONG_MAX, refuse_count, needing;
static const char *root;
static int kill_kind = -1, kill_temporaries;
static long kill_left, kill_percent;

static void open_trace(const char *path) {
    char own[PATH_MAX];
    if (path[0] && path[strlen(path) - 1] == '/') {
        snprintf(own, sizeof own, "%s%d", path, (int)process);
        if (trace >= 0) syscall(SYS_close, trace); /* of the process that this one was forked from */
        path = own;
    } else if (trace >= 0) {
        return;
    }
    trace = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void begin(void) {
    pthread_mutex_lock(&turn);
    root = getenv("FILES_ROOT");
    if (process == getpid()) return;
    const char *path = getenv("FILES_TRACE"), *refuse = getenv("FILES_REFUSE");
    int first = !process;
    process = getpid();
    if (path) open_trace(path);
    if (refuse && first) sscanf(refuse, "%ld %ld %d", &refuse_from, &refuse_count, &refuse_with);
}

static void end(void) { pthread_mutex_unlock(&turn); }

/* A child of a process with several threads has the lock as one of them left it. */
__attribute__((constructor)) static void forks(void) {
    pthread_atfork((void (*)(void))begin, end, end);
}

static int below(const char *path) { return root && path && !strncmp(path, root, strlen(root)); }

static int is_followed(int file) { return file >= 0 && file < FILES && followed[file]; }

static void put(const void *data, size_t size) {
    while (size) {
        ssize_t done = syscall(SYS_write, trace, data, size);
        if (done <= 0) return;
        data = (const char *)data + done;
        size -= done;
    }
}

static void note(int kind, int file, uint64_t offset, const void *data, uint64_t size, const char *one, const char *two) {
    if (trace < 0) return;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct head head = {now.tv_sec * 1000000000ull + now.tv_nsec, offset, size, kind, file,
                        one ? strlen(one) : 0, two ? strlen(two) : 0};
    put(&head, sizeof head);
    put(one, head.first);
    put(two, head.second);
    if (data) put(data, size);
}

/* Whether the next operation that needs room is to be refused. */
static int refused(void) {
    long number = ++needing;
    if (number < refuse_from || number >= refuse_from + refuse_count) return 0;
    errno = refuse_with;
    return 1;
}

/* For a process forked from one that has this loaded: as FILES_REFUSE, from now on. */
void files_refuse(long from, long count, int with) {
    begin();
    needing = 0;
    refuse_from = from, refuse_count = count, refuse_with = with;
    end();
}

/* For a process forked from one that has this loaded: it dies before its operation `number` (from 1 on) of that kind, after
   `percent` of the bytes where that is a write. With `temporaries`, only files that wait to be renamed count. */
void files_kill(int kind, long number, long percent, int temporaries) {
    begin();
    kill_kind = kind, kill_left = number, kill_percent = percent, kill_temporaries = temporaries;
    end();
}

/* For such a process: as FILES_TRACE, from now on. */
void files_trace(const char *path) {
    begin();
    trace = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    end();
}

static int is_temporary(const char *path) { return path && strstr(path, ".tmp") != NULL; }

/* Whether the process is to die now. */
static int is_last(int kind, int temporary) {
    return kind == kill_kind && (temporary || !kill_temporaries) && --kill_left == 0;
}

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

static int opened(const char *path, int flags, mode_t mode) {
    begin();
    int follows = below(path);
    int fresh = follows && (flags & O_CREAT) && access(path, F_OK) != 0;
    if (fresh && refused()) { end(); return -1; }
    if (fresh && is_last(OPEN, is_temporary(path))) die();
    int file = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (file >= 0 && file < FILES) followed[file] = follows ? 1 + is_temporary(path) : 0;
    if (file >= 0 && follows) note(OPEN, file, flags, NULL, 0, path, NULL);
    end();
    return file;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(path, flags, mode);
}

int close(int file) {
    begin();
    if (is_followed(file)) {
        followed[file] = 0;
        note(CLOSE, file, 0, NULL, 0, NULL, NULL);
    }
    int result = syscall(SYS_close, file);
    end();
    return result;
}

static ssize_t written(int file, const void *data, size_t size, off_t offset, int appends) {
    begin();
    ssize_t done;
    if (!is_followed(file)) {
        end();
        return appends ? syscall(SYS_write, file, data, size) : syscall(SYS_pwrite64, file, data, size, offset);
    }
    if (refused()) { end(); return -1; }
    if (is_last(WRITE, followed[file] > 1)) {
        size_t part = size * kill_percent / 100;
        if (part && appends) syscall(SYS_write, file, data, part);
        if (part && !appends) syscall(SYS_pwrite64, file, data, part, offset);
        die();
    }
    if (appends) {
        struct stat found;
        offset = fcntl(file, F_GETFL) & O_APPEND && !fstat(file, &found) ? found.st_size : lseek(file, 0, SEEK_CUR);
        done = syscall(SYS_write, file, data, size);
    } else {
        done = syscall(SYS_pwrite64, file, data, size, offset);
    }
    if (done > 0) note(WRITE, file, offset, data, done, NULL, NULL);
    end();
    return done;
}

ssize_t write(int file, const void *data, size_t size) { return written(file, data, size, 0, 1); }
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) { return written(file, data, size, offset, 0); }
ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) { return written(file, data, size, offset, 0); }

static int truncated(int file, off_t size) {
    begin();
    if (is_followed(file) && is_last(TRUNCATE, followed[file] > 1)) die();
    int result = syscall(SYS_ftruncate, file, size);
    if (!result && is_followed(file)) note(TRUNCATE, file, size, NULL, 0, NULL, NULL);
    end();
    return result;
}

int ftruncate(int file, off_t size) { return truncated(file, size); }
int ftruncate64(int file, off64_t size) { return truncated(file, size); }

int fallocate64(int file, int mode, off64_t offset, off64_t size) {
    begin();
    int result = -1;
    if (is_followed(file) && getenv("FILES_NO_ROOM")) errno = EOPNOTSUPP;
    else if (!is_followed(file) || !refused()) result = syscall(SYS_fallocate, file, mode, offset, size);
    end();
    return result;
}

static int synced(int file, int all) {
    begin();
    if (is_followed(file) && is_last(SYNC, followed[file] > 1)) die();
    int result = all ? syscall(SYS_fsync, file) : syscall(SYS_fdatasync, file);
    if (!result && is_followed(file)) note(SYNC, file, 0, NULL, 0, NULL, NULL);
    end();
    return result;
}

int fsync(int file) { return synced(file, 1); }
int fdatasync(int file) { return synced(file, 0); }

int rename(const char *from, const char *to) {
    begin();
    int follows = below(to), result = -1;
    if (follows && is_last(RENAME, is_temporary(from))) die();
    if (!follows || !refused()) result = syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    if (!result && follows) note(RENAME, 0, 0, NULL, 0, from, to);
    end();
    return result;
}

int unlink(const char *path) {
    begin();
    if (below(path) && is_last(UNLINK, is_temporary(path))) die();
    int result = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (!result && below(path)) note(UNLINK, 0, 0, NULL, 0, path, NULL);
    end();
    return result;
}

int mkdir(const char *path, mode_t mode) {
    begin();
    int follows = below(path), result = -1;
    if (follows && is_last(MKDIR, 0)) die();
    if (!follows || !refused()) result = syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    if (!result && follows) note(MKDIR, 0, 0, NULL, 0, path, NULL);
    end();
    return result;
}

int link(const char *from, const char *to) {
    begin();
    int follows = below(to), result = -1;
    if (!follows || !refused()) result = syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (!result && follows) note(LINK, 0, 0, NULL, 0, from, to);
    end();
    return result;
}
