"""Programs for the simulated kernel, as sequences of memory accesses. They give recordings of the lecture's example, of
a process of 64 MiB, of two harts that fork at the same time, and of a pipeline of three.
"""
from simulated_kernel import LEAF, MAY_WRITE, SHARED, Kernel, Panic
from simulated_source import ROOT
from sv39 import PAGE, X

MODES = ("eager", "cow", "on_demand")
TEXT, RODATA, DATA, HEAP, STACK = 0x10000, 0x58000, 0x76000, 0x80000, 0x3fffffc000
SHARED_X = 0x7d000
FORK_PAGE = "user/fork_page.c"


def load(kernel, pid, name, text=20, stack=3):
    """exec's address space, and the first faults of a static glibc program."""
    for page in range(text):
        kernel.fault(pid, TEXT + page * PAGE, "execute", LEAF | X, (name, page))
    for page in range(6):
        kernel.fault(pid, RODATA + page * PAGE, "load", LEAF, (name, 0x48 + page))
    for page in range(4):
        kernel.fault(pid, DATA + page * PAGE, "store", LEAF | MAY_WRITE, (name, 0x66 + page))
    for page in range(2):
        kernel.fault(pid, HEAP + page * PAGE, "store")
    kernel.fault(pid, HEAP + 2 * PAGE, "load")
    for page in range(stack):
        kernel.fault(pid, STACK + page * PAGE, "store")


def boot(kernel, name):
    """Starts init as pid 1, and the program as pid 2."""
    kernel.space(1)
    load(kernel, 1, "init", text=6, stack=1)
    kernel.fork(1, 2)
    kernel.exec(2, name)
    load(kernel, 2, name)


class Lines:
    """The lines of a source file, found by their text."""

    def __init__(self, kernel, file):
        self.kernel, self.file = kernel, file
        self.text = (ROOT / file).read_text().splitlines()

    def run(self, pid, words, console=""):
        number = next(n for n, line in enumerate(self.text, 1) if words in line)
        self.kernel.source(pid, self.file, number, self.text[number - 1].strip())
        self.kernel.write(console)

    def libc(self, pid, function):
        """A place inside the libc, where only the function is known."""
        self.kernel.stand(pid, None, 0, "", function, pc=0x2a4c0)


def fork_page(mode, bug=None):
    kernel = Kernel(mode, bug=bug)
    boot(kernel, "fork_page")
    lines = Lines(kernel, FORK_PAGE)
    kernel.fault(2, SHARED_X, "store", LEAF | MAY_WRITE, ("fork_page", 0x6d))
    lines.run(2, "Before fork", "Before fork: x = 5 (address: 0x7d000)\n")
    lines.run(2, "fflush(stdout)")
    lines.run(2, "pid_t pid = fork()")
    kernel.fork(2, 3)
    lines.run(2, "if (waitpid(")
    lines.libc(2, "__wait4")
    for va in (STACK + 0x2000, DATA):
        kernel.fault(2, va, "store")
    lines.run(3, "Child: x")
    lines.libc(3, "_IO_new_file_write")
    for va in (STACK + 0x2000, DATA + 0x1000, HEAP):
        kernel.fault(3, va, "store")
    kernel.write("Child: x = 5 (address: 0x7d000)\n")
    lines.run(3, "page.x = 10")
    kernel.fault(3, SHARED_X, "store")
    lines.run(3, "Child after change", "Child after change: x = 10 (address: 0x7d000)\n")
    lines.run(3, "return 0;")
    kernel.exit(3)
    lines.run(2, "Parent: x")
    lines.libc(2, "_IO_new_file_write")
    kernel.fault(2, DATA + 0x1000, "store")
    kernel.fault(2, HEAP, "store")
    kernel.write("Parent: x = 5 (address: 0x7d000)\n")
    lines.run(2, "page.x = 20")
    kernel.fault(2, SHARED_X, "store")
    lines.run(2, "Parent after change", "Parent after change: x = 20 (address: 0x7d000)\n")
    lines.run(2, "    return 0;")
    kernel.exit(2)
    return kernel.run({1: "init", 2: "fork_page", 3: "fork_page"})


