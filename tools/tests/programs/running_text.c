// ETXTBSY: the file of a running program cannot be written or cut, and a file that is open for writing cannot be
// executed. The file can be removed, and the program keeps running.
#include "folder.h"

#include <sys/mman.h>

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

static void expect_busy(const char* path) {
    CHECK_ERROR(open(path, O_RDWR), ETXTBSY);
    CHECK_ERROR(open(path, O_WRONLY | O_APPEND), ETXTBSY);
    CHECK_ERROR(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755), ETXTBSY);
    CHECK_ERROR(open(path, O_RDONLY | O_TRUNC), ETXTBSY);
    CHECK(close(open(path, O_RDONLY)) == 0 && status_at(path).st_size > 64 * PAGE);
}
static void expect_not_busy(const char* path) {
    const int file = open(path, O_RDWR);
    CHECK(file >= 0 && ftruncate(file, status_at(path).st_size) == 0 && close(file) == 0);
}

enum { SAYS = 20, HEARS };  // the program's ends of the pipes
static int up[2], down[2];
static void start(const char* path) {
    char c;
    if (fork() == 0) execl(path, path, "run", NULL), _exit(errno);
    CHECK(read(up[0], &c, 1) == 1 && c == 'r');
}
static void end_one(void) {
    int status;
    CHECK(write(down[1], "g", 1) == 1 && wait(&status) > 0 && exited_with(status, 7));
}

// The program: it and its child keep running, even if their file's name is gone.
static void run(const char* own) {
    char c;
    expect_busy(own);
    CHECK(write(SAYS, "r", 1) == 1 && read(HEARS, &c, 1) == 1);
    as_started();
    CHECK(exited_with(status_of(as_started), 0));
    _exit(7);
}

static int error_of_exec(const char* path) {
    const pid_t child = fork();
    if (child == 0) execl(path, path, "end", NULL), _exit(errno);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void is_busy_while_it_runs(void) {
    start("program");
    start("program");
    expect_busy("program");
    end_one();
    expect_busy("program");
    CHECK(rename("program", "other") == 0);
    expect_busy("other");
    CHECK(link("other", "program") == 0 && unlink("other") == 0);
    end_one();
    expect_not_busy("program");
}

static void does_not_run_while_it_is_written(void) {
    const int reader = open("program", O_RDONLY), writer = open("program", O_WRONLY), copied = dup(writer);
    CHECK(error_of_exec("program") == ETXTBSY);
    CHECK(close(writer) == 0 && error_of_exec("program") == ETXTBSY);
    CHECK(close(copied) == 0 && error_of_exec("program") == 0 && close(reader) == 0);

    const int script = open("script", O_WRONLY | O_CREAT, 0755);
    CHECK(write(script, "#!program\n", 10) == 10 && error_of_exec("script") == ETXTBSY);
    CHECK(close(script) == 0);
    start("script");
    expect_busy("program");
    CHECK(close(open("script", O_RDWR)) == 0);  // the script only names the interpreter
    end_one();
    CHECK(unlink("script") == 0);
}

static void may_be_mapped(void) {
    const int reader = open("program", O_RDONLY);
    void* const text = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, reader, 0);
    CHECK(text != MAP_FAILED && close(reader) == 0);
    expect_not_busy("program");
    CHECK(error_of_exec("program") == 0 && munmap(text, PAGE) == 0);
}

static void may_be_removed(const char* original) {
    start("program");
    CHECK(unlink("program") == 0);
    copy(original, "program");
    expect_not_busy("program");
    end_one();
    CHECK(unlink("program") == 0);
}

// A mapping outlives its descriptor. On Linux it keeps the file from being executed; on ox it writes to pages that the
// program does not run.
static void does_not_change_through_a_mapping(const char* original) {
    copy(original, "program");
    const size_t size = (size_t)status_at("program").st_size;
    const int writer = open("program", O_RDWR);
    char* const view = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    CHECK(view != MAP_FAILED && close(writer) == 0);
    if (on_ox()) {
        start("program");
        memset(view, 0xff, size);
        end_one();
    } else {
        CHECK(error_of_exec("program") == ETXTBSY);
    }
    CHECK(munmap(view, size) == 0 && unlink("program") == 0);
}

int main(int argc, char** argv) {
    if (argc > 1 && strcmp(argv[argc - 1], "end") == 0) return 0;
    if (argc > 1) run("program");
    enter_folder();
    CHECK(pipe(up) == 0 && pipe(down) == 0 && dup2(up[1], SAYS) == SAYS && dup2(down[0], HEARS) == HEARS);
    copy(argv[0], "program");
    expect_busy(argv[0]);
    is_busy_while_it_runs();
    does_not_run_while_it_is_written();
    may_be_mapped();
    may_be_removed(argv[0]);
    does_not_change_through_a_mapping(argv[0]);
    as_started();
    leave_folder();
    return 0;
}
