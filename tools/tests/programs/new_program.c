// A new program finds registers of zeros, a stack with its arguments and nothing else, and memory of zeros. Nothing is
// left of the old program, which has put a secret everywhere, nor of the kernel. (For RISC-V only: the new program is a
// few instructions, because a C library's start would use the registers.)
#include "folder.h"

#include <elf.h>
#include <sys/mman.h>

enum { BELOW = 16384, REGISTERS = BELOW - 1024, SIZE = 1 << 20, STATUS = 9 };
#define SECRET 0x5ec4e75ec4e7ul
static const uint64_t stack_top = 0x3ffffff000, text = 0x100000;

// The new program. Stores all registers below sp, and writes all from 16 KiB below sp to the stack's end to the pipe.
#define STORE(n) "sd x" #n ", 8*" #n "(sp)\n fsd f" #n ", 256+8*" #n "(sp)\n"
#define ALL(f)                                                                                                    \
    f(0) f(1) f(2) f(3) f(4) f(5) f(6) f(7) f(8) f(9) f(10) f(11) f(12) f(13) f(14) f(15) f(16) f(17) f(18) f(19) \
        f(20) f(21) f(22) f(23) f(24) f(25) f(26) f(27) f(28) f(29) f(30) f(31)
__asm__(
    ".globl code, code_end\n"
    "code: addi sp, sp, -1024\n" ALL(STORE)
    "csrr t0, fcsr\n sd t0, 512(sp)\n"
    "li t0, 0x3ffffff000\n li a1, -15360\n add a1, a1, sp\n sub a2, t0, a1\n li a0, 3\n li a7, 64\n ecall\n"
    "li a0, 9\n li a7, 93\n ecall\n"
    "code_end:\n");
extern const char code[], code_end[];

static void make_program(void) {
    const size_t size = (size_t)(code_end - code), start = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr);
    const Elf64_Ehdr head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                             .e_type = ET_EXEC,
                             .e_machine = EM_RISCV,
                             .e_version = EV_CURRENT,
                             .e_entry = text + start,
                             .e_phoff = sizeof head,
                             .e_ehsize = sizeof head,
                             .e_phentsize = sizeof(Elf64_Phdr),
                             .e_phnum = 1};
    const Elf64_Phdr segment = {.p_type = PT_LOAD,
                                .p_flags = PF_R | PF_X,
                                .p_vaddr = text,
                                .p_filesz = start + size,
                                .p_memsz = start + size,
                                .p_align = PAGE};
    const int fd = open("tiny", O_WRONLY | O_CREAT, 0755);
    CHECK(write(fd, &head, sizeof head) == sizeof head && write(fd, &segment, sizeof segment) == sizeof segment);
    CHECK(write(fd, code, size) == (ssize_t)size && close(fd) == 0);
}

static void fill(uint64_t* words, size_t bytes) {
    for (size_t i = 0; i < bytes / 8; ++i) words[i] = SECRET;
}
static __attribute__((noinline)) void fill_memory(void) {
    static uint64_t data[SIZE / 8];
    uint64_t here[SIZE / 8];
    fill(data, SIZE);
    fill(here, SIZE);
    __asm__ volatile("" ::"r"(here) : "memory");
    fill(sbrk(SIZE), SIZE);
    fill(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), SIZE);
}

// execve with the secret in all registers but the arguments'.
#define SET(n) "mv x" #n ", t0\n"
#define SET_F(n) "fmv.d.x f" #n ", t0\n"
static void exec_with_secrets(const char* path, char** argv, char** envp) {
    register long a0 __asm__("a0") = (long)path;
    register long a1 __asm__("a1") = (long)argv;
    register long a2 __asm__("a2") = (long)envp;
    register long a7 __asm__("a7") = 221;
    register unsigned long t0 __asm__("t0") = SECRET;
    __asm__ volatile("fsrmi 3\n" ALL(SET_F) SET(1) SET(3) SET(4) SET(6) SET(7) SET(8) SET(9) SET(13) SET(14) SET(15)
                         SET(16) SET(18) SET(19) SET(20) SET(21) SET(22) SET(23) SET(24) SET(25) SET(26) SET(27) SET(28)
                             SET(29) SET(30) SET(31) "ecall\n ebreak"
                     : "+r"(a0)
                     : "r"(a1), "r"(a2), "r"(a7), "r"(t0)
                     : "memory");
}

