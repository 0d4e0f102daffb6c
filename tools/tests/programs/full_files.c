// Memory full of files: files may take half of it. Even if the rest is used up as well, names, pages and descriptors
// can still be freed. The limits are ox's own, so this does not run on Linux.
#include "folder.h"

#include <sys/mman.h>
#include <sys/statfs.h>

static char bytes[1 << 16];

static void fill_with_bytes(void) {
    const unsigned long before = free_bytes();
    const int fd = open("large", O_RDWR | O_CREAT, 0600);
    const int small = open("small", O_RDWR | O_CREAT, 0600);
    CHECK(write(small, bytes, 100) == 100 && ftruncate(small, 10 * PAGE) == 0);
    char* const view = mmap(NULL, 10 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, small, 0);
    CHECK(view != MAP_FAILED);
    while (write(fd, bytes, sizeof bytes) > 0) continue;
    CHECK(errno == ENOSPC && before / 3 < before - free_bytes() && before - free_bytes() < before * 2 / 3);
    struct statfs files;
    CHECK(statfs(".", &files) == 0 && files.f_bfree == 0 && files.f_bavail == 0);
    // Pages that exist can be written; holes cannot, and a store to one through a mapping causes SIGBUS.
    view[0] = 'x';
    CHECK(pwrite(fd, bytes, sizeof bytes, 0) == sizeof bytes);
    CHECK_ERROR(pwrite(small, bytes, 1, PAGE), ENOSPC);
    CHECK_ERROR(symlink("large", "link"), ENOSPC);
    const pid_t child = fork();
    CHECK(child >= 0);  // there still is memory for a process
    if (child == 0) view[5 * PAGE] = 'x';
    int status;
    CHECK(waitpid(child, &status, 0) == child && killed_by(status, SIGBUS));
    // Memory without a file does not count as a file's.
    char* const memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    memset(memory, 1, 1 << 20);
    CHECK(munmap(memory, 1 << 20) == 0 && munmap(view, 10 * PAGE) == 0);
    CHECK(unlink("large") == 0 && unlink("small") == 0 && close(fd) == 0 && close(small) == 0);
    CHECK(free_bytes() > before - (64 << 10) && statfs(".", &files) == 0 && files.f_bfree > 0);
}

static char* path_of(int number) {
    static char path[32];
    snprintf(path, sizeof path, "%d/%d", number / 64, number % 64);
    return path;
}

static void fill_with_names(void) {
    char folder_of[32];
    int files = 0, folders = 0;
    for (;; ++files) {
        if (files % 64 == 0) {
            snprintf(folder_of, sizeof folder_of, "%d", folders);
            if (mkdir(folder_of, 0700) != 0) break;
            ++folders;
        }
        const int fd = open(path_of(files), O_WRONLY | O_CREAT, 0600);
        if (fd < 0) break;
        close(fd);
    }
    CHECK(errno == ENOSPC && files > 1000);
    const int last = files;
    while (files-- > 0) CHECK(unlink(path_of(files)) == 0);
    CHECK(link("/proc/self/exe", "x") != 0 && last > 1000);
    while (folders-- > 0) {
        snprintf(folder_of, sizeof folder_of, "%d", folders);
        CHECK(rmdir(folder_of) == 0);
    }
}

enum { PIPES = 450 };
static int pipes[PIPES][2];
static int used;

// Uses up the memory, to the last page.
static void fill_with_pipes(void) {
    static char most_of_it[20 << 20];
    memset(most_of_it, 1, sizeof most_of_it);
    for (used = 0; used < PIPES; ++used) {
        CHECK(pipe(pipes[used]) == 0 || errno == ENOMEM);
        if (pipes[used][1] == 0) break;
        fcntl(pipes[used][1], F_SETFL, O_NONBLOCK);
        while (write(pipes[used][1], bytes, PAGE) == PAGE) continue;
        if (errno != EAGAIN) break;
    }
    CHECK(used < PIPES && errno == ENOMEM);
    ++used;
    while (open("new", O_WRONLY | O_CREAT, 0600) >= 0) continue;
    CHECK(errno == ENOMEM);
}

static void empty_pipes(void) {
    while (used-- > 0) {
        if (pipes[used][1] != 0) CHECK(close(pipes[used][0]) == 0 && close(pipes[used][1]) == 0);
    }
}

static void remove_without_memory(void) {
    const int fd = open("f", O_RDWR | O_CREAT, 0600), other = open("g", O_RDWR | O_CREAT, 0600);
    memset(bytes, 'f', sizeof bytes);
    CHECK(write(fd, bytes, 2 * PAGE) == 2 * PAGE && write(other, bytes, sizeof bytes) == sizeof bytes);
    CHECK(symlink("g", "link") == 0 && mkdir("d", 0700) == 0);
    const char* const old = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(old != MAP_FAILED && old[100] == 'f');  // so the file is not the only owner of that frame
    fill_with_pipes();
    CHECK(ftruncate(fd, 100) == 0);
    CHECK(unlink("./d/../link") == 0 && rmdir("d") == 0 && unlink("g") == 0 && close(other) == 0);
    CHECK_ERROR(unlink("g"), ENOENT);
    empty_pipes();
    const char* const shown = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(old[100] == 'f' && shown[99] == 'f' && shown[100] == 0 && shown[PAGE - 1] == 0);
    CHECK(ftruncate(fd, PAGE) == 0 && pread(fd, bytes, PAGE, 0) == PAGE && bytes[99] == 'f' && bytes[100] == 0);
    CHECK(unlink("f") == 0 && (unlink("new") == 0 || errno == ENOENT));
}

int main(void) {
    memset(bytes, 1, sizeof bytes);
    enter_folder();
    fill_with_bytes();
    fill_with_names();
    remove_without_memory();
    leave_folder();
    return 0;
}
