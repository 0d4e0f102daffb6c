// ELF, 64 bit: the structures of an executable's headers (System V ABI, "Object Files"; Linux: linux/elf.h).
#pragma once

#include <array>
#include <cstdint>

namespace ox::abi {

inline constexpr unsigned ei_class = 4, ei_data = 5, ei_version = 6;
inline constexpr std::uint8_t elfclass64 = 2, elfdata2lsb = 1, ev_current = 1;
inline constexpr std::uint16_t et_exec = 2, et_dyn = 3, em_riscv = 243;
inline constexpr std::uint32_t pt_load = 1, pt_interp = 3, pf_x = 1, pf_w = 2, pf_r = 4;

struct Elf64_Ehdr {
  std::array<std::uint8_t, 16> e_ident;
  std::uint16_t e_type;
  std::uint16_t e_machine;
  std::uint32_t e_version;
  std::uint64_t e_entry;
  std::uint64_t e_phoff;
  std::uint64_t e_shoff;
  std::uint32_t e_flags;
  std::uint16_t e_ehsize;
  std::uint16_t e_phentsize;
  std::uint16_t e_phnum;
  std::uint16_t e_shentsize;
  std::uint16_t e_shnum;
  std::uint16_t e_shstrndx;
};
static_assert(sizeof(Elf64_Ehdr) == 64);

struct Elf64_Phdr {
  std::uint32_t p_type;
  std::uint32_t p_flags;
  std::uint64_t p_offset;
  std::uint64_t p_vaddr;
  std::uint64_t p_paddr;
  std::uint64_t p_filesz;
  std::uint64_t p_memsz;
  std::uint64_t p_align;
};
static_assert(sizeof(Elf64_Phdr) == 56);

}  // namespace ox::abi
