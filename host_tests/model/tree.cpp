#include "model/tree.h"

#include <algorithm>

namespace ox::model {

namespace {

VirtRange covers(VirtAddr base, int level, unsigned index) {
  return {base + index * entry_span(level), base + (index + 1) * entry_span(level)};
}

bool inside(VirtRange inner, VirtRange outer) { return outer.start <= inner.start && inner.end <= outer.end; }

// Calls f(entry) for every entry of `level` below `node`, as the process sees the entries.
template <class F>
void for_each(Node& node, int level, int wanted, F f) {
  for (auto& [index, entry] : node.entries) {
    if (level == wanted) {
      f(entry);
    } else {
      for_each(*entry.node, level - 1, wanted, f);
    }
  }
}

void erase_range(Node& node, int level, VirtAddr base, VirtRange range) {
  std::erase_if(node.entries, [&](auto& item) {
    const VirtRange here = covers(base, level, item.first);
    if (inside(here, range)) return true;
    if (here.overlaps(range)) erase_range(*item.second.node, level - 1, here.start, range);
    return false;
  });
}

// The start addresses of the level-0 tables that `range` touches.
std::vector<VirtAddr> tables_in(Node& node, int level, VirtAddr base, VirtRange range) {
  if (level == 0) return {base};
  std::vector<VirtAddr> tables;
  for (auto& [index, entry] : node.entries) {
    const VirtRange here = covers(base, level, index);
    if (!here.overlaps(range)) continue;
    for (const VirtAddr table : tables_in(*entry.node, level - 1, here.start, range)) tables.push_back(table);
  }
  return tables;
}

Ref copy(Pool& pool, const Ref& node, int level, int stop) {
  if (level < stop || node == pool.zero) return node;
  Ref twin = pool.take();
  ++(level < 0 ? pool.pages_copied : pool.tables_copied);
  twin->cells = node->cells;
  for (auto& [index, entry] : node->entries) {
    Ref child = copy(pool, entry.node, level - 1, entry.shared ? 2 : stop);
    twin->entries[index] = {std::move(child), entry.prot, entry.writable, entry.shared};
  }
  return twin;
}

bool permits(const Entry& leaf, Access access) {
  switch (access) {
    case Access::load:
      return leaf.prot.read || leaf.prot.write;
    case Access::store:
      return leaf.writable;
    case Access::execute:
      return leaf.prot.execute;
  }
  return false;
}

}  // namespace

Ref Pool::take() { return free == 0 ? nullptr : std::make_shared<Node>(*this); }

std::unique_ptr<Space> Space::create(Pool& pool) {
  Ref root = pool.take();
  Ref list = pool.take();
  if (!root || !list) return nullptr;
  return std::unique_ptr<Space>(new Space(pool, std::move(root), std::move(list)));
}

Entry* Space::find(unsigned spot) {
  Node* table = root_.get();
  for (int level = 2;; --level) {
    const auto entry = table->entries.find(spots[spot].index(level));
    if (entry == table->entries.end()) return nullptr;
    if (level == 0) return &entry->second;
    table = entry->second.node.get();
  }
}

// Returns the table below an entry of an owned table, after making it owned too. A replaced table is dropped with the
// list `dropped`, when the caller frees that.
Node* Space::own_below(Node& table, int level, unsigned index, std::vector<Ref>& dropped) {
  const auto found = table.entries.find(index);
  if (found != table.entries.end() && found->second.node.use_count() == 1) return found->second.node.get();
  if (pool_.free == 0) return nullptr;
  Ref below = found == table.entries.end() ? pool_.take() : copy(pool_, found->second.node, level - 1, level - 1);
  dropped.push_back(std::move(table.entries[index].node));
  table.entries[index].node = below;
  return below.get();
}

Node* Space::own(VirtAddr va, std::vector<Ref>& dropped) {
  Node* table = root_.get();
  for (int level = 2; level > 0 && table != nullptr; --level)
    table = own_below(*table, level, va.index(level), dropped);
  return table;
}

std::optional<FaultOutcome> Space::access(unsigned spot, Access access) {
  const Entry* const leaf = find(spot);
  if (leaf == nullptr) return first_touch(spot, access);
  if (permits(*leaf, access)) return std::nullopt;
  if (access != Access::store || !leaf->prot.write) return FaultOutcome::denied;
  // A copy of the entry would be another reference to the node, so pass it without the node.
  return write_fault(spots[spot], {nullptr, leaf->prot, leaf->writable, leaf->shared});
}

FaultOutcome Space::first_touch(unsigned spot, Access access) {
  const std::optional<Mapping>& mapping = regions_[spot];
  if (!mapping || !permits({nullptr, mapping->prot, mapping->prot.write}, access)) return FaultOutcome::denied;
  const VirtAddr va = spots[spot];
  const bool store = access == Access::store;
  Ref page = mapping->file || !store ? pool_.zero : pool_.take();
  if (!page) return FaultOutcome::no_memory;
  if (mapping->file) {
    const std::uint64_t number = va.value() / page_size;
    if (number >= pool_.file_end) return FaultOutcome::past_end;
    const std::vector<Ref>& file = pool_.files[*mapping->file];
    page = file[number % file.size()];
  }
  {
    std::vector<Ref> dropped;
    Node* const table = own(va, dropped);
    if (table == nullptr) return FaultOutcome::no_memory;
    table->entries[va.index(0)] = {std::move(page), mapping->prot, store && !mapping->file, mapping->shared};
  }
  if (!mapping->file) return store ? FaultOutcome::zeroed : FaultOutcome::mapped_zero;
  return store ? write_fault(va, {nullptr, mapping->prot, false, mapping->shared}) : FaultOutcome::mapped_file;
}

FaultOutcome Space::write_fault(VirtAddr va, Entry leaf) {
  std::vector<Ref> dropped;
  Node* const table = own(va, dropped);
  if (table == nullptr) return FaultOutcome::no_memory;
  Entry& entry = table->entries[va.index(0)];
  if (entry.shared || entry.node.use_count() == 1) {
    entry.writable = true;
    return FaultOutcome::granted;
  }
  leaf.node = pool_.take();
  if (!leaf.node) return FaultOutcome::no_memory;
  const bool zero = entry.node == pool_.zero;
  if (!zero) ++pool_.pages_copied;
  leaf.node->cells = entry.node->cells;
  leaf.writable = true;
  dropped.push_back(std::move(entry.node));
  entry = std::move(leaf);
  return zero ? FaultOutcome::zeroed : FaultOutcome::copied;
}

// The mode determines which levels a fork copies, so the model knows the frames that it needs. It fails at once or not
// at all.
std::unique_ptr<Space> Space::fork(ForkMode mode) {
  if (mode != ForkMode::eager) for_each(*root_, 2, 0, [](Entry& leaf) { leaf.writable = false; });
  std::size_t needed = 1;
  const auto count = [&](Entry& entry) { needed += entry.shared || entry.node == pool_.zero ? 0 : 1; };
  if (mode != ForkMode::on_demand) {
    for_each(*root_, 2, 2, count);
    for_each(*root_, 2, 1, count);
  }
  if (mode == ForkMode::eager) for_each(*root_, 2, 0, count);
  if (pool_.free < needed) return nullptr;
  Ref root = copy(pool_, root_, 2, static_cast<int>(mode));
  std::unique_ptr<Space> child(new Space(pool_, std::move(root), list_));
  child->regions_ = regions_;
  return child;
}

// A list of regions: its index and, if there are regions, one block, because they are few. Null: no memory.
Ref Space::new_list(bool regions) {
  Ref index = pool_.take();
  if (!index || !regions) return index;
  Ref block = pool_.take();
  if (!block) return nullptr;
  index->entries[0].node = std::move(block);
  return index;
}

Result<> Space::map(Spots where, Mapping mapping) {
  if (mapping.prot.write && mapping.prot.execute) return Errno::eacces;
  for (unsigned i = where.first; i < where.end; ++i) {
    if (regions_[i]) return Errno::eexist;
  }
  Ref list = new_list(true);
  if (!list) return Errno::enomem;
  list_ = std::move(list);
  std::fill(regions_.begin() + where.first, regions_.begin() + where.end, mapping);
  return {};
}

Result<> Space::map_frame(unsigned spot, const Ref& frame) {
  if (!regions_[spot]) return Errno::efault;
  if (find(spot) != nullptr) return Errno::eexist;
  std::vector<Ref> dropped;
  Node* const table = own(spots[spot], dropped);
  if (table == nullptr) return Errno::enomem;
  table->entries[spots[spot].index(0)] = {frame, regions_[spot]->prot, false};
  return {};
}

// Owns the tables on the path to `va` that the range covers only in part.
bool Space::own_edge(VirtAddr va, VirtRange range) {
  std::vector<Ref> dropped;
  Node* table = root_.get();
  VirtAddr base;
  for (int level = 2; level > 0; --level) {
    const VirtRange here = covers(base, level, va.index(level));
    if (inside(here, range) || !table->entries.contains(va.index(level))) return true;
    table = own_below(*table, level, va.index(level), dropped);
    if (table == nullptr) return false;
    base = here.start;
  }
  return true;
}

Result<> Space::unmap(Spots where) {
  Intervals rest = regions_;
  std::fill(rest.begin() + where.first, rest.begin() + where.end, std::nullopt);
  Ref list = new_list(std::any_of(rest.begin(), rest.end(), [](const auto& mapping) { return mapping.has_value(); }));
  if (!list) return Errno::enomem;
  if (!own_edge(where.range().start, where.range()) || !own_edge(where.range().end - 1, where.range())) {
    return Errno::enomem;
  }
  erase_range(*root_, 2, VirtAddr(), where.range());
  list_ = std::move(list);
  regions_ = rest;
  return {};
}

Result<> Space::protect(Spots where, Prot prot) {
  if (prot.write && prot.execute) return Errno::eacces;
  Ref list = new_list(true);
  if (!list) return Errno::enomem;
  if (!covered(where)) return Errno::enomem;
  for (const VirtAddr table : tables_in(*root_, 2, VirtAddr(), where.range())) {
    std::vector<Ref> dropped;
    if (own(table, dropped) == nullptr) return Errno::enomem;
  }
  for (unsigned i = where.first; i < where.end; ++i) {
    if (Entry* const leaf = find(i)) {
      leaf->prot = prot;
      leaf->writable = false;
    }
  }
  list_ = std::move(list);
  for (unsigned i = where.first; i < where.end; ++i) regions_[i]->prot = prot;
  return {};
}

bool Space::covered(Spots where) const {
  return std::all_of(regions_.begin() + where.first, regions_.begin() + where.end,
                     [](const auto& mapping) { return mapping.has_value(); });
}

Result<> Space::discard(Spots where) {
  if (!own_edge(where.range().start, where.range()) || !own_edge(where.range().end - 1, where.range())) {
    return Errno::enomem;
  }
  erase_range(*root_, 2, VirtAddr(), where.range());
  return covered(where) ? Result<>() : Errno::enomem;
}

bool Space::set_heap_end(unsigned start, unsigned& end, unsigned wanted) {
  Result<> done;
  if (wanted < start) return false;
  if (wanted > end) done = map({end, wanted}, {.prot = {.read = true, .write = true}});
  if (wanted < end) done = unmap({wanted, end});
  if (done) end = wanted;
  return done.has_value();
}

}  // namespace ox::model
