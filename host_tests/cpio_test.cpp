#include "fs/cpio.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace ox {
namespace {

// Writes an archive as `cpio -o -H newc` does.
class Archive {
 public:
  Archive& add(const std::string& name, std::uint32_t mode, const std::string& data) {
    char header[111];
    std::snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zx%08X", ++inode_, mode,
                  0, 0, 1, 0, data.size(), 8, 1, 0, 0, name.size() + 1, 0);
    text += header + name + '\0';
    pad();
    text += data;
    pad();
    return *this;
  }
  Archive& end() { return add("TRAILER!!!", 0, ""); }

  std::string text;

 private:
  void pad() { text.resize((text.size() + 3) / 4 * 4); }
  unsigned inode_ = 0;
};

struct Listed {
  std::vector<std::string> names;
  std::vector<std::string> data;
  std::vector<std::uint32_t> modes;
  std::string error;
  std::uint64_t error_offset = 0;
};

Listed list(const std::string& text) {
  // A buffer of exactly the right size, so that the address sanitizer notices a read of one byte too many.
  const std::vector<char> exact(text.begin(), text.end());
  CpioReader reader(std::as_bytes(std::span(exact)));
  Listed listed;
  while (listed.names.size() < 100) {
    const auto next = reader.next();
    if (!next) {
      listed.error = next.error().reason;
      listed.error_offset = reader.offset();
    }
    if (!next || !*next) return listed;
    const CpioEntry& entry = **next;
    listed.names.emplace_back(entry.name);
    listed.data.emplace_back(reinterpret_cast<const char*>(entry.data.data()), entry.data.size());
    listed.modes.push_back(entry.mode);
  }
  ADD_FAILURE() << "the reader does not end";
  return listed;
}

using Strings = std::vector<std::string>;

Archive example() {
  return Archive()
      .add(".", 040755, "")
      .add("init", 0100755, "hello")
      .add("lib", 0120777, "usr/lib")
      .add("e", 0100644, "");
}

TEST(Cpio, GivesNamesModesAndData) {
  const Listed listed = list(example().end().text);
  EXPECT_EQ(listed.error, "");
  EXPECT_EQ(listed.names, (Strings{".", "init", "lib", "e"}));
  EXPECT_EQ(listed.data, (Strings{"", "hello", "usr/lib", ""}));
  EXPECT_EQ(listed.modes, (std::vector<std::uint32_t>{040755, 0100755, 0120777, 0100644}));
}

