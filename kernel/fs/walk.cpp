// Walking along paths: from a path to an inode, and back.
#include <cstring>

#include "fs/file_system.h"
#include "lib/format.h"

namespace ox {

namespace {

constexpr unsigned max_links = 40;  // Linux: MAXSYMLINKS

// Whether only slashes are left.
bool at_end(std::string_view path) { return path.find_first_not_of('/') == std::string_view::npos; }

}  // namespace

Result<Ref<Inode>> FileSystem::step(const Ref<Inode>& from, std::string_view name) {
  if (!from->is_directory()) return Errno::enotdir;
  if (name == "." || (name == ".." && from == root_)) return from;
  return name == ".." ? from->parent() : from->find(name);
}

// Replaces a symbolic link in a path: returns the target of `link`, followed by `rest`, which came after the link. The
// result ends at the end of `page`; `rest` may be in `page` already.
Result<std::string_view> FileSystem::expand(FrameRef& page, Inode& link, std::string_view rest) {
  if (!page) page = TRY(FrameRef::make(memory.frames, FrameKind::kernel));
  char* const begin = reinterpret_cast<char*>(page.bytes());
  char* const end = begin + page_size;
  char* start = end - rest.size();
  std::memmove(start, rest.data(), rest.size());
  const std::string_view target = TRY(link.target({begin, start}));
  start -= target.size();
  std::memmove(start, target.data(), target.size());
  return std::string_view(start, end);
}

Result<Way> FileSystem::walk(const PathAt& at, LastLink last) {
  if (at.path.empty()) return Errno::enoent;
  Way way;
  std::string_view rest = at.path;
  way.directory = rest.starts_with('/') ? root_ : at.base;
  for (unsigned links = 0;;) {
    way.name = take_piece(rest, '/');
    way.slash = !rest.empty();
    way.inode = {};
    if (way.name.empty()) {
      way.inode = way.directory;
      return way;
    }
    const bool is_last = at_end(rest);
    auto next = step(way.directory, way.name);
    if (!next && next.error() == Errno::enoent && is_last) return way;
    way.inode = TRY(std::move(next));
    // A link in the middle of the path is always followed.
    const bool follow = last == LastLink::follow || !is_last || (way.slash && last == LastLink::keep);
    if (follow && way.inode->is_symlink()) {
      if (++links > max_links) return Errno::eloop;
      Ref<Inode> target = TRY(way.inode->leads_to());
      if (!target) {
        rest = TRY(expand(way.page, *way.inode, rest));
        if (rest.starts_with('/')) way.directory = root_;
        continue;
      }
      way.inode = std::move(target);
    }
    if (is_last) {
      if (way.slash && last != LastLink::itself && !way.inode->is_directory()) return Errno::enotdir;
      return way;
    }
    way.directory = std::move(way.inode);
  }
}

Result<Ref<Inode>> FileSystem::lookup(const PathAt& at, LastLink last) {
  Way way = TRY(walk(at, last));
  if (!way.inode) return Errno::enoent;
  return std::move(way.inode);
}

Result<std::string_view> FileSystem::path_of(const Ref<Inode>& inode, std::span<char> buffer) {
  char* const end = buffer.data() + buffer.size();
  char* start = end;
  for (Ref<Inode> at = inode; at != root_; at = TRY(at->parent())) {
    const std::string_view name = TRY(at->name({buffer.data(), start}));
    if (buffer.data() + name.size() == start) return Errno::enametoolong;
    start -= name.size();
    std::memmove(start, name.data(), name.size());
    *--start = '/';
  }
  if (start == end && !buffer.empty()) *--start = '/';
  return std::string_view(start, end);
}

}  // namespace ox
