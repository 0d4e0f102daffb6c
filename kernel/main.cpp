// Boot: makes the kernel's objects, in order. Nearly all global variables are here.
#include <algorithm>
#include <new>

#include "arch/riscv/image.h"
#include "arch/riscv/layout.h"
#include "arch/riscv/sbi.h"
#include "audit/audit.h"
#include "boot/kernel_map.h"
#include "dev/console.h"
#include "dev/device_tree.h"
#include "dev/mmio.h"
#include "dev/plic.h"
#include "dev/power.h"
#include "fs/devices.h"
#include "hub/kernel.h"
#include "hub/options.h"
#include "jobs/terminal_jobs.h"
#include "observe/recorder.h"
#include "observe/trace.h"
#include "proc/futex.h"
#include "proc/init.h"
#include "proc/pid_table.h"
#include "procfs/procfs.h"
#include "sched/scheduler.h"
#include "signal/deliver.h"
#include "syscall/call_log.h"
#include "vm/checker.h"

namespace ox {

// Start of the harts. On the boot hart, start.S calls kernel_main() on the boot stack. sbi_hart_start() starts the
// other harts at secondary_start in start.S. There a hart switches to the page table of start_satp, finds its record in
// `harts` by its hartid, and calls secondary_main() on the stack that the record names.
extern "C" std::uint64_t start_satp;
extern "C" const char secondary_start[];
extern "C" {
constinit std::array<Hart, max_harts> harts{};  // the first is the boot hart's
}
static_assert(offsetof(Hart, hartid) == HART_HARTID);
static_assert(offsetof(Hart, stack_top) == HART_STACK);
static_assert(sizeof(Hart) == HART_SIZE && offsetof(Hart, panic_stack) + sizeof(Hart::panic_stack) == HART_SIZE);
constinit Recorder the_recorder;

namespace {

constexpr int cannot_start = 125;
constexpr std::string_view little_memory = "not enough memory for the kernel; give the machine more (qemu -m)";
constexpr std::uint32_t init_reserve = 16;  // frames kept back for pid 1
// RAM beyond this is not used, because a frame's count could overflow (rule 1).
constexpr std::uint64_t most_ram = std::uint64_t{32} << 30;

// Memory for a T that is made during boot and never destroyed.
template <class T>
class Place {
 public:
  template <class... Arguments>
  T& make(Arguments&&... arguments) {
    return *new (bytes_) T(std::forward<Arguments>(arguments)...);
  }

 private:
  alignas(T) std::byte bytes_[sizeof(T)] = {};
};

constinit TracePrinter trace_printer{the_console};
constinit BootInfo boot{};
constinit Place<Memory> memory_place;
constinit Place<Checker> checker_place;
constinit Options options;

// The objects of the hub, and the devices that only /dev refers to.
struct Machine {
  Machine(Memory& its_memory, Checker* its_checker) : memory(its_memory), checker(its_checker) {}

