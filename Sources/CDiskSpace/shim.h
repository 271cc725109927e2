#pragma once

// Linux's fallocate(2), which Swift's Glibc module does not show: there is no other way to take blocks of a disk and
// leave the size of the file as it is.

#include <linux/falloc.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Allocates the first `bytes` octets of a file; those behind its end stay behind it. 0 on success, else -1 and errno.
static inline int pailou_allocate_keeping_size(int descriptor, int64_t bytes) {
    return (int)syscall(SYS_fallocate, descriptor, FALLOC_FL_KEEP_SIZE, (int64_t)0, bytes);
}
