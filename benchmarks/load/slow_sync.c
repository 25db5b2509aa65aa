/* Simulates a slower disk: every sync takes SLOW_SYNC_US microseconds more. For LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int fd) {
    static long extra = -1;
    int (*sync)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    if (extra < 0) extra = atol(getenv("SLOW_SYNC_US") ? getenv("SLOW_SYNC_US") : "0");
    usleep((useconds_t)extra);
    return sync(fd);
}

int fsync(int fd) { return slowly("fsync", fd); }
int fdatasync(int fd) { return slowly("fdatasync", fd); }