  Memory& memory;
  Checker* checker;
  Plic plic{boot.plic.registers.start};
  Scheduler scheduler{memory, boot.harts.size(), boot.timebase, reap_process};
  Slabs slabs{memory.frames};
  FileSystem fs{memory, slabs, boot.timebase};
  PidTable pids;
  Groups groups{pids};
  TerminalJobs jobs{groups};
  Terminal terminal{fs, the_console, jobs};
  ControllingTerminal controlling_terminal{fs, terminal};
  NullDevice null{fs};
  ZeroDevice zero{fs};
  FullDevice full{fs};
  RandomDevice random{fs};
  Futexes futexes;
  CallLog calls{options, the_console};
  Audit audit{kernel, checker};
  Kernel kernel{boot,     options, memory, the_console, plic,    slabs, scheduler, fs,
                terminal, random,  pids,   groups,      futexes, audit, calls};
};

constinit Place<Machine> machine_place;
// The boot hart's idle thread stays on the boot stack; each of the others gets a stack.
constinit Place<Thread> idle_places[max_harts];

template <class... Arguments>
[[noreturn]] void give_up(std::string_view why, const Arguments&... arguments) {
  the_console.log(why, arguments...);
  power_off(cannot_start);
}

void read_options() {
  options = parse_options(boot.command_line());
  if (!options.wrong.empty()) give_up("{}: not allowed; allowed: {}", options.wrong, options.allowed);
  if (!options.unknown.empty()) the_console.log("{}: unknown word; known: {}", options.unknown, known_words);
  if (!options.debug) panic_advice = debug_advice;
  if (boot.harts_left_out != 0) the_console.log("more than {} harts: {} stay off", max_harts, boot.harts_left_out);
}

PhysRange whole_pages(PhysRange range) {
  return {PhysAddr(page_floor(range.start.value())), PhysAddr(page_ceil(range.end.value()))};
}

// The RAM from the start of the kernel's image on, with the banks that follow without a gap (-numa).
PhysRange ram() {
  const PhysAddr image = image_phys(text_start);
  PhysAddr end = image;
  for (std::size_t i = 0; i < boot.memory.size(); ++i) {  // once for each bank, because they may be in any order
    for (const PhysRange& range : boot.memory.all()) end = range.contains(end) ? range.end : end;
  }
  const PhysRange all{image, PhysAddr(page_floor(std::min(end.value(), image.value() + most_ram)))};
  if (all.empty()) give_up("no RAM where the kernel is; the device tree is wrong");
  if (!boot.initrd.empty() && !all.covers(boot.initrd))
    give_up("the initramfs lies outside of RAM; the device tree is wrong");
  return all;
}

// Calls f(range) for each part of `all` that is not in `taken`, in ascending order.
template <class F>
void for_each_free(PhysRange all, std::span<const PhysRange> taken, const F& f) {
  if (all.empty()) return;
  if (taken.empty()) return f(all);
  const PhysRange cut = taken.front();
  for_each_free({all.start, std::min(all.end, cut.start)}, taken.subspan(1), f);
  for_each_free({std::max(all.start, cut.end), all.end}, taken.subspan(1), f);
}

// Memory that words on the command line make the kernel reserve.
struct Extras {
  std::span<Record> ring;      // with `record`
  Checker* checker = nullptr;  // with `debug`
};

// Puts the frame records, the checker's numbers and the ring into the first free range that is large enough, and gives
// all other free RAM to the allocator.
Extras start_memory(Memory& memory, PhysRange all) {
  const bool debug = options.debug;
  const std::uint64_t frames = all.size() / page_size;
  const std::uint64_t records = page_ceil(frames * sizeof(Frame));
  const std::uint64_t seen = debug ? page_ceil(frames * sizeof(std::uint32_t)) : 0;
  const std::uint64_t events = options.events != 0 ? options.events : all.size() / 16 / sizeof(Record);
  const std::uint64_t ring = options.record ? page_ceil(events * sizeof(Record)) : 0;
  BoundedList<PhysRange, 11> taken;
  taken.push({all.start, image_phys(kernel_end)});
  taken.push(whole_pages(boot.initrd));
  for (const PhysRange& range : boot.reserved.all()) taken.push(whole_pages(range));
  PhysAddr place;
  for_each_free(all, taken.all(), [&](PhysRange range) {
    if (place == PhysAddr() && range.size() > records + seen + ring) place = range.start;
  });
  if (place == PhysAddr()) give_up(little_memory);
  memory.frames.start({reinterpret_cast<Frame*>(to_pointer(place)), frames}, Ppn(all.start));
  memory.frames.set_poison(debug);
  taken.push({place, place + (records + seen + ring)});
  for_each_free(all, taken.all(), [&](PhysRange range) { memory.frames.add_range(Ppn(range.start), Ppn(range.end)); });
  if (!memory.start()) give_up(little_memory);
  const std::span numbers{reinterpret_cast<std::uint32_t*>(to_pointer(place + records)), frames};
  return {.ring = {reinterpret_cast<Record*>(to_pointer(place + (records + seen))), ring != 0 ? events : 0},
          .checker = debug ? &checker_place.make(memory, numbers) : nullptr};
}

void map_kernel(Memory& memory, PhysRange all) {
  const std::array devices{whole_pages(boot.uart.registers), whole_pages(boot.plic.registers),
                           whole_pages(boot.power.registers)};
  const KernelLayout layout{.text = {image_phys(text_start), image_phys(text_end)},
                            .rodata = {image_phys(rodata_start), image_phys(rodata_end)},
                            .data = {image_phys(data_start), image_phys(kernel_end)},
                            .guard = {image_phys(boot_stack_guard), image_phys(boot_stack_guard) + kernel_stack_size},
                            .ram_end = all.end,
                            .devices = devices};
  const Result<Ppn> root = build_kernel_map(memory, layout);
  if (!root) give_up(little_memory);
  memory.kernel_root = *root;
  write_satp(*root);
}

// Makes the files of the initramfs and frees the archive's memory. Then makes /dev and /proc.
[[gnu::noinline]] void fill_file_system(Machine& machine) {
  Kernel& kernel = machine.kernel;
  if (!kernel.fs.start()) give_up(little_memory);
  if (boot.initrd.empty()) give_up("no initramfs; pass one to QEMU with -initrd");
  TextBuffer<200> message;
  const std::span<const std::byte> archive{to_pointer(boot.initrd.start), boot.initrd.size()};
  if (!kernel.fs.unpack(archive, message)) give_up("{}", message.text());
  const PhysRange pages = whole_pages(boot.initrd);
  kernel.memory.frames.add_range(Ppn(pages.start), Ppn(pages.end));
  kernel.fs.limit();
  for (const auto& [path, mode] :
       {std::pair("/dev", 0755u), std::pair("/dev/shm", 01777u), std::pair("/tmp", 01777u)}) {
    const auto made = kernel.fs.make({path, kernel.fs.root()}, abi::s_ifdir | mode);
    if (!made && made.error() != Errno::eexist) give_up(little_memory);
  }
  const std::pair<std::string_view, Device&> devices[] = {
      {"/dev/console", machine.terminal}, {"/dev/tty", machine.controlling_terminal},
      {"/dev/null", machine.null},        {"/dev/zero", machine.zero},
      {"/dev/full", machine.full},        {"/dev/random", machine.random},
      {"/dev/urandom", machine.random}};
  for (const auto& [path, device] : devices) {
    if (!kernel.fs.mount(path, Ref<Device>::share(device))) {
      give_up("/dev cannot be made; is there a file of that name in the initramfs?");
    }
  }
  constexpr std::pair<std::string_view, std::string_view> links[] = {{"/dev/fd", "/proc/self/fd"},
                                                                     {"/dev/stdin", "/proc/self/fd/0"},
                                                                     {"/dev/stdout", "/proc/self/fd/1"},
                                                                     {"/dev/stderr", "/proc/self/fd/2"}};
  for (const auto& [path, target] : links) {
    const auto made = kernel.fs.make_symlink({path, kernel.fs.root()}, target);
    if (!made && made.error() != Errno::eexist) give_up(little_memory);
  }
  (void)kernel.fs.remove({"/proc", kernel.fs.root()}, true);  // the archive may have an empty one
  if (!mount_proc(kernel)) give_up("/proc cannot be made; is there a file of that name in the initramfs?");
}

// Lets the UART interrupt the boot hart when a character is typed.
void start_keyboard(Kernel& kernel) {
  if (!boot.plic.present()) return;
  kernel.plic.enable(boot.uart.interrupt, Plic::supervisor_context(boot.harts.all()[0]));
  the_console.uart().listen(true);
}

Thread& idle_thread(Kernel& kernel, unsigned index) { return idle_places[index].make(kernel.scheduler); }

void start_other_harts(Kernel& kernel) {
  start_satp = satp_sv39 | kernel.memory.kernel_root.value();
  for (unsigned i = 1; i < boot.harts.size(); ++i) {
    Thread& idle = idle_thread(kernel, i);
    if (!idle.stack.alloc(kernel.memory, PidTable::slots + i)) give_up(little_memory);
    Hart& hart = harts[i];
    hart.index = i;
    hart.hartid = boot.harts.all()[i];
    hart.stack_top = idle.stack.top();
    hart.current = &idle;
    hart.kernel = &kernel;
    std::atomic_thread_fence(std::memory_order_seq_cst);  // the record is complete before the other hart reads it
    if (!sbi_hart_start(hart.hartid, image_phys(secondary_start)))
      the_console.log("hart {} does not start", hart.hartid);
  }
}

}  // namespace

extern "C" [[noreturn]] void kernel_main(std::uint64_t hartid, PhysAddr device_tree) {
  // The tree's header has its real size; 2 MiB is more than QEMU's longest tree.
  if (!read_device_tree({to_pointer(device_tree), std::size_t{2} << 20}, boot)) {
    give_up("the device tree cannot be read; is this QEMU's virt machine?");
  }
  set_power_device(boot.power.registers.start);
  if (boot.uart.present()) the_console.uart().start(boot.uart.registers.start);
  // The boot hart gets number 0, whatever its hartid is.
  const auto hartids = boot.harts.all();
  std::ranges::partition(hartids, [=](std::uint64_t id) { return id == hartid; });
  if (!boot.missing_extension.empty()) {
    give_up("the processor lacks the extension {}; programs need imafdc (qemu -cpu rv64)", boot.missing_extension);
  }
  if (!boot.uart.present()) give_up("the device tree has no serial line for the console; is this QEMU's virt machine?");
  const PhysRange all = ram();
  Memory& memory = memory_place.make();
  read_options();
  const Extras extras = start_memory(memory, all);
  map_kernel(memory, all);

  Machine& machine = machine_place.make(memory, extras.checker);
  Kernel& kernel = machine.kernel;
  harts[0].kernel = &kernel;
  start_keyboard(kernel);
  memory.mode.store(options.fork, relaxed);
  if (options.trace) trace_printer.start(memory);
  fill_file_system(machine);
  Result<FrameRef> code = make_signal_page(memory);
  if (!code) give_up(little_memory);
  kernel.signal_code = std::move(*code);
  if (options.record) the_recorder.start(memory, the_console, extras.ring);
  memory.frames.set_reserve(init_reserve);
  start_other_harts(kernel);
  if (!start_init(kernel)) power_off(cannot_start);
  kernel.scheduler.run(idle_thread(kernel, 0));
}

extern "C" [[noreturn]] void secondary_main() { this_hart().kernel->scheduler.run(*this_hart().current); }

}  // namespace ox
