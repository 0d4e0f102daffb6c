// Exits with the status, or dies of the signal, in its arguments: `exit_codes exit 7`, `exit_codes signal 11`.
#include "check.h"

int main(int argc, char** argv) {
    CHECK(argc == 3);
    int number = atoi(argv[2]);
    if (strcmp(argv[1], "exit") == 0) return number;
    CHECK(kill(getpid(), number) == 0);
    return 1;
}
