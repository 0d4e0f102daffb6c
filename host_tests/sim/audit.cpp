#include "sim/audit.h"

#include <algorithm>

namespace ox::sim {

namespace {

constexpr std::uint64_t valid = 1, readable = 2, writable = 4, executable = 8, user = 16, global = 32, accessed = 64,
                        dirty = 128, may_write = 256, shared = 512;
constexpr std::uint64_t flags_mask = 0x3ff;

const std::uint64_t* words(std::uint64_t frame) {
  return reinterpret_cast<const std::uint64_t*>(to_pointer(Ppn(frame)));
}

std::uint64_t frame_of(std::uint64_t entry) { return entry >> 10 & 0xfff'ffff'ffff; }

std::uint64_t hash(std::uint64_t frame) {
  const std::uint64_t* const bytes = words(frame);
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < 512; ++i) sum = (sum ^ bytes[i]) * 0x9e37'79b9'7f4a'7c15;
  return sum;
}

}  // namespace

void Auditor::complain(std::string_view pattern, std::initializer_list<FormatArgument> arguments) {
  TextBuffer<300> text;
  format_arguments(text, pattern, {arguments.begin(), arguments.size()});
  broken_.emplace_back(text.text());
}

std::vector<std::string> Auditor::check(const Scene& scene) {
  scene_ = &scene;
  broken_.clear();
  references_.clear();
  now_shared_.clear();
  walked_.clear();
  for (const Ppn handle : scene.handles) ++references_[handle.value()];
  for (const AddressSpace* space : scene.spaces) {
    if (++references_[space->regions().index_frame().value()] == 1) {
      space->regions().for_each_block([&](Ppn block) { ++references_[block.value()]; });
    }
    const std::uint64_t root = space->tree().root().value();
    if (references_[root]++ != 0) complain("rule 7: root {:x} is shared", {root});
    visit(root, {.space = space, .va = 0, .table = root, .level = 2, .owned = true});
    const std::uint64_t* const kernel = words(scene.memory.kernel_root.value());
    if (!std::equal(kernel + 256, kernel + 512, words(root) + 256))
      complain("rule 1: root {:x}: kernel's half", {root});
  }
  check_counts();
  check_unchanged();
  for (const auto& [mmu, root] : scene.harts) check_cached(*mmu, root);
  return broken_;
}

// Checks a table, or a page, as one process sees it. Returns whether it has a W in it or below.
bool Auditor::visit(std::uint64_t node, Place place) {
  const Frame& record = scene_->memory.frames.record(Ppn(node));
  place.owned = place.owned && record.count.load(relaxed) == 1;
  if (!place.owned) now_shared_.try_emplace(node, 0);
  if (place.level < 0) return false;
  if (record.kind != FrameKind::table) complain("rule 2: {:x} is used as a table and is no table", {node});
  const bool first = walked_.insert(node).second;
  const std::uint64_t span = std::uint64_t{4096} << 9 * place.level;
  std::uint32_t used = 0, hot = 0;
  const std::uint64_t* const entries = words(node);
  for (unsigned i = 0; i < (place.level == 2 ? 256u : 512u); ++i) {
    const std::uint64_t entry = entries[i];
    if (entry == 0) continue;
    Place here{place.space, place.va + i * span, node, place.level, place.owned};
    if (!scene_->memory.frames.contains(Ppn(frame_of(entry)))) {
      complain("rule 1: entry {:x} of table {:x} names no frame", {entry, node});
      continue;
    }
    if (first) ++references_[frame_of(entry)];
    if (place.level > 0 && (entry & flags_mask) != valid)
      complain("rule 2: non-leaf entry {:x} in {:x}", {entry, node});
    const bool leads_to_write = (place.level == 0 && check_leaf(entry, here));
    const bool changes = place.level == 0 && (entry & shared) != 0;  // MAP_SHARED: it may change while shared
    const bool write_below =
        !changes && visit(frame_of(entry), {place.space, here.va, node, place.level - 1, place.owned});
    used |= 1u << i / 16;
    if (leads_to_write || write_below) hot |= 1u << i / 16;
  }
  check_masks(node, used, hot, place);
  return hot != 0;
}

void Auditor::check_masks(std::uint64_t table, std::uint32_t used, std::uint32_t hot, const Place& place) {
  const Frame& record = scene_->memory.frames.record(Ppn(table));
  if ((used & ~record.used_groups) != 0)
    complain("rule 5: table {:x} uses groups {:x}, says {:x}", {table, used, record.used_groups});
  if ((hot & ~record.writable_groups) != 0)
    complain("rule 5: table {:x} is hot in {:x}, says {:x}", {table, hot, record.writable_groups});
  if (!place.owned && record.writable_groups != 0)
    complain("rule 5: shared table {:x} says it is hot: {:x}", {table, record.writable_groups});
}

