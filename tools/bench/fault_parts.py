#!/usr/bin/env python3
"""Counts the instructions of one trap, function by function: of a getpid (P8), a copy fault (P5), a fault of the last
owner (P6) and a first touch (P7), traced in single steps in QEMU.

    make && python3 tools/bench/fault_parts.py                     every trap, by functions and by parts
    python3 tools/bench/fault_parts.py --only copy --lines         by source lines, in the order in which they ran
    python3 tools/bench/fault_parts.py --only last --listing       the instructions themselves, in that order
    python3 tools/bench/fault_parts.py --fork cow --json FILE      in another mode; writes the parts for the pictures

/init is a process of a few lines (PROGRAM below, compiled here). QEMU translates and logs each instruction by itself. A
trap is what the kernel ran between a marked instruction of the program and the return to it. Each trap is taken several
times, and the one of median length is shown: so no timer tick is in it, and the tables are already owned. Names come
from the debug information of build/ox.elf, so inlined functions are counted separately. The benchmark's figures are two
higher, because they include the marked instruction and the one that reads the counter.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect
from collections import Counter
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import initramfs  # noqa: E402
import qemu  # noqa: E402

# QEMU logs the program and the kernel, not the firmware.
ADDRESSES = "0x10000+0x10000,0xffffffff80000000+0x10000000"
PREFIX = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-")
TRAPS = {"getpid": "P8 getpid", "copy": "P5 copy fault", "last": "P6 last owner's fault", "touch": "P7 first touch"}
# In the order of a fault. The first entry that matches the innermost function or file wins; if none matches, the
# function that it is inlined in is tried next.
PARTS = [
    ("trap", r"^trap_entry$|^trap\.cpp$"),
    ("return", r"^trap_return$"),
    ("copy", r"copy_page|zero_page|clear_page|memcpy|memset|copy_words"),
    ("fence", r"[Ff]ence($|::|_vma)"),
    ("frames", r"frame\.(h|cpp)$|Frames::|copy_frame|drop|release"),
    ("walk", r"page_(table|tree)|Page(Table|Tree)::|walk"),
    ("decide", r"."),
]
PROGRAM = """
static long call(long n, long a, long b, long c, long d, long e, long f) {
    register long a0 __asm__("a0") = a, a1 __asm__("a1") = b, a2 __asm__("a2") = c, a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e, a5 __asm__("a5") = f, a7 __asm__("a7") = n;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}
