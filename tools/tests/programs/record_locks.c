// fcntl's locks on ranges of a file: which bytes are locked when, which lock F_GETLK reports, and when locks end.
#include "locks.h"

#include <limits.h>
#include <sys/mman.h>

static int file;
static struct flock* shared;  // with the children
static const char* own_name;

static int open_it(int flags) {
    const int fd = open("f", flags | O_CREAT, 0600);
    CHECK(fd >= 0);
    return fd;
}
static int at(int fd, int command, int type, int whence, off_t start, off_t length) {
    struct flock lock = {
        .l_type = (short)type, .l_whence = (short)whence, .l_start = start, .l_len = length, .l_pid = 0};
    return fcntl(fd, command, &lock);
}
static int set(int type, off_t start, off_t length) { return at(file, F_SETLK, type, SEEK_SET, start, length); }
static struct flock blocker(int fd, int command, off_t start, off_t length) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    CHECK(fcntl(fd, command, &lock) == 0);
    return lock;
}

// The locks as another process sees them, one letter for each byte: W(rite), R(ead), or a dot.
static const char* expected;
static void look(void) {
    for (int i = 0; expected[i] != 0; ++i) {
        struct flock lock = {.l_type = F_RDLCK, .l_start = i, .l_len = 1};
        CHECK(fcntl(file, F_GETLK, &lock) == 0);
        const char letter = lock.l_type == F_UNLCK ? 'R' : 'W';
        const char is = blocker(file, F_GETLK, i, 1).l_type == F_UNLCK ? '.' : letter;
        if (is != expected[i]) dprintf(2, "byte %d of %s is %c\n", i, expected, is);
        CHECK(is == expected[i]);
    }
}
static int seen(const char* picture) {
    expected = picture;
    return exited_with(status_of(look), 0);
}
// The bytes that another process asks for; it is told about the conflicting lock.
static off_t from, length;
static void ask(void) { *shared = blocker(file, F_GETLK, from, length); }
static int told(off_t of, off_t size, off_t lock_start, off_t lock_length) {
    from = of, length = size;
    finish(begin(ask));
    return shared->l_start == lock_start && shared->l_len == lock_length && shared->l_whence == SEEK_SET;
}

static void split_and_merge(void) {
    CHECK(set(F_WRLCK, 2, 8) == 0 && seen("..WWWWWWWW.."));
    CHECK(set(F_UNLCK, 4, 2) == 0 && seen("..WW..WWWW.."));
    CHECK(set(F_RDLCK, 7, 1) == 0 && seen("..WW..WRWW.."));
    CHECK(set(F_RDLCK, 0, 4) == 0 && seen("RRRR..WRWW.."));
    CHECK(set(F_RDLCK, 4, 5) == 0 && seen("RRRRRRRRRW.."));
    CHECK(told(0, 20, 0, 9));  // two locks have become one
    CHECK(told(9, 1, 9, 1));
    CHECK(set(F_WRLCK, 10, 1) == 0 && seen("RRRRRRRRRWW."));
    CHECK(told(10, 1, 9, 2));
    CHECK(set(F_WRLCK, 0, 9) == 0 && seen("WWWWWWWWWWW."));
    CHECK(told(5, 1, 0, 11));
    CHECK(set(F_UNLCK, 0, 1) == 0 && set(F_UNLCK, 10, 90) == 0 && seen(".WWWWWWWWW.."));
    CHECK(set(F_UNLCK, 0, 0) == 0 && seen("............"));
    CHECK(set(F_UNLCK, 0, 0) == 0);
    for (int i = 0; i < 100; ++i) CHECK(set(F_WRLCK, 2 * i, 1) == 0);
    CHECK(told(3, 0, 4, 1));  // the first one of them
    for (int i = 0; i < 100; ++i) CHECK(set(F_WRLCK, 2 * i + 1, 1) == 0);
    CHECK(told(3, 0, 0, 200));
    CHECK(set(F_UNLCK, 0, 0) == 0);
}

