// Addresses and page numbers as classes of their own, so that the compiler refuses a physical address where a virtual
// one is meant.
//
// A Sv39 virtual address (privileged specification, "Sv39: Page-Based 39-bit Virtual-Memory System"):
//
//     63        39 38     30 29     21 20     12 11         0
//    +------------+---------+---------+---------+------------+
//    | copy of 38 | index 2 | index 1 | index 0 |   offset   |
//    +------------+---------+---------+---------+------------+
//                   root      level 1   level 0   in the page
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace ox {

inline constexpr unsigned page_shift = 12;
inline constexpr std::size_t page_size = std::size_t{1} << page_shift;
inline constexpr unsigned table_entries = 512;
inline constexpr int root_level = 2;
inline constexpr int page_level = -1;  // below the tables: a page

// Bytes that one entry of a table at `level` covers: 4 KiB, 2 MiB, 1 GiB.
constexpr std::uint64_t entry_span(int level) { return page_size << (9 * level); }

constexpr std::uint64_t page_floor(std::uint64_t bytes) { return bytes & ~(page_size - 1); }
// Wraps to 0 in the last page below 2^64, so callers limit `bytes` first.
constexpr std::uint64_t page_ceil(std::uint64_t bytes) { return page_floor(bytes + page_size - 1); }

class PhysAddr {
 public:
  constexpr PhysAddr() = default;
  explicit constexpr PhysAddr(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }
  constexpr PhysAddr operator+(std::uint64_t bytes) const { return PhysAddr(value_ + bytes); }
  constexpr auto operator<=>(const PhysAddr&) const = default;

 private:
  std::uint64_t value_ = 0;
};

// Physical page number. RAM on virt starts at 0x8000_0000, so 0 names no frame; it means "none".
class Ppn {
 public:
  constexpr Ppn() = default;
  explicit constexpr Ppn(std::uint64_t value) : value_(value) {}
  explicit constexpr Ppn(PhysAddr address) : value_(address.value() >> page_shift) {}
  constexpr std::uint64_t value() const { return value_; }
  constexpr PhysAddr address() const { return PhysAddr(value_ << page_shift); }
  constexpr Ppn operator+(std::uint64_t pages) const { return Ppn(value_ + pages); }
  constexpr auto operator<=>(const Ppn&) const = default;

 private:
  std::uint64_t value_ = 0;
};

class VirtAddr {
 public:
  constexpr VirtAddr() = default;
  explicit constexpr VirtAddr(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }
  constexpr std::uint64_t offset() const { return value_ & (page_size - 1); }
  constexpr VirtAddr page() const { return VirtAddr(page_floor(value_)); }
  constexpr unsigned index(int level) const {
    return static_cast<unsigned>(value_ >> (page_shift + 9 * static_cast<unsigned>(level))) & (table_entries - 1);
  }
  constexpr VirtAddr operator+(std::uint64_t bytes) const { return VirtAddr(value_ + bytes); }
  constexpr VirtAddr operator-(std::uint64_t bytes) const { return VirtAddr(value_ - bytes); }
  constexpr std::uint64_t operator-(VirtAddr other) const { return value_ - other.value_; }
  constexpr auto operator<=>(const VirtAddr&) const = default;

 private:
  std::uint64_t value_ = 0;
};

// [start, end), with start <= end. A range of virtual addresses is whole pages; a physical range may start and end at
// any byte.
template <class Address>
struct Range {
  Address start;
  Address end;

  constexpr std::uint64_t size() const { return end.value() - start.value(); }
  constexpr bool empty() const { return start >= end; }
  constexpr bool contains(Address address) const { return start <= address && address < end; }
  constexpr bool overlaps(Range other) const { return start < other.end && other.start < end; }
  constexpr bool covers(Range other) const { return start <= other.start && other.end <= end; }
  // The part that is in both; may be empty.
  constexpr Range common(Range other) const { return {std::max(start, other.start), std::min(end, other.end)}; }
};
using PhysRange = Range<PhysAddr>;
using VirtRange = Range<VirtAddr>;

}  // namespace ox
