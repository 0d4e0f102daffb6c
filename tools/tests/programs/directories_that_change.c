// Directories that change while a process uses them: names change during a listing; a directory is removed.
#include "check.h"

#include <dirent.h>

#include "folder.h"

enum { FILES = 300, DEEP = 2000 };

static void make_files(const char* folder) {
    CHECK(mkdir(folder, 0755) == 0 && chdir(folder) == 0);
    for (int i = 0; i < FILES; ++i) {
        char name[40];
        sprintf(name, "a-name-that-is-longer-%03d", i);
        CHECK(mknod(name, S_IFREG | 0600, 0) == 0);
    }
}

// Calls `change` with each name that a listing shows, except "." and "..". Returns the number of names.
static int list(int (*change)(const char* name, const char* longer)) {
    DIR* folder = opendir(".");
    CHECK(folder != NULL);
    int seen = 0;
    for (struct dirent* entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        char longer[300];
        sprintf(longer, "%sx", entry->d_name);
        CHECK(change(entry->d_name, longer) == 0);
        ++seen;
    }
    CHECK(closedir(folder) == 0);
    return seen;
}

static int copy(const char* name, const char* longer) {
    (void)name;
    return mknod(longer, S_IFREG | 0600, 0);
}
static int removed(const char* name, const char* longer) {
    (void)longer;
    return unlink(name);
}

static void what_is_renamed_is_listed_once(void) {
    make_files("renamed");
    CHECK(list(rename) == FILES);
    CHECK(list(removed) == FILES);
    CHECK(chdir("..") == 0 && rmdir("renamed") == 0);
}

static void what_comes_later_is_not_listed(void) {
    make_files("copied");
    CHECK(list(copy) == FILES);
    CHECK(list(removed) == 2 * FILES);
    CHECK(chdir("..") == 0 && rmdir("copied") == 0);
}

static void a_removed_directory_has_the_parent_that_it_had(void) {
    struct stat above, parent;
    CHECK(stat(".", &above) == 0);
    CHECK(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0 && chdir("a/b") == 0);
    CHECK(rmdir("../b") == 0 && rmdir("../../a") == 0);
    char path[100];
    CHECK_ERROR(getcwd(path, sizeof(path)) == NULL ? -1 : 0, ENOENT);
    CHECK_ERROR(mkdir("../c", 0755), ENOENT);
    CHECK(chdir("..") == 0 && chdir("..") == 0);
    CHECK(stat(".", &parent) == 0 && parent.st_ino == above.st_ino);
}

// Each removed directory keeps the one above it alive. When the last one is closed all end, however many there are.
static void many_removed_ones_end_together(void) {
    const int here = open(".", O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DEEP; ++i) CHECK(mkdir("d", 0755) == 0 && chdir("d") == 0);
    for (int i = 0; i < DEEP; ++i) {
        const int inner = open(".", O_RDONLY | O_DIRECTORY);
        CHECK(inner >= 0 && chdir("..") == 0 && rmdir("d") == 0);
        if (i == 0) CHECK(dup2(inner, 100) == 100);
        CHECK(close(inner) == 0);
    }
    CHECK(close(100) == 0 && fchdir(here) == 0);
}

int main(void) {
    enter_folder();
    a_removed_directory_has_the_parent_that_it_had();
    many_removed_ones_end_together();
    if (on_ox()) {  // other file systems may list them twice
        what_is_renamed_is_listed_once();
        what_comes_later_is_not_listed();
    }
    leave_folder();
    return 0;
}
