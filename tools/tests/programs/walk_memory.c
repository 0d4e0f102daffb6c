// walk_memory SEED STEPS: a random walk of calls about memory, in two windows that lie in different page tables, with
// up to three levels of forks. Each line ends with a checksum of all readable memory, which must equal Linux's.
#include "walk.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sys/mman.h>

enum { WINDOW = 20, PAGES = 2 * WINDOW, FILES = 3, DEEPEST = 3 };

static int files[FILES];  // the first file is mapped private and never written, the others are mapped shared
static int depth;
static sigjmp_buf after_fault;
static volatile int fault;

static char* page(unsigned number) {
    return (char*)0x50000000 + (number % WINDOW + number / WINDOW * 511) * (size_t)PAGE;
}

static void caught(int signal) {
    fault = signal;
    siglongjmp(after_fault, 1);
}

// Returns the signal that the load causes, or 0.
static int load(const char* from, unsigned char* value) {
    fault = 0;
    if (sigsetjmp(after_fault, 0) == 0) *value = *(const volatile unsigned char*)from;
    return fault;
}

static int store(char* to, unsigned char value) {
    fault = 0;
    if (sigsetjmp(after_fault, 0) == 0) *(volatile unsigned char*)to = value;
    return fault;
}

static unsigned sum_of_all(void) {
    unsigned all = 0;
    for (unsigned number = 0; number < PAGES; ++number) {
        for (unsigned offset = 0; offset < PAGE; offset += 1365) {
            unsigned char value = 0;
            const int signal = load(page(number) + offset, &value);
            all = all * 31 + (unsigned)signal * 7 + value;
            if (signal != 0) break;
        }
    }
    return all;
}

static void walk(int steps);

static long fork_and_walk(void) {
    int report[2], status;
    unsigned sums = 0;
    const unsigned seed = below(1000), steps = below(12);
    CHECK(pipe(report) == 0);
    fflush(stdout);
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        ++depth;
        walk_state += seed;
        walk((int)steps);
        sums = sum_of_all();
        _exit(write(report[1], &sums, sizeof sums) == sizeof sums ? 0 : 1);
    }
    CHECK(read(report[0], &sums, sizeof sums) == sizeof sums && close(report[0]) == 0 && close(report[1]) == 0);
    CHECK(waitpid(child, &status, 0) == child);
    return status == 0 ? (long)sums : -1;
}

static long step(void) {
    static const int prots[] = {PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_NONE};
    const unsigned first = below(PAGES), wanted = 1 + below(8), left = WINDOW - first % WINDOW;
    const size_t size = (wanted < left ? wanted : left) * (size_t)PAGE, smaller = (1 + below(wanted)) * (size_t)PAGE;
    const int prot = prots[below(4)], file = (int)below(FILES), written = 1 + (int)below(FILES - 1);
    const unsigned offset = below(PAGE), length = below(2 * PAGE), place = below(3), value = below(256),
                   kind = below(16);
    char* const at = page(first);
    const int shared = below(4) == 0 ? MAP_SHARED : MAP_PRIVATE, populate = below(5) == 0 ? MAP_POPULATE : 0;
    say(" %u, page %u, %zu bytes", kind, first, size);
    switch (kind) {
        case 0:
        case 1:
            return mmap(at, size, prot, MAP_FIXED | MAP_ANONYMOUS | shared | populate, -1, 0) == at ? 0 : -1;
        case 2:
        case 3:
            return mmap(at, size, prot, MAP_FIXED | (file == 0 ? MAP_PRIVATE : MAP_SHARED), files[file],
                        place * PAGE) == at
                       ? 0
                       : -1;
        case 4:
            return munmap(at, size);
        // If there is a hole, Linux still changes the pages before it.
        case 5:
            return msync(at, size, MS_SYNC) == 0 ? mprotect(at, size, prot) : -1;
        case 6:
            return madvise(at, size, MADV_DONTNEED);
        case 7:
            return mmap(at, size, prot, MAP_FIXED_NOREPLACE | MAP_ANONYMOUS | MAP_PRIVATE, -1, 0) == at ? 0 : -1;
        case 8:
            return mremap(at, size, smaller < size ? smaller : size, 0) == at ? 0 : -1;
        case 9:
            return pread(files[file], at + offset, length, place * 1000);
        case 10:
            return pwrite(files[written], at + offset, length < PAGE ? length : PAGE, place * 1000);
        case 11:
            return depth < DEEPEST ? fork_and_walk() : 0;
        default:
            return store(at + place * 1365, (unsigned char)value);
    }
}

static void walk(int steps) {
    for (int number = 0; number < steps; ++number) {
        take_step(number, step);
        if (depth == 0) printf("%s, %u\n", line, sum_of_all());
    }
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    start_walk(argv[1]);
    const struct sigaction action = {.sa_handler = caught, .sa_flags = SA_NODEFER};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0 && sigaction(SIGBUS, &action, NULL) == 0);
    for (int n = 0; n < FILES; ++n) {
        const char name[] = {'f', (char)('0' + n), 0};
        files[n] = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
        CHECK(files[n] >= 0);
        for (int at = 0; at < (n + 2) * PAGE; at += 8) CHECK(pwrite(files[n], "abcdefgh", 8, at) == 8);
    }
    walk(atoi(argv[2]));
    return 0;
}
