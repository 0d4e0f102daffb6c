#!/usr/bin/env python3
"""Turns `nm -C -n kernel` (standard input) into assembly text: the kernel's table of function names.

The panic's backtrace looks up addresses in this table, which is sorted by address:

    kernel_symbol_count   u64
    kernel_symbols        {u64 address; u32 name_offset; u32 0} each
    kernel_symbol_names   zero-terminated
"""
import sys


def short_name(name):
    """Without the list of parameters: ox::Frames::share(ox::Ppn) const -> ox::Frames::share."""
    name = name.split(" [clone")[0].removesuffix(" const")
    if not name.endswith(")"):
        return name
    depth = 0
    for i in range(len(name) - 1, -1, -1):
        depth += (name[i] == ")") - (name[i] == "(")
        if depth == 0:
            return name[:i] or name
    return name


def read_functions(lines):
    functions = {}
    for line in lines:
        address, _, rest = line.rstrip("\n").partition(" ")
        kind, _, name = rest.partition(" ")
        if kind in ("t", "T", "w", "W") and address.strip() and name[0] not in "$.":
            functions.setdefault(int(address, 16), short_name(name))
    return sorted(functions.items())


def main():
    functions = read_functions(sys.stdin)
    out = ['.section .rodata.symbols, "a"', ".balign 8", ".globl kernel_symbol_count, kernel_symbols, kernel_symbol_names"]
    out += ["kernel_symbol_count:", f"    .quad {len(functions)}", "kernel_symbols:"]
    offset = 0
    for address, name in functions:
        out.append(f"    .quad {address:#x}")
        out.append(f"    .word {offset}, 0")
        offset += len(name.encode()) + 1
    out.append("kernel_symbol_names:")
    out += [f'    .asciz "{name}"' for _, name in functions]
    out.append('    .asciz ""')
    print("\n".join(out))


if __name__ == "__main__":
    main()
