// The tree of files: directories, hard and symbolic links, unlink, rename, and their errors; listings.
#include "folder.h"

#include <dirent.h>
#include <sys/syscall.h>

// The number of subdirectories, with "." and "..". It equals the link count of a directory.
static unsigned long directories_in(const char* path) {
    unsigned long listed = 0;
    DIR* directory = opendir(path);
    for (struct dirent* entry; (entry = readdir(directory)) != NULL;) listed += entry->d_type == DT_DIR;
    CHECK(closedir(directory) == 0);
    return listed;
}

static void directories(void) {
    unsigned long links = status_at(".").st_nlink;
    CHECK(mkdir("d", 0777) == 0 && mkdir("d/e/", 0700) == 0);
    CHECK((status_at("d").st_mode & 07777) == 0755 && S_ISDIR(status_at("d").st_mode));
    CHECK((status_at("d/e").st_mode & 07777) == 0700);
    CHECK(status_at("d").st_nlink == 3 && status_at("d/e").st_nlink == 2 && status_at(".").st_nlink == links + 1);
    CHECK(status_at("d").st_nlink == directories_in("d"));
    if (on_ox()) CHECK(status_at("/").st_nlink == directories_in("/"));  // some file systems on Linux say 1
    CHECK(status_at("d/e/..").st_ino == status_at("d").st_ino);
    CHECK_ERROR(mkdir("d", 0777), EEXIST);
    CHECK_ERROR(mkdir(".", 0777), EEXIST);
    CHECK_ERROR(mkdir("/", 0777), EEXIST);
    CHECK_ERROR(mkdir("no/x", 0777), ENOENT);
    CHECK_ERROR(rmdir("d"), ENOTEMPTY);
    CHECK_ERROR(rmdir("d/."), EINVAL);
    CHECK_ERROR(rmdir("d/e/.."), ENOTEMPTY);
    CHECK_ERROR(rmdir("no"), ENOENT);
    CHECK_ERROR(rmdir("/"), EBUSY);
    CHECK_ERROR(unlink("d"), EISDIR);
    make_file("f", "text");
    CHECK_ERROR(rmdir("f"), ENOTDIR);
    CHECK_ERROR(mkdir("f/x", 0777), ENOTDIR);
    CHECK_ERROR(unlink("f/"), ENOTDIR);
    CHECK_ERROR(unlink("no"), ENOENT);
    CHECK_ERROR(unlink(""), ENOENT);
    char name[300];
    memset(name, 'n', sizeof name);
    name[256] = 0;
    CHECK_ERROR(mkdir(name, 0777), ENAMETOOLONG);
    name[255] = 0;
    CHECK(mkdir(name, 0777) == 0 && rmdir(name) == 0);
    CHECK(unlink("f") == 0 && rmdir("d/e/") == 0 && rmdir("d") == 0);
    CHECK(status_at(".").st_nlink == links);
}

static void working_directory(void) {
    char path[512], wanted[512];
    CHECK(getcwd(path, sizeof path) != NULL && strcmp(path, folder) == 0);
    CHECK_ERROR(syscall(SYS_getcwd, path, strlen(folder)), ERANGE);
    CHECK(syscall(SYS_getcwd, path, strlen(folder) + 1) == (long)strlen(folder) + 1);
    CHECK(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0 && chdir("a/b") == 0);
    snprintf(wanted, sizeof wanted, "%s/a/b", folder);
    CHECK(getcwd(path, sizeof path) != NULL && strcmp(path, wanted) == 0);
    CHECK(rename("../../a", "../../c") == 0);
    snprintf(wanted, sizeof wanted, "%s/c/b", folder);
    CHECK(getcwd(path, sizeof path) != NULL && strcmp(path, wanted) == 0);
    int above = open("..", O_RDONLY | O_DIRECTORY);
    CHECK(above >= 0 && rmdir("../b") == 0);
    // A removed directory: no file can be created in it, and it has no path.
    CHECK_ERROR(syscall(SYS_getcwd, path, sizeof path), ENOENT);
    CHECK_ERROR(open("x", O_WRONLY | O_CREAT, 0644), ENOENT);
    CHECK_ERROR(mkdir("x", 0755), ENOENT);
    struct stat status;
    CHECK(stat(".", &status) == 0 && status.st_nlink == 0);
    CHECK(fchdir(above) == 0 && chdir("..") == 0 && close(above) == 0 && rmdir("c") == 0);
    make_file("f", "");
    CHECK_ERROR(chdir("f"), ENOTDIR);
    CHECK_ERROR(chdir("no"), ENOENT);
    int file = open("f", O_RDONLY);
    CHECK_ERROR(fchdir(file), ENOTDIR);
    CHECK_ERROR(fchdir(99), EBADF);
    CHECK(close(file) == 0 && unlink("f") == 0);
}

