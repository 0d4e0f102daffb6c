"""Runs inside gdb, started by test_panic.py: makes the kernel do what it must never do.

A case is a line of words: the name of a function below, and its arguments.
"""
import gdb
import gdb_guest as guest

IMAGE_OFFSET = 0xffffffff00000000
CALL = "ox::trap_from_user"  # every trap from a program calls it


def in_a_call(hart=0):
    """Stops at the first instruction of CALL, on that hart."""
    guest.run_to(CALL, lambda: guest.pid() > 1 and guest.hart_number() == hart)
    return {"hart": guest.hart_number(), "pid": guest.pid()}


JAL_RA = 0xef  # opcode and rd of `jal ra, offset` (unprivileged specification, "J-type")


def jal_ra(offset):
    def bits(high, low):
        return offset >> low & (1 << high - low + 1) - 1
    return bits(20, 20) << 31 | bits(10, 1) << 21 | bits(11, 11) << 20 | bits(19, 12) << 12 | JAL_RA


def sets_the_frame_pointer(instruction):
    """Whether it is addi s0, sp, n, in four bytes or two: the end of a prologue."""
    return instruction & 0xfffff == 0x10413 or instruction & 3 == 0 and instruction & 0xe01f == 0


def recursion():
    """Makes CALL call itself without end, once its prologue has made a frame."""
    where, start = in_a_call(), guest.start_of(CALL)
    code, at, done = guest.read(start - IMAGE_OFFSET, 256), 0, False
    while not done:
        instruction = int.from_bytes(code[at:at + 4], "little")
        done = sets_the_frame_pointer(instruction)
        at += 4 if instruction & 3 == 3 else 2
    guest.write(start + at - IMAGE_OFFSET, jal_ra(-at).to_bytes(4, "little"))
    return {**where, "bottom": (guest.stack_top() & (1 << 64) - 1) - guest.SLOT // 2}


def null_object(hart=0):
    where = in_a_call(int(hart))
    gdb.execute("set $a0 = 0")
    return where


def jump(address):
    """Makes a call through a pointer to an address that has no function."""
    where = in_a_call()
    gdb.execute(f"set $pc = {address}")
    return where


def copy_to(address):
    """Changes the destination of a call of the kernel's memcpy."""
    in_a_call()
    guest.run_to("memcpy")
    gdb.execute(f"set $a0 = {address}")
    return {"pid": guest.pid()}


def panic_in_panic():
    null_object()
    guest.run_to("ox::print_backtrace")
    gdb.execute("set $pc = 0")


def two_harts():
    """Makes a second hart panic while the first one prints its panic."""
    where = null_object(1)
    guest.run_to("ox::print_backtrace")
    others = [thread for thread in gdb.selected_inferior().threads() if thread != gdb.selected_thread()]
    for thread in others:
        thread.switch()
        if guest.number("$priv") == 1:
            gdb.execute("set $pc = 0")
    return where


def console_held():
    """Makes a debug kernel believe that this hart holds the console's lock, the last one in the order."""
    where = in_a_call()
    guest.set_value(gdb.parse_and_eval("ox::SpinLock::held_ranks._M_elems[0]"), 1 << guest.number("ox::LockRank::console"))
    return where


def kernel_map():
    """The mappings of the kernel's half: (address, size, physical address, entry)."""
    in_a_call()
    return list(guest.kernel_leaves())


function, *arguments = case.split()  # noqa: F821: gdb's command line sets `case`
guest.play(globals()[function], *arguments)
