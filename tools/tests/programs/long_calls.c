// long_calls CALL MIB: makes one call that moves or maps that many MiB, or as many arguments or files as fit.
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>

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
    char* wall = memory + size;  // so that it cannot grow in place
    (void)mmap(wall, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(mremap(memory, size, size + PAGE, MREMAP_MAYMOVE) != memory);
}

static void populate(void) {
    CHECK(mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0) != MAP_FAILED);
}

// The arguments may have 2 MiB.
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

static void fork_once(void) {
    (void)written();
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(0);
    CHECK(waitpid(child, NULL, 0) == child);
}

// As many empty strings as fit into 2 MiB.
static void execute_strings(void) {
    enum { COUNT = 200000 };
    char** argv = malloc((COUNT + 1) * sizeof *argv);
    CHECK(argv != NULL);
    for (int i = 0; i < COUNT; ++i) argv[i] = "";
    argv[COUNT] = NULL;
    execv("/true", argv);
    CHECK(0);
}

static void map_file(void) {
    CHECK(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, written_file(), 0) != MAP_FAILED);
}

static void map_sparse_file(void) {
    const int fd = new_file();
    CHECK(ftruncate(fd, 1L << 33) == 0);
    CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
}

enum { REGIONS = 10000 };

static char* many_regions(void) {
    char* memory = mmap(NULL, REGIONS * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    for (long i = 0; i < REGIONS; i += 2) CHECK(mprotect(memory + i * PAGE, PAGE, PROT_READ) == 0);
    return memory;
}

static void protect_regions(void) { CHECK(mprotect(many_regions(), REGIONS * PAGE, PROT_READ) == 0); }
static void unmap_regions(void) { CHECK(munmap(many_regions(), REGIONS * PAGE) == 0); }
static void exit_with_regions(void) { many_regions(); }
static void look_at_regions(const char* path) {
    many_regions();
    char text[PAGE];
    const int fd = open(path, O_RDONLY);
    CHECK(fd >= 0 && pread(fd, text, sizeof text, 0) > 0);
}
static void read_maps(void) { look_at_regions("/proc/self/maps"); }
static void read_statm(void) {
    (void)written();
    look_at_regions("/proc/self/statm");
}

enum { NAMES = 5000 };

static void many_names(void) {
    char name[20];
    CHECK(mkdir("names", 0700) == 0 && chdir("names") == 0);
    for (int i = 0; i < NAMES; ++i) {
        snprintf(name, sizeof name, "%d", i);
        CHECK(mknod(name, S_IFREG | 0600, 0) == 0);
    }
}
static void find_name(void) {
    many_names();
    CHECK_ERROR(access("none", F_OK), ENOENT);
    CHECK(rename("0", "none") == 0 && unlink("none") == 0);
}
static void list_names(void) {
    many_names();
    DIR* names = opendir(".");
    int count = 0;
    while (readdir(names) != NULL) ++count;
    CHECK(count == NAMES + 2);
}

static void lock_ranges(void) {
    const int fd = new_file();
    struct flock lock = {.l_type = F_WRLCK, .l_len = 1};
    for (; lock.l_start < 6000; lock.l_start += 2) CHECK(fcntl(fd, F_SETLK, &lock) == 0);
    CHECK(close(fd) == 0);
}

enum { OPEN = 200 };

static void poll_files(void) {
    struct pollfd files[OPEN];
    for (int i = 0; i < OPEN; ++i) {
        int ends[2];
        CHECK(i > 100 || pipe(ends) == 0);
        files[i] = (struct pollfd){.fd = i > 100 ? files[i - 100].fd : ends[0], .events = POLLIN};
    }
    CHECK(poll(files, OPEN, 1) == 0);
}

static void read_pieces(void) {
    static struct iovec pieces[1024];
    char* memory = mapped();
    for (size_t i = 0; i < 1024; ++i) pieces[i] = (struct iovec){memory + i * (size / 1024), size / 1024};
    whole(readv(open("/dev/zero", O_RDONLY), pieces, 1024));
}

enum { CHILDREN = 1000 };

static void wake_many(void) {
    int ends[2];
    char byte;
    CHECK(pipe(ends) == 0);
    for (int i = 0; i < CHILDREN; ++i) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            close(ends[1]);
            _exit((int)read(ends[0], &byte, 1));
        }
    }
    sleep(1);
    close(ends[1]);
    for (int i = 0; i < CHILDREN; ++i) CHECK(wait(NULL) > 0);
}

static void kill_many(void) {
    setpgid(0, 0);
    signal(SIGTERM, SIG_IGN);
    for (int i = 0; i < CHILDREN; ++i) {
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) pause();
    }
    CHECK(kill(0, SIGTERM) == 0);
    for (pid_t child = getpid() + 1; child <= getpid() + CHILDREN; ++child) CHECK(kill(child, SIGKILL) == 0);
    for (int i = 0; i < CHILDREN; ++i) CHECK(wait(NULL) > 0);
}

static void orphan_many(void) {
    const pid_t parent = fork();
    CHECK(parent >= 0);
    if (parent == 0) {
        for (int i = 0; i < CHILDREN; ++i) {
            if (fork() == 0) _exit(0);
        }
        _exit(0);
    }
    CHECK(waitpid(parent, NULL, 0) == parent);
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
                 {"unlink", remove_file},
                 {"fork", fork_once},
                 {"execve_strings", execute_strings},
                 {"mmap_file", map_file},
                 {"mmap_sparse", map_sparse_file},
                 {"mprotect_regions", protect_regions},
                 {"munmap_regions", unmap_regions},
                 {"exit_regions", exit_with_regions},
                 {"read_maps", read_maps},
                 {"read_statm", read_statm},
                 {"names", find_name},
                 {"getdents", list_names},
                 {"locks", lock_ranges},
                 {"poll", poll_files},
                 {"readv", read_pieces},
                 {"wake", wake_many},
                 {"kill", kill_many},
                 {"exit_children", orphan_many}};
    CHECK(argc == 3);
    size = (size_t)atoi(argv[2]) << 20;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; ++i) {
        if (strcmp(argv[1], calls[i].name) != 0) continue;
        calls[i].call();
        return 0;
    }
    return 2;
}
