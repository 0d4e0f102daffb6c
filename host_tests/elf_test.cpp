#include "proc/elf.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "abi/elf.h"

namespace ox {
namespace {

constexpr std::uint32_t rx = abi::pf_r | abi::pf_x;
constexpr std::uint32_t rw = abi::pf_r | abi::pf_w;

// An executable as ld makes it: text with the headers, data, and the section headers at the very end.
class Image : public ByteSource {
 public:
  Image() {
    std::memcpy(head.e_ident.data(),
                "\x7f"
                "ELF\2\1\1",
                7);
    head.e_type = abi::et_exec;
    head.e_machine = abi::em_riscv;
    head.e_version = 1;
    head.e_entry = 0x100e8;
    head.e_phoff = sizeof(head);
    head.e_shoff = 0x1200;
    head.e_ehsize = sizeof(head);
    head.e_phentsize = sizeof(abi::Elf64_Phdr);
    head.e_shentsize = 64;
    head.e_shnum = 3;
    load(rx, 0, 0x10000, 0x500, 0x500);
    load(rw, 0xf00, 0x11f00, 0x200, 0x1800);
    size_ = head.e_shoff + 3 * 64;
  }

  void load(std::uint32_t flags, std::uint64_t offset, std::uint64_t address, std::uint64_t file_size,
            std::uint64_t memory_size) {
    headers.push_back({abi::pt_load, flags, offset, address, address, file_size, memory_size, page_size});
  }

  void cut(std::uint64_t size) { size_ = size; }

  std::vector<std::byte> bytes() const {
    std::vector<std::byte> all(0x2000);
    abi::Elf64_Ehdr counted = head;
    if (counted.e_phnum == 0 && !no_headers) counted.e_phnum = static_cast<std::uint16_t>(headers.size());
    std::memcpy(all.data(), &counted, sizeof counted);
    std::memcpy(all.data() + sizeof counted, headers.data(), headers.size() * sizeof(abi::Elf64_Phdr));
    all.resize(size_);
    return all;
  }

  std::uint64_t size() const override { return size_; }
  std::uint64_t read(std::uint64_t offset, std::span<std::byte> to) const override {
    const std::vector<std::byte> all = bytes();
    EXPECT_LE(offset, all.size());
    EXPECT_LE(to.size(), all.size() - offset);
    if (testing::Test::HasFailure()) return 0;
    std::memcpy(to.data(), all.data() + offset, to.size());
    return to.size();
  }

  abi::Elf64_Ehdr head{};
  std::vector<abi::Elf64_Phdr> headers;
  bool no_headers = false;

