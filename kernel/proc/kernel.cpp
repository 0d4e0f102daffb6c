#include "proc/kernel.h"

#include "abi/process.h"
#include "dev/power.h"

namespace ox {

Kernel::Kernel(const BootInfo& its_boot, Memory& its_memory, Console& its_console)
    : boot(its_boot),
      options(parse_options(its_boot.command_line())),
      memory(its_memory),
      console(its_console),
      terminal(its_console),
      trace_printer(its_console),
      stacks(its_memory),
      scheduler(its_memory),
      fs(its_memory.frames),
      pipes(its_memory.frames),
      processes(its_memory.frames) {}

void Kernel::note_unknown_call(std::uint64_t number, int pid) {
  if (!options.debug || number >= noted_calls_.size() * 64) return;
  const std::uint64_t bit = std::uint64_t{1} << number % 64;
  if ((noted_calls_[number / 64].fetch_or(bit) & bit) == 0) {
    console.log("pid {}: system call {} is not implemented", pid, number);
  }
}

// What is left when the last process is gone must be what was there before the first (tests look at it).
void Kernel::init_exited(std::int32_t wait_status) {
  init->files.close_all();
  init->cwd = {};
  init->executable = {};
  init->executable_path = {};
  give_up_space(*init);
  if (!abi::exited(wait_status)) console.log("init was killed by signal {}", abi::killing_signal(wait_status));
  end(abi::shell_status(wait_status));
}

void Kernel::end(int status) {
  if (checker != nullptr) recount();
  if (options.stats) print_stats();
  power_off(status);
}

void Kernel::print_stats() {
  const std::uint64_t instructions = csr_read<Csr::instret>() - instructions_before;
  const auto sum = [this](auto member) {
    std::uint64_t total = 0;
    for (const Counters& counters : memory.counters) total += (counters.*member).load(relaxed);
    return total;
  };
  const auto faults = [this](FaultOutcome outcome) {
    std::uint64_t total = 0;
    for (const Counters& counters : memory.counters) total += counters.faults_that(outcome);
    return total;
  };
  const std::uint64_t tables_by_forks = sum(&Counters::tables_copied_by_forks);
  const std::uint64_t pages_by_forks = sum(&Counters::pages_copied_by_forks);
  console.log(
      "stats: forks={} tables_copied_by_forks={} pages_copied_by_forks={} tables_copied_by_faults={} "
      "pages_copied_by_faults={} granted={} zeroed={} mapped_zero={} spurious={} denied={} no_memory={} "
      "instructions={} frames_free_before={} frames_free_after={}",
      sum(&Counters::forks), tables_by_forks, pages_by_forks, sum(&Counters::tables_copied) - tables_by_forks,
      sum(&Counters::pages_copied) - pages_by_forks, faults(FaultOutcome::granted), faults(FaultOutcome::zeroed),
      faults(FaultOutcome::mapped_zero), faults(FaultOutcome::spurious), faults(FaultOutcome::denied),
      faults(FaultOutcome::no_memory), instructions, frames_before, memory.frames.free_count());
}

void Kernel::serve_devices() {
  const std::uint32_t context = boot.harts.all()[hart_index()].plic_context;
  while (const std::uint32_t source = plic.claim(context)) {
    if (source == boot.uart.interrupt) {
      while (const std::optional<char> c = console.uart().get()) terminal.input(*c);
    }
    plic.complete(context, source);
  }
}

// At a trap's exit: the process's own ways to what it runs and where it stands, and now and then everything.
void Kernel::check(Process& self) {
  TrapFrame& frame = self.frame();
  for (const std::uint64_t va : {frame.pc(), frame.sp(), frame.stval}) checker->path(*self.space, VirtAddr(va));
  // An interrupt is no step of the program: a recount for each would answer the other harts' calls to stop for ever.
  if (!frame.interrupt() && traps_.fetch_add(1, relaxed) % options.recount == options.recount - 1) recount();
  scheduler.stop_point();
}

void Kernel::recount() {
  if (!scheduler.stop_others()) return;
  checker->begin();
  pids.for_each([this](Process& process) {
    if (process.space) checker->add(*process.space);
  });
  checker->finish();
  scheduler.let_others_go();
}

}  // namespace ox
