// The console is a terminal. The program runs with standard output at one, so the oracle needs a pty.
#include "check.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

int main(void) {
    struct stat status;
    for (int fd = 0; fd < 3; ++fd) {
        CHECK(isatty(fd));
        CHECK(fstat(fd, &status) == 0 && S_ISCHR(status.st_mode));
        CHECK_ERROR(lseek(fd, 0, SEEK_SET), ESPIPE);
    }
    struct termios settings;
    CHECK(tcgetattr(1, &settings) == 0);
    CHECK((settings.c_lflag & ICANON) != 0 && (settings.c_lflag & ECHO) != 0);
    char newer[44];
    CHECK(ioctl(1, 0x802c542a, newer) == 0);  // TCGETS2
    struct winsize size;
    CHECK(ioctl(1, TIOCGWINSZ, &size) == 0);
    CHECK_ERROR(ioctl(1, TIOCGWINSZ, 16), EFAULT);
    CHECK_ERROR(ioctl(1, 0x1234, &size), ENOTTY);
    return 0;
}