#define FORK() call(220, 17, 0, 0, 0, 0, 0)
#define EXIT() call(94, 0, 0, 0, 0, 0, 0)
#define STORES(site) for (long n = 0; n < 64; ++n) store_##site(memory + n * 4096)
#define STORE(site) void store_##site(char*); \\
    __asm__(".globl store_" #site ", site_" #site "; store_" #site ": site_" #site ": sb zero, 0(a0); ret")
STORE(touch); STORE(copy); STORE(last);
void getpid(void);
__asm__(".globl getpid, site_getpid; getpid: li a7, 172; site_getpid: ecall; ret");

void _start(void) {
    int gate[2];
    char c, *memory = (char*)call(222, 0, 64 * 4096, 3, 0x22, -1, 0);
    STORES(touch);
    call(59, (long)gate, 0, 0, 0, 0, 0);
    if (FORK() == 0) call(63, gate[0], (long)&c, 1, 0, 0, 0);  // stays; the gate is never opened
    STORES(copy);
    long child = FORK();
    if (child == 0) EXIT();
    call(260, child, 0, 0, 0, 0, 0);
    STORES(last);
    for (int n = 0; n < 16; ++n) getpid();
    EXIT();
}
"""


def tool(name, *words, text=None):
    command = [PREFIX + name, *map(str, words)]
    return subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout


def compile_program(folder):
    """The program's file, and {address of a marked instruction: its name}."""
    source, program = Path(folder, "program.c"), Path(folder, "program")
    source.write_text(PROGRAM)
    tool("gcc", "-O2", "-static", "-nostdlib", "-ffreestanding", "-Wl,--no-relax", "-o", program, source)
    sites = re.findall(r"^(\w+) \w site_(\w+)$", tool("nm", program), re.MULTILINE)
    return program, {int(address, 16): name for address, name in sites}


def single_step():
    """QEMU's option for one instruction in each block; its name changed with version 8.1."""
    return ("-accel", "tcg,one-insn-per-tb=on") if qemu.version() >= (8, 1) else ("-singlestep",)


def read_traps(log, sites):
    """{name: [addresses of the kernel's instructions]} of the trap of median length."""
    traps = {name: [] for name in sites.values()}
    current = site = None
    for line in log:
        found = re.match(r"Trace \d+: \S+ \[\w+/(\w+)/", line)
        if not found:
            if current and line.startswith(("Stopped execution", "cpu_io_recompile")):  # logged, but not executed
                current.pop()
            continue
        pc = int(found[1], 16)
        if pc >> 63:
            if current is not None:
                current.append(pc)
        else:
            if current and site in sites:
                traps[sites[site]].append(current)
            site, current = pc, []
    return {name: sorted(taken, key=len)[len(taken) // 2] for name, taken in traps.items()}


def trace(build, mode):
    with tempfile.TemporaryDirectory(prefix="ox-") as folder:
        program, sites = compile_program(folder)
        log = Path(folder, "log")
        logged = ("-d", "exec,nochain", "-D", str(log), "-dfilter", ADDRESSES)
        run = qemu.boot(build / "ox.elf", initramfs.archive({"init": program}), f"fork={mode}", timeout=120,
                        extra=(*qemu.ICOUNT, *single_step(), *logged))
        if run.status != 0:
            sys.exit(f"{run.output}\nfault_parts: ended with status {run.status}")
        with log.open() as lines:
            return read_traps(lines, sites)


def short(name):
    """The name without namespaces and parameters."""
    return re.sub(r"\(.*|ox::|\(anonymous namespace\)::", "", name.replace("(anonymous namespace)::", ""))


def places(kernel, addresses):
    """{address: [(function, file:line), ...]}, from the innermost inlined function outwards."""
    unique = sorted(set(addresses))
    text = tool("addr2line", "-e", kernel, "-a", "-f", "-i", "-C", text="".join(f"{pc:#x}\n" for pc in unique))
    chains, current = {}, None
    lines = iter(text.splitlines())
    for line in lines:
        if re.fullmatch(r"0x[0-9a-f]{16}", line):
            current = chains[int(line, 16)] = []
        else:
            current.append((short(line), re.sub(r".*/(\w+\.\w+:\d+).*|.*/(\w+\.\w+):\?", r"\1\2", next(lines))))
    # The outermost name comes from the symbol table, because debug information has no functions of assembly.
    starts = [(int(a, 16), short(name)) for a, name in
              re.findall(r"^(\w+) [tTwW] (.+)$", tool("nm", "-n", "-C", kernel), re.MULTILINE)]
    for pc, chain in chains.items():
        chain[-1] = (starts[bisect(starts, (pc, "\x7f")) - 1][1], chain[-1][1])
    return chains


def part(chain):
    for function, place in chain:
        for name, pattern in PARTS[:-1]:
            if re.search(pattern, function) or re.search(pattern, place.split(":")[0]):
                return name
    return PARTS[-1][0]


def print_listing(pcs, chains, kernel):
    text = tool("objdump", "-d", "-z", f"--start-address={min(pcs)}", f"--stop-address={max(pcs) + 4}", kernel)
    code = dict(re.findall(r"^(\w+):\t\w+\s+(.*)$", text.replace(" \t", "\t"), re.MULTILINE))
    for pc in pcs:
        function, place = chains[pc][0]
        print(f"  {pc:x}  {code.get(f'{pc:x}', '?').expandtabs(8):60.60} {place:24} {function}")


def print_trap(name, pcs, chains, options):
    print(f"{TRAPS[name]}: {len(pcs):,} instructions")
    if options.listing:
        print_listing(pcs, chains, options.build / "ox.elf")
    elif options.lines:
        order = {}
        for pc in pcs:
            key = " < ".join(f"{place} {function}" for function, place in chains[pc])
            order[key] = order.get(key, 0) + 1
        for key, count in order.items():
            print(f"{count:>8}  {key}")
    else:
        for symbol, count in Counter(chains[pc][-1][0] for pc in pcs).most_common():
            print(f"{count:>8}  {symbol}")
            inside = Counter(chains[pc][0][0] for pc in pcs if chains[pc][-1][0] == symbol)
            if len(inside) > 1:
                print("".join(f"{number:>16}  {function}\n" for function, number in inside.most_common()), end="")
        parts = Counter(part(chains[pc]) for pc in pcs)
        print("  parts:  " + ", ".join(f"{part_name} {parts[part_name]}" for part_name, _ in PARTS if parts[part_name]))
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--fork", default="on_demand", choices=("eager", "cow", "on_demand"))
    parser.add_argument("--only", choices=TRAPS)
    parser.add_argument("--lines", action="store_true")
    parser.add_argument("--listing", action="store_true")
    parser.add_argument("--json", type=Path, help="write {trap: {part: instructions}} to this file")
    options = parser.parse_args()
    traps = trace(options.build, options.fork)
    chains = places(options.build / "ox.elf", [pc for pcs in traps.values() for pc in pcs])
    for name in TRAPS:
        if name in traps and options.only in (None, name):
            print_trap(name, traps[name], chains, options)
    if options.json:
        counted = {name: Counter(part(chains[pc]) for pc in pcs) for name, pcs in traps.items()}
        options.json.write_text(json.dumps(counted, indent=1) + "\n")


if __name__ == "__main__":
    main()
