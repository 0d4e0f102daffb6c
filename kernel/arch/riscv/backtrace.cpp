#include <algorithm>
#include <cstdint>
#include <span>

#include "arch/panic.h"
#include "arch/riscv/image.h"
#include "lib/address.h"

namespace ox {

namespace {

struct Symbol {
  std::uint64_t address;
  std::uint32_t name;  // offset in kernel_symbol_names
  std::uint32_t reserved;
};

// Made by tools/build/symbols.py, sorted by address, the text's start among them.
extern "C" const std::uint64_t kernel_symbol_count;
extern "C" const Symbol kernel_symbols[];
extern "C" const char kernel_symbol_names[];

// In trap/entry.S: what serves traps from user mode, and where the call for one from the kernel returns to.
extern "C" const char trap_entry[], kernel_trap_return[];

constexpr unsigned max_frames = 40;

std::uint64_t address_of(const char* symbol) { return reinterpret_cast<std::uintptr_t>(symbol); }

// A return address of the kernel's, never its first byte.
bool in_text(std::uint64_t pc) { return address_of(text_start) < pc && pc < address_of(text_end); }

// Boot and panic stacks are in the image; of the others the bit tells which half of a slot is mapped.
bool on_stack(std::uint64_t address) {
  if (address % 8 != 0) return false;
  if (address_of(data_start) <= address && address < address_of(kernel_end)) return true;
  return kernel_stacks.contains(VirtAddr(address)) && (address & kernel_stack_size) != 0;
}

std::uint64_t word(std::uint64_t address) { return *reinterpret_cast<const std::uint64_t*>(address); }

}  // namespace

// A frame record: s0 points behind {caller's s0, return address}. A trap's has a third word before the two, ra, because
// the interrupted code may have no whole record: a function that calls nothing saves its caller's s0 alone, where
// others have the return address, and who jumped astray saved nothing.
void print_backtrace(TextSink& sink) {
  const std::span symbols(kernel_symbols, kernel_symbol_count);
  auto fp = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  bool trap = false;             // fp is a trap's record
  std::uint64_t trapped_ra = 0;  // fp is the interrupted code's record, and this its ra
  for (unsigned n = 0; n < max_frames && on_stack(fp - 24) && on_stack(fp - 8); ++n) {
    std::uint64_t pc = word(fp - 8);
    std::uint64_t next = word(fp - 16);
    const std::uint64_t ra = trap ? word(fp - 24) : 0;
    if (!in_text(pc)) {
      if (!trap) next = pc;
      pc = trap ? ra : trapped_ra;
    }
    if (!in_text(pc)) break;
    // A call may be its function's last instruction, so the address before it is the one to look up.
    const Symbol& symbol = *(std::ranges::upper_bound(symbols, pc - 1, {}, &Symbol::address) - 1);
    format(sink, "ox:   #{} {:x} {}+{:x}\r\n", n, pc, kernel_symbol_names + symbol.name, pc - symbol.address);
    if (symbol.address == address_of(trap_entry)) break;  // the user's next
    trap = pc == address_of(kernel_trap_return);
    trapped_ra = ra;
    fp = next;
  }
}

}  // namespace ox
