// Arrays of a system call with kernel addresses, lengths that overflow, and ends where memory ends: the call fails as a
// whole or does the part before, and nothing else moves. (Single pointers are in pointer_errors.c.)
#include "folder.h"

#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static char* const kernel = (char*)0xffffffff80200000u;
static char* area;  // a page, and then nothing
static int file, p[2];

static void lengths_of_pieces_do_not_overflow(void) {
    char byte = 'a';
    const size_t most = SSIZE_MAX;
    const struct iovec negative[] = {{&byte, 1}, {&byte, most + 1}}, all[] = {{&byte, 1}, {&byte, SIZE_MAX}};
    CHECK_ERROR(writev(file, negative, 2), EINVAL);
    CHECK_ERROR(writev(file, all, 2), EINVAL);
    CHECK_ERROR(syscall(SYS_preadv, file, negative, 2, 0, 0), EINVAL);
    const struct iovec sum[] = {{&byte, most}, {&byte, most}, {&byte, 2}};  // together 0
    CHECK_ERROR(writev(file, sum, 3), EFAULT);
    CHECK_ERROR(syscall(SYS_pwritev, file, sum, 3, 0, 0), EFAULT);
    CHECK_ERROR(writev(file, &(struct iovec){&byte, 1}, minus_one), EINVAL);
    CHECK_ERROR(writev(file, (struct iovec*)area, IOV_MAX + 1), EINVAL);
    CHECK(lseek(file, 0, SEEK_END) == 0);
}

static void one_bad_piece_spoils_a_call_that_has_not_begun(void) {
    char word[9] = "12345678";
    const struct iovec last[] = {{word, 8}, {kernel, 8}}, first[] = {{kernel, 8}, {word, 8}};
    const struct iovec around[] = {{word, 8}, {(void*)-8l, 16}};
    CHECK_ERROR(writev(p[1], last, 2), EFAULT);
    CHECK_ERROR(writev(p[1], first, 2), EFAULT);
    CHECK_ERROR(writev(p[1], around, 2), EFAULT);
    CHECK(write(p[1], "abcdefgh", 8) == 8);
    CHECK_ERROR(readv(p[0], last, 2), EFAULT);
    CHECK_ERROR(readv(p[0], around, 2), EFAULT);
    CHECK(strcmp(word, "12345678") == 0);
    CHECK(read(p[0], word, 8) == 8 && strcmp(word, "abcdefgh") == 0);
}

static void pieces_without_length_may_be_anywhere_in_user_memory(void) {
    char word[] = "1234";
    const struct iovec pieces[] = {{NULL, 0}, {word, 2}, {area + PAGE, 0}, {word + 2, 2}, {(void*)1, 0}};
    CHECK(writev(p[1], pieces, 5) == 4 && read(p[0], word, 4) == 4 && strcmp(word, "1234") == 0);
}

static void an_array_may_end_where_its_page_ends(void) {
    char byte = 'a';
    struct iovec* const pieces = (struct iovec*)(area + PAGE) - 2;
    pieces[0] = pieces[1] = (struct iovec){&byte, 1};
    CHECK(writev(p[1], pieces, 2) == 2 && read(p[0], area, 8) == 2);
    CHECK_ERROR(writev(p[1], pieces, 3), EFAULT);
    CHECK_ERROR(writev(p[1], pieces + 1, 2), EFAULT);
    struct pollfd* const polls = (struct pollfd*)(area + PAGE) - 40;
    for (int i = 0; i < 40; ++i) polls[i] = (struct pollfd){p[1], POLLOUT, 0x5555};
    CHECK(poll(polls, 40, 0) == 40 && polls[0].revents == POLLOUT && polls[39].revents == POLLOUT);
    CHECK_ERROR(poll(polls, 41, 0), EFAULT);
    CHECK_ERROR(poll(polls, 41, -1), EFAULT);
    CHECK_ERROR(poll((struct pollfd*)kernel, 1, 0), EFAULT);
    CHECK_ERROR(poll((struct pollfd*)-16l, 4, 0), EFAULT);
    CHECK(poll((struct pollfd*)area + 1, 0, 0) == 0);
    CHECK_ERROR(syscall(SYS_ppoll, polls, -1, NULL, NULL, 8), EINVAL);
}