static void where_a_range_lies(void) {
    const off_t most = LLONG_MAX;
    CHECK(ftruncate(file, 10) == 0 && lseek(file, 5, SEEK_SET) == 5);
    CHECK(at(file, F_SETLK, F_WRLCK, SEEK_CUR, -1, 2) == 0 && seen("....WW......"));
    CHECK(at(file, F_SETLK, F_WRLCK, SEEK_END, 0, 1) == 0 && seen("....WW....W."));
    CHECK(at(file, F_SETLK, F_WRLCK, SEEK_END, -8, -2) == 0 && seen("WW..WW....W."));
    CHECK(set(F_UNLCK, 0, 0) == 0);
    CHECK(set(F_WRLCK, 3, 0) == 0 && seen("...WWWWWWWWW"));  // to the end of the file, however large it becomes
    CHECK(told(most, 1, 3, 0));
    CHECK(set(F_UNLCK, 5, most - 4) == 0 && told(0, 0, 3, 2));
    CHECK(set(F_WRLCK, most, 1) == 0 && told(5, 0, most, 0));
    CHECK(set(F_UNLCK, 0, 0) == 0);

    CHECK_ERROR(set(F_WRLCK, -1, 1), EINVAL);
    CHECK_ERROR(set(F_WRLCK, 4, -5), EINVAL);
    CHECK_ERROR(set(F_WRLCK, 4, LLONG_MIN), EINVAL);
    CHECK_ERROR(set(F_WRLCK, most, 2), EOVERFLOW);
    CHECK_ERROR(set(F_WRLCK, 2, most), EOVERFLOW);
    CHECK_ERROR(at(file, F_SETLK, F_WRLCK, SEEK_END, most - 9, 1), EOVERFLOW);
    CHECK_ERROR(at(file, F_SETLK, F_WRLCK, SEEK_CUR, -6, 1), EINVAL);
    CHECK_ERROR(at(file, F_SETLK, F_WRLCK, 3, 0, 1), EINVAL);
    CHECK_ERROR(at(file, F_SETLK, F_WRLCK, -1, 0, 1), EINVAL);
    CHECK(seen("............"));
}

static void errors(void) {
    const int reads = open_it(O_RDONLY), writes = open_it(O_WRONLY);
    CHECK_ERROR(set(3, 0, 1), EINVAL);
    CHECK_ERROR(set(-1, 0, 1), EINVAL);
    CHECK_ERROR(at(file, F_GETLK, F_UNLCK, SEEK_SET, 0, 1), EINVAL);
    CHECK_ERROR(at(reads, F_SETLK, F_WRLCK, SEEK_SET, 0, 1), EBADF);
    CHECK_ERROR(at(writes, F_SETLKW, F_RDLCK, SEEK_SET, 0, 1), EBADF);
    CHECK(at(reads, F_SETLK, F_RDLCK, SEEK_SET, 0, 1) == 0 && at(writes, F_SETLK, F_WRLCK, SEEK_SET, 1, 1) == 0);
    CHECK(seen("RW.."));
    CHECK(at(reads, F_SETLK, F_UNLCK, SEEK_SET, 1, 1) == 0);
    CHECK(seen("R..."));
    CHECK_ERROR(at(99, F_SETLK, F_RDLCK, SEEK_SET, 0, 1), EBADF);
    // No other command is mistaken for one of these.
    for (int command = F_SETLKW + 1; on_ox() && command < F_OFD_GETLK; ++command)
        CHECK_ERROR(at(file, command, F_WRLCK, SEEK_SET, 0, 1), EINVAL);
    if (on_ox()) CHECK_ERROR(at(file, F_OFD_SETLKW + 1, F_WRLCK, SEEK_SET, 0, 1), EINVAL);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = -5, .l_len = 7, .l_pid = 77};
    CHECK(fcntl(file, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);  // our own lock does not count; the rest stays
    CHECK(lock.l_whence == SEEK_CUR && lock.l_start == -5 && lock.l_len == 7 && lock.l_pid == 77);
    CHECK(close(reads) == 0);  // closing any descriptor of the file releases the locks
    CHECK(seen("...."));
    CHECK(close(writes) == 0);
}

static void hold(void) {
    CHECK(set(F_RDLCK, 0, 4) == 0 && set(F_WRLCK, 6, 2) == 0);
    say('h');
    pause();
}
static void one_process_keeps_another_out(void) {
    const pid_t child = begin(hold);
    CHECK(heard() == 'h');
    const struct flock first = blocker(file, F_GETLK, 0, 0), second = blocker(file, F_GETLK, 7, 1);
    CHECK(first.l_pid == child && first.l_type == F_RDLCK && first.l_start == 0 && first.l_len == 4);
    CHECK(second.l_pid == child && second.l_type == F_WRLCK && second.l_start == 6 && second.l_len == 2);
    CHECK_ERROR(set(F_RDLCK, 5, 2), EAGAIN);
    CHECK_ERROR(set(F_WRLCK, 3, 1), EAGAIN);
    CHECK(set(F_RDLCK, 3, 3) == 0);
    CHECK_ERROR(set(F_WRLCK, 3, 3), EAGAIN);
    CHECK(lockf(file, F_TEST, 0) == -1 && lockf(file, F_TLOCK, 1) == 0);
    kill_and_wait(child);
    CHECK(seen("...RRW......"));  // the old locks are kept; the file's position is 5
    CHECK(set(F_WRLCK, 0, 0) == 0 && set(F_UNLCK, 0, 0) == 0);
}

