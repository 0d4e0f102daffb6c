"""For scripts that run inside gdb: single steps, and the names in the backtrace."""
import json

import gdb


def registers():
    try:
        return gdb.execute("info registers", to_string=True)
    except gdb.error:
        return None  # the machine has ended


def run(command):
    """Executes a command. QEMU 7.2 sometimes reports a step that it has not made (`set debug remote on` shows T05 and
    the same registers), so gdb stops at its breakpoint again. Then the machine has not run, and the command is
    repeated."""
    if command not in ("continue", "finish", "stepi"):
        return gdb.execute(command, to_string=True)
    before = registers()
    while True:
        said = gdb.execute(command, to_string=True)
        if registers() != before:
            return said


def number(expression):
    return int(gdb.parse_and_eval(expression)) & (1 << 64) - 1


def functions(count=20):
    """The names in the backtrace, innermost first; "trap" stands for the frame of a trap's entry."""
    names, frame = [], gdb.newest_frame()
    while frame is not None and len(names) < count:
        names.append("trap" if frame.type() == gdb.SIGTRAMP_FRAME else frame.name() or "?")
        frame = frame.older()
    return names


def step_into_the_kernel():
    """Steps from a line of C to the trap that one of its instructions causes. Returns that instruction's address."""
    for _ in range(30):
        pc = number("$pc")
        run("stepi")
        if number("$priv") == 1:
            return pc
    raise gdb.GdbError("no trap within 30 instructions")


def in_assembler():
    return gdb.newest_frame().type() == gdb.SIGTRAMP_FRAME


def in_user_mode():
    return number("$priv") == 0


def finish_until(done):
    for _ in range(12):
        run("finish")
        if done():
            return
    raise gdb.GdbError("12 times finish did not lead there")


def stop_in_the_handler():
    gdb.Breakpoint("ox::AddressSpace::fault", temporary=True)
    run("continue")


def play(main):
    """Prints main()'s result as one line "RESULT {json}"."""
    try:
        print("RESULT " + json.dumps(main()))
    except Exception as error:  # the test shows it, with the place in the script
        where = run("info registers pc priv")
        print("RESULT " + json.dumps({"error": f"{type(error).__name__}: {error}", "where": where}))
