// pagemap and kpagecount around a fork: one frame until the write, then two, one in each process. And ox's own /proc
// file, the tables.
#include "proc.h"

#include <sys/mman.h>

static const uint64_t present = UINT64_C(1) << 63, of_file = UINT64_C(1) << 61, exclusive = UINT64_C(1) << 56;

static uint64_t word_of(const char* path, uint64_t index) {
    uint64_t word = 0;
    int file = open(path, O_RDONLY);
    CHECK(file >= 0 && pread(file, &word, sizeof word, (off_t)(index * sizeof word)) == sizeof word);
    close(file);
    return word;
}

static uint64_t page_of(pid_t pid, const void* address) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/pagemap", (int)pid);
    return word_of(path, (uintptr_t)address / PAGE);
}
static uint64_t frame_of(uint64_t page) { return page & ((UINT64_C(1) << 55) - 1); }

static void step(int ends[2][2], int who) {
    char byte = 0;
    CHECK(write(ends[who][1], &byte, 1) == 1 && read(ends[!who][0], &byte, 1) == 1);
}

// A touched page and an untouched one, a file's page, a page without access.
static void test_kinds(char* memory) {
    CHECK((page_of(getpid(), memory) & (present | of_file | exclusive)) == (present | exclusive));
    CHECK(page_of(getpid(), memory + PAGE) == 0);
    CHECK(mprotect(memory, PAGE, PROT_NONE) == 0);
    CHECK((page_of(getpid(), memory) & present) != 0);
    CHECK(mprotect(memory, PAGE, PROT_READ | PROT_WRITE) == 0);
    CHECK((page_of(getpid(), (void*)&test_kinds) & (present | of_file)) == (present | of_file));
    uint64_t words[1024];
    int file = open("/proc/self/pagemap", O_RDONLY);
    CHECK(pread(file, words, sizeof words, (off_t)((uintptr_t)memory / PAGE * 8)) == sizeof words);
    CHECK(words[0] == page_of(getpid(), memory) && words[1] == 0 && close(file) == 0);
}

// ox alone has this file: a line for each entry of the page tables.
static void test_tables(char* memory, uint64_t frame) {
    memory[0] = 1;  // after mprotect, W comes with the next store
    const uint64_t address = (uintptr_t)memory, index = address / PAGE % 512;
    char expected[100], line[100];
    snprintf(expected, sizeof expected, "level 0 %010lx [%lu]: frame 0x%lx count 1 W\n", address, index, frame);
    FILE* tables = fopen("/proc/self/tables", "r");
    CHECK(tables != NULL);
    int lines = 0;
    while (fgets(line, sizeof line, tables) != NULL) lines += strcmp(line, expected) == 0;
    CHECK(lines == 1 && fclose(tables) == 0);
}

int main(void) {
    char* memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    memory[0] = 1;
    test_kinds(memory);
    const uint64_t frame = frame_of(page_of(getpid(), memory));
    if (frame == 0 && !on_ox()) return 0;  // Linux hides frame numbers from most users
    CHECK(frame != 0 && word_of("/proc/kpagecount", frame) == 1);
    if (on_ox()) test_tables(memory, frame);
    int ends[2][2];
    CHECK(pipe(ends[0]) == 0 && pipe(ends[1]) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        step(ends, 1);
        memory[0] = 2;
        step(ends, 1);
        _exit(0);
    }
    char byte;
    CHECK(read(ends[1][0], &byte, 1) == 1);
    const uint64_t mine = page_of(getpid(), memory), childs = page_of(child, memory);
    CHECK(frame_of(mine) == frame);
    if (frame_of(childs) == frame) {
        CHECK(((mine | childs) & exclusive) == 0 && word_of("/proc/kpagecount", frame) <= 2);
    } else {  // eager: the fork has copied it
        CHECK((mine & childs & exclusive) != 0 && word_of("/proc/kpagecount", frame_of(childs)) == 1);
    }
    step(ends, 0);
    const uint64_t written = page_of(child, memory);
    CHECK(frame_of(written) != frame && (written & exclusive) != 0 && frame_of(page_of(getpid(), memory)) == frame);
    CHECK(word_of("/proc/kpagecount", frame_of(written)) == 1 && word_of("/proc/kpagecount", frame) == 1);
    CHECK((page_of(getpid(), memory) & exclusive) != 0);
    CHECK(write(ends[0][1], &byte, 1) == 1 && waitpid(child, NULL, 0) == child);
    return 0;
}
