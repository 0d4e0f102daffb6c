#include "model/lockstep.h"

#include <gtest/gtest.h>

#include <cstring>

namespace ox::model {

namespace {

constexpr unsigned file_count = 2;
constexpr unsigned file_pages = 2;
const std::uint64_t file_end = spots[spot_count - 1].value() / page_size;  // the last page is past the end of the file
constexpr std::array<std::uint64_t, 2> cell_offsets{0, page_size - 8};     // the first and the last word of a page

}  // namespace

Lockstep::Lockstep(std::uint64_t seed, std::size_t pool, sim::Hardware hardware, unsigned harts)
    : engine_(seed), machine_(pool + file_count * file_pages, hardware, harts) {
  pool_.free = pool + file_count * file_pages + 1;
  pool_.zero = pool_.take();
  pool_.file_end = file_end;
  for (unsigned i = 0; i < file_count; ++i) {
    files_.push_back(machine_.new_file(100 * i, file_pages, file_end));
    std::vector<Ref>& pages = pool_.files.emplace_back();
    for (unsigned page = 0; page < file_pages; ++page) {
      pages.push_back(pool_.take());
      pages.back()->cells = {100 * i + page, 100 * i + page};
    }
  }
  if (seed % 2 == 0) replay_.listen(machine_.memory());
}

Lockstep::~Lockstep() {
  while (!pairs_.empty()) exit(0);
  compare();
  machine_.memory().trace.sink = nullptr;
}

void Lockstep::step() {
  if (pairs_.empty()) return start_process();
  const std::size_t number = random(pairs_.size());
  Pair& pair = pairs_[number];
  switch (const std::uint64_t choice = random(100)) {
    case 0 ... 27:
      user_access(number, Access::store);
      break;
    case 28 ... 41:
      user_access(number, Access::load);
      break;
    case 42 ... 44:
      user_access(number, Access::execute);
      break;
    case 45 ... 55:
      kernel_access(number, Access::store);
      break;
    case 56 ... 61:
      kernel_access(number, Access::load);
      break;
    case 62 ... 74:
      fork(pair);
      break;
    case 75 ... 77:
      exit(number);
      break;
    case 78 ... 80:
      pair.real->move_to(static_cast<unsigned>(random(machine_.harts())));
      break;
    case 81 ... 84:
      move_heap_end(pair);
      break;
    default:
      change(pair);
      (void)choice;
  }
  compare();
}

Spots Lockstep::random_spots() {
  const auto first = static_cast<unsigned>(random(spot_count));
  const auto longest = random(3) == 0 ? spot_count - first : std::min(3u, spot_count - first);
  return {first, first + 1 + static_cast<unsigned>(random(longest))};
}

Prot Lockstep::random_prot() {
  static constexpr std::array choices{sim::rw,
                                      sim::rw,
                                      sim::rw,
                                      sim::ro,
                                      sim::rx,
                                      sim::none,
                                      Prot{.write = true},
                                      Prot{.read = true, .write = true, .execute = true}};
  return choices[random(choices.size())];
}

void Lockstep::start_process() {
  Pair pair{machine_.new_process(), Space::create(pool_), heap_start};
  ASSERT_TRUE(pair.real && pair.model) << "the machine is empty, but has no memory for a process";
  pair.real->space().set_heap(spots[heap_start]);
  const Spots all{0, spot_count / 2};
  expect_same(pair.real->map(all.range(), sim::rw), pair.model->map(all, {.prot = sim::rw}), "the first map");
  pairs_.push_back(std::move(pair));
}

void Lockstep::exit(std::size_t number) { pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(number)); }

