// long_calls CALL MIB: one call that moves or maps so many MiB.
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>

static size_t size;

static char* mapped(void) {
    char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

static char* written(void) {
    char* memory = mapped();
    for (size_t at = 0; at < size; at += PAGE) memory[at] = 1;
    return memory;
}

static int new_file(void) {
    const int fd = open("long_calls.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    return fd;
}

static void whole(ssize_t moved) { CHECK(moved >= 0 && (size_t)moved == size); }

static void read_from(const char* path) { whole(read(open(path, O_RDONLY), mapped(), size)); }

static void read_zero(void) { read_from("/dev/zero"); }
static void read_urandom(void) { read_from("/dev/urandom"); }
static void read_pagemap(void) { read_from("/proc/self/pagemap"); }
static void get_random(void) { whole(getrandom(mapped(), size, 0)); }

static void write_file(void) { whole(write(new_file(), written(), size)); }

static int written_file(void) {
    const int fd = new_file();
    for (size_t at = 0; at < size; at += PAGE) CHECK(pwrite(fd, "x", 1, (off_t)at) == 1);
    return fd;
}

static void read_file(void) {
    const int fd = written_file();
    CHECK(ftruncate(fd, (off_t)size) == 0);
    whole(read(fd, mapped(), size));
}

static void truncate_file(void) { CHECK(ftruncate(written_file(), 0) == 0); }
static void remove_file(void) { CHECK(close(written_file()) == 0 && unlink("long_calls.data") == 0); }

static void protect(void) { CHECK(mprotect(written(), size, PROT_READ) == 0); }
static void unmap(void) { CHECK(munmap(written(), size) == 0); }
static void discard(void) { CHECK(madvise(written(), size, MADV_DONTNEED) == 0); }

static void move(void) {
    char* memory = written();
    char* wall = memory + size;  // so that it cannot grow where it is
    (void)mmap(wall, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(mremap(memory, size, size + PAGE, MREMAP_MAYMOVE) != memory);
}

static void populate(void) {
    CHECK(mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != MAP_FAILED);
}

// Of arguments there can be 2 MiB.
static void execute(void) {
    enum { COUNT = 16, LENGTH = 100000 };
    char* argv[COUNT + 1] = {"true"};
    for (int i = 1; i < COUNT; ++i) {
        argv[i] = malloc(LENGTH);
        CHECK(argv[i] != NULL);
        memset(argv[i], 'x', LENGTH - 1);
        argv[i][LENGTH - 1] = 0;
    }
    execv("/true", argv);
    CHECK(0);
}

int main(int argc, char** argv) {
    static const struct {
        const char* name;
        void (*call)(void);
    } calls[] = {{"read_zero", read_zero},
                 {"read_urandom", read_urandom},
                 {"read_pagemap", read_pagemap},
                 {"getrandom", get_random},
                 {"read_file", read_file},
                 {"write_file", write_file},
                 {"mprotect", protect},
                 {"munmap", unmap},
                 {"madvise", discard},
                 {"mremap", move},
                 {"mmap", populate},
                 {"execve", execute},
                 {"ftruncate", truncate_file},
                 {"unlink", remove_file}};
    CHECK(argc == 3);
    size = (size_t)atoi(argv[2]) << 20;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i) {
        if (strcmp(argv[1], calls[i].name) != 0) continue;
        calls[i].call();
        return 0;
    }
    return 2;
}
