// Arguments of mmap and its relatives (Linux: asm-generic/mman-common.h, linux/mman.h).
#pragma once

#include <cstdint>

namespace ox::abi {

inline constexpr std::uint64_t prot_read = 1, prot_write = 2, prot_exec = 4, prot_sem = 8;

inline constexpr std::uint64_t map_shared = 0x01, map_private = 0x02, map_type = 0x0f, map_fixed = 0x10;
inline constexpr std::uint64_t map_anonymous = 0x20, map_locked = 0x2000;
inline constexpr std::uint64_t map_noreserve = 0x4000, map_populate = 0x8000, map_stack = 0x20000;
inline constexpr std::uint64_t map_fixed_noreplace = 0x100000;

inline constexpr std::uint64_t mremap_maymove = 1;

inline constexpr int madv_normal = 0, madv_random = 1, madv_sequential = 2, madv_willneed = 3, madv_dontneed = 4;
inline constexpr int madv_dofork = 11, madv_dontdump = 16, madv_dodump = 17, madv_keeponfork = 19;

inline constexpr std::uint64_t ms_async = 1, ms_invalidate = 2, ms_sync = 4;

}  // namespace ox::abi
