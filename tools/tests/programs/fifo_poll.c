// FIFOs, O_NONBLOCK, ppoll and pselect: which side waits for which, and what poll reports.
#include "folder.h"

#include <poll.h>
#include <sys/select.h>
#include <time.h>

static char bytes[1 << 17];

static long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int polled(int fd, int events, int timeout) {
    struct pollfd one = {fd, (short)events, -1};
    int count = poll(&one, 1, timeout);
    CHECK(count == (one.revents != 0));
    return one.revents;
}

// A reader and a writer each wait in open() for the other.
static void meeting(void) {
    CHECK(mkfifo("f", 0666) == 0 && S_ISFIFO(status_at("f").st_mode) && (status_at("f").st_mode & 07777) == 0644);
    CHECK_ERROR(mkfifo("f", 0666), EEXIST);
    pid_t child = fork();
    if (child == 0) {
        usleep(30000);
        int out = open("f", O_WRONLY);
        _exit(out >= 0 && write(out, "hello", 5) == 5 ? 0 : 1);
    }
    int in = open("f", O_RDONLY);
    struct stat status;
    CHECK(in >= 0 && fstat(in, &status) == 0 && S_ISFIFO(status.st_mode) && status.st_ino == status_at("f").st_ino);
    CHECK(read(in, bytes, 10) == 5 && memcmp(bytes, "hello", 5) == 0 && read(in, bytes, 10) == 0);
    int result;
    CHECK(waitpid(child, &result, 0) == child && result == 0 && close(in) == 0);
    child = fork();
    if (child == 0) {
        usleep(30000);
        in = open("f", O_RDONLY);
        _exit(read(in, bytes, 10) == 2 ? 0 : 1);
    }
    int out = open("f", O_WRONLY);
    CHECK(write(out, "ab", 2) == 2 && close(out) == 0 && waitpid(child, &result, 0) == child && result == 0);
}

static void nonblocking(void) {
    CHECK_ERROR(open("f", O_WRONLY | O_NONBLOCK), ENXIO);
    int in = open("f", O_RDONLY | O_NONBLOCK);
    CHECK(in >= 0 && read(in, bytes, 1) == 0);  // no writer: end of file
    CHECK(polled(in, POLLIN, 0) == 0);          // no POLLHUP, since no writer has closed it either
    int out = open("f", O_WRONLY | O_NONBLOCK);
    CHECK(out >= 0);
    CHECK_ERROR(read(in, bytes, 1), EAGAIN);
    CHECK(polled(in, POLLIN, 0) == 0 && polled(out, POLLOUT, 0) == POLLOUT);
    CHECK(write(out, "x", 1) == 1 && polled(in, POLLIN | POLLOUT, 0) == POLLIN);
    long written = 1;
    for (long part; (part = write(out, bytes, 1000)) > 0; written += part) CHECK(part == 1000);
    CHECK(errno == EAGAIN && written > 60000 && polled(out, POLLOUT, 0) == 0);
    CHECK(write(out, bytes, sizeof bytes) <= 4096);  // a long write may be partial
    int both = open("f", O_RDWR);
    CHECK(both >= 0 && close(both) == 0 && close(out) == 0);
    CHECK(polled(in, POLLIN, 0) == (POLLIN | POLLHUP));
    while (read(in, bytes, sizeof bytes) > 0) continue;
    CHECK(polled(in, POLLIN, 0) == POLLHUP && close(in) == 0);

    // Unread bytes are gone when the last process closes the FIFO.
    in = open("f", O_RDONLY | O_NONBLOCK);
    out = open("f", O_WRONLY);
    CHECK(write(out, "lost", 4) == 4 && close(in) == 0);
    CHECK(polled(out, POLLOUT, 0) & POLLERR);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERROR(write(out, "x", 1), EPIPE);
    CHECK(close(out) == 0);
    in = open("f", O_RDONLY | O_NONBLOCK);
    CHECK(read(in, bytes, 4) == 0 && close(in) == 0 && unlink("f") == 0);

    int p[2];
    CHECK(pipe2(p, O_NONBLOCK | O_CLOEXEC) == 0 && fcntl(p[0], F_GETFD) == FD_CLOEXEC);
    CHECK_ERROR(read(p[0], bytes, 1), EAGAIN);
    CHECK(fcntl(p[1], F_GETPIPE_SZ) == 65536 && (fcntl(p[1], F_GETFL) & O_ACCMODE) == O_WRONLY);
    CHECK_ERROR(read(p[1], bytes, 1), EBADF);
    CHECK_ERROR(write(p[0], bytes, 1), EBADF);
    CHECK(write(p[1], bytes, sizeof bytes) == 65536);
    CHECK_ERROR(write(p[1], bytes, 1), EAGAIN);
    CHECK(read(p[0], bytes, sizeof bytes) == 65536 && close(p[1]) == 0 && read(p[0], bytes, 1) == 0);
    CHECK(close(p[0]) == 0);
    CHECK_ERROR(pipe2(p, O_RDWR), EINVAL);
}

