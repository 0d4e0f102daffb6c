// wait4: any child or a given one, WNOHANG, ECHILD, the status; each child is reported once.
#include "check.h"

#include <sys/resource.h>

static pid_t child_with(int code, int gate) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char c;
        if (gate >= 0) (void)!read(gate, &c, 1);
        _exit(code);
    }
    return child;
}

int main(void) {
    int status = 77;
    CHECK_ERROR(wait(&status), ECHILD);
    CHECK(status == 77);
    CHECK_ERROR(waitpid(-1, &status, WNOHANG), ECHILD);

    int gate[2];
    CHECK(pipe(gate) == 0);
    pid_t slow = child_with(3, gate[0]);
    CHECK(waitpid(-1, &status, WNOHANG) == 0 && waitpid(slow, &status, WNOHANG) == 0);
    pid_t fast = child_with(4, -1);
    CHECK(waitpid(fast, &status, 0) == fast && exited_with(status, 4));
    CHECK_ERROR(waitpid(fast, &status, 0), ECHILD);
    CHECK_ERROR(waitpid(getpid(), &status, 0), ECHILD);
    CHECK_ERROR(waitpid(1, &status, 0), ECHILD);
    CHECK(write(gate[1], "x", 1) == 1);
    struct rusage usage;
    CHECK(wait4(-1, &status, 0, &usage) == slow && exited_with(status, 3));

    // Without a place for the status, and with various exit codes.
    CHECK(waitpid(child_with(1, -1), NULL, 0) > 0);
    for (int code = 0; code < 256; code += 51) {
        CHECK(waitpid(child_with(code, -1), &status, 0) > 0 && exited_with(status, code));
    }
    // A child that has exited cannot stop or continue any more.
    siginfo_t info;
    pid_t ended = child_with(0, -1);
    CHECK(waitid(P_PID, (id_t)ended, &info, WEXITED | WNOWAIT) == 0);
    CHECK_ERROR(waitid(P_PID, (id_t)ended, &info, WSTOPPED | WCONTINUED | WNOHANG), ECHILD);
    CHECK_ERROR(waitid(P_ALL, 0, &info, WSTOPPED), ECHILD);
    CHECK(waitpid(ended, &status, 0) == ended);
    // A bad address for the status is an error.
    pid_t child = child_with(9, -1);
    CHECK_ERROR(waitpid(child, bad_pointer, 0), EFAULT);
    CHECK_ERROR(waitpid(-1, &status, 0x1000), EINVAL);

    // Many children at once, each reported once.
    enum { many = 50 };
    pid_t all[many];
    for (int n = 0; n < many; ++n) all[n] = child_with(n, -1);
    for (int n = 0; n < many; ++n) {
        pid_t one = wait(&status);
        CHECK(one > 0 && WIFEXITED(status) && all[WEXITSTATUS(status)] == one);
        all[WEXITSTATUS(status)] = 0;
    }
    CHECK_ERROR(wait(&status), ECHILD);
    return 0;
}