 private:
  std::uint64_t size_ = 0;
};

std::string fault_of(const ByteSource& file) {
  const auto image = parse_elf(file);
  return image ? "" : image.error().reason;
}

bool says(const std::string& message, const char* part) { return message.find(part) != std::string::npos; }
#define EXPECT_SAYS(message, part) EXPECT_PRED2(says, message, part)

TEST(Elf, GivesWhatExecNeeds) {
  const Image image;
  const ElfImage program = parse_elf(image).value();
  EXPECT_EQ(program.entry, VirtAddr(0x100e8));
  EXPECT_EQ(program.program_headers, VirtAddr(0x10040));
  EXPECT_EQ(program.program_header_count, 2);
  ASSERT_EQ(program.load_segments().size(), 2u);
  const ElfSegment& text = program.load_segments()[0];
  EXPECT_TRUE(text.prot.execute);
  EXPECT_FALSE(text.prot.write);
  EXPECT_EQ(text.file_size, 0x500u);
  const ElfSegment& data = program.load_segments()[1];
  EXPECT_TRUE(data.prot.write);
  EXPECT_EQ(data.file_offset, 0xf00u);
  EXPECT_EQ(data.memory_size, 0x1800u);
  EXPECT_EQ(program.heap_start, VirtAddr(0x14000));  // 0x11f00 + 0x1800, rounded up
}

TEST(Elf, TruncatedAtAnyLengthIsRefusedWithARemedy) {
  Image image;
  const std::uint64_t whole = image.size();
  for (std::uint64_t size = 0; size < whole; ++size) {
    image.cut(size);
    const std::string fault = fault_of(image);
    ASSERT_FALSE(fault.empty()) << size << " bytes of " << whole;
    ASSERT_PRED2(says, fault, "again") << size;
  }
  image.cut(whole);
  EXPECT_EQ(fault_of(image), "");
}

TEST(Elf, OtherFilesAreRefused) {
  Image text;
  std::memcpy(text.head.e_ident.data(), "#!/b", 4);
  EXPECT_SAYS(fault_of(text), "not an ELF");
  Image other;
  other.head.e_machine = 62;  // x86-64
  EXPECT_SAYS(fault_of(other), "another machine");
  Image narrow;
  narrow.head.e_ident[abi::ei_class] = 1;
  EXPECT_SAYS(fault_of(narrow), "another machine");
  Image big_endian;
  big_endian.head.e_ident[abi::ei_data] = 2;
  EXPECT_SAYS(fault_of(big_endian), "another machine");
  Image object;
  object.head.e_type = 1;
  EXPECT_SAYS(fault_of(object), "not an executable");
}

TEST(Elf, DynamicOnesAreToldHowToBeStatic) {
  Image pie;
  pie.head.e_type = abi::et_dyn;
  EXPECT_SAYS(fault_of(pie), "link it with -static -no-pie");
  Image dynamic;
  dynamic.headers.push_back({abi::pt_interp, abi::pf_r, 0, 0x10000, 0x10000, 1, 1, 1});
  EXPECT_SAYS(fault_of(dynamic), "link it with -static -no-pie");
}

TEST(Elf, ProgramHeadersMustLieInTheFile) {
  for (const std::uint64_t offset :
       {std::uint64_t{0x12c0}, std::uint64_t{0x1260}, ~std::uint64_t{0}, ~std::uint64_t{55}}) {
    Image image;
    image.head.e_phoff = offset;
    EXPECT_SAYS(fault_of(image), "truncated") << offset;
  }
  Image many;
  many.head.e_phnum = 1170;  // 64 KiB
  EXPECT_SAYS(fault_of(many), "truncated");
  many.head.e_phnum = 1171;
  EXPECT_SAYS(fault_of(many), "too many");
  Image odd;
  odd.head.e_phentsize = 32;
  EXPECT_SAYS(fault_of(odd), "no program headers");
  Image none;
  none.no_headers = true;
  EXPECT_SAYS(fault_of(none), "no program headers");
}

TEST(Elf, SectionHeadersThatWrapAreRefused) {
  Image image;
  image.head.e_shoff = ~std::uint64_t{0} - 10;
  EXPECT_SAYS(fault_of(image), "truncated");
  Image zero;
  zero.head.e_shentsize = 0;
  EXPECT_EQ(fault_of(zero), "");
}

TEST(Elf, OneWithoutSectionHeadersIsGood) {
  Image image;
  image.head.e_shoff = 0;
  image.head.e_shnum = 0xffff;
  EXPECT_EQ(fault_of(image), "");
}

TEST(Elf, ProgramHeadersMayBeginASegment) {
  Image image;
  image.headers[0].p_offset = image.head.e_phoff;
  image.headers[0].p_vaddr = 0x20000 + image.head.e_phoff;
  image.head.e_entry = image.headers[0].p_vaddr;
  EXPECT_EQ(parse_elf(image).value().program_headers, VirtAddr(image.headers[0].p_vaddr));
}

TEST(Elf, OnlyAsManyProgramHeadersAreReadAsItSays) {
  Image image;
  image.head.e_phnum = 2;
  image.load(rw | abi::pf_x, 0, 0x20000, 0x100, 0x100);
  EXPECT_EQ(fault_of(image), "");
}

struct BadSegment {
  const char* why;
  std::uint64_t offset, address, file_size, memory_size;
  std::uint32_t flags;
};

TEST(Elf, BadSegmentsAreRefused) {
  const std::uint64_t top = stack_limit.value();
  const BadSegment cases[] = {
      {"truncated", 0x1000, 0x20000, 0x1000, 0x1000, rx},
      {"truncated", ~std::uint64_t{0xfff}, 0x20000, 0x2000, 0x2000, rx},
      {"truncated", 0x1000, 0x20000, ~std::uint64_t{0}, ~std::uint64_t{0}, rx},
      {"more bytes than memory", 0, 0x20000, 0x100, 0xff, rx},
      {"leaves user memory", 0, 0, 0x100, 0x100, rx},
      {"leaves user memory", 0, 0xf000, 0x100, 0x1000, rx},
      {"leaves user memory", 0, top - 0x1000, 0x100, 0x1001, rw},
      {"leaves user memory", 0, top + 0x1000, 0x100, 0x100, rw},
      {"leaves user memory", 0, 0xffff'ffff'8020'0000, 0x100, 0x100, rw},
      {"leaves user memory", 0, 0x20000, 0x100, ~std::uint64_t{0} - 0x1ffff, rw},
      {"leaves user memory", 0, 0x20000, 0x100, ~std::uint64_t{0}, rw},
      {"modulo 4096", 0x10, 0x20000, 0x100, 0x100, rw},
      {"writable and executable", 0, 0x20000, 0x100, 0x100, rw | abi::pf_x},
      {"share a page", 0x500, 0x10500, 0x100, 0x100, rx},  // after the text, in its last page
      {"share a page", 0, 0x13000, 0x100, 0x100, rw},      // in the last page of data's bss
      {"share a page", 0, 0x10000, 0x100, 0x10000, rw},    // around both
  };
  for (const BadSegment& bad : cases) {
    Image image;
    image.load(bad.flags, bad.offset, bad.address, bad.file_size, bad.memory_size);
    EXPECT_SAYS(fault_of(image), bad.why) << std::hex << bad.address << " " << bad.memory_size;
  }
}

TEST(Elf, ThePageBelowTheStackCanBeUsed) {
  Image image;
  image.load(rw, 0, stack_limit.value() - page_size, 0x100, page_size);
  const ElfImage program = parse_elf(image).value();
  EXPECT_EQ(program.heap_start, stack_limit);
}

TEST(Elf, ASegmentWithoutBytesMayStandAtTheEndOfTheFile) {
  Image image;
  image.load(rw, image.size(), 0x20000 + image.size() % page_size, 0, 0x100);
  EXPECT_EQ(fault_of(image), "");
}

TEST(Elf, EmptySegmentsAreSkipped) {
  Image image;
  image.load(rw, 0, 0x10000, 0, 0);
  const ElfImage program = parse_elf(image).value();
  EXPECT_EQ(program.load_segments().size(), 2u);
}

TEST(Elf, TooManySegmentsAreRefused) {
  Image image;
  for (unsigned i = 0; i < 7; ++i) image.load(rw, 0, 0x20000 + 0x1000 * i, 1, 1);
  EXPECT_SAYS(fault_of(image), "more than 8 segments");
}

TEST(Elf, TheEntryMustBeCode) {
  for (const std::uint64_t entry :
       {std::uint64_t{0}, std::uint64_t{0x11f10}, std::uint64_t{0x10500}, ~std::uint64_t{0}}) {
    Image image;
    image.head.e_entry = entry;
    EXPECT_SAYS(fault_of(image), "entry") << entry;
  }
}

// Image::read() asserts that every read is inside the file.
TEST(Elf, NoDamageMakesItReadOutsideTheFile) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 20000; ++round) {
    Image image;
    auto damage = [&](void* object, std::size_t size) {
      auto* const bytes = static_cast<unsigned char*>(object);
      for (int i = 0; i < 3; ++i) bytes[random() % size] = static_cast<unsigned char>(random());
    };
    damage(image.headers.data(), image.headers.size() * sizeof(abi::Elf64_Phdr));
    if (round % 2 == 0) damage(&image.head.e_entry, sizeof image.head - offsetof(abi::Elf64_Ehdr, e_entry));
    const auto program = parse_elf(image);
    if (!program) continue;
    for (const ElfSegment& segment : program->load_segments()) {
      EXPECT_LE(user_start, segment.address);
      EXPECT_LE(segment.end(), stack_limit);
      EXPECT_LE(segment.file_offset + segment.file_size, image.size());
      EXPECT_FALSE(segment.prot.write && segment.prot.execute);
    }
    if (HasFailure()) FAIL() << "round " << round;
  }
}

}  // namespace
}  // namespace ox
