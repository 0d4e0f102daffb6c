// The functions of the arch contract, and those for which libc replaces kernel/arch/riscv/runtime.cpp.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/machine.h"

namespace ox {

namespace {

sim::Mmu& this_mmu() { return sim::Machine::current().mmu(hart_index()); }

thread_local std::string context;

}  // namespace

void sim::set_context(std::string text) { context = std::move(text); }

void panic_text(std::string_view message) {
  std::fflush(stdout);
  std::fprintf(stderr, "panic: %.*s\n", static_cast<int>(message.size()), message.data());
  if (!context.empty()) std::fprintf(stderr, "panic: in %s\n", context.c_str());
  std::abort();
}

void sfence_vma(VirtAddr va) {
  sim::Machine::current().fence_begins();
  this_mmu().fence_leaf(va.value());
}
void sfence_vma_all() {
  sim::Machine::current().fence_begins();
  this_mmu().fence_all();
}
void fence_i() { this_mmu().fence_instructions(); }
void write_satp(Ppn root) {
  this_mmu().set_root(root.value());
  this_mmu().fence_all();
}
void frame_freed(Ppn frame) { sim::Machine::current().check_freed(frame); }

void copy_page(void* to, const void* from) { std::memcpy(to, from, page_size); }
void zero_page(void* page) { std::memset(page, 0, page_size); }

}  // namespace ox
