// Memory that is both writable and executable is refused, whatever a program does to get it. One page of a file may
// have a mapping of either kind. Linux allows both in one mapping, so this behaviour has no oracle.
#include "folder.h"

#include <elf.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { R = PROT_READ, W = PROT_WRITE, X = PROT_EXEC, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };
static const unsigned returns_42[] = {0x02a00513, 0x00008067}, returns_43[] = {0x02b00513, 0x00008067};
static int code_file;  // one page with returns_42

static char* mapped(int prot, int flags, int fd) {
    char* const memory = mmap(NULL, PAGE, prot, flags, fd, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}
static int run(const char* code) {
    __builtin___clear_cache((char*)code, (char*)code + sizeof returns_42);
    return ((int (*)(void))code)();
}

static char* target;
static void store(void) { *(volatile char*)target = 1; }
static void jump(void) { run(target); }
static int cannot_be_written(char* at) {
    target = at;
    return killed_by(status_of(store), SIGSEGV);
}
static int cannot_be_run(char* at) {
    target = at;
    return killed_by(status_of(jump), SIGSEGV);
}

static void mmap_refuses_both(void) {
    const int kinds[] = {PRIVATE, MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PRIVATE | MAP_NORESERVE};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; ++i) {
        const int fd = (kinds[i] & MAP_ANONYMOUS) != 0 ? -1 : code_file;
        CHECK_ERROR(mmap(NULL, PAGE, R | W | X, kinds[i], fd, 0), EACCES);
        CHECK_ERROR(mmap(NULL, PAGE, W | X, kinds[i], fd, 0), EACCES);
    }
}

static void mprotect_refuses_both(void) {
    char* const memory = mapped(R | W, PRIVATE, -1);
    CHECK_ERROR(mprotect(memory, PAGE, R | W | X), EACCES);
    CHECK_ERROR(mprotect(memory, PAGE, W | X), EACCES);
    // First writable, then executable: that is how a program generates code.
    memcpy(memory, returns_42, sizeof returns_42);
    CHECK(cannot_be_run(memory));
    CHECK(mprotect(memory, PAGE, R | X) == 0 && run(memory) == 42 && cannot_be_written(memory));
    CHECK_ERROR(mprotect(memory, PAGE, R | W | X), EACCES);
    CHECK(mprotect(memory, PAGE, R | W) == 0 && cannot_be_run(memory));
    CHECK(munmap(memory, PAGE) == 0);
}

static void what_the_program_began_with_cannot_become_both(void) {
    static char data[2 * PAGE];
    char here;
    char* const parts[] = {(char*)&mprotect_refuses_both, data + PAGE, sbrk(PAGE), &here, (char*)returns_42};
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; ++i) {
        char* const page = (char*)((uintptr_t)parts[i] & -PAGE);
        CHECK_ERROR(mprotect(page, PAGE, R | W | X), EACCES);
        CHECK_ERROR(mprotect(page, PAGE, R | W | X | PROT_GROWSDOWN), EINVAL);
        CHECK_ERROR(mprotect(page, PAGE, R | W | X | PROT_GROWSUP), EINVAL);
    }
    memcpy(parts[2], returns_42, sizeof returns_42);
    CHECK(cannot_be_run(parts[2]) && sbrk(-PAGE) != (void*)-1);
}

static void mremap_keeps_the_protection(void) {
    char* code = mapped(R | W, PRIVATE, -1);
    memcpy(code, returns_42, sizeof returns_42);
    CHECK(mprotect(code, PAGE, R | X) == 0);
    for (int pages = 300; pages > 0; pages -= 299) {  // it moves, and is cut again
        code = mremap(code, pages == 300 ? PAGE : 300 * PAGE, (size_t)pages * PAGE, MREMAP_MAYMOVE);
        CHECK(code != MAP_FAILED && run(code) == 42);
        CHECK(cannot_be_written(code) && cannot_be_written(code + (pages - 1) * PAGE));
        CHECK_ERROR(mprotect(code, PAGE, R | W | X), EACCES);
    }
    char* data = mapped(R | W, PRIVATE, -1);
    memcpy(data, returns_42, sizeof returns_42);
    data = mremap(data, PAGE, 300 * PAGE, MREMAP_MAYMOVE);
    CHECK(data != MAP_FAILED && cannot_be_run(data) && cannot_be_run(data + PAGE));
    CHECK(munmap(data, 300 * PAGE) == 0 && munmap(code, PAGE) == 0);
}

