// An orphan gets a new parent, which reaps it, and keeps running meanwhile. On ox that parent is process 1.
#include "check.h"

int main(void) {
    int p[2];
    CHECK(pipe(p) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int gate[2];
        CHECK(pipe(gate) == 0);
        pid_t mother = getpid();
        for (int n = 0; n < 10; ++n) {
            pid_t grandchild = fork();
            CHECK(grandchild >= 0);
            if (grandchild > 0) continue;
            close(gate[1]);
            char c;
            CHECK(read(gate[0], &c, 1) == 0);  // waits until its parent has ended
            while (getppid() == mother) usleep(1000);
            pid_t adopter = getppid();
            CHECK(write(p[1], &adopter, sizeof adopter) == sizeof adopter);
            _exit(0);
        }
        _exit(5);
    }
    close(p[1]);
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 5));
    for (int n = 0; n < 10; ++n) {
        pid_t adopter;
        CHECK(read(p[0], &adopter, sizeof adopter) == sizeof adopter);
        CHECK(adopter > 0 && adopter != child && adopter != getpid());
    }
    CHECK(read(p[0], &status, 1) == 0);
    CHECK_ERROR(wait(&status), ECHILD);
    return 0;
}
