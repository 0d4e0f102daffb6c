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

// tools/build/symbols.py generates the table, sorted by address. It has the start of the text, so every pc in the text
// has a symbol before it.
extern "C" const std::uint64_t kernel_symbol_count;
extern "C" const Symbol kernel_symbols[];
extern "C" const char kernel_symbol_names[];

// From trap/entry.S: the entry for traps from user mode, and the return address of the call that handles a trap from
// the kernel.
extern "C" const char trap_entry[], kernel_trap_return[];

constexpr unsigned max_frames = 40;

std::uint64_t address_of(const char* symbol) { return reinterpret_cast<std::uintptr_t>(symbol); }

// Whether `pc` may be a return address in the kernel. The first byte of the text follows no call.
bool in_text(std::uint64_t pc) { return address_of(text_start) < pc && pc < address_of(text_end); }

// The boot stack and the panic stacks lie in the image. In the slot of any other stack, the bit kernel_stack_size is
// set in the mapped half only.
bool on_stack(std::uint64_t address) {
  if (address % 8 != 0) return false;
  if (address_of(data_start) <= address && address < address_of(kernel_end)) return true;
  return kernel_stacks.contains(VirtAddr(address)) && (address & kernel_stack_size) != 0;
}

std::uint64_t word(std::uint64_t address) { return *reinterpret_cast<const std::uint64_t*>(address); }

}  // namespace

// A frame record is the two words below s0: the caller's s0, then the return address. A trap's record has the
// interrupted code's ra below them, because that code may have no complete record. A function that calls nothing saves
// only its caller's s0, in the slot for the return address. A jump to a wrong address has saved nothing.
void print_backtrace(TextSink& sink) {
  const std::span symbols(kernel_symbols, kernel_symbol_count);
  auto fp = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  bool trap = false;             // fp points to a trap's record
  std::uint64_t trapped_ra = 0;  // if fp points to the interrupted code's record: its ra
  for (unsigned n = 0; n < max_frames && on_stack(fp - 24) && on_stack(fp - 8); ++n) {
    std::uint64_t pc = word(fp - 8);
    std::uint64_t next = word(fp - 16);
    const std::uint64_t ra = trap ? word(fp - 24) : 0;
    if (!in_text(pc)) {
      if (!trap) next = pc;
      pc = trap ? ra : trapped_ra;
    }
    if (!in_text(pc)) break;
    // A call may be the last instruction of its function, so look up the address before the return address.
    const Symbol& symbol = *(std::ranges::upper_bound(symbols, pc - 1, {}, &Symbol::address) - 1);
    format(sink, "ox:   #{} {:x} {}+{:x}\r\n", n, pc, kernel_symbol_names + symbol.name, pc - symbol.address);
    if (symbol.address == address_of(trap_entry)) break;  // the next frame is the user's
    trap = pc == address_of(kernel_trap_return);
    trapped_ra = ra;
    fp = next;
  }
}

}  // namespace ox
