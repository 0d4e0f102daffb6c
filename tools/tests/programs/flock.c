// flock: shared and exclusive locks on a whole file, which belong to the open file.
#include "locks.h"

#include <sys/file.h>

static int file;

static int open_it(void) {
    const int fd = open("f", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0);
    return fd;
}

// Checks which locks another open file could get now.
static void expect_free(void) {
    const int other = open_it();
    CHECK(flock(other, LOCK_EX | LOCK_NB) == 0 && close(other) == 0);
}
static void expect_shared(void) {
    const int other = open_it();
    CHECK(flock(other, LOCK_SH | LOCK_NB) == 0);
    CHECK_ERROR(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK(close(other) == 0);
}
static void expect_exclusive(void) {
    const int other = open_it();
    CHECK_ERROR(flock(other, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    CHECK_ERROR(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK(close(other) == 0);
}

static void locks_and_unlocks(void) {
    expect_free();
    CHECK(flock(file, LOCK_SH) == 0);
    expect_shared();
    CHECK(flock(file, LOCK_EX) == 0);
    expect_exclusive();
    CHECK(flock(file, LOCK_EX) == 0);
    CHECK(flock(file, LOCK_SH | LOCK_NB) == 0);
    expect_shared();
    CHECK(flock(file, LOCK_UN) == 0);
    expect_free();
    CHECK(flock(file, LOCK_UN | LOCK_NB) == 0);
    const int reads = open("f", O_RDONLY);  // neither the open mode nor the kind of file matters
    CHECK(flock(reads, LOCK_EX | LOCK_NB) == 0);
    expect_exclusive();
    CHECK(close(reads) == 0 && flock(said[0], LOCK_EX | LOCK_NB) == 0 && flock(said[0], LOCK_UN) == 0);
}

static void refuses_what_it_does_not_know(void) {
    CHECK_ERROR(flock(file, 0), EINVAL);
    CHECK_ERROR(flock(file, LOCK_NB), EINVAL);
    CHECK_ERROR(flock(file, LOCK_SH | LOCK_EX), EINVAL);
    CHECK_ERROR(flock(file, LOCK_SH | LOCK_UN), EINVAL);
    CHECK_ERROR(flock(file, LOCK_SH | 1 << 30), EINVAL);
    CHECK_ERROR(flock(99, LOCK_SH), EBADF);
}

// As on Linux, the old lock is released before the new one is requested.
static void a_change_that_fails_loses_the_lock(void) {
    const int other = open_it();
    CHECK(flock(file, LOCK_SH) == 0 && flock(other, LOCK_SH) == 0);
    CHECK_ERROR(flock(file, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK(flock(other, LOCK_EX | LOCK_NB) == 0 && close(other) == 0);
    expect_free();
}

static void unlock_it(void) { CHECK(flock(file, LOCK_UN) == 0); }
static void expect_it_is_ours(void) {
    CHECK(flock(file, LOCK_EX | LOCK_NB) == 0);
    expect_exclusive();
}
static void belongs_to_the_open_file(void) {
    CHECK(flock(file, LOCK_EX) == 0);
    const int copy = dup(file);
    CHECK(flock(copy, LOCK_EX | LOCK_NB) == 0 && close(copy) == 0);
    expect_exclusive();
    finish(begin(expect_it_is_ours));  // and the child's exit does not close the open file
    expect_exclusive();
    finish(begin(unlock_it));
    expect_free();
}

static void wait_to_be_killed(void) {
    say('c');
    pause();
}
static void ends_with_the_last_descriptor(void) {
    const int own = open_it();
    CHECK(flock(own, LOCK_EX) == 0);
    const pid_t child = begin(wait_to_be_killed);
    CHECK(heard() == 'c' && close(own) == 0);
    expect_exclusive();
    kill_and_wait(child);
    expect_free();
}

static int own;
static void lock_and_say(void) {
    own = open_it();
    say('b');
    CHECK(flock(own, LOCK_EX) == 0);
    say('l');
    CHECK(signals == 1);
}
static void be_interrupted(void) {
    own = open_it();
    say('b');
    CHECK_ERROR(flock(own, LOCK_SH), EINTR);
    CHECK(signals == 1);
}
static pid_t waiting(void (*function)(void)) {
    const pid_t child = begin(function);
    CHECK(heard() == 'b');
    wait_until_it_sleeps(child);
    return child;
}

static void waits_until_it_can(void) {
    CHECK(flock(file, LOCK_EX) == 0);
    handle(SIGUSR1, SA_RESTART);
    pid_t child = waiting(lock_and_say);
    CHECK(kill(child, SIGUSR1) == 0);
    say('u');
    CHECK(heard() == 'u');  // not 'l' yet
    CHECK(flock(file, LOCK_UN) == 0 && heard() == 'l');
    finish(child);

    CHECK(flock(file, LOCK_EX) == 0);
    handle(SIGUSR1, 0);
    child = waiting(be_interrupted);
    CHECK(kill(child, SIGUSR1) == 0);
    finish(child);
    kill_and_wait(waiting(lock_and_say));
    CHECK(flock(file, LOCK_UN) == 0);
    expect_free();
}

int main(void) {
    enter_folder();
    CHECK(pipe(said) == 0);
    file = open_it();
    locks_and_unlocks();
    refuses_what_it_does_not_know();
    a_change_that_fails_loses_the_lock();
    belongs_to_the_open_file();
    ends_with_the_last_descriptor();
    waits_until_it_can();
    CHECK(unlink("f") == 0);
    leave_folder();
    return 0;
}
