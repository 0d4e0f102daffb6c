// The pages of a file (kernel/fs/file_pages.h): holes, and which pages may be written in place (rule 14).
#include "fs/file_pages.h"

#include <gtest/gtest.h>

#include "sim/machine.h"

namespace ox {
namespace {

class Pages : public testing::Test {
 protected:
  sim::Machine machine{32};
  Memory& memory = machine.memory();

  static std::uint64_t& word(Ppn frame) { return *reinterpret_cast<std::uint64_t*>(to_pointer(frame)); }
};

TEST_F(Pages, APageThatWasNeverWrittenIsAHole) {
  const FilePages pages(memory);
  EXPECT_EQ(pages.find(0), machine.zero());
  EXPECT_EQ(pages.find(FilePages::max_pages - 1), machine.zero());
  EXPECT_EQ(pages.count(), 0u);
}

TEST_F(Pages, APageThatIsMadeIsZerosAndStays) {
  FilePages pages(memory);
  const Ppn frame = *pages.make(3, false);
  EXPECT_EQ(word(frame), 0u);
  EXPECT_EQ(*pages.make(3, false), frame);
  EXPECT_EQ(pages.find(3), frame);
  EXPECT_EQ(pages.find(2), machine.zero());
  EXPECT_EQ(memory.frames.record(frame).kind, FrameKind::cached);
  EXPECT_EQ(pages.count(), 1u);
}

TEST_F(Pages, TheTreeGrowsWithTheFile) {
  FilePages pages(memory);
  const Ppn first = *pages.make(0, false);
  for (const std::uint64_t index : {std::uint64_t{511}, std::uint64_t{512}, FilePages::max_pages - 1}) {
    const Ppn frame = *pages.make(index, false);
    EXPECT_EQ(pages.find(index), frame) << index;
  }
  EXPECT_EQ(pages.find(0), first);
  EXPECT_EQ(pages.count(), 4u);
  EXPECT_EQ(pages.make(FilePages::max_pages, false).error(), Errno::efbig);
}

TEST_F(Pages, BehindTheEndOfTheTreeAreHoles) {
  FilePages pages(memory);
  ASSERT_TRUE(pages.make(3, false));
  EXPECT_EQ(pages.find(512 + 3), machine.zero());
  EXPECT_EQ(pages.next(512), FilePages::max_pages);
}

TEST_F(Pages, TheNextPageIsFoundBehindAnyNumberOfHoles) {
  FilePages pages(memory);
  EXPECT_EQ(pages.next(0), FilePages::max_pages);
  for (const std::uint64_t index : {std::uint64_t{3}, std::uint64_t{512}, FilePages::max_pages - 1}) {
    ASSERT_TRUE(pages.make(index, false));
  }
  EXPECT_EQ(pages.next(0), 3u);
  EXPECT_EQ(pages.next(3), 3u);
  EXPECT_EQ(pages.next(4), 512u);
  EXPECT_EQ(pages.next(513), FilePages::max_pages - 1);
  EXPECT_EQ(pages.next(FilePages::max_pages), FilePages::max_pages);
}

TEST_F(Pages, APrivateMappingKeepsItsBytesWhenTheFileIsWritten) {
  FilePages pages(memory);
  word(*pages.make(0, false)) = 5;
  const FrameRef mapped = pages.share(0);
  const Ppn written = *pages.make(0, false);
  EXPECT_NE(written, mapped.ppn());
  EXPECT_EQ(word(written), 5u) << "the file goes on with a copy";
  word(written) = 6;
  EXPECT_EQ(word(mapped.ppn()), 5u);
  EXPECT_EQ(memory.frames.record(mapped.ppn()).kind, FrameKind::page) << "the old frame belongs to no file any more";
}

TEST_F(Pages, AWriteGoesToTheFrameOfASharedMapping) {
  FilePages pages(memory);
  const Ppn frame = *pages.make(0, true);
  const FrameRef mapped = pages.share(0);
  EXPECT_EQ(*pages.make(0, true), frame);
}

TEST_F(Pages, ACopyBelongsToNoFile) {
  FilePages pages(memory);
  word(*pages.make(0, false)) = 5;
  const FrameRef copy = *pages.copy(0);
  EXPECT_NE(copy.ppn(), pages.find(0));
  EXPECT_EQ(word(copy.ppn()), 5u);
  EXPECT_EQ(memory.frames.record(copy.ppn()).count.load(relaxed), 1u);
}

TEST_F(Pages, ACutFileHasAHoleThereAndGivesItsFramesBack) {
  FilePages pages(memory);
  const std::size_t before = machine.free_frames();
  const Ppn kept = *pages.make(1, false);
  for (const std::uint64_t index : {2u, 600u, 700u, 600'000u}) ASSERT_TRUE(pages.make(index, false));
  pages.cut(2);
  EXPECT_EQ(pages.find(1), kept);
  for (const std::uint64_t index : {2u, 600u, 700u, 600'000u}) EXPECT_EQ(pages.find(index), machine.zero());
  EXPECT_EQ(pages.count(), 1u);
  pages.cut(0);
  EXPECT_EQ(machine.free_frames(), before);
}

TEST_F(Pages, WhatIsCutOffBehindTheFirstPageLeavesIt) {
  FilePages pages(memory);
  const Ppn frame = *pages.make(0, false);
  pages.cut(5);
  EXPECT_EQ(pages.find(0), frame);
}

TEST_F(Pages, WithoutMemoryNothingIsMadeAndNothingLost) {
  FilePages pages(memory);
  word(*pages.make(0, false)) = 5;
  const FrameRef mapped = pages.share(0);
  for (std::size_t free = 0; free < 4; ++free) {
    machine.leave_free(free);
    EXPECT_EQ(static_cast<bool>(pages.make(0, false)), free > 0) << free << ": the copy of a page";
    if (free < 3) {
      EXPECT_EQ(pages.make(600'000, false).error(), Errno::enomem);
    }
    machine.release_hoard();
    EXPECT_EQ(word(pages.find(0)), 5u);
  }
  EXPECT_EQ(pages.find(600'000), machine.zero());
}

TEST_F(Pages, FilesTakeNoMoreThanTheirRoom) {
  FileRoom room;
  room.most = 4;
  FilePages first(memory, &room);
  FilePages second(memory, &room);
  word(*first.make(0, false)) = 5;
  ASSERT_TRUE(second.make(1, false)) << "two frames: a page, and the index above it";
  ASSERT_TRUE(second.make(2, false));
  EXPECT_EQ(room.left(), 0u);
  EXPECT_EQ(second.make(3, false).error(), Errno::enospc);
  EXPECT_EQ(first.make(1, false).error(), Errno::enospc) << "there is no room for an index either";
  EXPECT_TRUE(second.make(2, false)) << "an existing page may be written";
  const FrameRef mapped = first.share(0);
  EXPECT_TRUE(first.make(0, false)) << "a copy takes no room: the old page belongs to no file any more";
  EXPECT_EQ(room.left(), 0u);
  EXPECT_TRUE(FilePages(memory).make(0, false)) << "pages without a file do not count";
  second.cut(2);
  EXPECT_EQ(room.left(), 1u);
  FilePages all = second.none();
  second.swap(all);
  all.cut(0);
  EXPECT_EQ(room.left(), 3u);
}

}  // namespace
}  // namespace ox
