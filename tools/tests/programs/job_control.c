// The terminal's owner: foreground and background, sessions, SIGTTIN, SIGTTOU, SIGWINCH. The program runs in the
// foreground of the terminal's session, so the oracle needs a pty.
#include "check.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

// Runs `function` in a child with a process group of its own, in the background. Returns its status, also if it stops.
static int in_background(void (*function)(void)) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(setpgid(0, 0) == 0);
        function();
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, WUNTRACED) == child);
    if (WIFSTOPPED(status)) {
        CHECK(kill(child, SIGKILL) == 0);
        CHECK(waitpid(child, NULL, 0) == child);
    }
    return status;
}

static int stopped_by(int status, int signal) { return WIFSTOPPED(status) && WSTOPSIG(status) == signal; }

static void reads(void) {
    char c;
    read(0, &c, 1);
}

static void reads_and_ignores(void) {
    char c;
    signal(SIGTTIN, SIG_IGN);
    CHECK_ERROR(read(0, &c, 1), EIO);
}

static void sets(void) {
    struct termios settings;
    CHECK(tcgetattr(0, &settings) == 0);
    tcsetattr(0, TCSANOW, &settings);
}

static void sets_and_ignores(void) {
    signal(SIGTTOU, SIG_IGN);
    sets();
    CHECK(tcsetpgrp(0, getpgrp()) == 0);
    CHECK(tcgetpgrp(0) == getpgrp());
    CHECK(tcsetpgrp(0, getppid()) == 0);
    int ready[2];
    char byte;
    CHECK(pipe(ready) == 0);
    pid_t stranger = fork();  // the leader of another session
    if (stranger == 0) {
        CHECK(setsid() == getpid() && write(ready[1], "x", 1) == 1);
        for (;;) pause();
    }
    CHECK(read(ready[0], &byte, 1) == 1);
    CHECK_ERROR(tcsetpgrp(0, stranger), EPERM);
    CHECK(kill(stranger, SIGKILL) == 0 && waitpid(stranger, NULL, 0) == stranger);
    CHECK_ERROR(tcsetpgrp(0, minus_one), EINVAL);
}

static void takes_the_foreground(void) { tcsetpgrp(0, getpgrp()); }

static void writes(void) { write(1, "background\n", 11); }

static void in_another_session(void) {
    CHECK(setsid() == getpid());
    CHECK_ERROR(open("/dev/tty", O_RDWR), ENXIO);
    CHECK_ERROR(ioctl(0, TIOCSCTTY, 0), EPERM);
    CHECK_ERROR(ioctl(0, TIOCNOTTY), ENOTTY);
    CHECK_ERROR(tcgetpgrp(0), ENOTTY);
    CHECK_ERROR(tcgetsid(0), ENOTTY);
    CHECK_ERROR(tcsetpgrp(0, getpgrp()), ENOTTY);
}

static volatile int winches;
static void winch(int signal) { winches += signal == SIGWINCH; }

static void window_size(void) {
    struct winsize size = {.ws_row = 40, .ws_col = 132};
    signal(SIGWINCH, winch);
    CHECK(ioctl(0, TIOCSWINSZ, &size) == 0);
    CHECK(winches == 1);
    CHECK(ioctl(0, TIOCSWINSZ, &size) == 0);
    CHECK(winches == 1);
}

int main(void) {
    CHECK(tcgetpgrp(0) == getpgrp() && tcgetsid(0) == getsid(0));
    int fd = open("/dev/tty", O_RDWR);
    CHECK(fd >= 0 && isatty(fd) && close(fd) == 0);
    if (getsid(0) == getpid()) {
        CHECK(ioctl(0, TIOCSCTTY, 0) == 0);
    } else {
        CHECK_ERROR(ioctl(0, TIOCSCTTY, 0), EPERM);  // the terminal belongs to init's session
    }
    CHECK(stopped_by(in_background(reads), SIGTTIN));
    CHECK(exited_with(in_background(reads_and_ignores), 0));
    CHECK(stopped_by(in_background(sets), SIGTTOU));
    CHECK(stopped_by(in_background(takes_the_foreground), SIGTTOU));
    CHECK(exited_with(in_background(sets_and_ignores), 0));
    CHECK(exited_with(in_background(writes), 0));
    struct termios settings;
    CHECK(tcgetattr(0, &settings) == 0);
    settings.c_lflag |= TOSTOP;
    CHECK(tcsetattr(0, TCSANOW, &settings) == 0);
    CHECK(stopped_by(in_background(writes), SIGTTOU));
    settings.c_lflag &= ~(tcflag_t)TOSTOP;
    CHECK(tcsetattr(0, TCSANOW, &settings) == 0);
    CHECK(exited_with(status_of(in_another_session), 0));
    window_size();
    return 0;
}
