// One program uses up everything of a kind: `memory` takes the last frame, `regions` the last region, `processes` the
// last pid. Each call that needs more fails with its error, and other processes go on working. Then everything is given
// back, and all works again. The limits are ox's own, and no host should have to bear this.
#include "folder.h"

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static const struct timespec shortly = {0, 1000}, long_time = {100000, 0};
static struct shared {
    volatile long rounds;
    uint32_t word;
}* shared;
static char bytes[1 << 16];
static int file;

// --- the other process

// Works as long as it has a parent.
static void work(void) {
    int p[2];
    char c = 'w';
    CHECK(pipe(p) == 0);
    while (getppid() != 1) {
        CHECK(write(p[1], &c, 1) == 1 && read(p[0], &c, 1) == 1 && c == 'w');
        CHECK(pread(file, &c, 1, 0) == 1 && c == 'f' && pwrite(file, &c, 1, 1) == 1);
        c = 'w';
        ++shared->rounds;
        CHECK(nanosleep(&shortly, NULL) == 0);
    }
}
static pid_t start_worker(void) {
    const pid_t worker = fork();
    if (worker == 0) work(), _exit(0);
    return worker;
}
static void expect_work(void) {
    const long before = shared->rounds;
    while (shared->rounds < before + 3) CHECK(sched_yield() == 0);
}

// --- memory

enum { PIPES = 400, FILES = 200, MOST_BYTES = 1 << 30 };
static char* most_of_it;
static int pipes[PIPES][2], used, files[FILES];
extern char data_start[];

// So that no store needs a page of its own any more.
static void write_to_every_page(void) {
    volatile char here[16 * PAGE];
    for (size_t i = 0; i < sizeof here; i += PAGE) here[i] = 1;
    for (volatile char* at = data_start; at < (char*)sbrk(0); at += PAGE) *at = *at;
}

// Pipes take the last frames, because a write to a pipe fails where a store would end the process.
static void take_all_frames(void) {
    for (char* at = most_of_it; free_bytes() > 6 << 20; at += PAGE) *at = 1;
    for (used = 0; used < PIPES && pipe(pipes[used]) == 0; ++used) {
        CHECK(fcntl(pipes[used][1], F_SETFL, O_NONBLOCK) == 0);
        while (write(pipes[used][1], bytes, PAGE) == PAGE) continue;
        if (errno != EAGAIN) break;
    }
    CHECK(used < PIPES && errno == ENOMEM);
    if (pipes[used][0] > 0) ++used;
}
static void give_frames_back(void) {
    while (used-- > 0) CHECK(close(pipes[used][0]) == 0 && close(pipes[used][1]) == 0);
    CHECK(munmap(most_of_it, MOST_BYTES) == 0);
}

// Takes what is left in the kernel's half-filled frames, until a call fails.
static void take_all_objects(sigset_t* set) {
    int n = 0, locks = 0, signals = 0;
    while (n < FILES && (files[n] = open("/dev/null", O_RDONLY)) >= 0) ++n;
    CHECK(n < FILES && errno == ENOMEM);
    for (; n < FILES; ++n) files[n] = -1;
    while (fcntl(file, F_SETLK, &(struct flock){.l_type = F_WRLCK, .l_start = 10 + 2 * locks, .l_len = 1}) == 0)
        ++locks;
    CHECK(errno == ENOLCK);
    CHECK(sigprocmask(SIG_BLOCK, set, NULL) == 0);
    while (signals < 40 && sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1}) == 0) ++signals;
    CHECK(errno == EAGAIN);
}

static void what_needs_memory_fails(void) {
    CHECK_ERROR(fork(), ENOMEM);
    CHECK_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERROR(munmap((char*)shared + 2 * PAGE, PAGE), ENOMEM);  // its rest needs another list
    CHECK_ERROR(mprotect((char*)shared + 2 * PAGE, PAGE, PROT_READ), ENOMEM);
    CHECK_ERROR(pipe((int[2]){0}), ENOMEM);
    CHECK_ERROR(open("new", O_WRONLY | O_CREAT, 0600), ENOMEM);
    CHECK_ERROR(execl("/proc/self/exe", "full_tables", NULL), ENOMEM);
    CHECK_ERROR(pwrite(file, bytes, PAGE, 100 * PAGE), ENOMEM);
    void* const end = sbrk(0);
    CHECK(sbrk(PAGE) == (void*)-1 && errno == ENOMEM && sbrk(0) == end);
}

static void what_needs_none_works(const sigset_t* set) {
    struct rusage usage;
    siginfo_t info;
    char c;
    CHECK(nanosleep(&shortly, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {1000, 0}}, NULL) == 0 && alarm(0) > 0);
    CHECK_ERROR(syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, &shortly, NULL, 0), ETIMEDOUT);
    CHECK(poll(&(struct pollfd){pipes[0][0], POLLIN, 0}, 1, -1) == 1);
    CHECK(read(pipes[0][0], &c, 1) == 1 && pread(file, &c, 1, 0) == 1 && c == 'f');
    CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
    CHECK(kill(getpid(), SIGUSR1) == 0);  // pending, though without its details
    CHECK(sigtimedwait(set, &info, &shortly) == SIGUSR1);
    expect_work();
}

