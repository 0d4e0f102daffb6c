#include "sched/kernel_stack.h"

#include "vm/page_table.h"

namespace ox {

namespace {

void set_entry(const Memory& memory, VirtAddr va, Pte entry) {
  Ppn table = memory.kernel_root;
  for (int level = root_level; level > 0; --level) table = PageTable::at(table).get(va.index(level)).frame();
  PageTable::at(table).set(va.index(0), entry);
}

}  // namespace

Result<> KernelStack::alloc(Memory& memory, unsigned slot) {
  for (FrameRef& frame : frames_) frame = TRY(FrameRef::make(memory.frames, FrameKind::kernel));
  memory_ = &memory;
  bottom_ = kernel_stacks.start + (slot * kernel_stack_slot + kernel_stack_size);
  for (std::size_t page = 0; page < frames_.size(); ++page) {
    const VirtAddr va = bottom_ + page * page_size;
    set_entry(memory, va, Pte::kernel_leaf(frames_[page].ppn(), {.read = true, .write = true}));
    sfence_vma(va);
  }
  return {};
}

void KernelStack::free() {
  for (std::size_t page = 0; page < frames_.size() && memory_ != nullptr; ++page) {
    set_entry(*memory_, bottom_ + page * page_size, Pte());
    frames_[page] = {};
  }
  memory_ = nullptr;
}

}  // namespace ox
