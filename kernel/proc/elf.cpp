#include "proc/elf.h"

#include <algorithm>

#include "abi/elf.h"

namespace ox {

namespace {

// Whether `count` items of `item` bytes, from `offset` on, end within `size` bytes. No step can overflow.
bool inside(std::uint64_t offset, std::uint64_t count, std::uint64_t item, std::uint64_t size) {
  return offset <= size && count <= (size - offset) / item;
}

template <class T>
T read_as(const ByteSource& file, std::uint64_t offset) {
  T value;
  file.read(offset, std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

constexpr unsigned most_headers = 65536 / sizeof(abi::Elf64_Phdr);  // Linux: load_elf_phdrs

// Checks that `head` is the header of a static riscv64 executable.
Result<void, Refusal> check_head(const abi::Elf64_Ehdr& head, std::uint64_t size) {
  static constexpr std::array<std::uint8_t, 4> magic{0x7f, 'E', 'L', 'F'};
  if (!std::equal(magic.begin(), magic.end(), head.e_ident.begin())) {
    return Refusal("not an ELF file; compile it with riscv64-linux-gnu-gcc -static -no-pie");
  }
  if (head.e_ident[abi::ei_class] != abi::elfclass64 || head.e_ident[abi::ei_data] != abi::elfdata2lsb ||
      head.e_machine != abi::em_riscv) {
    return Refusal("built for another machine; compile it with riscv64-linux-gnu-gcc -static -no-pie");
  }
  if (head.e_ident[abi::ei_version] != abi::ev_current) return Refusal("unknown version of ELF; link it with GNU ld");
  if (head.e_type == abi::et_dyn)
    return Refusal("a shared object or position-independent; link it with -static -no-pie");
  if (head.e_type != abi::et_exec) return Refusal("not an executable (an object file?); link it with -static -no-pie");
  if (head.e_phentsize != sizeof(abi::Elf64_Phdr) || head.e_phnum == 0 || head.e_phnum > most_headers) {
    return Refusal("no program headers, or too many; link it with -static -no-pie");
  }
  // The section headers are not used, but they come last in the file, so a truncated file lacks them.
  const bool sections =
      head.e_shoff == 0 || inside(head.e_shoff, head.e_shnum, std::max<std::uint64_t>(1, head.e_shentsize), size);
  if (!sections || !inside(head.e_phoff, head.e_phnum, sizeof(abi::Elf64_Phdr), size)) {
    return Refusal("truncated; copy it again, or build it again");
  }
  return {};
}

// Checks that `header` describes a segment that can be mapped.
Result<void, Refusal> check_segment(const abi::Elf64_Phdr& header, std::uint64_t size) {
  if (!inside(header.p_offset, header.p_filesz, 1, size)) {
    return Refusal("truncated: a segment goes beyond the end of the file; copy it again, or build it again");
  }
  if (header.p_filesz > header.p_memsz) return Refusal("damaged: a segment has more bytes than memory; build it again");
  if (header.p_vaddr < user_start.value() || header.p_vaddr > stack_limit.value() ||
      header.p_memsz > stack_limit.value() - header.p_vaddr) {
    return Refusal("a segment leaves user memory (0x10000 up to the stack); link it without -Ttext or other addresses");
  }
  if ((header.p_vaddr - header.p_offset) % page_size != 0) {
    return Refusal("a segment's offset and address differ modulo 4096; link it without -n or -N");
  }
  if ((header.p_flags & abi::pf_w) != 0 && (header.p_flags & abi::pf_x) != 0) {
    return Refusal("a segment is writable and executable; link it without -N or -z rwx-segments");
  }
  return {};
}

// Adds the segment that `header` describes, if it is one to be loaded.
Result<void, Refusal> add_segment(ElfImage& image, const abi::Elf64_Phdr& header, std::uint64_t size) {
  if (header.p_type == abi::pt_interp) return Refusal("dynamically linked; link it with -static -no-pie");
  if (header.p_type != abi::pt_load) return {};
  TRY(check_segment(header, size));
  if (header.p_memsz == 0) return {};
  if (image.segment_count == ElfImage::max_segments)
    return Refusal("more than 8 segments; link it without a linker script");
  const ElfSegment segment{
      .address = VirtAddr(header.p_vaddr),
      .memory_size = header.p_memsz,
      .file_offset = header.p_offset,
      .file_size = header.p_filesz,
      .prot = {.read = true, .write = (header.p_flags & abi::pf_w) != 0, .execute = (header.p_flags & abi::pf_x) != 0}};
  for (const ElfSegment& other : image.load_segments()) {
    if (segment.pages().overlaps(other.pages())) return Refusal("two segments share a page; link it without -n or -N");
  }
  image.segments[image.segment_count++] = segment;
  image.heap_start = std::max(image.heap_start, segment.pages().end);
  return {};
}

// Finds the program headers in memory, and checks the entry. Both need all segments.
Result<void, Refusal> place(ElfImage& image, const abi::Elf64_Ehdr& head) {
  bool entry_found = false;
  for (const ElfSegment& segment : image.load_segments()) {
    entry_found |= segment.prot.execute && segment.address <= image.entry && image.entry < segment.end();
    if (segment.file_offset <= head.e_phoff &&
        inside(head.e_phoff - segment.file_offset, head.e_phnum, sizeof(abi::Elf64_Phdr), segment.file_size)) {
      image.program_headers = segment.address + (head.e_phoff - segment.file_offset);
    }
  }
  if (!entry_found) return Refusal("its entry is in no executable segment; link it with -static -no-pie");
  return {};
}

}  // namespace

Result<ElfImage, Refusal> parse_elf(const ByteSource& file) {
  const std::uint64_t size = file.size();
  if (size < sizeof(abi::Elf64_Ehdr)) return Refusal("too short for an ELF file; copy it again, or build it again");
  const auto head = read_as<abi::Elf64_Ehdr>(file, 0);
  TRY(check_head(head, size));
  ElfImage image;
  image.entry = VirtAddr(head.e_entry);
  image.program_header_count = head.e_phnum;
  for (unsigned i = 0; i < head.e_phnum; ++i) {
    const auto header = read_as<abi::Elf64_Phdr>(file, head.e_phoff + i * sizeof(abi::Elf64_Phdr));
    TRY(add_segment(image, header, size));
  }
  TRY(place(image, head));
  return image;
}

}  // namespace ox
