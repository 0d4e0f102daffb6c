// Parses an executable file for exec: the segments to load, and the entry.
//
// It reads the file through ByteSource, does not trust its bytes, and allocates no memory.
// Fails: with a sentence that says what is wrong with the file and what to do about it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "fs/byte_source.h"
#include "lib/address.h"
#include "lib/memory_layout.h"
#include "lib/result.h"
#include "vm/page_table.h"

namespace ox {

// One segment: `file_size` bytes from `file_offset` on go to `address`, and zeros follow up to `memory_size`. Offset
// and address are equal modulo the page size, so whole pages of the file can be mapped. No segment is both writable and
// executable.
struct ElfSegment {
  VirtAddr address;
  std::uint64_t memory_size = 0;
  std::uint64_t file_offset = 0;
  std::uint64_t file_size = 0;
  Prot prot;

  constexpr VirtAddr end() const { return address + memory_size; }
  constexpr VirtRange pages() const { return {address.page(), VirtAddr(page_ceil(end().value()))}; }
};

// A parsed file. All segments lie in user memory below the stack, and no two share a page. The entry is in an
// executable segment.
struct ElfImage {
  static constexpr std::size_t max_segments = 8;

  VirtAddr entry;
  VirtAddr program_headers;  // their address in user memory (AT_PHDR); 0: no segment has them
  std::uint16_t program_header_count = 0;
  VirtAddr heap_start;  // the end of the highest segment, page-aligned
  std::size_t segment_count = 0;
  std::array<ElfSegment, max_segments> segments;

  std::span<const ElfSegment> load_segments() const { return {segments.data(), segment_count}; }
};

Result<ElfImage, Refusal> parse_elf(const ByteSource& file);

}  // namespace ox
