// futex between processes: they wait for a word in shared memory, and are woken, one at a time if the caller wishes.
#include "check.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static volatile int* word;
static long futex(volatile int* at, int operation, int value, const struct timespec* time) {
    return syscall(SYS_futex, at, operation, value, time, NULL, -1);
}
static void pause_ms(int ms) { nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL); }
static void nothing(int signal) { (void)signal; }

int main(void) {
    word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(word != MAP_FAILED);
    CHECK_ERROR(futex(word, FUTEX_WAIT, 1, NULL), EAGAIN);
    CHECK_ERROR(futex(word, FUTEX_WAIT, 0, &(struct timespec){.tv_nsec = 10000000}), ETIMEDOUT);
    CHECK_ERROR(futex((int*)((char*)word + 1), FUTEX_WAIT, 0, NULL), EINVAL);
    CHECK_ERROR(futex(bad_pointer, FUTEX_WAIT, 0, NULL), EFAULT);
    CHECK_ERROR(futex(word, 77, 0, NULL), ENOSYS);
    CHECK(futex(word, FUTEX_WAKE, 1, NULL) == 0);
    static int own;
    CHECK(futex(&own, FUTEX_WAKE_PRIVATE, 1, NULL) == 0);
    CHECK_ERROR(futex(&own, FUTEX_WAIT_PRIVATE, 0, &(struct timespec){.tv_nsec = 1000000}), ETIMEDOUT);

    enum { SLEEPERS = 5 };
    volatile int* woken = word + 64;
    for (int n = 0; n < SLEEPERS; ++n) {
        if (fork() != 0) continue;
        CHECK(futex(word, FUTEX_WAIT, 0, NULL) == 0);
        __atomic_fetch_add(woken, 1, __ATOMIC_SEQ_CST);
        _exit(0);
    }
    pause_ms(100);
    CHECK(futex(word + 1, FUTEX_WAKE, 100, NULL) == 0);   // a different word
    CHECK(futex(word + 64, FUTEX_WAKE, 100, NULL) == 0);  // another one, whose waiters ox keeps in the same list
    CHECK(futex(word, FUTEX_WAKE, 2, NULL) == 2);
    pause_ms(50);
    CHECK(*woken == 2);
    CHECK(futex(word, FUTEX_WAKE, 100, NULL) == SLEEPERS - 2);
    int status;
    for (int n = 0; n < SLEEPERS; ++n) CHECK(wait(&status) > 0 && exited_with(status, 0));

    struct sigaction action = {0};
    action.sa_handler = nothing;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    pid_t child = fork();
    if (child == 0) {
        CHECK_ERROR(futex(word, FUTEX_WAIT, 0, NULL), EINTR);
        _exit(0);
    }
    pause_ms(30);
    CHECK(kill(child, SIGUSR1) == 0 && waitpid(child, &status, 0) == child && exited_with(status, 0));

    // Two processes take turns, and each wakes the other: no wake-up is lost.
    child = fork();
    int me = child == 0;
    for (int n = me; n < 400; n += 2) {
        for (int now; (now = *word) != n;) (void)futex(word, FUTEX_WAIT, now, NULL);
        *word = n + 1;
        CHECK(futex(word, FUTEX_WAKE, 1, NULL) >= 0);
    }
    if (child == 0) _exit(0);
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    return 0;
}
