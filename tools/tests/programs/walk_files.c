// walk_files SEED STEPS: a random walk of calls about files, with one line for each, which must equal Linux's. Some
// names lead nowhere, some to a folder or to a link, and there are links to each of them. The owner of the files has
// all permissions.
#include "walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { FILES = 8, LARGE = 9000 };

static const char* const names[] = {"a",   "b", "c", "d",   "e",     "x/y", "./b", "d/e", "d/f",  "c/d", ".//a",
                                    "e/.", ".", "x", "l/q", "x/y/z", "b/c", "l",   "l2",  "d/..", "c/.."};
static int files[FILES];
static char bytes[3 * LARGE];

static const char* any_name(void) { return names[below(sizeof names / sizeof *names)]; }
static int any_file(void) { return files[below(FILES)]; }

// A descriptor of a regular file, or else of no file.
static int any_regular(void) {
    struct stat status;
    const int file = any_file();
    return fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? file : -1;
}

static void show(const struct stat* status) {
    say(" [%o", status->st_mode);
    if (!S_ISDIR(status->st_mode)) say(" %u links, %ld bytes", (unsigned)status->st_nlink, (long)status->st_size);
    say("]");
}

static long open_one(void) {
    static const int rare[] = {O_EXCL, O_TRUNC, O_APPEND, O_DIRECTORY, O_NOFOLLOW};
    const unsigned slot = below(FILES);
    const char* name = any_name();
    int flags = (int)below(3) | O_NONBLOCK;
    if (below(3) == 0) flags |= rare[below(5)];
    if ((flags & O_DIRECTORY) == 0 && below(3) != 0) flags |= O_CREAT;
    if (files[slot] >= 0) close(files[slot]);
    files[slot] = open(name, flags, 0600 | (below(0100) & 066));  // a user who is not root must be able to run the rest
    say(" %s %x", name, flags);
    return files[slot] < 0 ? -1 : 0;
}

static long read_or_write(void) {
    const int file = any_file(), regular = any_regular();
    const size_t size = below(LARGE);
    const off_t offset = (off_t)below(30000);
    memset(bytes, 'a' + (int)below(26), sizeof bytes);
    struct iovec pieces[] = {{bytes, below(5000)}, {bytes + LARGE, below(5000)}, {bytes + 2 * LARGE, below(5000)}};
    long moved = 0;
    switch (below(6)) {
        case 0:
            moved = write(file, bytes, size);
            break;
        case 1:
            moved = read(file, bytes, size);
            break;
        case 2:
            moved = pwrite(regular, bytes, size, offset);
            break;
        case 3:
            moved = pread(regular, bytes, size, offset);
            break;
        case 4:
            moved = writev(file, pieces, 3);
            break;
        case 5:
            moved = readv(file, pieces, 3);
            break;
    }
    say(" %x", sum(bytes, sizeof bytes));
    return moved;
}

static long look(void) {
    struct stat status;
    const char* name = any_name();
    const int mode = (int)below(8), flags = below(2) == 0 ? AT_SYMLINK_NOFOLLOW : 0, file = any_file();
    struct pollfd one = {file, POLLIN | POLLOUT, 0};
    long result = 0;
    say(" %s", name);
    switch (below(6)) {
        case 0:
            result = fstatat(AT_FDCWD, name, &status, flags);
            if (result == 0) show(&status);
            break;
        case 1:
            result = fstat(file, &status);
            if (result == 0) show(&status);
            break;
        case 2:
            result = faccessat(AT_FDCWD, name, mode, 0);
            break;
        case 3:
            memset(bytes, 0, 100);
            result = readlink(name, bytes, 1 + below(20));
            say(" %s", bytes);
            break;
        case 4:
            result = poll(&one, 1, 0);
            say(" %x", (unsigned)one.revents);
            break;
        case 5:
            result = fcntl(file, F_GETFL) & (O_ACCMODE | O_APPEND);
            break;
    }
    return result;
}

static long list(void) {
    const char* name = any_name();
    DIR* directory = opendir(name);
    say(" %s", name);
    if (directory == NULL) return -1;
    unsigned all = 0;
    for (struct dirent* entry; (entry = readdir(directory)) != NULL;)
        all += entry->d_type + sum(entry->d_name, strlen(entry->d_name));
    closedir(directory);
    return all;
}

static long change_tree(void) {
    const char *name = any_name(), *other = any_name();
    const unsigned replace = below(4) != 0 ? 0 : RENAME_NOREPLACE;
    const mode_t mode = 0700 | below(0100);
    say(" %s %s", name, other);
    switch (below(8)) {
        case 0:
            return mkdir(name, mode);
        case 1:
            return unlink(name);
        case 2:
            return rmdir(name);
        case 3:
            return renameat2(AT_FDCWD, name, AT_FDCWD, other, replace);
        case 4:
            return link(name, other);
        case 5:
            return symlink(name, other);
        case 6:
            return mknod(name, mode | (replace != 0 ? S_IFREG : S_IFIFO), 0);
        default:
            return chmod(name, mode);
    }
}

static long change_file(void) {
    const unsigned slot = below(FILES), other = below(FILES);
    const int regular = any_regular(), whence = (int)below(3);
    const off_t place = (off_t)below(30000) - 1000;
    const int file = any_file(), shared = below(2) == 0 ? MAP_SHARED : MAP_PRIVATE;
    void* memory = NULL;
    switch (below(4)) {
        case 0:
            return ftruncate(regular, place);
        case 1:
            return lseek(regular, place, whence);
        case 2:
            memory = mmap(NULL, 20000, PROT_READ, shared, file, 0);
            return memory == MAP_FAILED ? -1 : munmap(memory, 20000);
        default:
            if (slot == other) return 0;
            if (files[slot] >= 0) close(files[slot]);
            files[slot] = dup(files[other]);
            return files[slot] < 0 ? -1 : 0;
    }
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    start_walk(argv[1]);
    umask(022);
    CHECK(mkdir("walk", 0755) == 0 && chdir("walk") == 0);
    signal(SIGPIPE, SIG_IGN);
    for (int n = 0; n < FILES; ++n) files[n] = -1;
    static long (*const calls[])(void) = {open_one, open_one, read_or_write, read_or_write, look,
                                          look,     list,     change_tree,   change_tree,   change_file};
    for (int step = 0; step < atoi(argv[2]); ++step) {
        take_step(step, calls[below(sizeof calls / sizeof *calls)]);
        puts(line);
    }
    return 0;
}
