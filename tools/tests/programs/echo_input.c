// Prints what each read() from the terminal returns, until the end of the input. Tests that type use it.
#include "check.h"

int main(void) {
    char line[4096];
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        long got = read(0, line, sizeof line);
        CHECK(got >= 0);
        if (got == 0) break;
        printf("got %ld: %.*s%s", got, (int)got, line, line[got - 1] == '\n' ? "" : "|\n");
        fflush(stdout);
    }
    printf("end\n");
    return 0;
}