// Rules 2, 3 and 13, and the permissions of the region. Returns whether the leaf has W.
bool Auditor::check_leaf(std::uint64_t entry, const Place& place) {
  const auto say = [&](const char* what) {
    complain("{}: pid {} at {:x}, table {:x}, entry {:x}", {what, place.space->pid(), place.va, place.table, entry});
  };
  const Frame& page = scene_->memory.frames.record(Ppn(frame_of(entry)));
  if (page.kind != FrameKind::page && page.kind != FrameKind::cached) say("rule 2: a leaf names what is no page");
  if (entry >> 54 != 0 || (entry & global) != 0) say("rule 2: reserved bits or G");
  if ((~entry & (user | accessed | dirty)) != 0) say("rule 2: U, A or D missing");
  if ((entry & executable) != 0 && (entry & (writable | may_write)) != 0) say("rule 13: W with X");
  if ((entry & writable) != 0) {
    if ((~entry & (valid | readable | may_write)) != 0) say("rule 3: W without V, R or MAY_WRITE");
    if (!place.owned) say("rule 3: W below a shared table");
    if (page.count.load(relaxed) != 1 && (entry & shared) == 0) say("rule 3: W on a shared page");
  }
  const Region* const region = place.space->regions().find(VirtAddr(place.va));
  if (region == nullptr) {
    say("rule 11: a page outside of all regions");
    return (entry & writable) != 0;
  }
  const Prot prot = region->prot;
  if (((entry & valid) != 0) == prot.none()) say("rule 3: not the region's V");
  if (((entry & readable) != 0) != (prot.read || prot.write)) say("rule 3: not the region's R");
  if (((entry & executable) != 0) != prot.execute) say("rule 3: not the region's X");
  if (((entry & shared) != 0) != region->is_map_shared()) say("rule 3: SHARED is not the region's");
  if (((entry & may_write) != 0) != prot.write) say("rule 3: MAY_WRITE is not the region's");
  return (entry & writable) != 0;
}

// Rule 1 for every frame. A frame without references must be free.
void Auditor::check_counts() {
  Frames& frames = scene_->memory.frames;
  std::size_t free = 0;
  for (Ppn frame = frames.first(); frame < frames.end(); frame = frame + 1) {
    const auto counted = references_.find(frame.value());
    const std::uint32_t expected = counted == references_.end() ? 0 : counted->second;
    const std::uint32_t count = frames.record(frame).count.load(relaxed);
    if (count != expected) complain("rule 1: frame {:x} has count {}, references: {}", {frame, count, expected});
    if ((count == 0) != (frames.record(frame).kind == FrameKind::free)) {
      complain("rule 1: frame {:x}, count {}, kind {}", {frame, count, frames.record(frame).kind_name()});
    }
    if (expected == 0) ++free;
  }
  if (free != frames.free_count()) complain("rule 1: {} frames unreferenced, {} free", {free, frames.free_count()});
}

// Rule 2: what is shared is immutable.
void Auditor::check_unchanged() {
  for (auto& [frame, bytes] : now_shared_) {
    bytes = hash(frame);
    const auto before = shared_.find(frame);
    if (before != shared_.end() && before->second != bytes) complain("rule 2: shared frame {:x} was written", {frame});
  }
  shared_ = now_shared_;
}

// Rule 6: every entry that a hart caches equals the entry that a walk from its root finds.
void Auditor::check_cached(Mmu& mmu, Ppn root) {
  if (mmu.root() != root.value()) complain("rule 7: a hart stands on root {:x}, not {:x}", {mmu.root(), root});
  for (const Cached& cached : mmu.cached()) {
    std::uint64_t table = root.value();
    std::uint64_t entry = 0;
    for (int level = 2; level >= cached.level; --level) {
      entry = words(table)[cached.va >> (12 + 9 * level) & 511];
      if (level > cached.level && (entry & (valid | readable | writable | executable)) != valid) {
        entry = 0;
        break;
      }
      table = frame_of(entry);
    }
    const bool both_invalid = ((entry | cached.entry) & valid) == 0;  // without V, the other bits mean nothing
    if (entry != cached.entry && !both_invalid) {
      complain("rule 6: not fenced: address {:x} level {} is cached as {:x}, memory says {:x}",
               {cached.va, cached.level, cached.entry, entry});
    }
  }
}

}  // namespace ox::sim
