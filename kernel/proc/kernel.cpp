#include "proc/kernel.h"

#include "abi/process.h"
#include "dev/power.h"

namespace ox {

void Kernel::note_call(std::uint64_t number, int pid, std::string_view what) {
  if (!options.debug || number >= noted_calls_.size() * 64) return;
  const std::uint64_t bit = std::uint64_t{1} << number % 64;
  if ((noted_calls_[number / 64].fetch_or(bit) & bit) == 0) {
    console.log("pid {}: system call {} {}", pid, number, what);
  }
}

// What is left when the last process is gone must be what was there before the first (tests look at it).
void Kernel::init_exited() {
  const std::int32_t status = init->wait_status;
  if (!abi::exited(status)) console.log("init was killed by signal {}", abi::killing_signal(status));
  end(abi::shell_status(status));
}

void Kernel::end(int status) {
  while (checker != nullptr && !recount()) {
  }
  if (options.stats) print_stats();
  if (const std::uint64_t lost = lost_frames()) {
    console.log("lost frames: {}. References to them were not dropped (rule 1). {}", lost, debug_advice);
  }
  power_off(status);
}

// Init is gone. If nobody else is there, no process refers to a page or a table, and to a file's page the file alone.
std::uint64_t Kernel::lost_frames() {
  std::uint64_t lost = 0;
  memory.frames.for_each_known([&](Ppn frame, const Frame& record) {
    if (frame.value() % 1024 == 0) interrupt_window();
    const std::uint32_t holders = record.kind == FrameKind::cached ? 1 : 0;
    if (record.kind != FrameKind::kernel && record.count.load(relaxed) > holders) ++lost;
  });
  return pids.count() == 1 ? lost : 0;
}

void Kernel::print_stats() {
  TextBuffer<800> text;
  const std::string_view pattern = " {}={}";
  write_counters(text, pattern);
  format(text, pattern, "instructions", csr_read<Csr::instret>() - instructions_before);
  format(text, pattern, "frames_free_before", frames_before);
  format(text, pattern, "frames_free_after", memory.frames.free_count());
  console.log("stats:{}", text.text());
}

void Kernel::write_counters(TextSink& to, std::string_view pattern) const {
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

void Kernel::serve_devices() {
  const std::uint32_t context = Plic::supervisor_context(this_hart().hartid);
  while (const std::uint32_t source = plic.claim(context)) {
    if (source == boot.uart.interrupt) terminal.receive();
    plic.complete(context, source);
  }
}

// At a trap's exit: how the hart stands, the process's ways to its code and its stack, now and then everything.
void Kernel::check(Process& self) {
  TrapFrame& frame = self.frame();
  const std::uint64_t satp = csr_read<Csr::satp>();
  const Ppn root = self.space->tree().root();
  if (satp != (satp_sv39 | root.value())) panic_rule(7, "satp is {:x}, but the process's root is {:x}", satp, root);
  const std::uint64_t sstatus = csr_read<Csr::sstatus>();
  if (((sstatus | frame.sstatus) & (sstatus_SUM | sstatus_MXR)) != 0) {
    panic_rule(13, "sstatus is {:x}, and {:x} for the user", sstatus, frame.sstatus);
  }
  for (const std::uint64_t va : {frame.pc(), frame.sp(), frame.stval}) checker->path(*self.space, VirtAddr(va));
  // An interrupt is no step of the program: a recount for each would answer the other harts' calls to stop for ever.
  if (!frame.is_interrupt() && traps_.fetch_add(1, relaxed) % options.recount == options.recount - 1) recount();
}

// False: another hart did it just now. Nothing can be said while somebody is in the middle of long work.
bool Kernel::recount() {
  if (!scheduler.stop_others()) return false;
  if (scheduler.midway()) return scheduler.let_others_go(), true;
  checker->begin();
  for (unsigned slot = 0; slot < PidTable::slots; ++slot) {
    const Ref<Process> process = pids.at(slot);
    if (process && process->space) checker->add(*process->space);
  }
  checker->finish();
  scheduler.let_others_go();
  return true;
}

}  // namespace ox
