#include "audit/audit.h"

#include "dev/console.h"
#include "dev/power.h"
#include "hub/options.h"
#include "proc/pid_table.h"
#include "sched/scheduler.h"
#include "vm/checker.h"

namespace ox {

void Audit::init_is_made() { frames_before_ = kernel_.memory.frames.free_count(); }

void Audit::init_starts() { instructions_before_ = csr_read<Csr::instret>(); }

void Audit::end(int status) {
  while (checker_ != nullptr && !recount()) {
  }
  if (kernel_.options.stats) print_stats();
  if (const std::uint64_t lost = lost_frames()) {
    kernel_.console.log("lost frames: {}. References to them were not dropped (rule 1). {}", lost, debug_advice);
  }
  power_off(status);
}

// Frames with too many references, after init has exited. No process should then refer to a page or a table, and only
// the file to a file's page. If other processes are left, their references are right: the answer is 0.
std::uint64_t Audit::lost_frames() const {
  std::uint64_t lost = 0;
  kernel_.memory.frames.for_each_known([&](Ppn frame, const Frame& record) {
    if (frame.value() % 1024 == 0) interrupt_window();
    const std::uint32_t holders = record.kind == FrameKind::cached ? 1 : 0;
    if (record.kind != FrameKind::kernel && record.count.load(relaxed) > holders) ++lost;
  });
  return kernel_.pids.count() == 1 ? lost : 0;
}

void Audit::print_stats() const {
  TextBuffer<800> text;
  const std::string_view pattern = " {}={}";
  write_counters(kernel_.memory, text, pattern);
  format(text, pattern, "instructions", csr_read<Csr::instret>() - instructions_before_);
  format(text, pattern, "frames_free_before", frames_before_);
  format(text, pattern, "frames_free_after", kernel_.memory.frames.free_count());
  kernel_.console.log("stats:{}", text.text());
}

void write_counters(const Memory& memory, TextSink& to, std::string_view pattern) {
  const auto write = [&](std::string_view name, auto value) {
    std::uint64_t total = 0;
    for (const Counters& counters : memory.trace.counters) total += value(counters);
    format(to, pattern, name, total);
  };
  write("forks", [](const Counters& c) { return c.forks.load(relaxed); });
  write("tables_copied_by_forks", [](const Counters& c) { return c.tables_copied_by_forks.load(relaxed); });
  write("pages_copied_by_forks", [](const Counters& c) { return c.pages_copied_by_forks.load(relaxed); });
  write("tables_copied_by_faults",
        [](const Counters& c) { return c.tables_copied.load(relaxed) - c.tables_copied_by_forks.load(relaxed); });
  write("pages_copied_by_faults", [](const Counters& c) { return c.faults_that(FaultOutcome::copied); });
  for (unsigned i = 0; i < fault_outcomes; ++i) {
    write(fault_outcome_names[i], [i](const Counters& c) { return c.faults[i].load(relaxed); });
  }
}

// At the end of a trap, checks the hart's satp and sstatus, and the paths to the process's code, stack and faulting
// address. Every `recount` traps it checks everything.
void Audit::check_trap(Process& self) {
  TrapFrame& frame = self.frame();
  const std::uint64_t satp = csr_read<Csr::satp>();
  const Ppn root = self.space->tree().root();
  if (satp != (satp_sv39 | root.value())) panic_rule(7, "satp is {:x}, but the process's root is {:x}", satp, root);
  const std::uint64_t sstatus = csr_read<Csr::sstatus>();
  if (((sstatus | frame.sstatus) & (sstatus_SUM | sstatus_MXR)) != 0) {
    panic_rule(13, "sstatus is {:x}, and {:x} for the user", sstatus, frame.sstatus);
  }
  for (const std::uint64_t va : {frame.pc(), frame.sp(), frame.stval}) checker_->path(*self.space, VirtAddr(va));
  // Interrupts do not count as traps here. A recount interrupts the other harts to stop them; with recount=1 each hart
  // would answer with a recount of its own, for ever.
  if (!frame.is_interrupt() && traps_.fetch_add(1, relaxed) % kernel_.options.recount == kernel_.options.recount - 1)
    recount();
}

// Checks all references. False: another hart has just done so. Checks nothing while a thread has yielded in the middle
// of long work, because its references are not settled yet.
bool Audit::recount() {
  if (!kernel_.scheduler.stop_others()) return false;
  if (kernel_.scheduler.midway()) return kernel_.scheduler.let_others_go(), true;
  checker_->begin();
  kernel_.pids.for_each([&](const Ref<Process>& process) {
    if (process->space) checker_->add(*process->space);
  });
  checker_->finish();
  kernel_.scheduler.let_others_go();
  return true;
}

}  // namespace ox
