"""A client of QEMU's gdb stub: breakpoints, registers, and the monitor's commands. The machine runs until it stops by
itself, or until its clock has gone too far; the clock counts instructions (ICOUNT).
"""
import re
import select
import socket
import time
from dataclasses import dataclass

PC, RA = 32, 1
CLOCK = 0x200bff8  # the timer's register: ten million a second, a second is 10^9 instructions
TICKS_PER_SECOND = 10_000_000
# As qemu.ICOUNT, but without sleep=off: with it, a machine in which every hart waits does not answer.
ICOUNT = ("-icount", "shift=0")
POLL = 0.5         # seconds between two looks at the clock
CONNECT = 30
WALL = 120         # for one run(): the last guard
WFI = "73005010"   # the instruction with which a hart waits, as it stands in memory


class Ended(Exception):
    """The machine is no more: it was switched off."""


@dataclass
class Hung(Exception):
    """The machine's clock went too far; `idle`: while every hart waited."""
    idle: bool


class Stub:
    def __init__(self, path, process):
        self.buffer, self.process = b"", process
        deadline = time.monotonic() + CONNECT
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                self.socket.close()
                if process.poll() is not None or time.monotonic() > deadline:
                    raise Ended() from None
                time.sleep(0.01)
        self.ask("QStartNoAckMode")
        self.socket.sendall(b"+")
        self.ask("qXfer:features:read:target.xml:0,1000")  # before that QEMU takes no single register

    def close(self):
        self.socket.close()

    # --- packets

    def send(self, text):
        try:
            self.socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 255))
        except OSError:
            raise Ended() from None

    def receive(self, timeout=60):
        """The next packet; None: there is none yet."""
        while (packet := re.search(rb"\$([^#]*)#..", self.buffer, re.DOTALL)) is None:
            if not select.select([self.socket], [], [], timeout)[0]:
                return None
            try:
                data = self.socket.recv(1 << 16)
            except OSError:
                data = b""
            if not data:
                raise Ended()
            self.buffer += data
        self.buffer = self.buffer[packet.end():]
        answer = packet[1].decode()
        if answer[:1] in ("W", "X"):
            raise Ended()
        return answer

    def ask(self, text):
        self.send(text)
        answer = self.receive()
        if answer is None:
            raise Ended()
        return answer

    # --- commands

    def set_breakpoint(self, address):
        if self.ask(f"Z0,{address:x},4") != "OK":
            raise RuntimeError(f"QEMU sets no breakpoint at {address:#x}")

    def registers(self):
        data = bytes.fromhex(self.ask("g")[:33 * 16])
        return [int.from_bytes(data[i:i + 8], "little") for i in range(0, 33 * 8, 8)]

    def set_register(self, number, value):
        if self.ask(f"P{number:x}={(value & (1 << 64) - 1).to_bytes(8, 'little').hex()}") != "OK":
            raise RuntimeError(f"QEMU sets no register {number}")

    def monitor(self, text):
        """What QEMU's monitor answers."""
        self.send("qRcmd," + text.encode().hex())
        said = ""
        while (answer := self.receive()) is not None and answer.startswith("O") and answer != "OK":
            said += bytes.fromhex(answer[1:]).decode(errors="replace")
        return said

    def satp(self):
        return int(re.search(r"satp +([0-9a-f]+)", self.monitor("info registers"))[1], 16)

    def harts(self):
        """Each hart's registers: [{name: value}]."""
        pieces = re.split(r"CPU#\d+", self.monitor("info registers -a"))[1:]
        return [{name.split("/")[-1]: int(value, 16) for name, value in re.findall(r"(\S+) +([0-9a-f]{16})\b", piece)}
                for piece in pieces]

    def clock(self):
        return int(re.search(r": 0x([0-9a-f]+)", self.monitor(f"xp /1gx {CLOCK:#x}"))[1], 16)

    # --- running

    def run(self, seconds):
        """Until a breakpoint. At most so many seconds of the machine's own clock."""
        limit, last = self.clock() + int(seconds * TICKS_PER_SECOND), None
        deadline = time.monotonic() + WALL
        while True:
            self.send("c")
            if self.receive(POLL) is not None:
                return
            self.socket.sendall(b"\x03")
            answer = self.receive()
            if answer is None:
                raise Ended()
            if answer.startswith("T05"):
                return  # the breakpoint was quicker
            now, idle = self.clock(), self.waits()
            if now >= limit or idle and now == last or time.monotonic() > deadline:
                raise Hung(idle)
            last = now

    def waits(self):
        """Whether the first hart stands behind a wfi. Then the clock stands still if no timer will wake it, and else goes
        with the time of day. (A busy laptop may let the machine stand still too, but not there.)"""
        pc = self.registers()[PC]
        return self.ask(f"m{pc - 4:x},4") == WFI
