// Symbolic links on the path to a file. The initramfs must have /dir/file ("hello"), /absolute -> /dir/file, /relative
// -> dir/file, /dir/up -> ../relative, /folder -> dir, /dir/self -> ., /loop -> loop, /dangling -> nothing.
#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"

static void says_hello(const char* path) {
    char text[8];
    int file = open(path, O_RDONLY);
    CHECK(file >= 0);
    CHECK(read(file, text, sizeof text) == 5 && memcmp(text, "hello", 5) == 0);
    close(file);
}

int main(void) {
    says_hello("/dir/file");
    says_hello("/absolute");
    says_hello("/relative");
    says_hello("relative");
    says_hello("/dir/up");
    says_hello("/folder/file");
    says_hello("/folder/../folder/./up");
    says_hello("/folder/self/self/self/up");
    CHECK_ERROR(open("/loop", O_RDONLY), ELOOP);
    CHECK_ERROR(open("/loop/x", O_RDONLY), ELOOP);
    CHECK_ERROR(open("/dangling", O_RDONLY), ENOENT);
    CHECK_ERROR(open("/relative/x", O_RDONLY), ENOTDIR);
    CHECK_ERROR(open("/relative/", O_RDONLY), ENOTDIR);
    CHECK_ERROR(open("/relative", O_RDONLY | O_NOFOLLOW), ELOOP);

    // The kernel follows 40 links, but not 41.
    char many[1000] = "/dir";
    for (int n = 0; n < 40; ++n) strcat(many, "/self");
    CHECK(open(many, O_RDONLY) >= 0);
    CHECK_ERROR(open(strcat(many, "/self"), O_RDONLY), ELOOP);

    struct stat status;
    char target[16];
    CHECK(lstat("/relative", &status) == 0 && S_ISLNK(status.st_mode) && status.st_size == 8);
    CHECK(stat("/relative", &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 5);
    CHECK(lstat("/folder/", &status) == 0 && S_ISDIR(status.st_mode));
    CHECK(readlink("/relative", target, sizeof target) == 8 && memcmp(target, "dir/file", 8) == 0);
    CHECK(readlink("/folder/up", target, 2) == 2 && memcmp(target, "..", 2) == 0);
    CHECK_ERROR(readlink("/dir/file", target, sizeof target), EINVAL);
    return 0;
}
