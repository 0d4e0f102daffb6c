// 300 children share one page (an 8-bit count would wrap around). Each sees its own writes only. In mode eager that
// takes 512 MiB.
#include "check.h"

enum { children = 300 };
static _Alignas(PAGE) volatile int shared[PAGE / sizeof(int)] = {5};

int main(void) {
    int gate[2], words[2];
    CHECK(pipe(gate) == 0 && pipe(words) == 0);
    pid_t child[children];
    for (int n = 0; n < children; ++n) {
        child[n] = fork();
        CHECK(child[n] >= 0);
        if (child[n] > 0) continue;
        char c;
        close(gate[1]);
        CHECK(read(gate[0], &c, 1) == 0);  // all wait, and share, until the last one is here
        CHECK(shared[0] == 5 && shared[1] == 0);
        shared[1] = n + 1;
        CHECK(shared[0] == 5 && shared[1] == n + 1);
        _exit(n % 100);
    }
    close(gate[0]);
    CHECK(shared[0] == 5);
    close(gate[1]);
    for (int n = 0; n < children; ++n) {
        int status;
        CHECK(waitpid(child[n], &status, 0) == child[n] && exited_with(status, n % 100));
    }
    CHECK(shared[0] == 5 && shared[1] == 0);
    shared[0] = 6;
    CHECK(shared[0] == 6);
    return 0;
}
