// /proc: files whose contents are made when they are read, in Linux's formats (Linux: proc(5)).
//
// Tables of ProcNodes list the entries (machine.cpp, process.cpp). An inode refers to a node, and has the pid and the
// descriptor that it is about (inode.cpp). It holds no reference to the process: each use looks the pid up, and fails
// with Errno::esrch if the process is gone.
//
// Another process is examined while all other harts are stopped (rule 8). The text goes into a page first, and from
// there to the reader when the harts run again. So a read() of at most a page shows one moment.
// Locks: none of its own. Fails: Errno::enomem without a page; Errno::eacces for opening a read-only file to write.
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

// The part of a file that is read. All of the file is written to it, from the beginning; it keeps only the bytes from
// `offset` on, as many as `room` holds.
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
  // Writes a file of 64-bit numbers: f(index) for each index below `end`.
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

// The subject of an entry: a process and perhaps one of its descriptors. For entries about the machine `process` is the
// reader.
struct ProcQuery {
  Kernel& kernel;
  Process& process;
  unsigned fd = 0;
  std::span<char> room{};  // a page for building paths
};

struct ProcNode {
  std::string_view name{};  // empty: the entry's name is its number
  std::uint32_t mode = 0;
  // Prints a file's contents, or a link's text. `numbers`: the file is written by write_numbers().
  void (*print)(const ProcQuery&, ProcWindow&) = nullptr;
  bool numbers = false;
  // Of a link to an inode, whose path is the link's text: returns the inode; null: there is none.
  Ref<Inode> (*link)(const ProcQuery&) = nullptr;
  Result<> (*write)(Kernel&, std::string_view) = nullptr;
  // Of a directory: the entries with names, and the node for those with numbers. next() returns the first number from
  // `number` on; -1: there is none.
  std::span<const ProcNode> entries{};
  const ProcNode* numbered = nullptr;
  int (*next)(const ProcQuery&, int number) = nullptr;
};

extern const ProcNode proc_root;        // machine.cpp
extern const ProcNode proc_of_process;  // process.cpp

// Types and permissions.
inline constexpr std::uint32_t directory = abi::s_ifdir | 0555;
inline constexpr std::uint32_t file = abi::s_ifreg | 0444;
inline constexpr std::uint32_t link = abi::s_iflnk | 0777;

inline std::uint64_t to_user_ticks(const Kernel& kernel, std::uint64_t ticks) {
  return to_user_ticks(ticks, kernel.scheduler.timebase());
}

// The path of `inode`, built in `room`; "/ (deleted)" or "pipe:[NUMBER]" if it has none.
std::string_view path_or_deleted(Kernel& kernel, const Ref<Inode>& inode, std::span<char> room);

// Mounts /proc.
Result<> mount_proc(Kernel& kernel);

}  // namespace ox
