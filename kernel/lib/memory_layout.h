// The map of addresses: user memory in the lower half of every address space, the kernel in the upper half.
//
//     0x0000_0000_0000_0000  never mapped, so that null pointers fault
//     0x0000_0000_0001_0000  text, rodata, data, bss, then the heap (brk), growing up   |
//              ...           mappings (mmap), growing down from below the stack          | user: 256 GiB,
//     0x0000_003f_ff7f_f000  the stack, 8 MiB; its pages come as they are touched        | root entries 0 to 255
//     0x0000_003f_ffff_f000  the page that signal handlers return to                     |
//     0x0000_0040_0000_0000  non-canonical addresses, up to
//     0xffff_ffc0_0000_0000  the direct map of RAM: physical address + direct_map_base, never executable
//     0xffff_ffd0_0000_0000  devices: physical address + device_offset
//     0xffff_ffe0_0000_0000  kernel stacks, each above a guard that is never mapped
//     0xffff_ffff_8000_0000  the kernel's image: physical address + image_offset
//
// The upper half is the same in every address space, so a trap changes no page table.
#pragma once

#include <cstdint>

#include "lib/address.h"

namespace ox {

inline constexpr VirtAddr user_start{0x1'0000};
inline constexpr VirtAddr user_end{0x40'0000'0000};
inline constexpr unsigned user_root_entries = 256;

inline constexpr VirtAddr stack_top = user_end - page_size;
inline constexpr std::uint64_t stack_size = std::uint64_t{8} << 20;
// A function whose frame is larger than a page may step over a guard page without touching it. So nothing is mapped
// within 1 MiB below the stack (Linux: stack_guard_gap): heap and mappings stay below this.
inline constexpr VirtAddr stack_limit = stack_top - stack_size - (std::uint64_t{1} << 20);

inline constexpr std::uint64_t direct_map_base = 0xffff'ffc0'0000'0000;
inline constexpr std::uint64_t device_offset = 0xffff'ffd0'0000'0000;
inline constexpr std::uint64_t image_offset = 0xffff'ffff'0000'0000;

// Each slot of a kernel stack has a lower half that is never mapped, the guard, and an upper half, the stack. So bit 13
// is 1 in every stack address in use, and trap entry detects an overflow by it. The boot stack is laid out likewise.
inline constexpr std::uint64_t kernel_stack_size = 2 * page_size;
inline constexpr std::uint64_t kernel_stack_slot = 2 * kernel_stack_size;
inline constexpr unsigned kernel_stack_slots = 4096 + 8;  // one for each process, one for each hart's idle thread
inline constexpr VirtRange kernel_stacks{VirtAddr(0xffff'ffe0'0000'0000),
                                         VirtAddr(0xffff'ffe0'0000'0000 + kernel_stack_slots * kernel_stack_slot)};

}  // namespace ox
