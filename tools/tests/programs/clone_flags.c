// clone stores the pid where the flags say, and refuses threads. Only on ox does CLONE_VM alone fail with EINVAL.
#include "check.h"

#include <sched.h>
#include <sys/syscall.h>

static long clone_call(unsigned long flags, void* stack, void* child_tid) {
#ifdef __x86_64__
    return syscall(SYS_clone, flags, stack, NULL, child_tid, 0);
#else
    return syscall(SYS_clone, flags, stack, NULL, 0, child_tid);
#endif
}

int main(void) {
    static pid_t tid = 0;
    int status;
    long child = clone_call(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, &tid);
    CHECK(child >= 0);
    if (child == 0) _exit(tid == getpid() ? 0 : 1);
    CHECK(tid == 0);
    CHECK(waitpid((pid_t)child, &status, 0) == child && exited_with(status, 0));
    CHECK(tid == 0);

    // A bad address for the pid is not an error: the pid is just not stored (Linux: schedule_tail ignores it).
    child = clone_call(CLONE_CHILD_SETTID | SIGCHLD, NULL, (void*)16);
    CHECK(child >= 0);
    if (child == 0) _exit(7);
    CHECK(waitpid((pid_t)child, &status, 0) == child && exited_with(status, 7));

    if (!on_ox()) return 0;
    CHECK_ERROR(clone_call(CLONE_VM | SIGCHLD, NULL, NULL), EINVAL);
    CHECK_ERROR(clone_call(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, NULL, NULL), EINVAL);
    return 0;
}
