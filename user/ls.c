// Lists files and folders: ls [-al] [NAME...]
// -a: names that begin with a dot too; -l: type, permissions, links, owner, size, time of the last change.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static int all, details, failed;

static void complain(const char* path) {
    fprintf(stderr, "ls: %s: %s\n", path, strerror(errno));
    failed = 1;
}

static void print_details(const struct stat* file) {
    static const char types[] = "?pc?d?b?-?l?s???";  // indexed by the upper four bits of the mode
    char mode[11] = {types[file->st_mode >> 12 & 15]};
    for (int bit = 0; bit < 9; ++bit) mode[1 + bit] = file->st_mode & (0400u >> bit) ? "rwx"[bit % 3] : '-';
    if (file->st_mode & S_ISVTX) mode[9] = 't';
    char when[20];
    strftime(when, sizeof when, "%Y-%m-%d %H:%M", gmtime(&file->st_mtime));
    printf("%s %3lu %u %u ", mode, (unsigned long)file->st_nlink, (unsigned)file->st_uid, (unsigned)file->st_gid);
    if (S_ISCHR(file->st_mode)) {
        printf("%5u,%3u ", major(file->st_rdev), minor(file->st_rdev));
    } else {
        printf("%9lld ", (long long)file->st_size);
    }
    printf("%s ", when);
}

static void print(const char* path, const char* name) {
    struct stat file;
    if (details && lstat(path, &file) != 0) {
        complain(path);
        return;
    }
    if (details) print_details(&file);
    printf("%s", name);
    if (details && S_ISLNK(file.st_mode)) {
        char target[256];
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length >= 0) printf(" -> %.*s", (int)length, target);
    }
    putchar('\n');
}

static int wanted(const struct dirent* entry) { return all || entry->d_name[0] != '.'; }

static void list(const char* path, int with_title) {
    struct stat file;
    if ((details ? lstat : stat)(path, &file) != 0) {
        complain(path);
        return;
    }
    if (!S_ISDIR(file.st_mode)) {
        print(path, path);
        return;
    }
    struct dirent** entries;
    int count = scandir(path, &entries, wanted, alphasort);
    if (count < 0) {
        complain(path);
        return;
    }
    if (with_title) printf("%s:\n", path);
    for (int i = 0; i < count; ++i) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        print(inside, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char** argv) {
    int option;
    while ((option = getopt(argc, argv, "al")) != -1) {
        if (option == '?') return 2;
        all |= option == 'a';
        details |= option == 'l';
    }
    if (optind == argc) list(".", 0);
    for (int i = optind; i < argc; ++i) list(argv[i], argc - optind > 1);
    return failed;
}
