// Reads all of /proc while processes fork, exec and exit. A process that has gone is no error, and nothing is lost.
// Only for ox: Linux has too many other files in /proc.
#include "proc.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>

static long files_read, pids_seen;

static void walk(const char* path, int depth) {
    struct stat status;
    char below[300], bytes[4096];
    if (lstat(path, &status) != 0) return;
    if (S_ISLNK(status.st_mode)) {
        (void)!readlink(path, bytes, sizeof bytes);
    } else if (S_ISREG(status.st_mode)) {
        int file = open(path, O_RDONLY);
        for (int parts = 0; file >= 0 && parts < 4; ++parts) {
            long size = read(file, bytes, sizeof bytes);
            CHECK(size >= 0 || errno == ESRCH);
            if (size <= 0) break;
            ++files_read;
        }
        if (file >= 0) close(file);
    } else if (S_ISDIR(status.st_mode)) {
        DIR* list = opendir(path);
        long last = 0;
        for (struct dirent* entry; list != NULL && (entry = readdir(list)) != NULL;) {
            if (entry->d_name[0] == '.') continue;
            long pid = atol(entry->d_name);
            if (depth == 0 && pid != 0) {
                CHECK(pid > last);  // in order
                last = pid;
                ++pids_seen;
            }
            snprintf(below, sizeof below, "%.40s/%s", path, entry->d_name);
            walk(below, depth + 1);
        }
        if (list != NULL) closedir(list);
    }
}

static void live(void) {
    for (volatile int i = 0;; ++i) {
        char* memory = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(memory, i, 16 * PAGE);
        pid_t child = i % 4 == 3 ? vfork() : fork();
        if (child == 0) {
            if (i % 2 == 1) execl("/proc/self/exe", "proc_walk", "end", (char*)NULL);
            _exit(0);
        }
        memset(memory, i, 64 * PAGE);
        waitpid(child, NULL, 0);
        munmap(memory, 64 * PAGE);
    }
}

int main(int argc, char** argv) {
    enum { families = 4, rounds = 3 };
    if (argc > 1 && strcmp(argv[1], "end") == 0) return 0;
    pid_t family[families];
    for (int i = 0; i < families; ++i) {
        family[i] = fork();
        CHECK(family[i] >= 0);
        if (family[i] == 0) live();
    }
    for (int round = 0; round < rounds; ++round) walk("/proc", 0);
    for (int i = 0; i < families; ++i) CHECK(kill(family[i], SIGKILL) == 0);
    for (int i = 0; i < families; ++i) CHECK(waitpid(family[i], NULL, 0) == family[i]);
    CHECK(files_read > 40 * rounds && pids_seen > rounds * families);
    return 0;
}
