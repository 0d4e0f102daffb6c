// For the graded tests of all labs: how a test says what it expected and what it saw, and the last events.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "lib/format.h"
#include "sim/process.h"

namespace ox::lab {

// Keeps the last events as text, for whoever asks why a test failed.
class LastEvents final : public EventSink {
 public:
  LastEvents();
  ~LastEvents();
  void event(const Event& event) override;
  // Those of the present test, once.
  static void print();

 private:
  static constexpr std::size_t most = 12;
  std::array<std::string, most> lines_;
  std::size_t told_ = 0;
};

// Ends a test that has failed already, from within a function that it calls.
struct Stop {};

// The test has failed, in one sentence: "expected: ...; seen: ...". The arguments are those of both patterns, in order.
template <class... Arguments>
void fail(std::string_view expected, std::string_view seen, const Arguments&... arguments) {
  TextBuffer<400> text;
  format(text, "expected: " + std::string(expected) + "; seen: " + std::string(seen), arguments...);
  ADD_FAILURE() << std::string(text.text());
  LastEvents::print();
}

// "1 frame is", "2 frames are".
inline std::string_view counted(std::size_t count, std::string_view one, std::string_view more) {
  return count == 1 ? one : more;
}

class Test : public testing::Test {
 protected:
  explicit Test(sim::Hardware hardware = {});
  ~Test() override { machine.memory().trace.sink = nullptr; }

  sim::Machine machine;

 private:
  LastEvents events_;
};

}  // namespace ox::lab
