// A program whose file is larger than the memory, because most of it is a hole, starts as fast as any other.
#include "folder.h"

#include <elf.h>

int main(void) {
    enum { code_at = 0x10000, hole_at = 0x10000000 };
    const uint64_t size = 200ull << 30;
    struct {
        Elf64_Ehdr head;
        Elf64_Phdr segments[2];
        uint32_t code[3];
    } file = {.head = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                       .e_type = ET_EXEC,
                       .e_machine = EM_RISCV,
                       .e_version = EV_CURRENT,
                       .e_phoff = sizeof file.head,
                       .e_phentsize = sizeof file.segments[0],
                       .e_phnum = 2},
              .code = {0x05d00893, 0x00700513, 0x00000073}};  // exit(7): li a7, 93; li a0, 7; ecall
    file.head.e_entry = code_at + ((uint64_t)file.code - (uint64_t)&file);
    file.segments[0] =
        (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = code_at, .p_filesz = PAGE, .p_memsz = PAGE};
    file.segments[1] =
        (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = hole_at, .p_filesz = size, .p_memsz = size};
    enter_folder();
    const int made = open("sparse", O_WRONLY | O_CREAT, 0755);
    CHECK(made >= 0 && write(made, &file, sizeof file) == sizeof file && ftruncate(made, (off_t)size) == 0);
    CHECK(close(made) == 0);
    const pid_t child = fork();
    if (child == 0) {
        execl("sparse", "sparse", NULL);
        _exit(1);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && exited_with(status, 7));
    CHECK(unlink("sparse") == 0);
    leave_folder();
    return 0;
}
