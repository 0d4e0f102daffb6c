// storm SEED ACTIONS PROCESSES: many processes do all kinds of actions to each other, at random. They must read what
// was written, notice their signals, and be found by wait.
#include "check.h"

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

enum { BOTH = PROT_READ | PROT_WRITE, KINDS = 9 };

static struct {
    atomic_long done[KINDS];
    atomic_long sum;
}* shared;
static uint64_t state;
static const char* self;

static unsigned draw(unsigned below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static pid_t begin(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    state += (uint64_t)getpid();
    return child;
}

static void expect(pid_t child, int code) {
    int status;
    pid_t got;
    while ((got = waitpid(child, &status, 0)) == -1 && errno == EINTR) {
    }
    CHECK(got == child && exited_with(status, code));
}

static void fill(char* memory, size_t size, char value) {
    for (size_t i = 0; i < size; i += 512) memory[i] = value;
}
static int filled(const char* memory, size_t size, char value) {
    for (size_t i = 0; i < size; i += 512) {
        if (memory[i] != value) return 0;
    }
    return 1;
}

// Private memory: each process sees its own, even after mremap has moved it.
static void memory(void) {
    size_t size = (1 + draw(40)) * PAGE;
    char* m = mmap(NULL, size, BOTH, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(m != MAP_FAILED);
    fill(m, size, 1);
    pid_t child = begin();
    if (child == 0) {
        size_t half = size / 2 / PAGE * PAGE;
        fill(m, half, 2);
        CHECK(filled(m, half, 2) && filled(m + half, size - half, 1));
        if (draw(2)) CHECK(madvise(m, PAGE, MADV_DONTNEED) == 0 && m[0] == 0);
        _exit(0);
    }
    m = mremap(m, size, 2 * size, MREMAP_MAYMOVE);
    CHECK(m != MAP_FAILED && filled(m, size, 1) && filled(m + size, size, 0));
    fill(m, size, 3);
    expect(child, 0);
    CHECK(filled(m, size, 3) && munmap(m, 2 * size) == 0);
}

// Shared memory: all processes add to one number.
static void sums(void) {
    atomic_long* sum = mmap(NULL, PAGE, BOTH, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(sum != MAP_FAILED);
    pid_t children[3];
    for (int i = 0; i < 3; ++i) {
        if ((children[i] = begin()) == 0) {
            for (int n = 0; n < 100; ++n) ++*sum;
            ++shared->sum;
            _exit(0);
        }
    }
    for (int i = 0; i < 3; ++i) expect(children[i], 0);
    CHECK(*sum == 300 && munmap(sum, PAGE) == 0);
}

// A pipe through two processes.
static void pipes(void) {
    int first[2], second[2];
    CHECK(pipe(first) == 0 && pipe(second) == 0);
    pid_t child = begin();
    if (child == 0) {
        close(first[1]), close(second[0]);
        char bytes[900];
        ssize_t got;
        while ((got = read(first[0], bytes, 1 + draw(sizeof bytes))) > 0) CHECK(write(second[1], bytes, got) == got);
        _exit(got == 0 ? 0 : 1);
    }
    close(first[0]), close(second[1]);
    pid_t writer = begin();
    if (writer == 0) {
        close(second[0]);
        for (int n = 0; n < 3000; ++n) CHECK(write(first[1], &n, sizeof n) == sizeof n);
        _exit(0);
    }
    close(first[1]);
    FILE* stream = fdopen(second[0], "r");
    for (int n = 0, got; n < 3000; ++n) CHECK(fread(&got, sizeof got, 1, stream) == 1 && got == n);
    CHECK(fgetc(stream) == EOF && fclose(stream) == 0);
    expect(child, 0);
    expect(writer, 0);
}

static volatile sig_atomic_t heard;
static void hear(int signal) { heard = signal; }

// Two processes signal each other in turn. The signals are blocked until sigsuspend.
static void signals(void) {
    sigset_t usr, before;
    sigemptyset(&usr);
    sigaddset(&usr, SIGUSR1);
    struct sigaction action = {.sa_handler = hear}, old;
    CHECK(sigprocmask(SIG_BLOCK, &usr, &before) == 0 && sigaction(SIGUSR1, &action, &old) == 0);
    pid_t other = getpid(), child = begin();
    if (child != 0) other = child;
    for (int n = 0; n < 20; ++n) {
        if (child != 0) CHECK(kill(other, SIGUSR1) == 0);
        heard = 0;
        while (!heard) CHECK(sigsuspend(&before) == -1 && errno == EINTR);
        if (child == 0) CHECK(kill(other, SIGUSR1) == 0);
    }
    if (child == 0) _exit(0);
    expect(child, 0);
    CHECK(sigaction(SIGUSR1, &old, NULL) == 0 && sigprocmask(SIG_SETMASK, &before, NULL) == 0);
}

// Children are stopped, continued and killed.
static void stops(void) {
    pid_t child = begin();
    if (child == 0) {
        for (;;) draw(2) ? (void)sched_yield() : (void)getppid();
    }
    int status;
    for (unsigned n = draw(4); n > 0; --n) {
        CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
        CHECK(kill(child, SIGCONT) == 0 && waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status));
    }
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && killed_by(status, SIGKILL));
}

// A file that several processes use, under several names.
static void files(void) {
    char name[40], other[50];
    snprintf(name, sizeof name, "/tmp/storm-%d", getpid());
    snprintf(other, sizeof other, "%s-too", name);
    int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(file >= 0 && ftruncate(file, 3 * PAGE) == 0 && link(name, other) == 0);
    char* m = mmap(NULL, 3 * PAGE, BOTH, draw(2) ? MAP_SHARED : MAP_PRIVATE, file, 0);
    CHECK(m != MAP_FAILED);
    pid_t child = begin();
    if (child == 0) {
        m[PAGE] = 7;
        CHECK(pwrite(file, "x", 1, 0) == 1 && rename(other, name) == 0 && unlink(name) == 0);
        _exit(0);
    }
    expect(child, 0);
    char byte;
    CHECK(pread(file, &byte, 1, 0) == 1 && byte == 'x');
    CHECK(munmap(m, 3 * PAGE) == 0 && close(file) == 0);
    (void)unlink(other);  // renaming a file to another name of the same file does nothing
}

static void programs(void) {
    char* const arguments[] = {(char*)"storm", (char*)"leaf", NULL};
    char* const environment[] = {NULL};
    pid_t child;
    if (draw(2)) {
        CHECK(posix_spawn(&child, self, NULL, NULL, arguments, environment) == 0);
    } else if ((child = begin()) == 0) {
        execve(self, arguments, environment);
        _exit(1);
    }
    expect(child, 5);
}

// Orphans: parent and child may exit in any order.
static void orphans(void) {
    pid_t child = begin();
    if (child == 0) {
        for (int i = 0; i < 3; ++i) {
            if (begin() == 0) {
                for (unsigned n = draw(20); n > 0; --n) sched_yield();
                _exit(0);
            }
        }
        _exit(0);
    }
    expect(child, 0);
}

static void sleeps(void) {
    struct timespec time = {0, 1000 * (long)draw(2000)};
    CHECK(nanosleep(&time, NULL) == 0);
}

static void (*const kinds[KINDS])(void) = {memory, sums, pipes, signals, stops, files, programs, orphans, sleeps};

int main(int count, char** arguments) {
    if (count == 2) return 5;
    CHECK(count == 4);
    self = arguments[0];
    state = strtoul(arguments[1], NULL, 0);
    int actions = atoi(arguments[2]), processes = atoi(arguments[3]);
    shared = mmap(NULL, PAGE, BOTH, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    for (int i = 0; i < processes; ++i) {
        if (begin() != 0) continue;
        for (int n = 0; n < actions; ++n) {
            unsigned kind = draw(KINDS);
            kinds[kind]();
            ++shared->done[kind];
        }
        _exit(0);
    }
    for (int status; processes > 0; --processes) CHECK(wait(&status) > 0 && exited_with(status, 0));
    printf("storm:");
    for (int kind = 0; kind < KINDS; ++kind) printf(" %ld", (long)shared->done[kind]);
    printf("\n");
    return 0;
}
