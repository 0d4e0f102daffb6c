#include "sim/replay.h"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace ox::sim {

namespace {

constexpr std::size_t most_told = 16;

std::string text(const Event& event) {
  static constexpr std::array names{"space", "fork", "fault",  "entry", "table", "copy", "seal",
                                    "drop",  "keep", "let_go", "exec",  "exit",  "move"};
  std::ostringstream line;
  line << names[static_cast<unsigned>(event.kind)] << std::hex << " frame " << event.frame.value();
  if (event.copy != Ppn()) line << " twin " << event.copy.value();
  line << std::dec << " level " << event.level << " index " << event.index;
  line << std::hex << ": " << event.before.bits() << " -> " << event.after.bits();
  line << std::dec << " (" << event.where.file_name() << ":" << event.where.line() << ")\n";
  return line.str();
}

}  // namespace

void Replay::listen(Memory& memory) {
  memory.frames.for_each_known([&](Ppn frame, const Frame& record) {
    if (record.kind == FrameKind::cached) nodes_[frame].count = record.count.load(relaxed);
  });
  memory.trace.sink = this;
}

void Replay::create(Ppn frame, int level) {
  nodes_[frame] = {.level = level, .entries = {}};
  in_flight_.insert(frame);
}

void Replay::refer(Ppn frame) {
  if (in_flight_.erase(frame) != 0) return;
  const auto [node, fresh] = nodes_.try_emplace(frame);
  if (!fresh) ++node->second.count;
}

void Replay::drop(Ppn frame) {
  in_flight_.erase(frame);
  const auto found = nodes_.find(frame);
  ASSERT_NE(found, nodes_.end()) << "frame " << std::hex << frame.value() << " is dropped, but is not in use\n"
                                 << story();
  if (--found->second.count != 0) return;
  const Node node = std::move(found->second);
  nodes_.erase(found);
  for (const auto& [index, entry] : node.entries) drop(entry.frame());
}

void Replay::set(Ppn table, int level, std::size_t index, Pte entry) {
  ASSERT_EQ(nodes_.at(table).level, level) << story();
  auto& entries = nodes_.at(table).entries;
  const Pte old = entries[index];
  if (!entry.is_empty() && entry.frame() != old.frame()) refer(entry.frame());
  if (entry.is_empty()) {
    entries.erase(index);
  } else {
    entries[index] = entry;
  }
  if (!old.is_empty() && old.frame() != entry.frame()) drop(old.frame());
}

void Replay::copy(const Event& event) {
  create(event.copy, event.level);
  if (event.level < 0) {
    copies_[event.frame].push_back(event.copy);
    return;
  }
  for (const auto& [index, entry] : nodes_.at(event.frame).entries) {
    std::deque<Ppn>& made = copies_[entry.frame()];
    Ppn child = entry.frame();
    if (event.level > event.stop && !made.empty()) {
      child = made.front();
      made.pop_front();
    }
    refer(child);
    nodes_.at(event.copy).entries[index] = entry.with_frame(child);
  }
  copies_[event.frame].push_back(event.copy);
}

void Replay::event(const Event& event) {
  last_.push_back(text(event));
  if (last_.size() > most_told) last_.pop_front();
  switch (event.kind) {
    case Event::Kind::space:
    case Event::Kind::table:
      create(event.frame, event.level);
      break;
    case Event::Kind::copy:
      return copy(event);
    case Event::Kind::fault:
    case Event::Kind::entry:
      if (event.frame != Ppn()) set(event.frame, event.level, event.index, event.after);
      break;
    case Event::Kind::seal:
      for (auto& [index, entry] : nodes_.at(event.frame).entries) entry = entry.without(Pte::W);
      break;
    case Event::Kind::drop:
    case Event::Kind::uncache:
      drop(event.frame);
      break;
    case Event::Kind::cache:
      refer(event.frame);
      break;
    case Event::Kind::fork:
    case Event::Kind::exec:
    case Event::Kind::exit:
    case Event::Kind::move:
      break;
  }
  // When an operation is over, every copy made for it must have its place in a tree.
  const bool over = event.kind == Event::Kind::fork || event.kind == Event::Kind::fault;
  if (over || event.kind == Event::Kind::drop) copies_.clear();
}

void Replay::expect_same(const Memory& memory) const {
  for (const auto& [frame, node] : nodes_) {
    ASSERT_EQ(memory.frames.record(frame).count.load(relaxed), node.count) << std::hex << frame.value() << "\n"
                                                                           << story();
    if (node.level < 0) continue;
    const std::size_t entries = node.level == root_level ? table_entries / 2 : table_entries;
    for (std::size_t index = 0; index < entries; ++index) {
      const auto found = node.entries.find(index);
      const Pte told = found == node.entries.end() ? Pte() : found->second;
      ASSERT_EQ(PageTable::at(frame).get(index).bits(), told.bits()) << "index " << index << "\n" << story();
    }
  }
}

std::string Replay::story() const {
  std::string all = "the last events:\n";
  for (const std::string& line : last_) all += line;
  return all;
}

}  // namespace ox::sim
