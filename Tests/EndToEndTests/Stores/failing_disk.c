// Preloaded by a test: while the file that FAILING_DISK names exists, files do not reach the disk whose names end as
// FAILING_FILES says; without it the logs of stores.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int descriptor) {
    const char *marker = getenv("FAILING_DISK"), *end = getenv("FAILING_FILES");
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (end == NULL) end = "-wal";
    if (marker == NULL || length < (ssize_t)strlen(end)) return 0;
    path[length] = 0;
    return strcmp(path + length - strlen(end), end) == 0 && access(marker, F_OK) == 0;
}

static int synchronize(int descriptor, const char *name) {
    if (fails(descriptor)) {
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(descriptor);
}

int fsync(int descriptor) { return synchronize(descriptor, "fsync"); }
int fdatasync(int descriptor) { return synchronize(descriptor, "fdatasync"); }
