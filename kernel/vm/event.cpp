#include "vm/event.h"

namespace ox {

void Tracepoints::copied(Ppn from, Ppn to, int level, int stop, Where where) {
  Counters::add(level == page_level ? here().pages_copied_by_forks : here().tables_copied);
  event({.kind = Event::Kind::copy, .level = level, .stop = stop, .frame = from, .copy = to}, where);
}

void Tracepoints::copy_failed(Ppn from, std::uint32_t groups, Ppn to, int level) {
  if (sink == nullptr) return;
  for_each_entry(PageTable::at(to), groups, [&](std::size_t index, Pte entry) {
    if (entry.frame() == PageTable::at(from).get(index).frame()) return;  // shared, not copied
    event({.kind = Event::Kind::drop, .level = level - 1, .frame = entry.frame()});
  });
}

void Tracepoints::sealed(Ppn table, Where where) { event({.kind = Event::Kind::seal, .frame = table}, where); }

void Tracepoints::send_entry(Ppn table, int level, std::size_t index, Pte before, Pte after, Where where) {
  event({.kind = Event::Kind::entry,
         .level = level,
         .index = static_cast<std::uint32_t>(index),
         .before = before,
         .after = after,
         .frame = table},
        where);
}

void Tracepoints::fork_begins() {
  Counters::add(here().forks);
  if (sink != nullptr) sink->begin(Event::Kind::fork);
}

void Tracepoints::fork_ends(std::uint64_t tables) { Counters::add(here().tables_copied_by_forks, tables); }

}  // namespace ox
