// getrandom returns as many bytes as requested, and different ones each time.
#include "check.h"

#include <sys/random.h>

int main(void) {
    unsigned char a[256], b[256];
    CHECK(getrandom(a, sizeof a, 0) == sizeof a && getrandom(b, sizeof b, GRND_NONBLOCK) == sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    int seen[256] = {0}, distinct = 0;
    for (int n = 0; n < 256; ++n) distinct += seen[a[n]]++ == 0;
    CHECK(distinct > 100);
    CHECK(getrandom(a, 0, 0) == 0);
    CHECK_ERROR(getrandom(a, 8, 0x100), EINVAL);
    return 0;
}