static void waiting(void) {
    int p[2], q[2];
    CHECK(pipe(p) == 0 && pipe(q) == 0);
    long start = milliseconds();
    CHECK(polled(p[0], POLLIN, 50) == 0 && milliseconds() - start >= 49);
    CHECK(poll(NULL, 0, 20) == 0 && milliseconds() - start >= 69);
    struct pollfd all[4] = {{p[0], POLLIN, 0}, {q[0], POLLIN, 0}, {-5, POLLIN, 7}, {200, POLLIN, 0}};
    CHECK(poll(all, 4, -1) == 1 && all[2].revents == 0 && all[3].revents == POLLNVAL);
    for (int round = 0; round < 50; ++round) {
        pid_t child = fork();
        if (child == 0) {
            if (round % 2 != 0) usleep(1000);
            _exit(write(round % 3 == 0 ? p[1] : q[1], "x", 1) == 1 ? 0 : 1);
        }
        CHECK(poll(all, 2, 10000) == 1 && all[round % 3 == 0 ? 0 : 1].revents == POLLIN);
        CHECK(read(all[round % 3 == 0 ? 0 : 1].fd, bytes, 10) == 1);
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    int file = open("f", O_RDWR | O_CREAT, 0666), null = open("/dev/null", O_RDWR);
    CHECK(polled(file, POLLIN | POLLOUT, -1) == (POLLIN | POLLOUT));
    CHECK(polled(null, POLLIN | POLLOUT, -1) == (POLLIN | POLLOUT));
    CHECK_ERROR(poll(all, (nfds_t)minus_one, 0), EINVAL);
    CHECK_ERROR(ppoll(all, 1, &(struct timespec){0, 1000000000}, NULL), EINVAL);

    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(p[0], &in);
    FD_SET(q[0], &in);
    FD_SET(q[1], &out);
    CHECK(select(q[1] + 1, &in, &out, NULL, NULL) == 1 && FD_ISSET(q[1], &out) && !FD_ISSET(p[0], &in));
    FD_SET(p[0], &in);
    struct timeval time = {0, 30000};
    start = milliseconds();
    CHECK(select(p[0] + 1, &in, NULL, NULL, &time) == 0 && milliseconds() - start >= 29 && !FD_ISSET(p[0], &in));
    FD_SET(p[0], &in);
    CHECK(write(p[1], "x", 1) == 1 && select(p[0] + 1, &in, NULL, NULL, NULL) == 1 && FD_ISSET(p[0], &in));
    int closed = dup(null);  // a small number: Linux ignores numbers beyond the size of its table
    close(closed);
    FD_ZERO(&in);
    FD_SET(closed, &in);
    CHECK_ERROR(select(closed + 1, &in, NULL, NULL, NULL), EBADF);
    CHECK_ERROR(select(minus_one, NULL, NULL, NULL, NULL), EINVAL);
    for (int fd = p[0]; fd <= null; ++fd) close(fd);
    CHECK(unlink("f") == 0);
}

int main(void) {
    enter_folder();
    meeting();
    nonblocking();
    waiting();
    leave_folder();
    return 0;
}
