// The terminal's settings read back as they were set, with both families of calls; MIN and TIME determine how long a
// read waits. The program runs with standard input at a terminal, so the oracle needs a pty.
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

// The kernel's own structures (asm-generic/termbits.h).
struct settings {
    unsigned iflag, oflag, cflag, lflag;
    unsigned char line, cc[19];
};
struct settings2 {
    struct settings old;
    unsigned ispeed, ospeed;
};
enum { GETS2 = 0x802c542a, SETS2 = 0x402c542b };  // followed by the two variants that wait and that flush

static void round_trips(void) {
    struct settings before, now, changed;
    struct settings2 newer, newest;
    CHECK(ioctl(0, TCGETS, &before) == 0);
    for (int form = 0; form < 3; ++form) {
        changed = before;
        changed.lflag ^= ECHO | NOFLSH;
        changed.iflag ^= INLCR;
        changed.cc[VMIN] = 7 + form;
        CHECK(ioctl(0, TCSETS + form, &changed) == 0 && ioctl(0, TCGETS, &now) == 0);
        CHECK(memcmp(&changed, &now, sizeof now) == 0);
        CHECK(ioctl(0, GETS2, &newer) == 0 && memcmp(&changed, &newer.old, sizeof now) == 0);
        newer.old = before;
        CHECK(ioctl(0, (unsigned long)SETS2 + form, &newer) == 0 && ioctl(0, GETS2, &newest) == 0);
        CHECK(memcmp(&newer, &newest, sizeof newer) == 0);
    }
    CHECK_ERROR(ioctl(0, TCGETS, bad_pointer), EFAULT);
    CHECK_ERROR(ioctl(0, TCSETS, bad_pointer), EFAULT);
}

static void window_size(void) {
    struct winsize before, size = {.ws_row = 40, .ws_col = 132}, now;
    CHECK(ioctl(0, TIOCGWINSZ, &before) == 0);
    CHECK(ioctl(0, TIOCSWINSZ, &size) == 0 && ioctl(0, TIOCGWINSZ, &now) == 0);
    CHECK(now.ws_row == 40 && now.ws_col == 132);
    CHECK(ioctl(0, TIOCSWINSZ, &before) == 0);
}

static long milliseconds(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void min_and_time(void) {
    struct termios before, raw;
    char c;
    CHECK(tcgetattr(0, &before) == 0);
    raw = before;
    cfmakeraw(&raw);
    raw.c_oflag = before.c_oflag;
    raw.c_cc[VMIN] = raw.c_cc[VTIME] = 0;
    CHECK(tcsetattr(0, TCSAFLUSH, &raw) == 0);
    CHECK(read(0, &c, 1) == 0);
    raw.c_cc[VTIME] = 2;
    CHECK(tcsetattr(0, TCSANOW, &raw) == 0);
    long start = milliseconds();
    CHECK(read(0, &c, 1) == 0);
    CHECK(milliseconds() - start >= 150);
    CHECK(tcsetattr(0, TCSANOW, &before) == 0);
}

static void without_waiting(void) {
    int flags = fcntl(0, F_GETFL), count = -1;
    char c;
    struct pollfd waiting = {.fd = 0, .events = POLLIN | POLLOUT};
    CHECK(fcntl(0, F_SETFL, flags | O_NONBLOCK) == 0);
    CHECK_ERROR(read(0, &c, 1), EAGAIN);
    CHECK(fcntl(0, F_SETFL, flags) == 0);
    CHECK(poll(&waiting, 1, 0) == 1 && waiting.revents == POLLOUT);
    CHECK(ioctl(0, FIONREAD, &count) == 0 && count == 0);
}

int main(void) {
    round_trips();
    window_size();
    min_and_time();
    without_waiting();
    CHECK(tcflush(0, TCIFLUSH) == 0 && tcdrain(1) == 0 && tcsendbreak(1, 0) == 0);
    CHECK_ERROR(ioctl(0, TCFLSH, 9), EINVAL);
    return 0;
}