static void a_files_page_may_have_a_mapping_of_either_kind(void) {
    char* const to_write = mapped(R | W, MAP_SHARED, code_file);
    char* const to_run = mapped(R | X, MAP_SHARED, code_file);
    CHECK(run(to_run) == 42 && cannot_be_written(to_run) && cannot_be_run(to_write));
    CHECK_ERROR(mprotect(to_write, PAGE, R | W | X), EACCES);
    CHECK_ERROR(mprotect(to_run, PAGE, R | W | X), EACCES);
    memcpy(to_write, returns_43, sizeof returns_43);
    CHECK(run(to_run) == 43);
    memcpy(to_write, returns_42, sizeof returns_42);
    CHECK(munmap(to_write, PAGE) == 0 && munmap(to_run, PAGE) == 0);
}

static void private_code_does_not_change_when_its_file_is_written(void) {
    char* const code = mapped(R | X, MAP_PRIVATE, code_file);
    CHECK(run(code) == 42 && pwrite(code_file, returns_43, sizeof returns_43, 0) == sizeof returns_43);
    CHECK(run(code) == 42 && pwrite(code_file, returns_42, sizeof returns_42, 0) == sizeof returns_42);
    CHECK(munmap(code, PAGE) == 0);
}

static void the_kernel_does_not_write_to_code_either(void) {
    char* const code = mapped(R | X, MAP_PRIVATE, code_file);
    CHECK_ERROR(pread(code_file, code, 8, 0), EFAULT);
    CHECK_ERROR(uname((struct utsname*)code), EFAULT);
    CHECK(run(code) == 42 && munmap(code, PAGE) == 0);
}

static void reading_does_not_imply_executing(void) {
    CHECK_ERROR(syscall(SYS_personality, 0x0400000), ENOSYS);  // READ_IMPLIES_EXEC
    char* const code = mapped(R, MAP_PRIVATE, code_file);
    CHECK(cannot_be_run(code) && munmap(code, PAGE) == 0);
}

// Writes a copy of this program in which each segment of a type has the flags RWX.
static void make_copy_with_all_flags(unsigned type) {
    static char bytes[1 << 20];
    const int from = open("/proc/self/exe", O_RDONLY), to = open("copy", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    const ssize_t size = read(from, bytes, sizeof bytes);
    const Elf64_Ehdr* const head = (Elf64_Ehdr*)bytes;
    Elf64_Phdr* const segments = (Elf64_Phdr*)(bytes + head->e_phoff);
    for (int i = 0; i < head->e_phnum; ++i) {
        if (segments[i].p_type == type) segments[i].p_flags = PF_R | PF_W | PF_X;
    }
    CHECK(size > 0 && size < (ssize_t)sizeof bytes && write(to, bytes, (size_t)size) == size);
    CHECK(close(from) == 0 && close(to) == 0);
}
static void exec_copy(void) { execl("copy", "copy", "stack", NULL), _exit(errno); }

static void a_program_file_cannot_ask_for_it(void) {
    make_copy_with_all_flags(PT_LOAD);
    CHECK(exited_with(status_of(exec_copy), ENOEXEC));
    make_copy_with_all_flags(PT_GNU_STACK);
    CHECK(killed_by(status_of(exec_copy), SIGSEGV) && unlink("copy") == 0);
}
static void run_on_the_stack(void) {
    volatile unsigned code[2] = {returns_42[0], returns_42[1]};
    _exit(run((char*)code));
}

int main(int argc, char** argv) {
    (void)argv;
    if (argc > 1) run_on_the_stack();
    enter_folder();
    code_file = open("code", O_RDWR | O_CREAT, 0600);
    CHECK(write(code_file, returns_42, sizeof returns_42) == sizeof returns_42);
    mmap_refuses_both();
    mprotect_refuses_both();
    what_the_program_began_with_cannot_become_both();
    mremap_keeps_the_protection();
    a_files_page_may_have_a_mapping_of_either_kind();
    private_code_does_not_change_when_its_file_is_written();
    the_kernel_does_not_write_to_code_either();
    reading_does_not_imply_executing();
    a_program_file_cannot_ask_for_it();
    CHECK(unlink("code") == 0);
    leave_folder();
    return 0;
}
