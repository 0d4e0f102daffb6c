#include "fs/file_system.h"
#include "proc/pid_table.h"
#include "procfs/procfs.h"

namespace ox {

namespace {

constexpr std::uint64_t proc_device = 2;  // st_dev

// The number that `name` is; -1: it is no number.
int number_of(std::string_view name) {
  int number = 0;
  for (const char c : name) {
    if (c < '0' || c > '9' || number > 99'999) return -1;
    number = number * 10 + (c - '0');
  }
  return name.empty() || (name.size() > 1 && name.front() == '0') ? -1 : number;
}

class ProcInode final : public Inode {
 public:
  ProcInode(const ProcNode& node, Ref<Inode> parent, int pid, int fd)
      : Inode(node.mode), node_(node), parent_(std::move(parent)), pid_(pid), fd_(fd) {}

  abi::stat status() const override {
    abi::stat status;
    status.st_dev = proc_device;
    status.st_ino = ino_of(node_, fd_);
    status.st_mode = node_.mode;
    status.st_nlink = is_directory() ? 2 : 1;
    return status;
  }

  Result<Ref<Inode>> find(std::string_view name) override {
    if (!is_directory()) return Errno::enotdir;
    TRY(look([](const ProcQuery&) {}));
    for (const ProcNode& node : node_.entries) {
      if (node.name == name) return make(node, -1);
    }
    const int number = number_of(name);
    if (number < 0 || next(number) != number) return Errno::enoent;
    return make(*node_.numbered, number);
  }

  Result<> list(std::uint64_t& cursor, DirectoryWriter& to) override {
    const std::uint64_t first_number = first_entry + node_.entries.size();
    for (; cursor < first_number; ++cursor) {
      const ProcNode& node = node_.entries[cursor - first_entry];
      if (!to.add(node.name, ino_of(node, -1), node.mode, cursor + 1)) return {};
    }
    while (cursor - first_number <= PidTable::highest_pid) {  // no number is higher; lseek(2) sets any cursor
      const int number = next(static_cast<int>(cursor - first_number));
      TextBuffer<12> name;
      format(name, "{}", number);
      const std::uint64_t after = first_number + static_cast<unsigned>(number) + 1;
      if (number < 0 || !to.add(name.text(), ino_of(*node_.numbered, number), node_.numbered->mode, after)) return {};
      cursor = after;
    }
    return {};
  }

  Result<Ref<Inode>> parent() override { return parent_; }

  Result<std::string_view> name(std::span<char> room) override {
    ProcWindow text(std::as_writable_bytes(room));
    const FormatArgument number = fd_ >= 0 ? fd_ : pid_;
    format(text, "{}", node_.name.empty() ? number : node_.name);
    return std::string_view(room.data(), text.written().size());
  }

  Result<Ref<Inode>> leads_to() override {
    Ref<Inode> inode;
    if (node_.link != nullptr) TRY(look([&](const ProcQuery& query) { inode = node_.link(query); }));
    return inode;
  }

  Result<std::string_view> target(std::span<char> room) override {
    if (!is_symlink()) return Errno::einval;
    if (const Ref<Inode> inode = TRY(leads_to())) return path_or_deleted(Process::current().kernel, inode, room);
    if (node_.print == nullptr) return Errno::enoent;
    ProcWindow text(std::as_writable_bytes(room));
    TRY(look([&](const ProcQuery& query) { node_.print(query, text); }));
    return std::string_view(room.data(), text.written().size());
  }

  // Reads as many numbers as asked for, but at most one page of text.
  Result<std::uint64_t> read(UserBytes& to, std::uint64_t offset) override {
    if (is_directory()) return Errno::eisdir;
    if (node_.numbers && (offset | to.left()) % 8 != 0) return Errno::einval;
    Frames& frames = Process::current().kernel.memory.frames;
    const FrameRef page = TRY(FrameRef::make(frames, FrameKind::kernel));
    const FrameRef path = TRY(FrameRef::make(frames, FrameKind::kernel));
    if (!node_.numbers) to.cut(page_size);
    return in_pieces(to, page_size, [&](std::uint64_t piece) -> Result<std::uint64_t> {
      ProcWindow window({page.bytes(), piece}, offset);
      TRY(look([&](ProcQuery query) {
        query.room = {reinterpret_cast<char*>(path.bytes()), page_size};
        node_.print(query, window);
      }));
      TRY(to.copy_out(window.written()));
      offset += window.written().size();
      return window.written().size();
    });
  }

  Result<std::uint64_t> write(UserBytes& from, std::uint64_t&, bool) override {
    std::array<char, 32> text{};
    const std::uint64_t size = from.left();
    if (node_.write == nullptr) return Errno::einval;
    const std::span used = std::span(text).first(std::min(size, text.size()));
    TRY(from.copy_in(std::as_writable_bytes(used)));
    const std::string_view line(used.data(), used.size());
    TRY(node_.write(Process::current().kernel, line.substr(0, line.find('\n'))));
    return size;
  }

  Result<Ref<File>> open(Slabs& slabs, std::uint32_t flags) override {
    if ((flags & abi::o_accmode) != abi::o_rdonly && (node_.mode & 0222) == 0) return Errno::eacces;
    return Inode::open(slabs, flags);
  }

 private:
  // Calls f(query) while the process cannot run. Errno::esrch: the process is gone.
  template <class F>
  Result<> look(F f) const {
    Process& self = Process::current();
    const Ref<Process> process = pid_ == 0 ? Ref<Process>::share(self) : self.kernel.pids.find(pid_);
    if (!process) return Errno::esrch;
    const ProcQuery query{.kernel = self.kernel, .process = *process, .fd = static_cast<unsigned>(fd_)};
    if (process.get() == &self) {
      f(query);
    } else {
      self.kernel.scheduler.alone([&] { f(query); });
    }
    return {};
  }

  // The first entry with a number of at least `number`; -1: there is none.
  int next(int number) const {
    int found = -1;
    if (node_.next != nullptr) (void)look([&](const ProcQuery& query) { found = node_.next(query, number); });
    return found;
  }

  Result<Ref<Inode>> make(const ProcNode& node, int number) {
    const int pid = pid_ == 0 && number >= 0 ? number : pid_;
    const int fd = pid_ == 0 ? -1 : number;
    Slabs& slabs = Process::current().kernel.slabs;
    return Ref<Inode>::adopt(TRY(slabs.make<ProcInode>(node, Ref<Inode>::share(*this), pid, fd)));
  }

  // All nodes lie within 64 KiB, so the low 16 bits of a node's address are its own.
  std::uint64_t ino_of(const ProcNode& node, int number) const {
    const auto place = static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(&node));
    return static_cast<std::uint64_t>(pid_) << 40 | static_cast<std::uint64_t>(number + 1) << 16 | place;
  }

  const ProcNode& node_;
  const Ref<Inode> parent_;
  const int pid_;  // 0: the entry is about the machine
  const int fd_;   // -1: none
};

}  // namespace

std::string_view path_or_deleted(Kernel& kernel, const Ref<Inode>& inode, std::span<char> room) {
  const auto path = kernel.fs.path_of(inode, room);
  if (path) return *path;
  if (inode->type() != abi::s_ififo) return "/ (deleted)";
  ProcWindow text(std::as_writable_bytes(room));
  format(text, "pipe:[{}]", inode->status().st_ino);
  return {room.data(), text.written().size()};
}

Result<> mount_proc(Kernel& kernel) {
  Slabs& slabs = kernel.slabs;
  return kernel.fs.mount("/proc", Ref<Inode>::adopt(TRY(slabs.make<ProcInode>(proc_root, kernel.fs.root(), 0, -1))));
}

}  // namespace ox
