// Memory that is both writable and executable is refused: EACCES. Linux allows it, so this behaviour has no oracle.
#include "check.h"

#include <sys/mman.h>

int main(void) {
    int both = PROT_READ | PROT_WRITE | PROT_EXEC;
    CHECK_ERROR(mmap(NULL, PAGE, both, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EACCES);
    char* memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    CHECK_ERROR(mprotect(memory, PAGE, both), EACCES);
    CHECK_ERROR(mprotect(memory, PAGE, PROT_WRITE | PROT_EXEC), EACCES);
    // First writable, then executable: that is how a program generates code.
    unsigned code[] = {0x02a00513, 0x00008067};  // li a0, 42; ret
    memcpy(memory, code, sizeof code);
    CHECK(mprotect(memory, PAGE, PROT_READ | PROT_EXEC) == 0);
    __builtin___clear_cache(memory, memory + sizeof code);
    CHECK(((int (*)(void))memory)() == 42);
    return 0;
}
