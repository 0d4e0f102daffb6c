# Settings for debugging ox, loaded by `make gdb` and `make qemu-gdb`. gdb runs in the project's folder.
set architecture riscv:rv64
# Otherwise gdb assumes Linux and steps with breakpoints of its own, so a step into a trap would run through the whole
# kernel.
set osabi none
set pagination off
# The machine may be slow to answer on a computer that is busy.
set remotetimeout 30
set confirm off
# A breakpoint can name a line of a program that has not been executed yet.
set breakpoint pending on
set print pretty on
set print frame-arguments scalars
set disassemble-next-line auto
set print asm-demangle on
# `step` enters functions that do work, but not the small ones that answer a question, nor the standard library.
python
for files in ("*/include/c++/*", "kernel/lib/*.h", "kernel/sync/*.h", "kernel/arch/riscv/arch/*.h",
              "kernel/vm/page_table.h", "kernel/vm/frame.h"):
    gdb.execute(f"skip -gfile {files}", to_string=True)
end
source tools/gdb/ox_gdb.py

echo \n
echo The machine is stopped at its first instruction. For example:\n
echo \ \ \ \ break fork_page.c:NN           a line of the program, or `break main`; c (continue) runs there\n
echo \ \ \ \ ox-walk &page.x                the path from the root to an address, and what a store will do\n
echo \ \ \ \ stepi                          one instruction: at a store to a shared page, into trap_entry\n
echo \ \ \ \ ox-fault                       in a trap: its cause, the line, what the handler will do; `bt` ends in main\n
echo \ \ \ \ next, step, info locals        in ox::AddressSpace::write_fault: the handler's variables\n
echo \ \ \ \ finish                         5 times from ox::AddressSpace::fault: back at the store, which now succeeds\n
echo \ \ \ \ ox-ps, ox-maps, ox-tree, ox-diff 2 3, ox-frame ADDRESS     processes, regions, page tables, frames\n
echo \ \ \ \ ox-break-fault &page.x         stops at the first store fault in that page, in any process\n
echo \ \ \ \ ox-break-copy                  stops before and after each copy; `ox-break-copy off`\n
echo \ \ \ \ ox-who &page.x, reverse-stepi  backwards in time, after `make gdb-rr`\n
echo `help user-defined` says more.\n
echo \n