static void strings_of_execve_end_in_user_memory(void) {
    static char* none[] = {NULL};
    char* in_kernel[] = {"x", kernel, NULL};
    char* around[] = {"x", (char*)-1l, NULL};
    CHECK_ERROR(execve("/proc/self/exe", in_kernel, none), EFAULT);
    CHECK_ERROR(execve("/proc/self/exe", around, none), EFAULT);
    CHECK_ERROR(execve("/proc/self/exe", none, in_kernel), EFAULT);
    CHECK_ERROR(execve("/proc/self/exe", (char**)kernel, none), EFAULT);
    CHECK_ERROR(execve("/proc/self/exe", (char**)-8l, none), EFAULT);
    char** const words = (char**)(area + PAGE) - 2;
    words[0] = words[1] = "x";  // no NULL before memory ends
    CHECK_ERROR(execve("/proc/self/exe", words, none), EFAULT);
    memset(area, 'x', PAGE);
    CHECK_ERROR(execve("/proc/self/exe", (char*[]){area, NULL}, none), EFAULT);
    CHECK_ERROR(execve(area + 1, none, none), EFAULT);
}

// clone ignores a word that it cannot write, and a child with a stack in the kernel dies alone.
static void clone_writes_user_memory_only(void) {
    int status, word = -1;
    const unsigned long ids = SIGCHLD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    char* const places[] = {kernel, (char*)-4l, (char*)-2l, NULL, area + PAGE - 2, (char*)((uintptr_t)1 << 47)};
    for (unsigned i = 0; i < sizeof places / sizeof *places; ++i) {
#ifdef __riscv
        const pid_t child = (pid_t)syscall(SYS_clone, ids, 0, places[i], kernel, places[i]);
#else
        const pid_t child = (pid_t)syscall(SYS_clone, ids, 0, places[i], places[i], kernel);
#endif
        if (child == 0) _exit(3);
        CHECK(child > 0 && waitpid(child, &status, 0) == child && exited_with(status, 3));
    }
    CHECK(word == -1);
}

static volatile uint32_t word;
static long futex(const void* at, int operation, unsigned value) {
    return syscall(SYS_futex, at, operation, value, NULL, NULL, 0);
}
static void a_futex_is_a_word_of_user_memory(void) {
    for (int operation = 0; operation < 2; ++operation) {  // wait, wake
        CHECK_ERROR(futex(kernel, operation, 0), EFAULT);
        CHECK_ERROR(futex((void*)-4l, operation, 0), EFAULT);
        CHECK_ERROR(futex((char*)&word + 1, operation, 0), EINVAL);
        CHECK_ERROR(futex(area + PAGE - 2, operation, 0), EINVAL);
    }
    CHECK_ERROR(futex(area + PAGE, 0, 0), EFAULT);
}

static void mappings_stay_in_user_memory(void) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    CHECK_ERROR(mmap(kernel, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_ERROR(mmap(kernel, PAGE, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 0), ENOMEM);
    CHECK_ERROR(mmap((void*)((uintptr_t)1 << 47), PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_ERROR(mmap(NULL, (size_t)-PAGE, PROT_READ, flags, -1, 0), ENOMEM);
    CHECK_ERROR(mmap(NULL, (size_t)-1, PROT_READ, flags, -1, 0), ENOMEM);
    CHECK_ERROR(mmap(area, (size_t)-PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), ENOMEM);
    char* const hinted = mmap(kernel, PAGE, PROT_READ, flags, -1, 0);  // only a hint
    CHECK(hinted != MAP_FAILED && hinted < kernel && munmap(hinted, PAGE) == 0);
    CHECK_ERROR(munmap(area, (size_t)-PAGE), EINVAL);
    CHECK_ERROR(mprotect(area, (size_t)-PAGE & ~(size_t)PAGE, PROT_READ), ENOMEM);
    CHECK(mremap(area, PAGE, (size_t)-PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
    void* const end = sbrk(0);
    CHECK((void*)syscall(SYS_brk, kernel) == end && (void*)syscall(SYS_brk, -1l) == end && sbrk(0) == end);
    memset(area, 'x', PAGE);
}

int main(void) {
    enter_folder();
    file = open("f", O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0 && pipe(p) == 0);
    area = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(area != MAP_FAILED && munmap(area + PAGE, PAGE) == 0);
    lengths_of_pieces_do_not_overflow();
    one_bad_piece_spoils_a_call_that_has_not_begun();
    pieces_without_length_may_be_anywhere_in_user_memory();
    an_array_may_end_where_its_page_ends();
    strings_of_execve_end_in_user_memory();
    clone_writes_user_memory_only();
    a_futex_is_a_word_of_user_memory();
    mappings_stay_in_user_memory();
    CHECK(unlink("f") == 0);
    leave_folder();
    return 0;
}
