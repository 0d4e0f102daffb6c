// mmap, munmap and mprotect: zeros, permissions, holes, errors.
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>

static char* memory;
static char* map(size_t size, int prot) { return mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void load(void) { (void)*(volatile char*)memory; }
static void store(void) { *(volatile char*)memory = 1; }
static int load_dies(char* at) { return memory = at, killed_by(status_of(load), SIGSEGV); }
static int store_dies(char* at) { return memory = at, killed_by(status_of(store), SIGSEGV); }

// Pages far past the end of a file must not alias its first pages: SIGBUS, or the file system has no such offset.
static void far_behind_the_end(void) {
    const int fd = open("/proc/self/exe", O_RDONLY);
    for (int bit = 32; bit < 63; ++bit) {
        memory = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, ((off_t)1 << bit) - PAGE);
        if (memory == MAP_FAILED && errno == EOVERFLOW && !on_ox()) continue;
        CHECK(memory != MAP_FAILED && killed_by(status_of(load), SIGBUS));
        memory += PAGE;
        CHECK(killed_by(status_of(load), SIGBUS) && munmap(memory - PAGE, 2 * PAGE) == 0);
    }
    close(fd);
}

int main(void) {
    char* m = map(8 * PAGE, PROT_READ | PROT_WRITE);
    CHECK(m != MAP_FAILED && (uintptr_t)m % PAGE == 0);
    for (int n = 0; n < 8 * PAGE; ++n) CHECK(m[n] == 0);
    memset(m, 5, 8 * PAGE);

    // munmap() in the middle leaves a hole; the neighbours stay.
    CHECK(munmap(m + 3 * PAGE, 2 * PAGE) == 0);
    CHECK(load_dies(m + 3 * PAGE) && load_dies(m + 5 * PAGE - 1));
    CHECK(m[3 * PAGE - 1] == 5 && m[5 * PAGE] == 5);
    CHECK(munmap(m + 3 * PAGE, 2 * PAGE) == 0);  // a hole already: no error

    // Permissions change, contents stay.
    CHECK(mprotect(m, PAGE, PROT_READ) == 0);
    CHECK(m[0] == 5 && store_dies(m) && !store_dies(m + PAGE));
    CHECK(mprotect(m, PAGE, PROT_NONE) == 0 && load_dies(m));
    CHECK(mprotect(m, PAGE, PROT_READ | PROT_WRITE) == 0);
    CHECK(m[0] == 5);
    m[0] = 6;
    CHECK(m[0] == 6);
    char* none = map(PAGE, PROT_NONE);
    CHECK(none != MAP_FAILED && load_dies(none));
    CHECK(mprotect(none, PAGE, PROT_READ) == 0 && none[0] == 0);

    // MAP_FIXED replaces what is mapped there.
    CHECK(mmap(m, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == m);
    CHECK(m[0] == 0 && m[PAGE] == 5);

    CHECK_ERROR(mprotect(m + 3 * PAGE, PAGE, PROT_READ), ENOMEM);
    CHECK_ERROR(mprotect(m + 1, PAGE, PROT_READ), EINVAL);
    CHECK_ERROR(munmap(m + 1, PAGE), EINVAL);
    CHECK_ERROR(munmap(m, 0), EINVAL);
    CHECK_ERROR(map(0, PROT_READ), EINVAL);
    CHECK_ERROR(map((size_t)1 << 50, PROT_READ), ENOMEM);
    CHECK(munmap(m, 8 * PAGE) == 0 && load_dies(m + PAGE));
    far_behind_the_end();
    return 0;
}
