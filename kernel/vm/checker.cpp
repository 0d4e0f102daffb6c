#include "vm/checker.h"

#include <algorithm>

namespace ox {

namespace {

constexpr std::uint64_t high_bits = ~((std::uint64_t{1} << 54) - 1);  // reserved, or of extensions that ox does not use

// Works for an entry with reserved bits too.
Ppn frame_of(Pte entry) { return entry.without(high_bits).frame(); }

}  // namespace

void Checker::require(bool holds, const Place& place, unsigned rule, const char* broken_by, std::source_location line) {
  if (holds) return;
  const Ppn frame = frame_of(place.entry);
  const PanicPattern what("{}: pid {}, address {:x}, level-{} table {:x}, index {}, entry {:x}, count {}", line);
  panic_rule(rule, what, broken_by, place.space != nullptr ? place.space->pid() : 0, place.va, place.level, place.table,
             place.index, place.entry.bits(),
             memory_.frames.contains(frame) ? memory_.frames.record(frame).count.load(relaxed) : 0);
}

void Checker::check_entry(const Place& place) {
  const Pte entry = place.entry;
  Frames& frames = memory_.frames;
  require(frames.contains(frame_of(entry)), place, 1, "entry names no frame");
  const Frame& table = frames.record(place.table);
  const Frame& record = frames.record(frame_of(entry));
  const bool live = record.count.load(relaxed) != 0 && record.kind != FrameKind::free;
  require(live, place, 1, "entry names a free frame");
  require((table.used_groups & group_bit(place.index)) != 0, place, 5, "used groups");
  if (place.level == 0) return check_leaf(place);
  require(record.kind == FrameKind::table, place, 2, "non-leaf entry names no table");
  require(entry == Pte::next_level(frame_of(entry)), place, 2, "flags in a non-leaf entry");
  if (record.writable_groups == 0) return;
  const bool owned = place.owned && !record.is_shared();
  require(owned, place, 5, "a shared table has writable groups");
  require((table.writable_groups & group_bit(place.index)) != 0, place, 5, "writable groups");
}

void Checker::check_leaf(const Place& place) {
  const Pte entry = place.entry;
  const Frame& table = memory_.frames.record(place.table);
  const Frame& record = memory_.frames.record(frame_of(entry));
  const bool page = record.kind == FrameKind::page || record.kind == FrameKind::cached;
  const bool accessible = entry.is_readable() || entry.is_executable();
  const bool may_write = entry.is_writable() || entry.may_write();
  require(page, place, 2, "a leaf names a frame that is no page");
  require((entry.bits() & (high_bits | Pte::G)) == 0, place, 2, "reserved bits in a leaf");
  require(entry.with(Pte::U | Pte::A | Pte::D) == entry, place, 2, "a leaf without U, A and D");
  require(!entry.is_valid() || accessible, place, 2, "a valid leaf without access");
  require(!may_write || !entry.is_executable(), place, 13, "write and execute");
  if (entry.is_writable()) {
    const bool allowed = entry.is_readable() && entry.is_valid() && entry.may_write();
    require(allowed, place, 3, "W without R, V or MAY_WRITE");
    require(place.owned, place, 3, "W below a shared table");
    require(!record.is_shared() || entry.is_map_shared(), place, 3, "W on a shared page");
    require((table.writable_groups & group_bit(place.index)) != 0, place, 5, "writable groups");
  }
  const Region* const region = place.space->regions().find(place.va);
  const bool in_region = region != nullptr && entry.without(Pte::W) == region->make_leaf(entry.frame());
  require(in_region, place, 3, "a leaf that its region does not allow");
}

void Checker::path(const AddressSpace& space, VirtAddr va) {
  if (va >= user_end) return;
  Ppn table = space.tree().root();
  bool owned = !memory_.frames.is_shared(table);
  for (int level = root_level; level >= 0; --level) {
    const unsigned index = va.index(level);
    const Pte entry = PageTable::at(table).get(index);
    if (entry.is_empty()) return;
    check_entry({&space, va, table, index, level, entry, owned});
    table = entry.frame();
    owned = owned && !memory_.frames.is_shared(table);
  }
}

void Checker::begin() {
  std::ranges::fill(seen_, 0);
  check_kernel(memory_.kernel_root, root_level, VirtAddr() - 2 * user_end.value());
}

void Checker::check_kernel(Ppn table, int level, VirtAddr base) {
  for (unsigned index = level == root_level ? user_root_entries : 0; index < table_entries; ++index) {
    const Pte entry = PageTable::at(table).get(index);
    if (entry.is_empty()) continue;
    const VirtAddr va = base + index * entry_span(level);
    const bool safe = (entry.bits() & Pte::U) == 0 && !(entry.is_writable() && entry.is_executable());
    require(safe, {nullptr, va, table, index, level, entry}, 13, "a mapping of the kernel");
    if (!entry.is_leaf() && level > 0) check_kernel(entry.frame(), level - 1, va);
  }
}

void Checker::add(const AddressSpace& space) {
  const Ppn root = space.tree().root();
  if (++seen(space.regions().index_frame()) == 1) {  // an index refers to its blocks once, however many share it
    space.regions().for_each_block([&](Ppn block) { ++seen(block); });
  }
  visit(root, {.space = &space});
  const PageTable& kernel = PageTable::at(memory_.kernel_root);
  for (unsigned index = user_root_entries; index < table_entries; ++index) {
    const Pte entry = PageTable::at(root).get(index);
    const Place place{&space, {}, root, index, root_level, entry};
    require(entry == kernel.get(index), place, 1, "the kernel's half differs");
  }
}

// Counts the reference that led to `node`. What is below is counted when the first reference comes.
void Checker::visit(Ppn node, Place place) {
  if (seen(node)++ > 0 || place.level < 0) return;
  Frames& frames = memory_.frames;
  place.table = node;
  place.owned = place.owned && !frames.is_shared(node);
  const VirtAddr base = place.va;
  const unsigned entries = place.level == root_level ? user_root_entries : table_entries;
  for (unsigned index = 0; index < entries; ++index) {
    const Pte entry = PageTable::at(node).get(index);
    if (entry.is_empty()) continue;
    place.index = index;
    place.va = base + index * entry_span(place.level);
    place.entry = entry;
    check_entry(place);
    Place below = place;
    --below.level;
    visit(entry.frame(), below);
  }
}

// The counts of tables and pages must be what was seen. Of the kernel's own frames only the holders of region lists are
// known here.
void Checker::finish() {
  Frames& frames = memory_.frames;
  std::size_t referenced = 0;
  frames.for_each_known([&](Ppn frame, const Frame& record) {
    const std::uint32_t count = record.count.load(relaxed);
    const std::uint32_t expected = seen(frame) + (record.kind == FrameKind::cached ? 1 : 0);
    const bool kernels = record.kind == FrameKind::kernel && expected <= count;
    if (count != 0) ++referenced;
    if ((kernels || expected == count) && (count == 0) == (record.kind == FrameKind::free)) return;
    panic_rule(1, "frame {:x} (kind {}) has count {}, but {} references", frame, record.kind_name(), count, expected);
  });
  if (referenced + frames.free_count() != frames.total()) {
    panic_rule(1, "{} frames are referenced and {} free, of {}", referenced, frames.free_count(), frames.total());
  }
  for (unsigned index = 0; index < table_entries; ++index) {
    const Pte word = PageTable::at(memory_.zero.ppn()).get(index);
    if (!word.is_empty()) panic_rule(12, "the zero frame was written: {:x}", word.bits());
  }
}

}  // namespace ox