void Lockstep::user_access(std::size_t number, Access access) {
  Pair& pair = pairs_[number];
  const auto spot = static_cast<unsigned>(random(spot_count));
  const std::uint64_t cell = random(2);
  const VirtAddr va = spots[spot] + cell_offsets[cell];
  const std::uint64_t value = engine_();
  const std::optional<FaultOutcome> predicted = pair.model->access(spot, access);
  const bool dies =
      predicted == FaultOutcome::denied || predicted == FaultOutcome::past_end || predicted == FaultOutcome::no_memory;
  if (access == Access::store) {
    EXPECT_EQ(pair.real->store(va, value), !dies);
    if (!dies) pair.model->cells(spot)[cell] = value;
  } else {
    const auto got = access == Access::load ? pair.real->load(va) : pair.real->fetch(va);
    EXPECT_EQ(got.has_value(), !dies);
    if (got && !dies) {
      EXPECT_EQ(*got, pair.model->cells(spot)[cell]) << "at " << std::hex << va.value();
    }
  }
  EXPECT_EQ(pair.real->faults(), predicted ? std::vector{*predicted} : std::vector<FaultOutcome>());
  if (predicted == FaultOutcome::no_memory) ++tally_.kills;
  if (predicted == FaultOutcome::no_memory && random(2) == 0) exit(number);
}

// copy_out or copy_in of one word, which causes the same faults as a user's access.
void Lockstep::kernel_access(std::size_t number, Access access) {
  Pair& pair = pairs_[number];
  const auto spot = static_cast<unsigned>(random(spot_count));
  const std::uint64_t cell = random(2);
  const VirtAddr va = spots[spot] + cell_offsets[cell];
  const std::uint64_t value = engine_();
  const std::optional<FaultOutcome> predicted = pair.model->access(spot, access);
  Result<> expected;
  if (predicted == FaultOutcome::denied || predicted == FaultOutcome::past_end) expected = Errno::efault;
  if (predicted == FaultOutcome::no_memory) expected = Errno::enomem;
  if (access == Access::store) {
    expect_same(pair.real->write(va, value), expected, "copy_out");
    if (expected) pair.model->cells(spot)[cell] = value;
  } else {
    const Result<std::uint64_t> got = pair.real->read(va);
    EXPECT_EQ(got.has_value(), expected.has_value());
    if (got && expected) {
      EXPECT_EQ(*got, pair.model->cells(spot)[cell]);
    }
  }
  if (predicted == FaultOutcome::no_memory) {
    EXPECT_TRUE(pair.real->space().is_oom_victim());
  }
}

void Lockstep::fork(Pair& pair) {
  static constexpr std::array modes{ForkMode::eager, ForkMode::cow, ForkMode::on_demand};
  const ForkMode mode = modes[random(3)];
  if (pairs_.size() == most) return;
  Pair child{pair.real->fork(mode), pair.model->fork(mode), pair.heap_end};
  ASSERT_EQ(child.real != nullptr, child.model != nullptr) << "a fork fails only for lack of frames";
  ++(child.real ? tally_.forks : tally_.failed_forks);
  if (child.real) {
    child.real->move_to(static_cast<unsigned>(random(machine_.harts())));
    pairs_.push_back(std::move(child));
  } else {
    // What a failed fork copied and dropped again need not match the model.
    pool_.tables_copied = machine_.tables_copied();
    pool_.pages_copied = machine_.pages_copied();
  }
}

void Lockstep::change(Pair& pair) {
  const Spots where = random_spots();
  const Prot prot = random_prot();
  switch (random(6)) {
    case 0:
      expect_same(pair.real->map(where.range(), prot), pair.model->map(where, {.prot = prot}), "map");
      break;
    case 1:
      expect_same(pair.real->unmap(where.range()), pair.model->unmap(where), "unmap");
      break;
    case 2:
      expect_same(pair.real->protect(where.range(), prot), pair.model->protect(where, prot), "protect");
      break;
    case 3:
      expect_same(pair.real->discard(where.range()), pair.model->discard(where), "discard");
      break;
    case 4:
      map_file(pair, where, prot);
      break;
    default:
      // The kernel never uses map_frame in a shared mapping.
      if (const auto& region = pair.model->region(where.first); region && region->shared) return;
      expect_same(pair.real->map_frame(spots[where.first], files_[0]->frame(0)),
                  pair.model->map_frame(where.first, pool_.files[0][0]), "map_frame");
  }
}

