// The stack grows as it is used, in parent and child, up to its limit.
#include "check.h"

#include <sys/resource.h>

static int recurse(int depth) {
    volatile char frame[1000];
    memset((void*)frame, depth, sizeof frame);
    int below = depth > 0 ? recurse(depth - 1) : 0;
    for (int n = 0; n < 1000; n += 111) CHECK(frame[n] == (char)depth);
    return below + 1;
}
static void far_too_deep(void) { recurse(1 << 30); }
static void two_megabytes(void) { CHECK(recurse(2000) == 2001); }

int main(void) {
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= 1 << 20);
    CHECK(recurse(5000) == 5001);
    CHECK(exited_with(status_of(two_megabytes), 0));
    CHECK(killed_by(status_of(far_too_deep), SIGSEGV));
    // A large step down is allowed, since locals may be large.
    volatile char large[3 << 20];
    large[0] = 1;
    CHECK(large[0] == 1);
    return 0;
}
