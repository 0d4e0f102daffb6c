#include "observe/tally.h"

namespace ox {

namespace {

void add_below(const Memory& memory, Ppn node, int level, TreeTally& sum) {
  const Frame& record = memory.frames.record(node);
  const bool shared = record.is_shared();
  ++(shared ? sum.shared : sum.own)[static_cast<unsigned>(level + 1)];
  if (shared || level == page_level) return;
  for_each_entry(PageTable::at(node), record.used_groups,
                 [&](std::size_t, Pte entry) { add_below(memory, entry.frame(), level - 1, sum); });
}

}  // namespace

TreeTally tally(const Memory& memory, Ppn root) {
  TreeTally sum;
  add_below(memory, root, root_level, sum);
  return sum;
}

}  // namespace ox
