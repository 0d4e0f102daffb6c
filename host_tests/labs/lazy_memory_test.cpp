// Graded tests of memory that comes by its first touch: files, the kernel's own accesses, lack of memory, the fence.
#include "labs/lazy.h"

namespace ox {
namespace {

using namespace sim;

constexpr std::uint64_t word = 700;  // what a file's first page is full of; the next has one more

TEST_F(LazyLab, AFilesPageIsMappedAndNotCopied) {
  const Ref<File> file = machine.new_file(word, 4, lazy_pages);
  map(rw, RegionKind::mapping, file);
  for (const std::uint64_t number : touched) {
    expect_word(page(number), word + number % 4);
    if (process->frame(page(number)) != file->frame(number)) {
      lab::fail("a load at {:x} maps the file's frame {:x}", "frame {:x} is there", page(number), file->frame(number),
                process->frame(page(number)));
    }
  }
  expect_no_page(2);
}

TEST_F(LazyLab, AStoreToAPrivateFileChangesNoFile) {
  const Ref<File> file = machine.new_file(word, 4, lazy_pages);
  map(rw, RegionKind::mapping, file);
  if (!store(page(0) + 8, 1)) return;
  expect_word(page(0), word);
  expect_word(page(0) + 8, 1);
  expect_word(page(4) + 8, word);  // the same page of the file, in another place
  if (process->frame(page(0)) == file->frame(0)) {
    lab::fail("a store at {:x} gets a copy of the file's page", "the file's own frame {:x} is there", page(0),
              file->frame(0));
  }
}

TEST_F(LazyLab, AStoreToASharedFileReachesTheFile) {
  const Ref<File> file = machine.new_file(word, 4, lazy_pages);
  map(rw, RegionKind::shared, file);
  if (!store(page(1) + 8, 9)) return;
  if (process->frame(page(1)) != file->frame(1)) {
    lab::fail("a store to a shared mapping writes the file's frame {:x}", "frame {:x} is there", file->frame(1),
              process->frame(page(1)));
  }
  expect_word(page(5) + 8, 9);
}

TEST_F(LazyLab, BehindTheEndOfAFileThereIsNoPage) {
  map(rw, RegionKind::mapping, machine.new_file(word, 4, 3));
  expect_word(page(2), word + 2);
  expect_refused(process->load(page(3)).has_value(), 3, "a load behind the file's end");
  if (process->faults().empty() || process->faults().back() != FaultOutcome::past_end) {
    lab::fail("that fault answers past_end (SIGBUS)", "it answers something else");
  }
}

TEST_F(LazyLab, TheKernelTouchesAsTheProcessDoes) {
  map();
  const Result<std::uint64_t> read = process->read(page(5));
  if (!read || *read != 0) lab::fail("the kernel reads zeros at {:x}", "it reads something else", page(5));
  if (process->frame(page(5)) != machine.zero()) {
    lab::fail("the kernel's read maps the zero frame", "frame {:x} is there", process->frame(page(5)));
  }
  if (!process->write(page(6), 3)) lab::fail("the kernel may write at {:x}", "it may not", page(6));
  expect_word(page(6), 3);
  expect_no_page(7);
}

TEST_F(LazyLab, WhatIsGivenBackIsZeroAgain) {
  map();
  if (!store(page(1), 5)) return;
  EXPECT_TRUE(process->discard(pages(page(0), 4)));
  expect_no_page(1);
  expect_word(page(1), 0);
}

TEST_F(LazyLab, FramesComeBackAtExit) {
  process.reset();
  const std::size_t free = machine.free_frames();
  for (unsigned round = 0; round < 3; ++round) {
    process = machine.new_process();
    map(rw, RegionKind::mapping, round == 2 ? machine.new_file(word, 1, lazy_pages) : Ref<File>());
    for (const std::uint64_t number : touched) {
      expect_word(page(number), round == 2 ? word : 0);
      if (!store(page(number / 2), 1)) return;
    }
    process.reset();
    const std::size_t wanted = round == 2 ? free - 1 : free;  // the file has a page
    if (machine.free_frames() != wanted) {
      lab::fail("after the exit {} frames are free, as before", "{}", wanted, machine.free_frames());
      return;
    }
  }
}

TEST_F(LazyLab, AStoreWithoutMemoryChangesNothing) {
  map();
  for (std::size_t left = 0; left < 3; ++left) {  // two page tables and a page are needed
    machine.leave_free(left);
    const bool done = process->store(page(3), 1);
    const bool said = !process->faults().empty() && process->faults().back() == FaultOutcome::no_memory;
    expect_refused(done, 3, "a store for which there is no memory");
    if (!said) lab::fail("that fault answers no_memory", "it answers something else");
    machine.release_hoard();
    if (HasFailure()) return;
    EXPECT_TRUE(process->unmap(pages(lazy_base, lazy_pages)));
    process = machine.new_process();  // tables that were made may stay, so each time from the beginning
    map();
  }
  if (store(page(3), 1)) expect_word(page(3), 1);
}

TEST_F(LazyLab, AFaultWithoutMemoryLosesNothing) {
  const Ref<File> file = machine.new_file(word, 4, lazy_pages);
  process.reset();
  const std::size_t free = machine.free_frames();
  for (std::size_t left = 0; left < 3; ++left) {
    for (const bool of_file : {false, true}) {
      process = machine.new_process();
      map(rw, RegionKind::mapping, of_file ? file : Ref<File>());
      machine.leave_free(left);
      if (process->store(page(3), 1)) lab::fail("a store for which there is no memory is refused", "it is done");
      machine.release_hoard();
      process.reset();
      if (const std::size_t now = machine.free_frames(); now != free && !HasFailure()) {
        lab::fail("after a fault with {} frames left, and the exit, {} are free again", "{}", left, free, now);
      }
    }
  }
  if (const auto count = machine.memory().frames.record(file->frame(3)).count.load(relaxed); count != 1) {
    lab::fail("the file's frame has count 1 again", "it has count {}", count);
  }
}

// A hart may remember that there was no page.
class LazyLabFence : public LazyLab {
 protected:
  LazyLabFence() : LazyLab({.cache_invalid = true}) {}
};

TEST_F(LazyLabFence, AFirstTouchFences) {
  map();
  for (const std::uint64_t number : {0, 1, 2, 3}) {
    expect_word(page(number), 0);
    if (const std::size_t faults = process->faults().size(); faults != 1) {
      lab::fail("one fault brings the page at {:x}: after it the hart looks into the table", "it took {} faults",
                page(number), faults);
    }
  }
}

}  // namespace
}  // namespace ox