static void hard_links(void) {
    make_file("f", "one");
    CHECK(link("f", "g") == 0);
    CHECK(status_at("f").st_nlink == 2 && status_at("f").st_ino == status_at("g").st_ino);
    make_file("g", "other");
    CHECK(file_says("f", "other"));
    CHECK_ERROR(link("f", "g"), EEXIST);
    CHECK_ERROR(link("no", "h"), ENOENT);
    CHECK_ERROR(link(".", "h"), EPERM);
    CHECK_ERROR(link("f", "no/h"), ENOENT);
    CHECK(symlink("f", "s") == 0 && linkat(AT_FDCWD, "s", AT_FDCWD, "h", 0) == 0 && S_ISLNK(status_at("h").st_mode));
    CHECK(linkat(AT_FDCWD, "s", AT_FDCWD, "i", AT_SYMLINK_FOLLOW) == 0 && status_at("f").st_nlink == 3);
    CHECK(unlink("f") == 0 && status_at("g").st_nlink == 2 && file_says("i", "other"));
    CHECK_ERROR(open("s", O_RDONLY), ENOENT);
    // A file without a name exists as long as it is open.
    int file = open("g", O_RDWR);
    struct stat status;
    CHECK(unlink("g") == 0 && unlink("i") == 0 && fstat(file, &status) == 0 && status.st_nlink == 0);
    char c[8];
    CHECK(write(file, "O", 1) == 1 && pread(file, c, 8, 0) == 5 && memcmp(c, "Other", 5) == 0 && close(file) == 0);
    CHECK(unlink("s") == 0 && unlink("h") == 0);
}

static void symbolic_links(void) {
    char text[64];
    CHECK(symlink("target", "l") == 0);
    CHECK(S_ISLNK(status_at("l").st_mode) && status_at("l").st_size == 6);
    CHECK(readlink("l", text, sizeof text) == 6 && memcmp(text, "target", 6) == 0);
    CHECK_ERROR(symlink("x", "l"), EEXIST);
    CHECK_ERROR(symlink("", "m"), ENOENT);
    CHECK_ERROR(open("l", O_RDONLY), ENOENT);
    CHECK_ERROR(open("l", O_WRONLY | O_CREAT | O_EXCL, 0644), EEXIST);
    CHECK_ERROR(open("l", O_WRONLY | O_CREAT | O_NOFOLLOW, 0644), ELOOP);
    CHECK_ERROR(mkdir("l", 0755), EEXIST);
    make_file("l", "through");  // creates the target of the link
    CHECK(file_says("target", "through") && S_ISLNK(status_at("l").st_mode));
    CHECK(unlink("l") == 0 && unlink("target") == 0);
    CHECK(mkdir("d", 0755) == 0 && symlink("d", "l") == 0);
    make_file("l/f", "in d");
    CHECK(file_says("d/f", "in d"));
    CHECK_ERROR(rmdir("l"), ENOTDIR);
    CHECK_ERROR(rmdir("l/"), ENOTDIR);
    CHECK(unlink("l/f") == 0 && unlink("l") == 0 && rmdir("d") == 0);
}

static void renames(void) {
    make_file("a", "A");
    make_file("b", "B");
    CHECK(rename("a", "b") == 0 && file_says("b", "A"));
    CHECK_ERROR(rename("a", "b"), ENOENT);
    CHECK(rename("b", "b") == 0 && link("b", "c") == 0 && rename("b", "c") == 0);
    CHECK(status_at("b").st_nlink == 2);  // two names of one file: rename does nothing
    CHECK_ERROR(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_NOREPLACE), EEXIST);
    CHECK_ERROR(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 1 << 20), EINVAL);
    CHECK(unlink("c") == 0 && renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_NOREPLACE) == 0);
    CHECK(mkdir("d", 0755) == 0 && mkdir("d/e", 0755) == 0 && mkdir("f", 0755) == 0);
    CHECK_ERROR(rename("d", "d/e/x"), EINVAL);
    CHECK_ERROR(rename("d", "d/x"), EINVAL);
    CHECK_ERROR(rename("d/e", "d"), ENOTEMPTY);
    CHECK_ERROR(rename("c", "d"), EISDIR);
    CHECK_ERROR(rename("d", "c"), ENOTDIR);
    CHECK_ERROR(rename("c", "x/"), ENOTDIR);
    CHECK_ERROR(rename("d/.", "x"), EBUSY);
    CHECK_ERROR(rename("c", "no/x"), ENOENT);
    unsigned long links = status_at(".").st_nlink;
    CHECK(rename("d/e", "e") == 0 && status_at("d").st_nlink == 2 && status_at(".").st_nlink == links + 1);
    CHECK(status_at("e/..").st_ino == status_at(".").st_ino);
    make_file("e/x", "");
    CHECK_ERROR(rename("d", "e"), ENOTEMPTY);
    CHECK(rename("e", "f") == 0 && file_says("f/x", "") && rename("f/x", "d/y") == 0 && rename("c", "d/y") == 0);
    CHECK(file_says("d/y", "A") && unlink("d/y") == 0 && rmdir("d") == 0 && rmdir("f") == 0);
}

