// What copy-on-write saves: a process with PAGES pages forks, and the child writes SHARE percent of them. It prints the
// time, the page faults and the frames that the fork took, and then the same for the writes.
//
//     cow_demo [PAGES [SHARE]]      (4096 pages, 25 %)
//
// Boot with fork=eager, cow and on_demand to compare.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { page_size = 4096 };

struct measure {
    double milliseconds;
    long faults, free_frames;
};

// The number of free frames, as Linux's interface reports it.
static long free_frames(void) {
    static char line[256];
    long frames = 0;
    FILE* file = fopen("/proc/vmstat", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL && sscanf(line, "nr_free_pages %ld", &frames) != 1)
        continue;
    if (file != NULL) fclose(file);
    return frames;
}

static struct measure now(void) {
    struct timespec time;
    struct rusage usage = {0};
    long frames = free_frames();
    getrusage(RUSAGE_SELF, &usage);
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (struct measure){(double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6, usage.ru_minflt, frames};
}

static void print(const char* what, struct measure from, struct measure to) {
    printf("%-22s %8.3f ms %6ld faults %6ld frames\n", what, to.milliseconds - from.milliseconds,
           to.faults - from.faults, from.free_frames - to.free_frames);
    fflush(stdout);
}

int main(int argc, char** argv) {
    long pages = argc > 1 ? atol(argv[1]) : 4096;
    long share = argc > 2 ? atol(argv[2]) : 25;
    long written = pages * share / 100;
    char* memory = mmap(NULL, (size_t)pages * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    struct measure start = now();
    memset(memory, 1, (size_t)pages * page_size);
    printf("%ld pages, the child writes %ld of them\n", pages, written);
    print("the parent's writes", start, now());

    int ends[2];
    if (pipe(ends) != 0) return 1;
    struct measure before = now();
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        char go;
        if (read(ends[0], &go, 1) != 1) _exit(1);  // the parent has measured
        struct measure begun = now();
        for (long i = 0; i < written; ++i) memory[(i * 100 / (share > 0 ? share : 1)) % pages * page_size] = 2;
        print("the child's writes", begun, now());
        _exit(0);
    }
    print("fork", before, now());
    int status;
    if (write(ends[1], "g", 1) != 1 || waitpid(child, &status, 0) != child) return 1;
    print("all, the child gone", before, now());
    for (long i = 0; i < pages; ++i) {
        if (memory[i * page_size] != 1) return 1;  // the child's writes are not visible here
    }
    return status != 0;
}
