// torture [rounds]: a stress test of everything that can go wrong in a fork.
//
// A tree of processes writes to every kind of memory in every way, from user code and through system calls. Each
// process knows a checksum of each of its areas and checks all of them, so it notices a write that shows up in the
// wrong process or gets lost. On ox the program then uses up all memory, by touching it and by chains of forks. Exit
// status 0: no error.

#include "torture_areas.h"

// --- generations

static void report(void) { CHECK(write(report_pipe[1], &counts, sizeof counts) == sizeof counts, "report", 0); }

// Adds up what the processes have reported. No other process is alive now.
static void collect(struct counts* sum) {
    struct counts one = {.processes = UINT32_MAX};  // marks the end of the list
    CHECK(write(report_pipe[1], &one, sizeof one) == sizeof one, "end of reports", 0);
    while (read(report_pipe[0], &one, sizeof one) == sizeof one && one.processes != UINT32_MAX) {
        sum->processes += one.processes;
        sum->user_writes += one.user_writes;
        sum->kernel_writes += one.kernel_writes;
        sum->failed_forks += one.failed_forks;
        sum->killed += one.killed;
    }
}

static void live(void);

static pid_t fork_generation(void) {
    uint64_t seed = next_random();
    pid_t child = fork();
    if (child < 0) {
        CHECK(errno == ENOMEM || errno == EAGAIN, "fork", 0);
        ++counts.failed_forks;
    } else if (child > 0) {
        ++counts.processes;
    } else {
        random_state = seed | 1;
        ++generation;
        memset(&counts, 0, sizeof counts);
        live();
        report();
        _exit(0);
    }
    return child;
}

static void wait_for(pid_t child) {
    int status;
    CHECK(waitpid(child, &status, 0) == child, "waitpid", child);
    CHECK(exit_code_of(status) == 0, "a child's status", status);
}

// One process's life: it writes, while its children do the same. At most two of its children live at a time.
static void live(void) {
    pid_t child[2] = {-1, -1};
    int next = 0;
    for (int step = 0; step < steps; ++step) {
        // Children are born early, so that work remains to be done at the same time.
        int births = generation < generations && (step == 1 || (step < 8 && next_random() % 8 == 0));
        if (births) {
            if (child[next] > 0) wait_for(child[next]);
            child[next] = fork_generation();
            next = 1 - next;
        } else if (next_random() % 4 == 0) {
            check_area((int)(next_random() % areas));
        } else {
            write_somewhere();
        }
    }
    check_all();
    for (int n = 0; n < 2; ++n) {
        if (child[n] > 0) wait_for(child[n]);
    }
    check_all();
}

#include "torture_memory.h"

static uint64_t free_frames(void) {
    struct sysinfo info;
    CHECK(sysinfo(&info) == 0, "sysinfo", 0);
    return (uint64_t)info.freeram * info.mem_unit / page;
}

static int on_ox(void) {
    struct utsname name;
    return uname(&name) == 0 && strcmp(name.sysname, "ox") == 0;
}

static void start(const char* path, unsigned char* stack_areas) {
    self_path = strchr(path, '/') != NULL ? path : "/proc/self/exe";
    self_file = open(self_path, O_RDONLY);
    CHECK(self_file >= 0 && fstat(self_file, &self_status) == 0, "cannot open my own file", 0);
    CHECK(read(self_file, known_bytes, sizeof known_bytes) == sizeof known_bytes, "my own file", 0);
    CHECK(uname(&self_uname) == 0, "uname", 0);
    CHECK(pipe2(report_pipe, O_CLOEXEC) == 0 && pipe2(chain_pipe, O_CLOEXEC) == 0, "pipe2", 0);
    // Read the zeros now, while there is memory for their tables.
    for (int n = 0; n < 16; ++n) CHECK(((volatile unsigned char*)full)[n * page] == 0, "zeros", n);
    make_areas(stack_areas);
}

int main(int argc, char** argv) {
    _Alignas(page) unsigned char stack_areas[areas_of_a_kind * page];
    int rounds = argc > 1 ? atoi(argv[1]) : 2;
    int ox = on_ox();
    int depths[chains] = {0};
    uint64_t frames_before = 0;
    start(argv[0], stack_areas);
    for (int round = 0; round < rounds; ++round) {
        // A child does it, not the first process, whose memory stays the same: so all rounds start alike.
        wait_for(fork_generation());
        if (ox) {
            touch_until_killed();
            chains_until_memory_is_gone(depths);
        }
        collect(&counts);
        // After the first round the first process has all the memory that it needs.
        if (round == 0) frames_before = free_frames();
    }
    uint64_t frames_after = free_frames();
    printf(
        "torture: rounds=%d processes=%u user_writes=%u kernel_writes=%u failed_forks=%u killed=%u chains=%d,%d,%d "
        "frames=%llu,%llu\n",
        rounds, counts.processes, counts.user_writes, counts.kernel_writes, counts.failed_forks, counts.killed,
        depths[0], depths[1], depths[2], (unsigned long long)frames_before, (unsigned long long)frames_after);
    if (ox) {
        CHECK(frames_before == frames_after, "frames are missing:", (long)(frames_before - frames_after));
        CHECK(rounds == 0 || (counts.failed_forks > 0 && counts.killed > 0), "memory was never gone", 0);
    }
    return 0;
}
