#pragma once

// The face of sched_setattr(2), for which the C library of Debian 12 has no function.
#include <sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct pailou_sched_attr {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

/// The calling thread's slice in nanoseconds; 0 where the kernel has none that can be set (before Linux 6.12) or the
/// thread is not one of the usual policy.
static inline uint64_t pailou_slice(void) {
    struct pailou_sched_attr attr = {.size = sizeof attr};
    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0 || attr.policy != SCHED_OTHER) return 0;
    return attr.runtime;
}

/// Sets the calling thread's slice; everything else stays as it is. An older kernel takes no notice.
static inline void pailou_set_slice(uint64_t nanoseconds) {
    struct pailou_sched_attr attr = {.size = sizeof attr};
    if (syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0 || attr.policy != SCHED_OTHER) return;
    attr.size = sizeof attr;
    attr.runtime = nanoseconds;
    syscall(SYS_sched_setattr, 0, &attr, 0);
}