def two_harts(mode):
    """Parent and child, each on its own hart, fork again at the same time."""
    kernel = Kernel(mode, harts=2)
    boot(kernel, "fork_tree")
    kernel.stand(2, "user/fork_tree.c", 0, "", "fork", pc=0x2b000)
    kernel.fork(2, 3, hart=1)
    kernel.fault(2, STACK + 0x2000, "store")
    kernel.fault(3, STACK + 0x2000, "store")
    forks = [kernel.fork_steps(2, 4, hart=0), kernel.fork_steps(3, 5, hart=1)]
    while forks:
        forks = [steps for steps in forks if next(steps, "end") != "end"]
    for pid in (4, 5, 3, 2):
        kernel.fault(pid, STACK + 0x2000, "store")
    for pid in (4, 5, 3, 2):
        kernel.exit(pid)
    return kernel.run(dict.fromkeys((2, 3, 4, 5), "fork_tree"))


def pipeline(mode):
    """sh, and the three processes of `ls | cat | cat`."""
    kernel = Kernel(mode, harts=2)
    boot(kernel, "sh")
    commands = {3: "ls", 4: "cat", 5: "cat"}
    for pid in commands:
        kernel.fork(2, pid, hart=pid % 2)
        kernel.fault(2, STACK + 0x2000, "store")
    for pid in commands:
        kernel.fault(pid, STACK + 0x2000, "store")
        kernel.fault(pid, DATA + 0x2000, "store")
    for pid, name in commands.items():
        kernel.exec(pid, name)
        load(kernel, pid, name, text=8)
    kernel.write("README\nbin\n")
    for pid in commands:
        kernel.exit(pid)
    kernel.fault(2, DATA + 0x2000, "store")
    kernel.exit(2)
    return kernel.run({2: "sh", **commands})


def mappings(mode):
    """A shared mapping of a file, pages unmapped on both sides, a file that is removed while it is mapped."""
    kernel = Kernel(mode)
    boot(kernel, "mappings")
    shared = LEAF | MAY_WRITE | SHARED
    for page, access in enumerate(("store", "load", "load")):
        kernel.fault(2, 0x2000000 + page * PAGE, access, shared, ("log", page))
    kernel.fork(2, 3)
    for pid in (3, 2):
        kernel.fault(pid, 0x2000000, "store", shared)
        kernel.fault(pid, 0x2001000, "store", shared)
    kernel.unmap(3, 0x2002000)
    kernel.unmap(3, STACK)
    kernel.fault(3, STACK, "load")
    kernel.unmap(2, HEAP)
    kernel.close(2, "log")
    kernel.exit(3)
    kernel.exit(2)
    return kernel.run({2: "mappings", 3: "mappings"})


def scattered(mode):
    """Writes at scattered addresses, more than the picture has rows."""
    kernel = Kernel(mode)
    boot(kernel, "scattered")
    for page in range(200):
        kernel.fault(2, 0x1000000 + page * PAGE, "store")
    for page in range(40):
        kernel.fault(2, 0x40000000 + page * 8192, "store")
    kernel.fork(2, 3)
    for i in range(60):
        kernel.fault(3, 0x1000000 + i * 37 % 200 * PAGE, "store")
        kernel.fault(2, 0x1000000 + i * 73 % 200 * PAGE, "store")
    for i in range(10):
        kernel.fault(2, 0x40000000 + i * 7 % 40 * 8192, "store")
    kernel.exit(3)
    kernel.exit(2)
    return kernel.run({2: "scattered", 3: "scattered"})


def recording(story, modes=MODES, **options):
    """The contents of build/view/PROG.json."""
    name = story.__name__
    sources = {FORK_PAGE: (ROOT / FORK_PAGE).read_text().splitlines()} if story is fork_page else {}
    return {"program": name, "command": f"{name} (simulated)", "sources": sources,
            "runs": [run_of(story, mode, options) for mode in modes]}


def run_of(story, mode, options):
    try:
        return story(mode, **options)
    except Panic as panic:
        return panic.args[0].run({})
