#include "sched/kernel_stack.h"

#include <utility>

namespace ox {

KernelStack::KernelStack(KernelStack&& other) noexcept
    : stacks_(std::exchange(other.stacks_, nullptr)), slot_(other.slot_), frames_(std::move(other.frames_)) {}

KernelStack& KernelStack::operator=(KernelStack&& other) noexcept {
  std::swap(stacks_, other.stacks_);
  std::swap(slot_, other.slot_);
  std::swap(frames_, other.frames_);
  return *this;
}

KernelStack::~KernelStack() {
  if (stacks_ == nullptr) return;
  for (unsigned page = 0; page < frames_.size(); ++page) {
    stacks_->set_entry(KernelStacks::page_address(slot_, page), Pte());
  }
  stacks_->give_back(slot_);
}

std::uint64_t KernelStack::top() const { return KernelStacks::page_address(slot_, 0).value() + kernel_stack_size; }

Result<KernelStack> KernelStacks::create() {
  std::array<FrameRef, 2> frames;
  for (FrameRef& frame : frames) {
    const std::optional<Ppn> page = memory_.frames.alloc(FrameKind::kernel, Content::any);
    if (!page) return Errno::enomem;
    frame = FrameRef(memory_.frames, *page);
  }
  const unsigned slot = take_slot();
  if (slot == no_slot) return Errno::eagain;
  for (unsigned page = 0; page < frames.size(); ++page) {
    const VirtAddr va = page_address(slot, page);
    set_entry(va, Pte::kernel_leaf(frames[page].ppn(), {.read = true, .write = true}));
    sfence_vma(va);
  }
  return KernelStack(*this, slot, std::move(frames));
}

unsigned KernelStacks::take_slot() {
  LockGuard guard(lock_);
  if (first_free_ == no_slot) return fresh_ < kernel_stack_slots ? fresh_++ : no_slot;
  return std::exchange(first_free_, next_free_[first_free_]);
}

void KernelStacks::give_back(unsigned slot) {
  LockGuard guard(lock_);
  next_free_[slot] = static_cast<std::uint16_t>(std::exchange(first_free_, slot));
}

void KernelStacks::set_entry(VirtAddr va, Pte entry) {
  Ppn table = memory_.kernel_root;
  for (int level = root_level; level > 0; --level) table = Table::at(table).get(va.index(level)).frame();
  Table::at(table).set(va.index(0), entry);
}

}  // namespace ox
