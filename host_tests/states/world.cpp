#include "states/world.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "states/portrait.h"

namespace ox::states {

namespace {

constexpr std::array verb_names{"load", "store", "unmap", "protect", "discard", "fork", "exit"};
constexpr std::array mode_names{"eager", "cow", "", "on_demand"};

void require(bool holds, const char* what) {
  if (!holds) panic("states: {}", what);
}

}  // namespace

bool whole_run() {
  return std::getenv("OX_STATES") != nullptr && std::getenv("OX_STATES") == std::string_view("whole");
}

std::string text(const Operation& operation) {
  std::string line =
      "process " + std::to_string(operation.process) + ": " + verb_names[static_cast<unsigned>(operation.verb)];
  if (operation.verb == Verb::fork) line += std::string(" ") + mode_names[static_cast<int>(operation.mode) + 1];
  if (operation.end > operation.first) line += " page " + std::to_string(operation.first);
  if (operation.end > operation.first + 1) line += " to " + std::to_string(operation.end - 1);
  if (operation.verb == Verb::protect) line += operation.prot.write ? ": rw" : operation.prot.read ? ": r" : ": none";
  if (operation.left != plenty) line += " (free frames: " + std::to_string(operation.left) + ")";
  return line;
}

World::World(const Shape& shape)
    : shape_(shape), machine_(shape.frames, shape.hardware, static_cast<unsigned>(shape.processes)) {
  machine_.set_auditing(false);
  Life& life = lives_[0];
  life.process = machine_.new_process();
  std::size_t own = shape.pages.size();
  if (shape.last_is_shared) {
    shared_value_ = ++last_value_;
    const auto file = machine_.new_file(shared_value_, 1, 1);
    const VirtRange last = sim::pages(shape.pages[--own]);
    require(life.process->map_file(last, sim::rw, RegionKind::shared, file).has_value(), "map failed");
  }
  const VirtRange range{shape.pages[0], shape.pages[own - 1] + page_size};
  require(life.process->map(range, sim::rw).has_value(), "map failed");
  for (std::size_t i = 0; i < shape.pages.size(); ++i) life.pages[i] = {.mapped = true, .prot = sim::rw};
}

VirtRange World::range(const Operation& operation) const {
  return {shape_.pages[operation.first], shape_.pages[operation.end - 1] + page_size};
}

std::uint64_t& World::value(Life& life, std::size_t page) {
  return shape_.last_is_shared && page + 1 == shape_.pages.size() ? shared_value_ : life.pages[page].value;
}

std::vector<Operation> World::operations() const {
  std::vector<Operation> all;
  const std::span places = std::span(lives_).first(shape_.processes);
  const bool room = std::ranges::any_of(places, [](const Life& life) { return !life.process; });
  for (unsigned number = 0; number < shape_.processes; ++number) {
    if (!lives_[number].process) continue;
    for (const Verb verb : shape_.verbs) {
      if (verb == Verb::fork) {
        for (const ForkMode mode : {ForkMode::eager, ForkMode::cow, ForkMode::on_demand}) {
          if (room) all.push_back({.verb = verb, .process = number, .mode = mode});
        }
      } else if (verb == Verb::exit) {
        all.push_back({.verb = verb, .process = number});
      } else {
        add_ranges(all, {.verb = verb, .process = number});
      }
    }
  }
  return all;
}

// The operation on each page. Changes of mappings come on several pages in a row, too.
void World::add_ranges(std::vector<Operation>& all, Operation operation) const {
  const bool access = operation.verb == Verb::load || operation.verb == Verb::store;
  for (unsigned first = 0; first < shape_.pages.size(); ++first) {
    for (unsigned end = first + 1; end <= (access ? first + 1 : shape_.pages.size()); ++end) {
      operation.first = first;
      operation.end = end;
      const std::span pages = std::span(lives_[operation.process].pages).subspan(first, end - first);
      const bool mapped = std::ranges::all_of(pages, &Page::mapped);
      if (!access && operation.verb != Verb::unmap && !mapped) continue;  // these refuse, and change nothing
      if (operation.verb == Verb::unmap && std::ranges::none_of(pages, &Page::mapped)) continue;
      for (const Prot prot : operation.verb == Verb::protect ? shape_.prots : std::vector<Prot>(1)) {
        operation.prot = prot;
        all.push_back(operation);
      }
    }
  }
}

bool World::perform(const Operation& operation) {
  Life& life = lives_[operation.process];
  if (operation.left != plenty) machine_.leave_free(operation.left);
  bool done = true;
  switch (operation.verb) {
    case Verb::load:
    case Verb::store:
      done = access(life, operation);
      break;
    case Verb::fork:
      done = fork(life, operation.mode);
      break;
    case Verb::exit:
      delete life.process.get();  // nobody gets its place before it has ended
      std::ignore = life.process.release();
      break;
    default:
      done = change(life, operation);
  }
  if (operation.left != plenty) machine_.release_hoard();
  return done;
}

// Whether the page is the process's alone.
bool World::owns(const Life& life, VirtAddr va) const {
  sim::Watcher* const watcher = std::exchange(sim::watcher, nullptr);  // this look is no step
  const bool owns = life.process->path(va).owned == 0 && life.process->count(va) == 1;
  sim::watcher = watcher;
  return owns;
}

bool World::access(Life& life, const Operation& operation) {
  const bool store = operation.verb == Verb::store;
  const Page& page = life.pages[operation.first];
  const bool allowed = page.mapped && (page.prot.write || (!store && page.prot.read));
  const VirtAddr va = shape_.pages[operation.first];
  const bool own = owns(life, va);
  bool done = false;
  if (store) {
    const std::uint64_t word = ++last_value_;
    done = life.process->store(va, word);
    if (done) value(life, operation.first) = word;
  } else if (const auto word = life.process->load(va)) {
    done = true;
    require(*word == value(life, operation.first), "a load sees another value than the last that was stored");
  }
  const auto& faults = life.process->faults();
  if (!done && faults.back() == FaultOutcome::no_memory) return false;
  require(faults.size() <= 1, "an access faults more than once");
  require(!own || faults.empty() || faults[0] != FaultOutcome::copied, "rule 4: the last owner copies");
  require(done == allowed, allowed ? "an access was denied" : "an access was not denied");
  return true;
}

bool World::fork(Life& life, ForkMode mode) {
  auto child = life.process->fork(mode);
  if (!child) return false;
  std::size_t place = 0;
  while (lives_[place].process) ++place;
  child->move_to(static_cast<unsigned>(place));
  lives_[place] = {std::move(child), life.pages};
  return true;
}

bool World::change(Life& life, const Operation& operation) {
  const VirtRange range = this->range(operation);
  const Result<> result = operation.verb == Verb::unmap     ? life.process->unmap(range)
                          : operation.verb == Verb::protect ? life.process->protect(range, operation.prot)
                                                            : life.process->discard(range);
  if (!result) {
    require(result.error() == Errno::enomem, "a call failed with another error than ENOMEM");
    return false;
  }
  for (std::size_t i = operation.first; i < operation.end; ++i) {
    Page& page = life.pages[i];
    if (operation.verb == Verb::protect) page.prot = operation.prot;
    if (operation.verb == Verb::unmap) page = {};
    if (operation.verb == Verb::discard) page.value = 0;
  }
  return true;
}

void World::deal_frames(std::size_t hart_0, std::size_t hart_1) {
  sim::current_hart = 1;
  machine_.leave_free(machine_.free_frames() - hart_1);
  machine_.release_hoard();
  sim::current_hart = 0;
  machine_.leave_free(hart_0 + hart_1);
}

void World::place_harts() {
  for (unsigned hart = 0; hart < machine_.harts(); ++hart) {
    sim::Process* const process = lives_[hart].process.get();
    sim::current_hart = hart;
    if (process != nullptr && machine_.running(hart) != process) machine_.switch_to(process);
  }
}

void World::fill_tlbs() {
  for (unsigned hart = 0; hart < machine_.harts(); ++hart) {
    for (const VirtAddr va : shape_.pages) {
      machine_.mmu(hart).translate(va.value(), sim::Use::load, sim::Privilege::user);
    }
  }
}

void World::audit() {
  machine_.set_auditing(true);
  machine_.audit();
  machine_.set_auditing(false);
  for (Life& life : lives_) {
    for (std::size_t page = 0; life.process && page < shape_.pages.size(); ++page) audit_page(life, page);
  }
}

void World::audit_page(Life& life, std::size_t page) {
  const Pte leaf = life.process->leaf(shape_.pages[page]);
  const std::uint64_t& expected = value(life, page);
  if (leaf.is_empty()) {
    require(expected == 0 || &expected == &shared_value_, "a page with something in it is lost");
    return;
  }
  require(life.pages[page].mapped, "a page outlives its mapping");
  require(expected != 0 || leaf.frame() == machine_.zero(), "rule 4: an untouched page has a frame of its own");
  const auto* const words = reinterpret_cast<const std::uint64_t*>(to_pointer(leaf.frame()));
  require(words[0] == expected, "a page holds another value than the last that was stored");
  require(words[511] == 0 || &expected == &shared_value_, "rule 12: old bytes in a page");
}

std::string World::name(const void* word) {
  Frames& frames = machine_.memory().frames;
  const auto distance =
      static_cast<const std::byte*>(word) - reinterpret_cast<std::byte*>(&frames.record(frames.first()));
  const std::uint64_t number = static_cast<std::uint64_t>(distance) / sizeof(Frame);
  TextBuffer<40> text;
  if (number < frames.total()) {
    format(text, "the count of frame {:x}", frames.first() + number);
  } else {
    format(text, "a lock or list, at {:x}", reinterpret_cast<std::uintptr_t>(word));
  }
  return std::string(text.text());
}

// Processes have no order: of all orders the one with the least number is taken.
std::uint64_t World::portrait() {
  std::array all{0, 1, 2, 3};
  const std::span order = std::span(all).first(shape_.processes);
  std::uint64_t least = ~std::uint64_t{0};
  do {
    Portrait portrait(machine_.memory());
    for (const int number : order) {
      if (lives_[number].process) portrait.add(lives_[number].process->space());
    }
    least = std::min(least, portrait.number());
  } while (std::ranges::next_permutation(order).found);
  return least;
}

}  // namespace ox::states
