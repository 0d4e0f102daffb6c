// Descriptors are limited: beyond the limit a call fails with EMFILE, and nothing is lost.
#include "check.h"

int main(void) {
    int count = 0;
    while (dup(1) >= 0) ++count;
    CHECK(errno == EMFILE && count >= 32);
    int p[2] = {-7, -7};
    CHECK_ERROR(pipe(p), EMFILE);
    CHECK(p[0] == -7 && p[1] == -7);
    CHECK(close(10) == 0);
    CHECK_ERROR(pipe(p), EMFILE);  // one free descriptor is not enough for two
    CHECK(dup(1) == 10);
    CHECK(close(10) == 0 && close(11) == 0 && pipe(p) == 0);
    return 0;
}
