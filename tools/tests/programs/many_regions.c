// A process with thousands of mappings: many_regions [N]. It protects every other page of a block, unmaps every other
// page of another, and forks with all the mappings.
#include <sys/mman.h>

#include "proc.h"

static char* map(long pages) {
    char* memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

int main(int argc, char** argv) {
    const long regions = argc > 1 ? atol(argv[1]) : 400;
    char* guarded = map(regions);
    memset(guarded, 1, PAGE);
    for (long i = 0; i < regions; i += 2) CHECK(mprotect(guarded + i * PAGE, PAGE, PROT_READ) == 0);
    CHECK(lines_of_maps() >= regions);

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(guarded[0] == 1 && guarded[(regions - 2) * PAGE] == 0);
        for (long i = 1; i < regions; i += 2) guarded[i * PAGE] = 2;
        CHECK(munmap(guarded, regions * PAGE) == 0);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 0));
    for (long i = 1; i < regions; i += 2) CHECK(guarded[i * PAGE] == 0);

    for (long i = 0; i < regions; i += 2) CHECK(munmap(guarded + i * PAGE, PAGE) == 0);
    char* elsewhere = map(2);
    CHECK(elsewhere < guarded + PAGE || elsewhere >= guarded + regions * PAGE);  // each hole has only one page
    CHECK(munmap(guarded, regions * PAGE) == 0 && munmap(elsewhere, 2 * PAGE) == 0);
    return 0;
}