static void everything_works_again(void) {
    int status, p[2];
    const pid_t child = fork();
    if (child == 0) _exit(6);
    CHECK(child > 0 && waitpid(child, &status, 0) == child && exited_with(status, 6));
    CHECK(pipe(p) == 0 && close(p[0]) == 0 && close(p[1]) == 0);
    CHECK(mprotect((char*)shared + 2 * PAGE, PAGE, PROT_READ) == 0);
    CHECK(mprotect((char*)shared + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
    expect_work();
}

static void use_up_memory(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGUSR1);
    (void)sigtimedwait(&set, NULL, &shortly);
    everything_works_again();
    most_of_it = mmap(NULL, MOST_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(most_of_it != MAP_FAILED);
    write_to_every_page();
    take_all_frames();
    take_all_objects(&set);
    what_needs_memory_fails();
    what_needs_none_works(&set);
    for (int n = 0; n < FILES && files[n] >= 0; ++n) CHECK(close(files[n]) == 0);
    give_frames_back();
    while (sigtimedwait(&set, NULL, &shortly) > 0) continue;
    CHECK(fcntl(file, F_SETLK, &(struct flock){.l_type = F_UNLCK}) == 0);
    everything_works_again();
}

// --- regions

static void use_up_regions(void) {
    enum { PAGES = 60000 };
    char* const memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int page = 1;
    CHECK(memory != MAP_FAILED);
    while (page < PAGES && mprotect(memory + (size_t)page * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0) page += 2;
    CHECK(page > 10000 && page < PAGES && errno == ENOMEM);
    CHECK_ERROR(mprotect(memory + (size_t)page * PAGE, PAGE, PROT_READ | PROT_WRITE), ENOMEM);
    CHECK(memory[(size_t)page * PAGE] == 0 && (memory[PAGE] = 1) == 1);
    CHECK(exited_with(status_of(expect_work), 0));  // a child has as many
    CHECK(munmap(memory, (size_t)PAGES * PAGE) == 0);
    everything_works_again();
}

// --- processes, each with a timer, queued signals, and something to wait for

static void wait_in_some_way(int way) {
    for (int i = 0; i < 4; ++i) CHECK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}) == 0);
    alarm(100000);
    if (way == 0) nanosleep(&long_time, NULL);
    if (way == 1) syscall(SYS_futex, &shared->word, FUTEX_WAIT, 0, NULL, NULL, 0);
    if (way == 2) fcntl(file, F_SETLKW, &(struct flock){.l_type = F_WRLCK, .l_len = 1});
    if (way == 3) poll(NULL, 0, -1);
    _exit(way == 1 || way == 2 ? 0 : 1);  // only those two are woken
}

static void use_up_processes(void) {
    enum { MOST = 5000 };
    static pid_t children[MOST];
    int count = 0, status;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
    CHECK(fcntl(file, F_SETLK, &(struct flock){.l_type = F_WRLCK, .l_len = 1}) == 0);
    while (count < MOST && (children[count] = fork()) > 0) ++count;
    if (count < MOST && children[count] == 0) wait_in_some_way(count % 4);
    CHECK(count > 4000 && count < MOST && errno == EAGAIN);
    CHECK_ERROR(fork(), EAGAIN);
    expect_work();
    CHECK(kill(children[0], SIGKILL) == 0 && waitpid(children[0], NULL, 0) == children[0]);
    CHECK(exited_with(status_of(expect_work), 0));  // one place is free
    CHECK(fcntl(file, F_SETLK, &(struct flock){.l_type = F_UNLCK}) == 0);
    for (int n = 1; n < count; ++n) {
        if (n % 4 == 0 || n % 4 == 3) CHECK(kill(children[n], SIGKILL) == 0);
        while (n % 4 == 1 && syscall(SYS_futex, &shared->word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0) sched_yield();
    }
    for (int n = 1; n < count; ++n) {
        CHECK(waitpid(children[n], &status, 0) == children[n]);
        CHECK(n % 4 == 0 || n % 4 == 3 ? killed_by(status, SIGKILL) : exited_with(status, 0));
    }
    everything_works_again();
}

int main(int argc, char** argv) {
    CHECK(argc == 2);
    enter_folder();
    file = open("f", O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0 && write(file, "f", 1) == 1);
    shared = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    const pid_t worker = start_worker();
    expect_work();
    if (strcmp(argv[1], "memory") == 0) use_up_memory();
    if (strcmp(argv[1], "regions") == 0) use_up_regions();
    if (strcmp(argv[1], "processes") == 0) use_up_processes();
    CHECK(kill(worker, SIGKILL) == 0 && waitpid(worker, NULL, 0) == worker && unlink("f") == 0);
    leave_folder();
    return 0;
}
