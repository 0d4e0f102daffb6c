// /proc/sys/vm/fork_mode and /proc/vmstat, which only ox has in this form: the mode can change while the machine runs,
// and the counters show the cost of each mode.
#include "proc.h"

#include <sys/mman.h>

enum { pages = 1024 };
static char contents[contents_size];

static int set_mode(const char* mode) {
    int file = open("/proc/sys/vm/fork_mode", O_WRONLY | O_TRUNC);
    CHECK(file >= 0);
    int done = write(file, mode, strlen(mode)) == (long)strlen(mode);
    close(file);
    return done;
}

static long counter(const char* name) {
    CHECK(read_all("/proc/vmstat", contents) > 0);
    long number = number_in(contents, name);
    CHECK(number >= 0);
    return number;
}

static void check_fork(const char* mode, long least_tables, long least_pages, long most_pages) {
    CHECK(set_mode(mode) && read_all("/proc/sys/vm/fork_mode", contents) == (long)strlen(mode));
    CHECK(strcmp(contents, mode) == 0);
    long forks = counter("forks"), tables = counter("tables_copied_by_forks"),
         copied = counter("pages_copied_by_forks");
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) _exit(0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(counter("forks") == forks + 1 && counter("tables_copied_by_forks") - tables >= least_tables);
    copied = counter("pages_copied_by_forks") - copied;
    CHECK(copied >= least_pages && copied <= most_pages);
}

int main(void) {
    char* memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    long free_before = counter("nr_free_pages"), faults = counter("pgfault");
    memset(memory, 1, pages * PAGE);
    CHECK(free_before - counter("nr_free_pages") >= pages && counter("pgfault") - faults >= pages);
    check_fork("eager\n", 4, pages, 2 * pages);
    check_fork("cow\n", 4, 0, 0);
    check_fork("on_demand\n", 1, 0, 0);
    errno = 0;
    CHECK(!set_mode("none\n") && errno == EINVAL);
    CHECK_ERROR(open("/proc/vmstat", O_WRONLY), EACCES);
    CHECK_ERROR(open("/proc/new", O_WRONLY | O_CREAT, 0644), EACCES);
    CHECK_ERROR(unlink("/proc/vmstat"), EPERM);
    return 0;
}