static void use_and_close(void) {
    CHECK_ERROR(set(F_RDLCK, 0, 1), EAGAIN);  // a child does not inherit locks
    CHECK(set(F_WRLCK, 2, 1) == 0 && close(file) == 0);
}
static void run_another_program(void) {
    CHECK(set(F_WRLCK, 4, 2) == 0);
    char number[12];
    snprintf(number, sizeof number, "%d", said[1]);
    execl("/proc/self/exe", own_name, number, NULL);
}
static void belong_to_one_process(void) {
    CHECK(set(F_WRLCK, 0, 1) == 0);
    finish(begin(use_and_close));
    CHECK(seen("W..."));
    CHECK(dup2(file, 20) == 20 && close(20) == 0);
    CHECK(seen("...."));
    CHECK(set(F_WRLCK, 0, 1) == 0);
    const int other = open_it(O_RDONLY);
    CHECK(dup2(said[0], other) == other);
    CHECK(seen("...."));
    CHECK(close(other) == 0);
    const pid_t child = begin(run_another_program);
    CHECK(heard() == 'x');
    CHECK(seen("....WW.."));
    CHECK(blocker(file, F_GETLK, 0, 0).l_pid == child);
    kill_and_wait(child);
    CHECK(seen("........"));
}

static void lock_and_say(void) {
    say('b');
    CHECK(at(file, F_SETLKW, F_WRLCK, SEEK_SET, 0, 0) == 0);
    say('l');
    CHECK(signals == 1);
}
static void be_interrupted(void) {
    CHECK(set(F_RDLCK, 10, 1) == 0);
    say('b');
    CHECK_ERROR(at(file, F_SETLKW, F_WRLCK, SEEK_SET, 0, 20), EINTR);
    CHECK(seen("RR........R."));
}
static pid_t waiting(void (*function)(void)) {
    const pid_t child = begin(function);
    CHECK(heard() == 'b');
    wait_until_it_sleeps(child);
    return child;
}
static void wait_until_they_can(void) {
    CHECK(set(F_WRLCK, 0, 2) == 0);
    handle(SIGUSR1, SA_RESTART);
    pid_t child = waiting(lock_and_say);
    CHECK(kill(child, SIGUSR1) == 0 && set(F_UNLCK, 0, 1) == 0);
    say('u');
    CHECK(heard() == 'u');  // not 'l' yet
    CHECK(set(F_UNLCK, 1, 1) == 0 && heard() == 'l');
    finish(child);

    CHECK(set(F_RDLCK, 0, 2) == 0);
    handle(SIGUSR1, 0);
    child = waiting(be_interrupted);
    CHECK(kill(child, SIGUSR1) == 0);
    finish(child);
    kill_and_wait(waiting(lock_and_say));
    CHECK(set(F_UNLCK, 0, 0) == 0);
    CHECK(seen("..........."));
}

static void use_the_open_files(void) { CHECK(at(file, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 2) == 0); }
static void those_of_an_open_file(void) {
    const int other = open_it(O_RDWR);
    CHECK(at(file, F_OFD_SETLK, F_WRLCK, SEEK_SET, 0, 2) == 0);
    CHECK(blocker(other, F_OFD_GETLK, 0, 0).l_pid == -1 && blocker(file, F_OFD_GETLK, 0, 0).l_type == F_UNLCK);
    CHECK_ERROR(at(other, F_OFD_SETLK, F_RDLCK, SEEK_SET, 1, 1), EAGAIN);
    CHECK_ERROR(set(F_RDLCK, 1, 1), EAGAIN);  // the process is a different holder
    struct flock lock = {.l_type = F_WRLCK, .l_pid = 1};
    CHECK_ERROR(fcntl(file, F_OFD_SETLK, &lock), EINVAL);
    finish(begin(use_the_open_files));
    CHECK(close(dup(file)) == 0 && seen("WW.."));
    CHECK(at(other, F_OFD_SETLKW, F_RDLCK, SEEK_SET, 2, 2) == 0 && seen("WWRR"));
    CHECK(close(other) == 0 && seen("WW.."));
    CHECK(at(file, F_OFD_SETLK, F_UNLCK, SEEK_SET, 0, 0) == 0 && seen("...."));
}

int main(int argc, char** argv) {
    own_name = argv[0];
    if (argc > 1) {
        said[1] = atoi(argv[1]);
        say('x');
        pause();
    }
    enter_folder();
    CHECK(pipe(said) == 0);
    file = open_it(O_RDWR);
    shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    split_and_merge();
    where_a_range_lies();
    errors();
    one_process_keeps_another_out();
    belong_to_one_process();
    wait_until_they_can();
    those_of_an_open_file();
    CHECK(unlink("f") == 0);
    leave_folder();
    return 0;
}
