#include "fs/regular_file.h"

#include <algorithm>
#include <cstring>

#include "fs/file_system.h"

namespace ox {

std::uint64_t RegularFile::size() const {
  const LockGuard guard(lock_);
  return size_;
}

abi::stat RegularFile::status() const {
  const LockGuard guard(lock_);
  abi::stat status = status_;
  status.st_size = static_cast<std::int64_t>(size_);
  if (!is_symlink()) status.st_blocks = static_cast<std::int64_t>(pages_.count() * (page_size / 512));
  return status;
}

// Calls f(bytes, done) for each page's part of [offset, offset + size), as far as the file has it. Returns the total.
template <class F>
Result<std::uint64_t> RegularFile::get(std::uint64_t offset, std::uint64_t size, F f) const {
  if (offset >= size_) return 0;
  size = std::min(size, size_ - offset);
  for (std::uint64_t done = 0; done < size;) {
    const std::uint64_t at = offset + done;
    const std::uint64_t part = std::min(page_size - at % page_size, size - done);
    TRY(f(std::span<const std::byte>(to_pointer(pages_.find(at / page_size)) + at % page_size, part), done));
    done += part;
  }
  return size;
}

// Clears the last page beyond the file's end. Those bytes must read as 0 when the file grows, but old contents or a
// mapping's stores may be there.
Result<> RegularFile::clear_end() {
  const std::uint64_t index = size_ / page_size, end = size_ % page_size;
  if (end != 0 && pages_.find(index) != pages_.hole()) {
    std::byte* const page = to_pointer(TRY(pages_.make(index, views_ > 0)));
    std::memset(page + end, 0, page_size - end);
  }
  clear_ = true;
  return {};
}

// Calls f(bytes, done) to fill each page's part of [offset, offset + size). Returns how much was written; an error only
// if nothing was, or if f fails.
template <class F>
Result<std::uint64_t> RegularFile::put(std::uint64_t offset, std::uint64_t size, F f) {
  if (offset > size_) TRY(clear_end());
  std::uint64_t done = 0;
  while (done < size) {
    const std::uint64_t at = offset + done;
    const std::uint64_t part = std::min(page_size - at % page_size, size - done);
    const Result<Ppn> frame = pages_.make(at / page_size, views_ > 0);
    if (!frame && done == 0) return frame.error();
    if (!frame) break;
    TRY(f(std::span<std::byte>(to_pointer(*frame) + at % page_size, part), done));
    done += part;
    size_ = std::max(size_, at + part);
  }
  touch();
  return done;
}

Result<std::uint64_t> RegularFile::read(UserBytes& to, std::uint64_t offset) {
  return in_pieces(to, largest_piece, [&](std::uint64_t piece) -> Result<std::uint64_t> {
    const std::uint64_t file_end = size();
    if (offset >= file_end) return 0;
    const std::uint64_t present = TRY(to.make_present(std::min(piece, file_end - offset), Access::store));
    const LockGuard guard(lock_);
    const auto copy = [&](std::span<const std::byte> bytes, std::uint64_t) { return to.copy_out(bytes); };
    const std::uint64_t moved = TRY(get(offset, present, copy));
    offset += moved;
    return moved;
  });
}

Result<std::uint64_t> RegularFile::write(UserBytes& from, std::uint64_t& offset, bool append) {
  if (from.left() == 0) return 0;
  const LockGuard changes_guard(changes_);
  if (append) offset = size();
  if (offset >= from.file_size_limit) return Errno::efbig;
  from.cut(from.file_size_limit - offset);
  return in_pieces(from, largest_piece, [&](std::uint64_t piece) -> Result<std::uint64_t> {
    const std::uint64_t present = TRY(from.make_present(piece, Access::load));
    const LockGuard guard(lock_);
    const auto copy = [&](std::span<std::byte> bytes, std::uint64_t) { return from.copy_in(bytes); };
    const std::uint64_t moved = TRY(put(offset, present, copy));
    offset += moved;
    return moved;
  });
}

Result<> RegularFile::truncate(std::uint64_t size) {
  if (size > FilePages::max_pages * page_size) return Errno::efbig;
  if (uses.load(relaxed) < 0) return Errno::etxtbsy;
  FilePages dropped = no_pages();  // takes the pages of a whole file, to free them without the lock
  const LockGuard changes_guard(changes_);
  const LockGuard guard(lock_);
  if (size == 0) pages_.swap(dropped);
  if (size > size_) TRY(clear_end());
  pages_.cut((size + page_size - 1) / page_size);
  size_ = size;
  clear_ = clear_end().has_value();
  touch();
  return {};
}

std::uint64_t RegularFile::read(std::uint64_t offset, std::span<std::byte> to) const {
  const LockGuard guard(lock_);
  return *get(offset, to.size(), [&](std::span<const std::byte> bytes, std::uint64_t done) {
    std::memcpy(to.data() + done, bytes.data(), bytes.size());
    return Result<>();
  });
}

Result<std::string_view> RegularFile::target(std::span<char> room) {
  if (!is_symlink()) return Errno::einval;
  if (size() > room.size()) return Errno::enametoolong;
  return std::string_view(room.data(), read(0, std::as_writable_bytes(room)));
}

Result<> RegularFile::append(std::span<const std::byte> bytes) {
  const LockGuard guard(lock_);
  const std::uint64_t written = TRY(put(size_, bytes.size(), [&](std::span<std::byte> to, std::uint64_t done) {
    std::memcpy(to.data(), bytes.data() + done, to.size());
    return Result<>();
  }));
  return written == bytes.size() ? Result<>() : Errno::enospc;
}

// Prepares page `index` for a mapping. Errno::einval: the page is beyond the end of the file.
Result<> RegularFile::show_page(std::uint64_t index) {
  if (index * page_size >= size_) return Errno::einval;
  return clear_ ? Result<>() : clear_end();
}

Result<FrameRef> RegularFile::page(std::uint64_t index) {
  const LockGuard guard(lock_);
  TRY(show_page(index));
  return views_ > 0 ? pages_.copy(index) : pages_.share(index);
}

// The source of pages for one shared mapping, which keeps the file alive. As long as the file has such a view, its
// frames are mapped by shared mappings only; private mappings get copies.
class SharedView final : public PageSource {
 public:
  explicit SharedView(RegularFile& file) : file_(Ref<RegularFile>::share(file)) {}
  ~SharedView() {
    const LockGuard guard(file_->lock_);
    --file_->views_;
  }
  Result<FrameRef> page(std::uint64_t index) override {
    const LockGuard guard(file_->lock_);
    TRY(file_->show_page(index));
    TRY(file_->pages_.make(index, true));
    return file_->pages_.share(index);
  }
  PageSource& file() override { return *file_; }
  void dispose() override { Slabs::destroy(this); }

 private:
  const Ref<RegularFile> file_;
};

// The first shared view separates the file from its private mappings: they keep the present frames, and the file gets
// copies of those frames.
Result<Ref<PageSource>> RegularFile::pages(bool shared) {
  if (!shared) return Ref<PageSource>::share(*this);
  const LockGuard changes_guard(changes_);
  auto view = Ref<PageSource>::adopt(TRY(file_system_.slabs.make<SharedView>(*this)));
  {
    const LockGuard guard(lock_);
    if (++views_ > 1) return view;  // ~SharedView() counts it down again
  }
  for (std::uint64_t index = 0;; ++index) {
    interrupt_window();
    const LockGuard guard(lock_);
    index = pages_.next(index);
    if (index * page_size >= size_) return view;
    TRY(pages_.make(index, false));
  }
}

}  // namespace ox
