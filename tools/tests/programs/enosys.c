// Unknown calls return ENOSYS and do no harm. (Linux on x86-64 uses only 32 bits of the call's number.)
#include "check.h"

#include <sys/syscall.h>

int main(void) {
    for (int n = 0; n < 2; ++n) CHECK_ERROR(syscall(500, 1, 2, 3), ENOSYS);  // with debug, ox names it once
    CHECK_ERROR(syscall(1000, 1, 2, 3), ENOSYS);
    CHECK_ERROR(syscall(-1), ENOSYS);
    CHECK_ERROR(syscall(1u << 31), ENOSYS);
    CHECK_ERROR(syscall(0x4000000000000000), ENOSYS);
    CHECK(getpid() > 0);
    return 0;
}
