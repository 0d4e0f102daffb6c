// A running program's file may be written, cut and removed: it runs on as it was started (on Linux that is ETXTBSY).
#include "folder.h"

static const char constant[64 * PAGE] = {[5] = 'c', [40 * PAGE] = 'd', [64 * PAGE - 1] = 'e'};
static char data[16 * PAGE] = {[3] = 'x', [15 * PAGE] = 'y'};
static const char* volatile seen = constant;

static void as_started(void) {
    CHECK(seen[5] == 'c' && seen[40 * PAGE] == 'd' && seen[64 * PAGE - 1] == 'e' && seen[20 * PAGE] == 0);
    CHECK(data[3] == 'x' && data[15 * PAGE] == 'y');
}

static void copy(const char* from, const char* to) {
    static char bytes[10000];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0755);
    CHECK(in >= 0 && out >= 0);
    for (long size; (size = read(in, bytes, sizeof bytes)) != 0;) CHECK(write(out, bytes, (unsigned long)size) == size);
    CHECK(close(in) == 0 && close(out) == 0 && status_at(from).st_size == status_at(to).st_size);
}

static void run_on_shaken_ground(const char* own) {
    static char junk[PAGE];
    memset(junk, 0xff, sizeof junk);
    int file = open(own, O_RDWR);
    for (int page = 0; page < 500; ++page) CHECK(write(file, junk, PAGE) == PAGE);
    as_started();
    CHECK(exited_with(status_of(as_started), 0));
    CHECK(pread(file, junk, 1, 100) == 1 && junk[0] == (char)0xff);
    CHECK(execl(own, own, NULL) == -1 && errno == ENOEXEC);
    CHECK(ftruncate(file, 0) == 0);
    as_started();
    CHECK(close(file) == 0 && unlink(own) == 0);
    CHECK(exited_with(status_of(as_started), 0));
    _exit(7);
}

int main(int argc, char** argv) {
    if (argc == 2) run_on_shaken_ground(argv[1]);
    enter_folder();
    copy(argv[0], "program");
    for (int round = 0; round < 2; ++round) {
        pid_t child = fork();
        if (child == 0) {
            execl("program", "program", "program", NULL);
            _exit(1);
        }
        int status;
        CHECK(waitpid(child, &status, 0) == child && exited_with(status, 7));
        CHECK_ERROR(open("program", O_RDONLY), ENOENT);
        copy(argv[0], "program");
    }
    CHECK(unlink("program") == 0);
    as_started();
    leave_folder();
    return 0;
}
