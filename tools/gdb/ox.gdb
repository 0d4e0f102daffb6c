# Settings for debugging ox; `make gdb` and `make qemu-gdb` load this. gdb's working directory is the project's.
set architecture riscv:rv64
# Without this gdb takes the machine for a Linux and steps by breakpoints of its own: a step into a trap would run
# through the whole kernel.
set osabi none
set pagination off
set confirm off
# A line of a program that has not been executed yet can be named.
set breakpoint pending on
set print pretty on
set print frame-arguments scalars
set disassemble-next-line auto
source tools/gdb/ox_gdb.py

# One step back, and no breakpoint may be in the way (tools/gdb/ox/who.py).
define hook-reverse-stepi
  python import ox.who; ox.who.pause.begin()
end
define hookpost-reverse-stepi
  python import ox.who; ox.who.pause.end()
end

echo \n
echo The machine stands at its first instruction. For example:\n
echo \ \ \ \ break ox::AddressSpace::fork          what fork does; `finish` runs to its end\n
echo \ \ \ \ break fork_page.c:NN                  a line of the program; c (continue) runs there\n
echo \ \ \ \ stepi                                 one instruction: at a store to a shared page, into trap_entry\n
echo \ \ \ \ break ox::AddressSpace::fault         the page fault's handler; `bt` shows the way there from main\n
echo \ \ \ \ finish (3 or 4 times)                 back to the user's store, which now succeeds\n
echo \ \ \ \ watch page.x if $satp == $mine        after `set $mine = $satp`: as this process sees it\n
echo \ \ \ \ monitor info mem                      what this process's page tables allow\n
echo \ \ \ \ display/i $pc                         shows the next instruction at each stop\n
echo \n
