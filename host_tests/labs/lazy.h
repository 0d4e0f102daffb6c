// For the graded tests of the lab "lazy" (tools/labs/lazy): a process whose memory comes by its first touches.
//
// Every test begins with map(), which demands that a new region has no page: a kernel that makes all pages at once
// passes none.
#pragma once

#include "labs/lab.h"

namespace ox {

inline constexpr VirtAddr lazy_base{0x40'0000'0000 - (std::uint64_t{8} << 30)};
inline constexpr std::uint64_t lazy_pages = 600;  // below two level-0 tables
inline constexpr std::array touched{std::uint64_t{0},   std::uint64_t{1},   std::uint64_t{17},
                                    std::uint64_t{511}, std::uint64_t{512}, lazy_pages - 1};

class LazyLab : public lab::Test {
 protected:
  explicit LazyLab(sim::Hardware hardware = {}) : Test(hardware), process(machine.new_process()) {}

  static VirtAddr page(std::uint64_t number) { return lazy_base + number * page_size; }
  void expect_no_page(std::uint64_t number) {
    if (process->leaf(page(number)).is_empty()) return;
    lab::fail("nobody has touched {:x}, so no page is there", "frame {:x} is there", page(number),
              process->frame(page(number)));
  }
  // A new region at lazy_base, without a page in it, or a test that has failed.
  void map(Prot prot = sim::rw, RegionKind kind = RegionKind::mapping, const Ref<sim::File>& file = {}) {
    const VirtRange range = sim::pages(lazy_base, lazy_pages);
    if (!process->map_file(range, prot, kind, file)) {
      lab::fail("mmap gives the process {} pages", "it refuses", lazy_pages);
      throw lab::Stop();
    }
    for (std::uint64_t number = 0; number < lazy_pages; ++number) {
      expect_no_page(number);
      if (HasFailure()) throw lab::Stop();
    }
  }

  void expect_word(VirtAddr va, std::uint64_t word) {
    const std::optional<std::uint64_t> seen = process->load(va);
    if (!seen) return lab::fail("a load at {:x} gives {:x}", "the load is refused", va, word);
    if (*seen != word) lab::fail("a load at {:x} gives {:x}", "it gives {:x}", va, word, *seen);
  }
  bool store(VirtAddr va, std::uint64_t word) {
    if (process->store(va, word)) return true;
    lab::fail("the process may store at {:x}", "the store is refused", va);
    return false;
  }
  // Both answers count: that the access is refused, and that no page has come by it.
  void expect_refused(bool done, std::uint64_t number, std::string_view what) {
    if (done) lab::fail("{} at {:x} is refused", "it is done", what, page(number));
    expect_no_page(number);
  }

  std::unique_ptr<sim::Process> process;
};

}  // namespace ox
