// Memory of files, and shared memory, after fork: writes to private mappings of a file copy the page, writes to shared
// mappings never do. The cases follow Linux's selftests/mm/cow.c.
#include "cow.h"

#include <fcntl.h>

static int make_file(void) {
    char name[] = "/tmp/cowXXXXXX";
    int file = mkstemp(name);
    CHECK(file >= 0 && unlink(name) == 0);
    char bytes[length];
    memset(bytes, 1, sizeof bytes);
    CHECK(write(file, bytes, sizeof bytes) == length);
    return file;
}

static char* map(int file, int flags) {
    char* memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, file, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static void check_file(int file, char value) {
    char bytes[length];
    CHECK(pread(file, bytes, length, 0) == length && all_are(bytes, value));
}

// Before the fork, nobody has written, or the parent, or both.
static void test_private_file(void) {
    for (int written = 0; written < 2; ++written) {
        int file = make_file();
        char* memory = map(file, MAP_PRIVATE);
        char before = 1;
        if (written) fill(memory, before = 4);
        struct turns turns;
        if (begin_turns(&turns) == 0) {
            CHECK(all_are(memory, before));
            fill(memory, 2);
            give_turn(&turns);
            take_turn(&turns);
            CHECK(all_are(memory, 2));
            end_turns(&turns);
        }
        take_turn(&turns);
        CHECK(all_are(memory, before));
        fill(memory, 3);
        give_turn(&turns);
        end_turns(&turns);
        CHECK(all_are(memory, 3));
        check_file(file, 1);
        CHECK(munmap(memory, length) == 0 && close(file) == 0);
    }
}

// A write to the file must not change the pages that a private mapping has already written.
static void test_private_file_and_write(void) {
    int file = make_file();
    char* memory = map(file, MAP_PRIVATE);
    fill(memory, 2);
    CHECK(pwrite(file, "z", 1, 0) == 1);
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        CHECK(all_are(memory, 2));
        CHECK(pwrite(file, "y", 1, PAGE) == 1);
        CHECK(all_are(memory, 2));
        end_turns(&turns);
    }
    end_turns(&turns);
    char bytes[2];
    CHECK(all_are(memory, 2));
    CHECK(pread(file, bytes, 1, 0) == 1 && pread(file, bytes + 1, 1, PAGE) == 1);
    CHECK(bytes[0] == 'z' && bytes[1] == 'y');
    CHECK(munmap(memory, length) == 0 && close(file) == 0);
}

// Pages that are touched first before the fork, or after it: every process sees every write, to the third generation.
static void share(char* memory) {
    for (int touched = 0; touched < 2; ++touched) {
        if (touched) fill(memory, 1);
        memory[0] = 1;
        struct turns turns;
        if (begin_turns(&turns) == 0) {
            memory[PAGE] = 2;
            memory[0] = 5;
            pid_t grandchild = fork();
            CHECK(grandchild >= 0);
            if (grandchild == 0) {
                memory[2 * PAGE] = 3;
                _exit(memory[PAGE] == 2 ? 0 : 1);
            }
            int status;
            CHECK(waitpid(grandchild, &status, 0) == grandchild && status == 0 && memory[2 * PAGE] == 3);
            give_turn(&turns);
            take_turn(&turns);
            CHECK(memory[3 * PAGE] == 4);
            end_turns(&turns);
        }
        take_turn(&turns);
        CHECK(memory[0] == 5 && memory[PAGE] == 2 && memory[2 * PAGE] == 3);
        memory[3 * PAGE] = 4;
        give_turn(&turns);
        end_turns(&turns);
    }
}

static void test_shared_anonymous(void) {
    char* memory = map(-1, MAP_SHARED | MAP_ANONYMOUS);
    CHECK(all_are(memory, 0));
    share(memory);
    CHECK(munmap(memory, length) == 0);
}

static void test_shared_file(void) {
    int file = make_file();
    char* memory = map(file, MAP_SHARED);
    CHECK(all_are(memory, 1));
    share(memory);
    char byte;
    CHECK(pread(file, &byte, 1, 3 * PAGE) == 1 && byte == 4);
    CHECK(pwrite(file, "w", 1, PAGE + 1) == 1 && memory[PAGE + 1] == 'w');
    CHECK(munmap(memory, length) == 0 && close(file) == 0);
}

// A shared mapping stays shared when its protection is removed and restored.
static void test_shared_round_trip(void) {
    char* memory = map(-1, MAP_SHARED | MAP_ANONYMOUS);
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        CHECK(mprotect(memory, length, PROT_READ) == 0 && mprotect(memory, length, PROT_READ | PROT_WRITE) == 0);
        fill(memory, 7);
        end_turns(&turns);
    }
    end_turns(&turns);
    CHECK(all_are(memory, 7) && munmap(memory, length) == 0);
}

// read() into shared memory is visible to others; read() into a private mapping of a file is not.
static void test_read_into(void) {
    int file = make_file(), other = make_file();
    char* shared = map(-1, MAP_SHARED | MAP_ANONYMOUS);
    char* mine = map(file, MAP_PRIVATE);
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        CHECK(pwrite(other, "abc", 3, 0) == 3);
        CHECK(pread(other, shared + PAGE - 1, 3, 0) == 3 && pread(other, mine + PAGE - 1, 3, 0) == 3);
        CHECK(memcmp(mine + PAGE - 1, "abc", 3) == 0);
        end_turns(&turns);
    }
    end_turns(&turns);
    CHECK(memcmp(shared + PAGE - 1, "abc", 3) == 0 && all_are(mine, 1));
    check_file(file, 1);
    CHECK(munmap(shared, length) == 0 && munmap(mine, length) == 0 && close(file) == 0 && close(other) == 0);
}

// Pages that one process discards stay in the other.
static void test_dropped_pages(void) {
    char* memory = private_memory();
    fill(memory, 1);
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        CHECK(madvise(memory, length, MADV_DONTNEED) == 0 && all_are(memory, 0));
        fill(memory, 2);
        end_turns(&turns);
    }
    end_turns(&turns);
    CHECK(all_are(memory, 1) && munmap(memory, length) == 0);
}

// mremap() moves the pages with their mapping, shared ones too.
static void test_moved_pages(void) {
    char* memory = private_memory();
    fill(memory, 1);
    struct turns turns;
    if (begin_turns(&turns) == 0) {
        char* longer = mremap(memory, length, 4 * length, MREMAP_MAYMOVE);
        CHECK(longer != MAP_FAILED && all_are(longer, 1) && all_are(longer + length, 0));
        fill(longer, 2);
        end_turns(&turns);
    }
    end_turns(&turns);
    CHECK(all_are(memory, 1) && munmap(memory, length) == 0);
}

int main(void) {
    test_private_file();
    test_private_file_and_write();
    test_shared_anonymous();
    test_shared_file();
    test_shared_round_trip();
    test_read_into();
    test_dropped_pages();
    test_moved_pages();
    return 0;
}
