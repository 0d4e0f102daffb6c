// Does again what the kernel's events say (vm/event.h), in the plainest way: what comes out must be what stands in
// memory. Its last events tell how a failure came about.
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
  // From now on; pages on which the kernel has a handle are there already.
  void listen(Memory& memory);
  void event(const Event& event) override;
  // GoogleTest failures where memory is another.
  void expect_same(const Memory& memory) const;
  // The last events, a line each.
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
  std::map<Ppn, std::deque<Ppn>> copies_;  // of each frame, those in flight
  std::deque<std::string> last_;
};

}  // namespace ox::sim