static uint64_t dump[65536 / 8];
static size_t run_program(char** argv, char** envp) {
    int p[2], status;
    CHECK(pipe(p) == 0);
    const pid_t child = fork();
    if (child == 0) {
        CHECK(dup2(p[1], 3) == 3);
        fill_memory();
        exec_with_secrets("tiny", argv, envp);
    }
    close(p[1]);
    size_t size = 0;
    for (long part; (part = read(p[0], (char*)dump + size, sizeof dump - size)) > 0;) size += (size_t)part;
    CHECK(close(p[0]) == 0 && waitpid(child, &status, 0) == child && exited_with(status, STATUS));
    return size;
}

static void check_registers(const uint64_t* saved, uint64_t sp) {
    for (int n = 0; n < 32; ++n) CHECK(n == 2 ? saved[n] == sp - 1024 && sp % 16 == 0 : saved[n] == 0);
    for (int n = 32; n < 64; ++n) CHECK(saved[n] == 0);
    CHECK(saved[64] == 0);  // fcsr
}

// A word that is neither a small number, nor an address of user memory; only text and random bytes may look like that.
static int is_odd(uint64_t word) { return word == SECRET || word > stack_top; }

static void check_stack(const uint64_t* words, size_t count, uint64_t sp) {
    CHECK(words[0] == 2 && words[3] == 0 && words[5] == 0);  // argc, the ends of argv and envp
    const char* const bytes = (const char*)words;
    CHECK(strcmp(bytes + (words[1] - sp), "tiny") == 0 && strcmp(bytes + (words[2] - sp), "word") == 0);
    CHECK(strcmp(bytes + (words[4] - sp), "A=b") == 0);
    size_t n = 6;
    uint64_t random = 0;
    for (; words[n] != AT_NULL; n += 2) {
        CHECK(words[n] < 64 && !is_odd(words[n + 1]));
        if (words[n] == AT_RANDOM) random = (words[n + 1] - sp) / 8;
    }
    CHECK(random > n && words[n + 1] == 0);
    for (n += 2; n < random; ++n) CHECK(words[n] == 0);
    // Above the random bytes there are only the strings, one after the other up to the end, and padding before them.
    static const char strings[] = "tiny\0word\0A=b\0tiny";
    const char* const end = (const char*)(words + count);
    CHECK(memcmp(end - sizeof strings, strings, sizeof strings) == 0);
    for (const char* byte = (const char*)(words + random + 2); byte < end - sizeof strings; ++byte) CHECK(*byte == 0);
}

// The rest is done by this program itself, in a second life.
static char zeros[SIZE];
static int is_zero(const char* bytes) {
    for (size_t i = 0; i < SIZE; ++i) {
        if (bytes[i] != 0) return 0;
    }
    return 1;
}
static void find_zeros(void) {
    char* const end = sbrk(SIZE);
    char* const memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char* const new_end = (char*)(((uintptr_t)end + PAGE - 1) & -PAGE);
    const char* const far_below_here = (char*)__builtin_frame_address(0) - 2 * SIZE;
    CHECK(is_zero(zeros) && is_zero(memory) && is_zero(far_below_here) && end != (void*)-1 && new_end >= end);
    for (size_t i = 0; i < SIZE - PAGE; ++i) CHECK(new_end[i] == 0);
    fill((uint64_t*)memory, SIZE);
    CHECK(madvise(memory, SIZE, MADV_DONTNEED) == 0 && is_zero(memory));
    fill((uint64_t*)new_end, SIZE - PAGE);
    CHECK(brk(new_end) == 0 && brk(new_end + SIZE) == 0 && is_zero(new_end));
    fill((uint64_t*)memory, SIZE);
    CHECK(munmap(memory, SIZE) == 0);
    CHECK(mmap(memory, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory && is_zero(memory));
}
static void live_again(void) {
    fill_memory();
    execl("/proc/self/exe", "new_program", "again", NULL);
    _exit(1);
}

int main(int argc, char** argv) {
    (void)argv;
    if (argc > 1) return find_zeros(), 0;
    enter_folder();
    make_program();
    const size_t size = run_program((char*[]){"tiny", "word", NULL}, (char*[]){"A=b", NULL});
    CHECK(size > BELOW + 256 && size < BELOW + 2048);
    const uint64_t sp = stack_top - (size - BELOW);
    check_registers(dump + REGISTERS / 8, sp);
    for (size_t i = 0; i < BELOW / 8; ++i) CHECK(dump[i] == 0 || (i >= REGISTERS / 8 && i <= REGISTERS / 8 + 64));
    check_stack(dump + BELOW / 8, (size - BELOW) / 8, sp);
    CHECK(exited_with(status_of(live_again), 0));
    CHECK(unlink("tiny") == 0);
    leave_folder();
    return 0;
}