// The last file is mapped shared, the others private: a frame of a file is never mapped in both ways (rule 14).
void Lockstep::map_file(Pair& pair, Spots where, Prot prot) {
  const std::size_t file = random(file_count);
  const bool shared = file == file_count - 1;
  const auto first_page = static_cast<std::uint32_t>(where.range().start.value() / page_size);
  expect_same(pair.real->map_file(where.range(), prot, shared ? RegionKind::shared : RegionKind::mapping, files_[file],
                                  first_page),
              pair.model->map(where, {.prot = prot, .file = file, .shared = shared}), "map_file");
}

void Lockstep::move_heap_end(Pair& pair) {
  const auto wanted = static_cast<unsigned>(heap_start + random(spot_count - heap_start));
  const VirtAddr before = spots[pair.heap_end];
  const bool moves = pair.model->set_heap_end(heap_start, pair.heap_end, wanted);
  EXPECT_EQ(pair.real->set_heap_end(spots[wanted]), moves ? spots[wanted] : before);
}

void Lockstep::expect_same(const Result<>& real, const Result<>& model, const char* what) {
  const auto number = [](const Result<>& result) { return result ? 0 : static_cast<int>(result.error()); };
  EXPECT_EQ(number(real), number(model)) << what;
  if (!model && model.error() == Errno::enomem) ++tally_.failed_changes;
}

void Lockstep::compare() {
  matched_.clear();
  for (Pair& pair : pairs_) {
    const Regions& regions = pair.real->space().regions();
    for (unsigned spot = 0; spot < spot_count; ++spot) {
      const Region* const region = regions.find(spots[spot]);
      ASSERT_EQ(region != nullptr, pair.model->region(spot).has_value()) << "spot " << spot;
      if (region != nullptr) {
        ASSERT_EQ(region->prot, pair.model->region(spot)->prot) << "spot " << spot;
        ASSERT_EQ(static_cast<bool>(region->source), pair.model->region(spot)->file.has_value()) << "spot " << spot;
      }
    }
    const Frame& list = machine_.memory().frames.record(regions.index_frame());
    EXPECT_EQ(list.count.load(relaxed), pair.model->region_list().use_count());
    compare_tables(pair.real->space().tree().root(), pair.model->root(), 2);
  }
  EXPECT_EQ(machine_.free_frames(), pool_.free) << "frames were lost, or used needlessly";
  EXPECT_EQ(machine_.tables_copied(), pool_.tables_copied);
  EXPECT_EQ(machine_.pages_copied(), pool_.pages_copied);
  replay_.expect_same(machine_.memory());
}

void Lockstep::compare_tables(Ppn real, const Ref& model, int level) {
  const auto [match, fresh] = matched_.emplace(real, model.get());
  ASSERT_EQ(match->second, model.get()) << "the frame is shared by the wrong owners";
  if (!fresh) return;
  ASSERT_EQ(machine_.memory().frames.record(real).count.load(relaxed), model.use_count()) << "level " << level;
  if (level < 0) {
    for (unsigned cell = 0; cell < 2; ++cell) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, to_pointer(real) + cell_offsets[cell], sizeof bytes);
      ASSERT_EQ(bytes, model->cells[cell]);
    }
    return;
  }
  auto expected = model->entries.begin();
  const PageTable& table = PageTable::at(real);
  for (unsigned index = 0; index < (level == 2 ? user_root_entries : table_entries); ++index) {
    const Pte entry = table.get(index);
    const bool there = expected != model->entries.end() && expected->first == index;
    if (!there && entry.is_empty()) continue;
    ASSERT_EQ(!entry.is_empty(), there) << "level " << level << ", entry " << index;
    if (level == 0) compare_leaf(entry, expected->second);
    compare_tables(entry.frame(), expected->second.node, level - 1);
    ++expected;
  }
}

void Lockstep::compare_leaf(Pte real, const Entry& model) {
  EXPECT_EQ(real.is_valid(), !model.prot.none());
  EXPECT_EQ(real.is_readable(), model.prot.read || model.prot.write);
  EXPECT_EQ(real.is_executable(), model.prot.execute);
  EXPECT_EQ(real.may_write(), model.prot.write);
  EXPECT_EQ(real.is_writable(), model.writable);
  EXPECT_EQ(real.is_map_shared(), model.shared);
}

}  // namespace ox::model
