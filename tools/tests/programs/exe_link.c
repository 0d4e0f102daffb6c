// /proc/self/exe names the running program.
#include "check.h"

#include <fcntl.h>

int main(int argc, char** argv) {
    (void)argc;
    char link[4096];
    long size = readlink("/proc/self/exe", link, sizeof link - 1);
    CHECK(size > 0);
    link[size] = 0;
    CHECK(link[0] == '/');
    const char* name = strrchr(argv[0], '/');
    CHECK(strcmp(strrchr(link, '/'), name != NULL ? name : argv[0]) == 0 || name == NULL);
    CHECK(open(link, O_RDONLY) >= 0);
    char cut[3];
    CHECK(readlink("/proc/self/exe", cut, 3) == 3 && memcmp(cut, link, 3) == 0);
    CHECK_ERROR(readlink("/proc/self/exe", cut, 0), EINVAL);
    CHECK_ERROR(readlink(link, cut, 3), EINVAL);
    CHECK_ERROR(readlink("/no/such/file", cut, 3), ENOENT);
    return 0;
}
