// /proc: files that are made up when they are read, in Linux's formats (Linux: proc(5)).
//
// What there is stands in tables of ProcNodes (machine.cpp, process.cpp); an inode is a node, and the process
// and the descriptor that it is about (inode.cpp). An inode holds no process, but its pid: each use looks it up, and
// answers Errno::esrch when it is gone. Another process is looked at while all other harts are stopped (rule 8);
// what is shown goes into a page, and from there to the reader afterwards. So each read() is of one moment, but for
// those of more than a page. Locks: none of its own. Fails: Errno::enomem; eacces for who would write.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "hub/kernel.h"
#include "lib/format.h"
#include "lib/time.h"
#include "proc/process.h"
#include "sched/scheduler.h"

namespace ox {

// The part of a file that is wanted: text from its beginning on goes in, what comes before `offset` is left out.
class ProcWindow final : public TextSink {
 public:
  explicit ProcWindow(std::span<std::byte> room, std::uint64_t offset = 0) : room_(room), offset_(offset) {}

  void write(std::string_view text) override {
    const std::size_t skipped = std::min<std::uint64_t>(text.size(), offset_);
    const std::size_t size = std::min(text.size() - skipped, room_.size() - size_);
    std::memcpy(room_.data() + size_, text.data() + skipped, size);
    offset_ -= skipped;
    size_ += size;
  }
  // A file of 64-bit numbers: f(index), below `end`.
  template <class F>
  void write_numbers(std::uint64_t end, F f) {
    for (std::uint64_t index = offset_ / 8; index < end && size_ < room_.size(); ++index, size_ += 8) {
      const std::uint64_t number = f(index);
      std::memcpy(room_.data() + size_, &number, 8);
    }
  }
  std::span<const std::byte> written() const { return room_.first(size_); }

 private:
  std::span<std::byte> room_;
  std::uint64_t offset_;
  std::size_t size_ = 0;
};

// What is asked about: a process, the reader itself for what belongs to the machine.
struct ProcQuery {
  Kernel& kernel;
  Process& process;
  unsigned fd = 0;
  std::span<char> room{};  // a page to make paths in
};

struct ProcNode {
  std::string_view name{};  // none: its number
  std::uint32_t mode = 0;
  // A file's contents, or a link's text. `numbers`: by write_numbers().
  void (*print)(const ProcQuery&, ProcWindow&) = nullptr;
  bool numbers = false;
  // A link to an inode, which has the text as well; null: there is none.
  Ref<Inode> (*link)(const ProcQuery&) = nullptr;
  Result<> (*write)(Kernel&, std::string_view) = nullptr;
  // A directory: entries by name, and those by number, of which next() gives the first from `number` on; -1: none.
  std::span<const ProcNode> entries{};
  const ProcNode* numbered = nullptr;
  int (*next)(const ProcQuery&, int number) = nullptr;
};

extern const ProcNode proc_root;        // machine.cpp
extern const ProcNode proc_of_process;  // process.cpp

// Modes.
inline constexpr std::uint32_t directory = abi::s_ifdir | 0555;
inline constexpr std::uint32_t file = abi::s_ifreg | 0444;
inline constexpr std::uint32_t link = abi::s_iflnk | 0777;

inline std::uint64_t to_user_ticks(const Kernel& kernel, std::uint64_t ticks) {
  return to_user_ticks(ticks, kernel.scheduler.timebase());
}

// The path of `inode`, made in `room`.
std::string_view path_or_deleted(Kernel& kernel, const Ref<Inode>& inode, std::span<char> room);

// Puts /proc into the tree.
Result<> mount_proc(Kernel& kernel);

}  // namespace ox
