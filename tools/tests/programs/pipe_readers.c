// Many readers of one pipe: a write wakes one of them, and a reader that leaves bytes wakes the next one.
#include "check.h"

#include <poll.h>

enum { readers = 6 };

static int bytes[2], answers[2];

// Reads one byte, answers, and keeps its end of the pipe open, whose closing would wake the others too.
static pid_t start_reader(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child > 0) return child;
    char c;
    CHECK(read(bytes[0], &c, 1) == 1);
    CHECK(write(answers[1], &c, 1) == 1);
    for (;;) pause();
}

int main(void) {
    CHECK(pipe(bytes) == 0 && pipe(answers) == 0);
    pid_t reader[readers];
    for (int n = 0; n < readers; ++n) reader[n] = start_reader();
    usleep(20000);  // they sleep in read() by now
    CHECK(write(bytes[1], "abcdef", readers) == readers);
    int seen = 0;
    for (int n = 0; n < readers; ++n) {
        struct pollfd answer = {.fd = answers[0], .events = POLLIN};
        CHECK(poll(&answer, 1, 5000) == 1);
        char c;
        CHECK(read(answers[0], &c, 1) == 1);
        seen |= 1 << (c - 'a');
    }
    CHECK(seen == (1 << readers) - 1);
    for (int n = 0; n < readers; ++n) CHECK(kill(reader[n], SIGKILL) == 0 && waitpid(reader[n], NULL, 0) == reader[n]);
    return 0;
}
