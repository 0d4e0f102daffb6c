#include "vm/checker.h"

#include <algorithm>

#include "arch/panic.h"

namespace ox {

namespace {

constexpr std::uint64_t high_bits = ~((std::uint64_t{1} << 54) - 1);  // reserved, and of extensions we do not use

// Also of an entry with reserved bits.
Ppn frame_of(Pte entry) { return entry.without(high_bits).frame(); }

}  // namespace

void Checker::broken(unsigned rule, const char* what, const Place& place, Pte entry) {
  const bool known = memory_.frames.contains(frame_of(entry));
  panic("rule {}: {}: pid {}, address {:x}, level-{} table {:x}, index {}, entry {:x}, count {}", rule, what,
        place.space != nullptr ? place.space->pid() : 0, place.va, place.level, place.table, place.index, entry.bits(),
        known ? memory_.frames.record(frame_of(entry)).count.load(relaxed) : 0);
}

void Checker::check_entry(const Place& place, Pte entry) {
  Frames& frames = memory_.frames;
  if (!frames.contains(frame_of(entry))) broken(1, "entry names no frame", place, entry);
  const Frame& record = frames.record(frame_of(entry));
  if (record.count.load(relaxed) == 0 || record.kind == FrameKind::free) {
    broken(1, "entry names a free frame", place, entry);
  }
  if ((frames.record(place.table).used & group_bit(place.index)) == 0) broken(5, "used mask", place, entry);
  if (place.level == 0) return check_leaf(place, entry);
  if (record.kind != FrameKind::table) broken(2, "non-leaf entry names no table", place, entry);
  if (entry != Pte::table(frame_of(entry))) broken(2, "flags in a non-leaf entry", place, entry);
  const Frame& table = frames.record(place.table);
  if (record.hot != 0 && (!place.owned || record.count.load(relaxed) > 1)) {
    broken(5, "a shared table is hot", place, entry);
  }
  if (record.hot != 0 && (table.hot & group_bit(place.index)) == 0) broken(5, "hot mask", place, entry);
}

void Checker::check_leaf(const Place& place, Pte entry) {
  Frames& frames = memory_.frames;
  const Frame& record = frames.record(frame_of(entry));
  if (record.kind != FrameKind::page && record.kind != FrameKind::kept)
    broken(2, "a leaf names a frame that is no page", place, entry);
  if ((entry.bits() & (high_bits | Pte::G)) != 0) broken(2, "reserved bits in a leaf", place, entry);
  if (entry.with(Pte::U | Pte::A | Pte::D) != entry) broken(2, "a leaf without U, A and D", place, entry);
  if (entry.valid() && !entry.readable() && !entry.executable()) broken(2, "a valid leaf without access", place, entry);
  if ((entry.writable() || entry.may_write()) && entry.executable()) broken(13, "write and execute", place, entry);
  if (entry.writable()) {
    if (!entry.readable() || !entry.valid() || !entry.may_write()) {
      broken(3, "W without R, V or MAY_WRITE", place, entry);
    }
    if (!place.owned) broken(3, "W below a shared table", place, entry);
    if (record.count.load(relaxed) != 1 && !entry.shared()) broken(3, "W on a shared page", place, entry);
    if ((frames.record(place.table).hot & group_bit(place.index)) == 0) broken(5, "hot mask", place, entry);
  }
  const Region* const region = place.space->regions().find(place.va);
  if (region == nullptr || entry.without(Pte::W) != region->leaf(entry.frame())) {
    broken(3, "a leaf that its region does not allow", place, entry);
  }
}

void Checker::path(const AddressSpace& space, VirtAddr va) {
  if (va >= user_end) return;
  Ppn table = space.table().root();
  bool owned = memory_.frames.sole(table);
  for (int level = root_level; level >= 0; --level) {
    const unsigned index = va.index(level);
    const Pte entry = Table::at(table).get(index);
    if (entry.empty()) return;
    check_entry({&space, va, table, index, level, owned}, entry);
    if (level == 0) return;
    table = entry.frame();
    owned = owned && memory_.frames.sole(table);
  }
}

void Checker::begin() {
  std::ranges::fill(seen_, 0);
  check_kernel(memory_.kernel_root, root_level, VirtAddr() - 2 * user_end.value());
}

void Checker::check_kernel(Ppn table, int level, VirtAddr base) {
  for (unsigned index = level == root_level ? user_root_entries : 0; index < table_entries; ++index) {
    const Pte entry = Table::at(table).get(index);
    if (entry.empty()) continue;
    const VirtAddr va = base + index * entry_span(level);
    const bool user = (entry.bits() & Pte::U) != 0;
    if (user || (entry.writable() && entry.executable())) {
      broken(13, "a mapping of the kernel", {nullptr, va, table, index, level, false}, entry);
    }
    if (!entry.leaf() && level > 0) check_kernel(entry.frame(), level - 1, va);
  }
}

void Checker::add(const AddressSpace& space) {
  const Ppn root = space.table().root();
  ++seen(space.regions().frame());
  visit(root, {&space, VirtAddr(), root, 0, root_level, true});
  const Table& kernel = Table::at(memory_.kernel_root);
  for (unsigned index = user_root_entries; index < table_entries; ++index) {
    const Pte entry = Table::at(root).get(index);
    if (entry != kernel.get(index)) broken(1, "the kernel's half differs", {&space, {}, root, index, 2, true}, entry);
  }
}

// Counts the reference that led to `node`; what hangs below is counted at the first one.
void Checker::visit(Ppn node, Place place) {
  if (seen(node)++ > 0 || place.level < 0) return;
  Frames& frames = memory_.frames;
  place.table = node;
  place.owned = place.owned && frames.sole(node);
  const VirtAddr base = place.va;
  const unsigned entries = place.level == root_level ? user_root_entries : table_entries;
  for (unsigned index = 0; index < entries; ++index) {
    const Pte entry = Table::at(node).get(index);
    if (entry.empty()) continue;
    place.index = index;
    place.va = base + index * entry_span(place.level);
    check_entry(place, entry);
    Place below = place;
    --below.level;
    visit(entry.frame(), below);
  }
}

// Counts of tables and pages must be what was seen. The holders of the kernel's own frames are not known here, but for
// lists of regions.
void Checker::finish() {
  Frames& frames = memory_.frames;
  std::size_t referenced = 0;
  frames.for_each_known([&](Ppn frame, const Frame& record) {
    const std::uint32_t count = record.count.load(relaxed);
    const std::uint32_t expected = seen(frame) + (record.kind == FrameKind::kept ? 1 : 0);
    const bool kernels = record.kind == FrameKind::kernel && expected <= count;
    if (count != 0) ++referenced;
    if ((kernels || expected == count) && (count == 0) == (record.kind == FrameKind::free)) return;
    panic("rule 1: frame {:x} (kind {}) has count {}, but {} references", frame, static_cast<unsigned>(record.kind),
          count, expected);
  });
  if (referenced + frames.free_count() != frames.total()) {
    panic("rule 1: {} frames are referenced and {} free, of {}", referenced, frames.free_count(), frames.total());
  }
  for (unsigned index = 0; index < table_entries; ++index) {
    const Pte word = Table::at(memory_.zero.ppn()).get(index);
    if (!word.empty()) panic("rule 12: the zero frame was written: {:x}", word.bits());
  }
}

}  // namespace ox
