#include "sim/mmu.h"

#include "arch/memory.h"

namespace ox::sim {

namespace {

constexpr int levels = 3;
constexpr std::uint64_t pte_v = 1u << 0;
constexpr std::uint64_t pte_r = 1u << 1;
constexpr std::uint64_t pte_w = 1u << 2;
constexpr std::uint64_t pte_x = 1u << 3;
constexpr std::uint64_t pte_u = 1u << 4;
constexpr std::uint64_t pte_a = 1u << 6;
constexpr std::uint64_t pte_d = 1u << 7;
constexpr std::uint64_t pte_reserved = 0x3ffull << 54;  // without Svnapot and Svpbmt

// A key for an entry: the level, and the bits of the virtual page number (27 at most) that lead to it.
std::uint64_t key(int level, std::uint64_t va) {
  return static_cast<std::uint64_t>(level) << 60 | (va >> (12 + 9 * level)) << 9 * level;
}

std::uint64_t frame_of(std::uint64_t entry) { return entry >> 10 & ((1ull << 44) - 1); }

std::atomic_ref<std::uint64_t> entry_at(std::uint64_t table, int level, std::uint64_t va) {
  const std::uint64_t index = va >> (12 + 9 * level) & 511;
  return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(to_pointer(PhysAddr(table << 12 | index << 3))));
}

bool leaf(std::uint64_t entry) { return (entry & (pte_r | pte_x)) != 0; }

// Step 3, and the encodings that the specification reserves: each of them is a page fault.
bool faults(std::uint64_t entry, int level) {
  if ((entry & pte_v) == 0 || (entry & pte_reserved) != 0) return true;
  if ((entry & (pte_r | pte_w)) == pte_w) return true;
  if (!leaf(entry)) return level == 0 || (entry & (pte_u | pte_a | pte_d)) != 0;
  return (frame_of(entry) & ((1ull << 9 * level) - 1)) != 0;  // a misaligned superpage
}

}  // namespace

Mmu::Mmu(Hardware hardware, std::uint64_t first_frame, std::size_t frames)
    : hardware_(hardware), first_frame_(first_frame), named_(frames) {}

std::optional<std::uint64_t> Mmu::translate(std::uint64_t va, Use use, Privilege privilege) {
  const std::int64_t extended = static_cast<std::int64_t>(va << 25) >> 25;
  if (static_cast<std::uint64_t>(extended) != va) return std::nullopt;
  const std::optional<Leaf> found = walk(va);
  return found ? use_leaf(*found, va, use, privilege) : std::nullopt;
}

// Steps 2 to 4, starting at the lowest entry that is cached.
std::optional<Mmu::Leaf> Mmu::walk(std::uint64_t va) {
  int level = 0;
  while (level < levels && !entries_.contains(key(level, va))) ++level;
  std::uint64_t entry = 0;
  if (level < levels) {
    entry = entries_[key(level, va)];
  } else {
    entry = entry_at(root(), --level, va).load(std::memory_order_relaxed);
    remember(level, va, entry);
  }
  while (!faults(entry, level)) {
    if (leaf(entry)) return Leaf{entry, level};
    entry = entry_at(frame_of(entry), --level, va).load(std::memory_order_relaxed);
    remember(level, va, entry);
  }
  return std::nullopt;
}

// Steps 5 to 8: permissions (SUM=0, MXR=0), A and D.
std::optional<std::uint64_t> Mmu::use_leaf(Leaf found, std::uint64_t va, Use use, Privilege privilege) {
  const std::uint64_t entry = found.entry;
  if ((privilege == Privilege::user) != ((entry & pte_u) != 0)) return std::nullopt;
  const std::uint64_t wanted = use == Use::load ? pte_r : use == Use::store ? pte_w : pte_x;
  if ((entry & wanted) == 0) return std::nullopt;
  const std::uint64_t marks = use == Use::store ? pte_a | pte_d : pte_a;
  if ((entry & marks) != marks) {
    if (hardware_.svade) return std::nullopt;
    panic("simulator: rule 2: hardware has to write a page table: entry {:x} for {:x} lacks A or D", entry, va);
  }
  const std::uint64_t offset = va & ((1ull << (12 + 9 * found.level)) - 1);
  return (frame_of(entry) << 12) + offset;
}

std::uint64_t Mmu::fetch(std::uint64_t physical) {
  const auto word = reinterpret_cast<const std::uint64_t*>(to_pointer(PhysAddr(physical)));
  return instructions_.try_emplace(physical, *word).first->second;
}

std::atomic<std::uint32_t>* Mmu::counter(std::uint64_t entry) {
  const std::uint64_t number = frame_of(entry) - first_frame_;
  return (entry & pte_v) != 0 && number < named_.size() ? &named_[number] : nullptr;
}

void Mmu::remember(int level, std::uint64_t va, std::uint64_t entry) {
  const bool valid = !faults(entry, level);
  if (!valid && !hardware_.cache_invalid) return;
  entries_[key(level, va)] = entry;
  if (auto* const count = counter(entry)) count->fetch_add(1, std::memory_order_relaxed);
}

void Mmu::forget(std::unordered_map<std::uint64_t, std::uint64_t>::iterator at) {
  if (auto* const count = counter(at->second)) count->fetch_sub(1, std::memory_order_relaxed);
  entries_.erase(at);
}

// A fence with an address drops leaf entries only. An invalid entry that was cached at a higher level stays as well.
void Mmu::fence_leaf(std::uint64_t va) {
  bool forgot = false;
  for (int level = 0; level < levels; ++level) {
    const auto at = entries_.find(key(level, va));
    if (at == entries_.end() || (level > 0 && !leaf(at->second))) continue;
    forget(at);
    forgot = true;
  }
  if (forgot && hardware_.speculates) walk(va);
}

void Mmu::fence_all() {
  const std::vector<Cached> before = cached();
  while (!entries_.empty()) forget(entries_.begin());
  if (!hardware_.speculates) return;
  for (const Cached& one : before) {
    if (one.level == 0 || leaf(one.entry)) walk(one.va);
  }
}

bool Mmu::caches(std::uint64_t ppn) const {
  return ppn - first_frame_ < named_.size() && named_[ppn - first_frame_].load(std::memory_order_relaxed) != 0;
}

std::vector<Cached> Mmu::cached() const {
  std::vector<Cached> all;
  for (const auto& [where, entry] : entries_) {
    const std::uint64_t va = where << 4 >> 4 << 12;
    all.push_back({va, static_cast<int>(where >> 60), entry});
  }
  return all;
}

}  // namespace ox::sim
