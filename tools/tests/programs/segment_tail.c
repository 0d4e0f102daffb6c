// Prints the 8 bytes at the address in its argument, which is at the end of its read-only segment. They are zeros that
// the file does not contain. A child that writes there is killed.
#include "check.h"

#include <stdint.h>
#include <sys/wait.h>

int main(int argc, char** argv) {
    CHECK(argc == 2);
    volatile uint64_t* tail = (uint64_t*)strtoul(argv[1], NULL, 16);
    CHECK(tail[-1] != 0);
    CHECK(tail[0] == 0);
    pid_t child = fork();
    if (child == 0) {
        *tail = 1;
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK(tail[0] == 0);
    return 0;
}
