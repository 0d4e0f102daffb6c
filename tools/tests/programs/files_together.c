// Several processes use the same files: appended lines stay whole, a shared position returns each byte once, only one
// of many creates a name, no process sees a half-done rename, and a file that grows and shrinks stays intact.
#include "folder.h"

#include <dirent.h>

enum { WORKERS = 4, ROUNDS = 200 };

// Runs `work(n)` in WORKERS processes at the same time.
static void together(void (*work)(int)) {
    pid_t children[WORKERS];
    for (int n = 0; n < WORKERS; ++n) {
        children[n] = fork();
        CHECK(children[n] >= 0);
        if (children[n] == 0) {
            work(n);
            _exit(0);
        }
    }
    for (int n = 0; n < WORKERS; ++n) {
        int status;
        CHECK(waitpid(children[n], &status, 0) == children[n] && status == 0);
    }
}

static char line[5000];

static void append_lines(int n) {
    int file = open("log", O_WRONLY | O_APPEND);
    long size = 50 + 1100 * n;
    memset(line, 'a' + n, sizeof line);
    line[size - 1] = '\n';
    for (int round = 0; round < ROUNDS; ++round) CHECK(write(file, line, (unsigned long)size) == size);
}

static void lines_are_whole(void) {
    int counts[WORKERS] = {0};
    FILE* log = fopen("log", "r");
    while (fgets(line, sizeof line, log) != NULL) {
        int n = line[0] - 'a';
        CHECK(n >= 0 && n < WORKERS && (long)strlen(line) == 50 + 1100 * n &&
              strspn(line, (char[]){line[0], 0}) == strlen(line) - 1);
        ++counts[n];
    }
    fclose(log);
    for (int n = 0; n < WORKERS; ++n) CHECK(counts[n] == ROUNDS);
}

static int shared;

static void share_position(int n) {
    (void)n;
    int mine = open("taken", O_WRONLY | O_APPEND);
    for (long size; (size = read(shared, line, 97)) != 0;)
        CHECK(size > 0 && write(mine, line, (unsigned long)size) == size);
}

static void make_names(int n) {
    int won = 0;
    char name[32];
    for (int round = 0; round < ROUNDS; ++round) {
        snprintf(name, sizeof name, "made%d", round);
        int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
        CHECK(file >= 0 || errno == EEXIST);
        if (file >= 0) ++won, close(file);
    }
    snprintf(name, sizeof name, "won%d", n);
    int file = open(name, O_WRONLY | O_CREAT, 0666);
    CHECK(write(file, &won, sizeof won) == sizeof won);
}

// Process 0 replaces one whole file by another, while the others look.
static void replace(int n) {
    for (int round = 0; round < ROUNDS; ++round) {
        if (n == 0) {
            make_file("next", round % 2 == 0 ? "even even even" : "odd");
            CHECK(rename("next", "current") == 0);
        } else {
            char text[32];
            int file = open("current", O_RDONLY);
            long size = read(file, text, sizeof text);
            CHECK(file >= 0 && close(file) == 0 && (size == 3 || size == 14) &&
                  memcmp(text, size == 3 ? "odd" : "even even even", (unsigned long)size) == 0);
        }
    }
}

// Directories are created, removed, and moved across each other.
static void move_folders(int n) {
    char from[32], to[32];
    snprintf(from, sizeof from, "d%d", n);
    snprintf(to, sizeof to, "d%d/x", (n + 1) % WORKERS);
    for (int round = 0; round < ROUNDS; ++round) {
        if (mkdir(from, 0755) != 0) CHECK(errno == EEXIST);
        if (rename(from, to) != 0) CHECK(errno == ENOENT || errno == ENOTEMPTY || errno == EINVAL);
        if (rmdir(to) != 0) CHECK(errno == ENOENT || errno == ENOTEMPTY);
        DIR* all = opendir(".");
        while (readdir(all) != NULL) continue;
        closedir(all);
    }
}

static void grow_and_shrink(int n) {
    int file = open("big", O_RDWR);
    for (int round = 0; round < ROUNDS; ++round) {
        long at = (round * 7919 + n * 104729) % 300000;
        if (round % 5 == 0) CHECK(ftruncate(file, at) == 0);
        CHECK(pwrite(file, line, 3000, at) == 3000);
        long size = pread(file, line, 3000, at);
        CHECK(size >= 0 && size <= 3000);
        for (long i = 0; i < size; ++i) CHECK(line[i] == 0 || line[i] == 'g');
        memset(line, 'g', 3000);
    }
}

static void clear(const char* path) {
    char name[512];
    DIR* all = opendir(path);
    for (struct dirent* entry; (entry = readdir(all)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        snprintf(name, sizeof name, "%s/%.200s", path, entry->d_name);
        if (entry->d_type == DT_DIR) clear(name);
        CHECK(remove(name) == 0);
    }
    closedir(all);
}

int main(void) {
    enter_folder();
    make_file("log", "");
    together(append_lines);
    lines_are_whole();
    make_file("taken", "");
    shared = open("log", O_RDONLY);
    together(share_position);
    CHECK(status_at("taken").st_size == status_at("log").st_size);
    together(make_names);
    int all = 0, won;
    for (int n = 0; n < WORKERS; ++n) {
        char name[32];
        snprintf(name, sizeof name, "won%d", n);
        int file = open(name, O_RDONLY);
        CHECK(read(file, &won, sizeof won) == sizeof won && close(file) == 0);
        all += won;
    }
    CHECK(all == ROUNDS);
    make_file("current", "odd");
    together(replace);
    together(move_folders);
    make_file("big", "");
    memset(line, 'g', sizeof line);
    together(grow_and_shrink);
    close(shared);
    clear(".");
    leave_folder();
    return 0;
}
