// uname, sysinfo and pids have sensible values.
#include "check.h"

#include <sys/syscall.h>
#include <sys/utsname.h>

int main(void) {
    struct utsname name;
    CHECK(uname(&name) == 0);
    CHECK(name.sysname[0] != 0 && name.release[0] >= '1' && name.release[0] <= '9' && name.machine[0] != 0);

    struct sysinfo info;
    CHECK(sysinfo(&info) == 0);
    CHECK(info.mem_unit >= 1 && info.freeram > 0 && info.freeram < info.totalram && info.procs >= 1);
    CHECK(info.uptime >= 0);

    CHECK(getpid() > 0 && getppid() >= 0 && syscall(SYS_gettid) == getpid());
    pid_t parent = getpid();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(getppid() == parent && getpid() != parent);
        CHECK(syscall(SYS_gettid) == getpid() && syscall(SYS_set_tid_address, &child) == getpid());
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    return 0;
}
