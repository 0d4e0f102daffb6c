// The page with the code that handlers return to is one frame for all processes. A process may do to its own mapping
// what it likes: it harms nobody but itself. (On Linux this page is the vdso, which has more in it.)
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>

static char* page;
static volatile int calls;
static void count(int signal) { calls += signal == SIGUSR1; }
static void return_from_a_handler(void) {
    signal(SIGUSR1, count);
    raise(SIGUSR1);
    _exit(calls == 1 ? 0 : 1);
}

static char* find(void) {
    static char text[8192];
    const int fd = open("/proc/self/maps", O_RDONLY);
    CHECK(fd >= 0 && read(fd, text, sizeof text - 1) > 0 && close(fd) == 0);
    char* line = strstr(text, "[vdso]");
    CHECK(line != NULL);
    while (line > text && line[-1] != '\n') --line;
    return (char*)strtoul(line, NULL, 16);
}

static void overwrite(void) {
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
    memset(page, 0, PAGE);
    CHECK(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == 0);
    return_from_a_handler();
}
static void discard(void) {
    CHECK(madvise(page, PAGE, MADV_DONTNEED) == 0);
    return_from_a_handler();
}
static void unmap(void) {
    CHECK(munmap(page, PAGE) == 0);
    return_from_a_handler();
}
static void hide(void) {
    CHECK(mprotect(page, PAGE, PROT_READ) == 0);
    return_from_a_handler();
}
static void move(void) {
    CHECK(mremap(page, PAGE, 3 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
    return_from_a_handler();
}
static void replace(void) {
    CHECK(mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == page);
    return_from_a_handler();
}

int main(void) {
    page = find();
    CHECK_ERROR(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC), EACCES);
    void (*const deeds[])(void) = {overwrite, discard, unmap, hide, move, replace};
    const int deaths[] = {SIGILL, SIGILL, SIGSEGV, SIGSEGV, SIGSEGV, SIGSEGV};
    for (unsigned i = 0; i < sizeof deeds / sizeof *deeds; ++i) {
        CHECK(killed_by(status_of(deeds[i]), deaths[i]));
        CHECK(exited_with(status_of(return_from_a_handler), 0));
    }
    CHECK(*(volatile char*)page != 0);
    return_from_a_handler();
}
