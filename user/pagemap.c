// Two processes, one address: the same frame after fork, different frames after a write. The program reads only /proc,
// in Linux's formats, so the same binary runs on Linux too (as root: other users do not see frame numbers).

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { page_size = 4096, copied_by_fork = 2 };

static struct {
    _Alignas(4096) volatile int x;
    char rest[page_size - sizeof(int)];
} page = {.x = 5};

// The 64-bit word at `index` of the file `path`; 0 if it cannot be read.
static uint64_t word_of(const char* path, uint64_t index) {
    uint64_t word = 0;
    int file = open(path, O_RDONLY);
    if (file < 0 || pread(file, &word, sizeof word, (off_t)(index * sizeof word)) != sizeof word) word = 0;
    if (file >= 0) close(file);
    return word;
}

// An entry of pagemap: bits 0 to 54 are the frame, bit 56: no other process maps the page, bit 63: the page is in
// memory.
static uint64_t tell(const char* who) {
    uint64_t entry = word_of("/proc/self/pagemap", (uintptr_t)&page / page_size);
    uint64_t frame = entry & ((UINT64_C(1) << 55) - 1);
    printf("%-22s x = %2d at %p in frame 0x%llx, %s, count %llu\n", who, page.x, (void*)&page,
           (unsigned long long)frame, entry >> 56 & 1 ? "its own" : "shared",
           (unsigned long long)word_of("/proc/kpagecount", frame));
    fflush(stdout);
    return frame;
}

int main(void) {
    page.x = 5;  // now the page is in memory, and no longer the file's
    uint64_t before = tell("before fork, parent:");
    if (before == 0) {
        fprintf(stderr, "pagemap: no frame numbers: there is no /proc, or you are not root\n");
        return 1;
    }
    int to_child[2], to_parent[2];
    char turn = 0;
    if (pipe(to_child) != 0 || pipe(to_parent) != 0) return 1;
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        uint64_t after = tell("after fork, child:");
        if (write(to_parent[1], &turn, 1) != 1 || read(to_child[0], &turn, 1) != 1) return 1;
        page.x = 10;
        if (tell("after x = 10, child:") == before) return 1;
        if (write(to_parent[1], &turn, 1) != 1 || read(to_child[0], &turn, 1) != 1) return 1;
        return after == before ? 0 : copied_by_fork;
    }
    int status, ok = read(to_parent[0], &turn, 1) == 1;
    ok = ok && tell("after fork, parent:") == before;
    ok = ok && write(to_child[1], &turn, 1) == 1 && read(to_parent[0], &turn, 1) == 1;
    ok = ok && tell("after x = 10, parent:") == before;
    ok = ok && write(to_child[1], &turn, 1) == 1 && waitpid(child, &status, 0) == child && WIFEXITED(status);
    if (!ok || WEXITSTATUS(status) == 1) {
        printf("not as it should be\n");
        return 1;
    }
    printf("same address: %s\n", WEXITSTATUS(status) == copied_by_fork
                                     ? "two frames after the fork, which copies at once"
                                     : "one frame until the write, two frames after it");
    return 0;
}
