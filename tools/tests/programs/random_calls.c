// Children make system calls with arguments that make no sense: every call but reboot, with addresses, sizes,
// descriptors and flags drawn at random. A child may end in any way, but the machine goes on. The argument is the seed.
// (In the machine only: some of the calls would do harm elsewhere.)
#include "folder.h"

#include <ftw.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

enum { CHILDREN = 60, CALLS = 1000, AREA = 8 };
static uint64_t state;
static char data[2 * PAGE];
static const char constants[PAGE] = {0};
static char* area;
static const char* const paths[] = {
    "f",         "d",         ".",     "..",           "/", "d/new", "link", "/proc/self/maps", "/proc/self/exe", "",
    "/dev/null", "/dev/zero", "/proc", "/no/such/file"};

static uint64_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}
static uint64_t below(uint64_t limit) { return next() % limit; }

static uint64_t some_address(void) {
    const uint64_t inside = (uint64_t)area + below(AREA + 1) * PAGE - (below(2) ? below(64) : 0);
    const uint64_t all[] = {0xffffffff80200000 + below(1 << 20),  // the kernel's text
                            0xffffffc080000000 + below(1 << 26),  // all memory, as the kernel sees it
                            0x3ffffff000 - below(200),            // the end of the stack
                            (uint64_t)1 << (38 + below(26)),
                            -below(2 * PAGE),
                            (uint64_t)constants + below(PAGE),
                            (uint64_t)data + below(sizeof data),
                            inside,
                            inside,
                            inside};
    return all[below(sizeof all / sizeof *all)];
}
static uint64_t some_number(void) {
    const uint64_t all[] = {below(12),          (uint64_t)1 << below(64), -below(110),
                            below(AREA) * PAGE, next() >> below(64),      3 + below(8)};
    return all[below(sizeof all / sizeof *all)];
}

// Likely values for an argument of a type in calls.h, so that not all calls are refused at once, and some unlikely
// ones.
static uint64_t some_argument(const char* type) {
    const uint64_t kind = below(16);
    if (kind == 0) return some_address();
    if (kind == 1) return some_number();
    if (strstr(type, "VirtAddr") == type) {
        if (kind == 2) return 0;
        if (kind < 9) return (uint64_t)paths[below(sizeof paths / sizeof *paths)];
        return (uint64_t)area + below(AREA * PAGE - 2048) / 8 * 8;
    }
    if (strstr(type, "int") == type) return kind < 10 ? (uint64_t)-100 : below(20);
    if (strstr(type, "std::uint32_t") == type) return kind < 10 ? below(10) : kind < 12 ? 0 : (uint64_t)1 << below(20);
    return kind < 6 ? below(4) : kind < 12 ? below(300) * 8 : below(AREA) * PAGE;
}

static inline __attribute__((always_inline)) long call(uint64_t number, const uint64_t* x) {
    register uint64_t a0 __asm__("a0") = x[0];
    register uint64_t a1 __asm__("a1") = x[1];
    register uint64_t a2 __asm__("a2") = x[2];
    register uint64_t a3 __asm__("a3") = x[3];
    register uint64_t a4 __asm__("a4") = x[4];
    register uint64_t a5 __asm__("a5") = x[5];
    register uint64_t a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return (long)a0;
}

static const struct line {
    uint64_t number;
    const char* types;
} all_calls[] = {
#define OX_CALL(number, name, ...) {number, #__VA_ARGS__},
#include "../../../kernel/syscall/calls.h"
};

static int sends_signals(uint64_t number) {
    return number == SYS_kill || number == SYS_tkill || number == SYS_tgkill || number == SYS_rt_sigqueueinfo;
}
// Mostly the end of the caller.
static int is_deadly(uint64_t number) {
    return sends_signals(number) || number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn ||
           number == SYS_munmap || number == SYS_mprotect || number == SYS_mremap || number == SYS_brk ||
           number == SYS_setitimer;
}
static void fill_some_words(void) {
    for (int i = 0; i < 64; ++i) {
        volatile uint64_t* const word = (volatile uint64_t*)area + below(AREA * PAGE / 8);
        *word = below(2) ? below(9) : some_argument(below(2) ? "VirtAddr" : "int");
    }
}
static void open_some(void) {
    const int file = open("f", O_RDWR | O_CREAT, 0600);
    (void)!write(file, paths, 100);
    (void)!pipe2((int[2]){0}, O_NONBLOCK);
    (void)!open(".", O_RDONLY | O_DIRECTORY);
    (void)!open("/dev/zero", O_RDWR);
}
static void make_calls(void) {
    for (int n = 0; n < CALLS; ++n) {
        const struct line* const line = &all_calls[below(sizeof all_calls / sizeof *all_calls)];
        uint64_t x[6];
        const char* type = line->types;
        for (int i = 0; i < 6; ++i) {
            x[i] = some_argument(type);
            const char* const comma = strchr(type, ',');
            type = comma != NULL ? comma + 2 : "";
        }
        if (line->number == SYS_reboot || (is_deadly(line->number) && below(16) != 0)) continue;
        if (sends_signals(line->number)) x[0] = (uint64_t)syscall(SYS_getpid);
        if (line->number == SYS_clone && below(2) != 0) {
            x[0] = SIGCHLD | (below(2) ? 0x4100 : 0);
            x[1] = 0;
        }
        if (n % 16 == 0) fill_some_words();
        if (n % 64 == 0) open_some();
        call(line->number, x);
    }
}

static void nothing(int signal) { (void)signal; }
static pid_t start(uint64_t seed) {
    const pid_t child = fork();
    if (child != 0) return child;
    state = seed;
    for (int i = 0; i < 20; ++i) next();
    area = mmap(NULL, AREA * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int fd = 0; fd < 3; ++fd) close(fd);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing}, NULL);  // ends a call that sleeps
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 3000}, {0, 3000}}, NULL);
    make_calls();
    _exit(0);
}

// Waits until all children have ended, or none has ended for a while: the rest sleeps, and is killed.
static void end_all(int left) {
    const struct timespec moment = {0, 20000000};
    for (int quiet = 0; left > 0 && quiet < 3; ++quiet) {
        for (; waitpid(-1, NULL, WNOHANG) > 0; quiet = 0) --left;
        if (left > 0) nanosleep(&moment, NULL);
    }
    kill(-1, SIGKILL);
    while (wait(NULL) > 0 || errno != ECHILD) continue;
}

// All that the children may have made, anywhere.
static int remove_new(const char* path, const struct stat* status, int type, struct FTW* at) {
    (void)status, (void)type;
    const int needed = at->level == 0 || strcmp(path, "/tmp") == 0 || strcmp(path, "/dev") == 0 ||
                       strcmp(path, "/init") == 0 || strcmp(path, "/random_calls") == 0;
    if (!needed) (void)remove(path);
    return 0;
}

int main(int argc, char** argv) {
    state = 0x9e3779b97f4a7c15 * (argc > 1 ? strtoul(argv[1], NULL, 0) + 1 : 1);
    enter_folder();
    for (int n = 0; n < CHILDREN; n += 4) {
        int started = 0;
        for (; started < 4; ++started) CHECK(start(next()) > 0);
        end_all(started);
    }
    CHECK(chdir("/") == 0);
    // Children may have changed this process's limits.
    CHECK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){1024, 1024}) == 0);
    CHECK(setrlimit(RLIMIT_AS, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}) == 0);
    CHECK(nftw("/", remove_new, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0);
    return 0;
}
