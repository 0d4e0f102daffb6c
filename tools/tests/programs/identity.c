// A process's identity, limits and resource usage. (The host answers for its own user, so only ox and qemu must say
// that it is root.)
#include "clock.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

int main(void) {
    uid_t r = 1, e = 1, s = 1;
    CHECK(getresuid(&r, &e, &s) == 0 && r == getuid() && e == geteuid());
    CHECK(getresgid(&r, &e, &s) == 0 && r == getgid() && e == getegid());
    CHECK(getgroups(0, NULL) >= 0);
    CHECK_ERROR(syscall(SYS_getresuid, NULL, &e, &s), EFAULT);

    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= 1 << 20);
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 64 && limit.rlim_cur <= limit.rlim_max);
    limit.rlim_cur = 60;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (fork() == 0) {
        CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 60);
        CHECK(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) == 0);
        CHECK(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0);
        static char untouched[1 << 14];
        memset(untouched, 1, sizeof untouched);  // a fault in every fork mode
        _exit(7);
    }
    int status;
    CHECK(wait(&status) > 0 && exited_with(status, 7));
    CHECK_ERROR(setrlimit(RLIMIT_CORE, &(struct rlimit){2, 1}), EINVAL);
    CHECK_ERROR(getrlimit(99, &limit), EINVAL);

    cpu_set_t harts;
    CHECK(sched_getaffinity(0, sizeof harts, &harts) == 0 && CPU_COUNT(&harts) >= 1);
    CHECK_ERROR(sched_getaffinity(1 << 30, sizeof harts, &harts), ESRCH);
    errno = 0;
    CHECK(getpriority(PRIO_PROCESS, 0) >= 0 && errno == 0);  // on the host whatever it was started with
    CHECK(setpriority(PRIO_PROCESS, 0, 19) == 0 && getpriority(PRIO_PROCESS, getpid()) == 19);
    CHECK_ERROR(getpriority(9, 0), EINVAL);

    const int64_t before = now(CLOCK_PROCESS_CPUTIME_ID);
    while (now(CLOCK_PROCESS_CPUTIME_ID) - before < 60000000) {
    }
    struct rusage usage;
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    CHECK(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 50000);
    CHECK(getrusage(RUSAGE_CHILDREN, &usage) == 0 && usage.ru_minflt > 0);
    CHECK_ERROR(getrusage(99, &usage), EINVAL);
    for (int clock = 4; clock <= 7; ++clock) CHECK(now(clock) > 0);
    return 0;
}