// Lists the entries in `path`. `seen` counts how often each of n0 to n399 occurs. Returns the number of the other
// names.
static int list(const char* path, unsigned char* seen) {
    DIR* all = opendir(path);
    CHECK(all != NULL);
    int others = 0;
    for (struct dirent* entry; (entry = readdir(all)) != NULL;) {
        if (entry->d_name[0] == 'n') {
            ++seen[atoi(entry->d_name + 1)];
            CHECK(entry->d_type == DT_REG && entry->d_ino != 0);
        } else {
            CHECK(entry->d_type == DT_DIR);
            ++others;
        }
    }
    closedir(all);
    return others;
}

static void listing(void) {
    enum { COUNT = 400 };
    unsigned char seen[COUNT] = {0};
    char name[32], small[16];
    CHECK(mkdir("d", 0755) == 0);
    for (int i = 0; i < COUNT; ++i) {
        snprintf(name, sizeof name, "d/n%d", i);
        make_file(name, "");
    }
    CHECK(list("d", seen) == 2);
    for (int i = 0; i < COUNT; ++i) CHECK(seen[i] == 1);
    // Removing entries during a listing does not shift the others.
    DIR* all = opendir("d");
    memset(seen, 0, sizeof seen);
    for (struct dirent* entry; (entry = readdir(all)) != NULL;) {
        if (entry->d_name[0] != 'n') continue;
        ++seen[atoi(entry->d_name + 1)];
        snprintf(name, sizeof name, "d/%.20s", entry->d_name);
        CHECK(unlink(name) == 0);
    }
    for (int i = 0; i < COUNT; ++i) CHECK(seen[i] == 1);
    rewinddir(all);
    CHECK(strcmp(readdir(all)->d_name, ".") == 0 || 1);
    CHECK(syscall(SYS_getdents64, dirfd(all), small, sizeof small) <= 0);
    lseek(dirfd(all), 0, SEEK_SET);
    CHECK_ERROR(syscall(SYS_getdents64, dirfd(all), small, sizeof small), EINVAL);
    closedir(all);
    CHECK(rmdir("d") == 0);
    int file = open("/dev/null", O_RDONLY);
    CHECK_ERROR(syscall(SYS_getdents64, file, small, sizeof small), ENOTDIR);
    close(file);
}

// If two things are wrong, the error is the one that Linux finds first.
static void which_error(void) {
    make_file("f", "text");
    CHECK(mkdir("d", 0755) == 0 && symlink("f", "l") == 0 && symlink("no/", "dangling") == 0);
    CHECK_ERROR(open("no/", O_RDWR | O_CREAT, 0644), EISDIR);
    CHECK_ERROR(open("f/", O_RDWR | O_CREAT, 0644), EISDIR);
    CHECK_ERROR(open("dangling", O_RDWR | O_CREAT, 0644), EISDIR);
    CHECK_ERROR(open("no/x/", O_RDWR | O_CREAT, 0644), ENOENT);
    CHECK_ERROR(open("l", O_RDONLY | O_DIRECTORY | O_NOFOLLOW), ENOTDIR);
    CHECK_ERROR(symlink("", "f"), ENOENT);
    CHECK_ERROR(renameat2(AT_FDCWD, "f", AT_FDCWD, ".", RENAME_NOREPLACE), EEXIST);
    CHECK_ERROR(renameat2(AT_FDCWD, "f", AT_FDCWD, "d/", RENAME_NOREPLACE), EEXIST);
    CHECK_ERROR(rename("f", "d"), EISDIR);
    make_file("d/f", "text");
    CHECK_ERROR(rename("d/f", "d"), ENOTEMPTY);
    CHECK(unlink("d/f") == 0);
    CHECK_ERROR(fstatat(-1, "", &(struct stat){0}, 0), ENOENT);
    CHECK_ERROR(faccessat(AT_FDCWD, "no", 9, 0), EINVAL);
    CHECK_ERROR(lseek(-1, 0, 9), EBADF);
    const struct timespec wrong[] = {{0, -1}, {0, 0}}, nothing[] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    CHECK_ERROR(utimensat(AT_FDCWD, "no", wrong, 0), ENOENT);
    CHECK_ERROR(utimensat(AT_FDCWD, "f", wrong, 0), EINVAL);
    CHECK(utimensat(AT_FDCWD, "no", nothing, 0) == 0);
    CHECK(unlink("f") == 0 && unlink("l") == 0 && unlink("dangling") == 0 && rmdir("d") == 0);
}

int main(void) {
    enter_folder();
    directories();
    working_directory();
    hard_links();
    symbolic_links();
    renames();
    listing();
    which_error();
    leave_folder();
    return 0;
}
