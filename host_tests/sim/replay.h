// Replays the kernel's events (vm/event.h) in the simplest way. The result must equal the machine's memory. When a test
// fails, the last events show how that happened.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "vm/memory.h"

namespace ox::sim {

class Replay final : public EventSink {
 public:
  // Records the events from now on. Pages to which the kernel has a reference count from the start.
  void listen(Memory& memory);
  void event(const Event& event) override;
  // Reports a GoogleTest failure for each difference to `memory`.
  void expect_same(const Memory& memory) const;
  // The last events, one on each line.
  std::string story() const;

 private:
  struct Node {
    std::uint32_t count = 1;
    int level = -1;
    std::map<std::size_t, Pte> entries;
  };

  void create(Ppn frame, int level);
  void refer(Ppn frame);
  void drop(Ppn frame);
  void set(Ppn table, int level, std::size_t index, Pte entry);
  void copy(const Event& event);

  std::map<Ppn, Node> nodes_;
  std::set<Ppn> in_flight_;                // no entry names them yet
  std::map<Ppn, std::deque<Ppn>> copies_;  // frame -> its copies in flight
  std::deque<std::string> last_;
};

}  // namespace ox::sim