TEST(Cpio, EveryHexadecimalDigitHasItsValue) {
  std::string text = example().end().text;
  for (const auto& [digits, value] :
       {std::pair("01234567", 0x0123'4567u), {"89abcdef", 0x89ab'cdefu}, {"89ABCDEF", 0x89ab'cdefu}}) {
    text.replace(6 + 8 * 1, 8, digits);
    EXPECT_EQ(list(text).modes.at(0), value);
  }
}

TEST(Cpio, ZerosBehindTheEndAreNothing) {
  const Listed listed = list(example().end().text + std::string(300, '\0'));
  EXPECT_EQ(listed.error, "");
  EXPECT_EQ(listed.names.size(), 4u);
}

TEST(Cpio, ArchivesCanFollowEachOther) {
  const Listed listed =
      list(example().end().text + std::string(12, '\0') + Archive().add("b", 0100644, "x").end().text);
  EXPECT_EQ(listed.error, "");
  EXPECT_EQ(listed.names, (Strings{".", "init", "lib", "e", "b"}));
}

// Whether two entries are hard links. They have the same numbers except one, which is written at `field`.
bool are_links(std::size_t field, const char* digits, const std::string& between = "") {
  std::string one = Archive().add("a", 0100644, "").text, other = Archive().add("b", 0100644, "").text;
  for (std::string* entry : {&one, &other}) entry->replace(6 + 8 * 4, 8, "00000002");
  other.replace(6 + 8 * field, 8, digits);
  const std::string all = one + between + other + Archive().end().text;
  CpioReader reader(std::as_bytes(std::span(all)));
  const CpioEntry first = reader.next().value().value();
  return first.is_same(reader.next().value().value());
}

TEST(Cpio, LinksAreToldByInodeDeviceKindAndArchive) {
  EXPECT_TRUE(are_links(0, "00000001"));
  EXPECT_FALSE(are_links(0, "00000002")) << "inode";
  EXPECT_FALSE(are_links(1, "0000A1A4")) << "kind";
  EXPECT_FALSE(are_links(4, "00000001")) << "links";
  EXPECT_FALSE(are_links(7, "00000009")) << "device, major";
  EXPECT_FALSE(are_links(8, "00000009")) << "device, minor";
  EXPECT_FALSE(are_links(0, "00000001", Archive().end().text)) << "archive";
}

TEST(Cpio, GarbageBehindTheEndIsSaid) {
  const std::string text = example().end().text;
  const Listed listed = list(text + "garbage");
  EXPECT_NE(listed.error.find("-H newc"), std::string::npos);
  EXPECT_EQ(listed.error_offset, text.size());
}

TEST(Cpio, TruncatedAtAnyLengthIsSaidWithTheOffset) {
  const std::string whole = example().end().text;
  const std::size_t needed = whole.size();
  for (std::size_t size = 0; size + 2 < needed; ++size) {  // the last two bytes are padding
    const Listed listed = list(whole.substr(0, size));
    ASSERT_NE(listed.error, "") << size;
    ASSERT_LE(listed.error_offset, size);
  }
}

TEST(Cpio, AWholeHeaderIsNotTruncatedInsideIt) {
  const std::string whole = example().end().text;
  EXPECT_NE(list(whole.substr(0, 109)).error.find("inside a header"), std::string::npos);
  EXPECT_NE(list(whole.substr(0, 110)).error.find("inside an entry"), std::string::npos);
}

TEST(Cpio, AnArchiveWithoutItsTrailerIsSaid) {
  EXPECT_NE(list(example().text).error.find("before its TRAILER"), std::string::npos);
}

TEST(Cpio, OtherFormatsAreNamed) {
  EXPECT_NE(list("\x1f\x8b\x08 gzip").error.find("decompress"), std::string::npos);
  EXPECT_NE(list("070707000000").error.find("-H newc"), std::string::npos);
  EXPECT_NE(list("\x7f"
                 "ELF")
                .error.find("no cpio header"),
            std::string::npos);
  EXPECT_NE(list("").error, "");
}

TEST(Cpio, AFieldThatIsNoNumberIsSaid) {
  for (std::size_t at = 6; at < 110; ++at) {
    std::string text = example().end().text;
    text[at] = 'g';
    EXPECT_NE(list(text).error.find("hexadecimal"), std::string::npos) << at;
  }
}

TEST(Cpio, NamesEndWithTheir0) {
  std::string text = Archive().add("ab", 0100644, "").end().text;
  text[110 + 2] = 'c';
  EXPECT_NE(list(text).error.find("name"), std::string::npos);
  text = Archive().add("ab", 0100644, "").end().text;
  text[110] = '\0';
  EXPECT_NE(list(text).error.find("name"), std::string::npos);
  text = Archive().add("ab", 0100644, "").end().text;
  text.replace(6 + 8 * 11, 8, "00000000");
  EXPECT_NE(list(text).error.find("no name"), std::string::npos);
}

TEST(Cpio, SizesBeyondTheEndAreSaid) {
  for (const std::size_t field : {6u, 11u}) {
    for (const char* huge : {"FFFFFFFF", "FFFFFF00", "7fffffff", "00010000"}) {
      std::string text = example().end().text;
      text.replace(6 + 8 * field, 8, huge);
      EXPECT_NE(list(text).error.find("truncated"), std::string::npos) << field << huge;
    }
  }
}

TEST(Cpio, NoDamageMakesItReadOutsideTheArchive) {
  std::mt19937_64 random(1);
  const std::string whole = example().end().text;
  for (int round = 0; round < 20000; ++round) {
    std::string text = whole;
    for (int i = 0; i < 2; ++i) text[random() % text.size()] = "0123456789abcdefABCDEF\0xyz"[random() % 26];
    list(text);  // the address sanitizer notices a bad access
  }
}

}  // namespace
}  // namespace ox
