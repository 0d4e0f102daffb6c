"""Three prompts (ox's own shell, Debian's busybox ash, Debian's bash), used as a person uses them; and a shell script
that must print the same as on the host. Tests of Debian's shells are skipped if Debian's archive cannot be reached.
"""
import re
import subprocess

import pexpect
import pytest
import qemu
from conftest import BUILD, ROOT

# The tests share what one of them builds, so one process runs all of them.
pytestmark = pytest.mark.xdist_group("the archive with Debian's programs")

SHELLS = {
    "ox": ("sh", r"ox\$ "),
    "ash": ("sh", r"~ # "),
    "bash": ("bash", r"bash-[\d.]+# "),
}
NEW_LINE = r"\r*\n"
# The end of a line. After it the kernel may name, once, a call that a program tried in vain (busybox's cat tries
# sendfile, which refuses a terminal's and a pipe's bytes).
LINE_END = rf"{NEW_LINE}(?:ox: .*{NEW_LINE})?"
SCRIPT = ROOT / "tools/tests/terminal/script.sh"


@pytest.fixture(scope="session")
def debian(tmp_path_factory):
    """An archive with Debian's busybox and bash, as in `make qemu USERLAND=debian`, and the script."""
    fetched = subprocess.run([ROOT / "tools/build/userland.sh", "debian"], capture_output=True, text=True)
    if fetched.returncode != 0:
        pytest.skip(fetched.stderr.strip().splitlines()[-1])
    more = tmp_path_factory.mktemp("rootfs")
    (more / "script.sh").write_bytes(SCRIPT.read_bytes())
    archive = BUILD / "initramfs-custom.cpio"
    flags = [f"BUILD={BUILD.relative_to(ROOT)}", "USERLAND=debian", f"ROOTFS={more}"]
    subprocess.run(["make", "-s", "-C", ROOT, *flags, archive.relative_to(ROOT)], check=True)
    return archive


class Prompt:
    """A machine with a person at its terminal."""

    def __init__(self, archive, program, prompt, words="", cpus=2):
        command = qemu.command(BUILD / "ox.elf", archive, f"debug stats {words} -- {program}", cpus=cpus)
        # ctrl-C must reach the machine, not QEMU.
        command[command.index("-serial") + 1] = "chardev:tty"
        command += ["-chardev", "stdio,id=tty,signal=off"]
        self.prompt = prompt
        self.console = pexpect.spawn(command[0], command[1:], timeout=15, encoding="utf-8", codec_errors="replace")
        self.wait()

    def wait(self, text=None):
        """Waits for the prompt (or for a text), and returns the output before it."""
        self.console.expect(text or self.prompt)
        return self.console.before

    def type(self, text, until=None):
        self.console.send(text)
        return self.wait(until)

    def run(self, line):
        """The output of a command: the text after the typed line, without escape sequences."""
        plain = re.sub(r"\x1b\[[?\d;]*[a-zA-Z]|\r", "", self.type(line + "\r"))
        return plain.partition("\n")[2]

    def close(self):
        self.console.close(force=True)


@pytest.fixture(params=SHELLS)
def shell(request):
    archive = BUILD / "initramfs.cpio" if request.param == "ox" else request.getfixturevalue("debian")
    prompt = Prompt(archive, *SHELLS[request.param])
    prompt.name = request.param
    yield prompt
    prompt.close()


def test_the_prompt_comes_without_a_warning(shell):
    banner = shell.console.before
    banner = banner[banner.rfind("Boot HART"):]
    assert not re.search(r"job control|cannot|can't|warning", banner), banner


def test_pipelines_and_statuses(shell):
    assert "\npipe-line\n" in "\n" + shell.run("echo pipe-line | cat | cat")
    assert "bin" in shell.run("ls / | cat").split()
    assert "a b c" in shell.run("for_ls='a b c'; echo \"$for_ls\" | cat")
    assert "127" in shell.run("nosuchprogram; echo $?")
    shell.run("echo one > /tmp/file; echo two >> /tmp/file")
    assert shell.run("cat < /tmp/file | cat").split()[:2] == ["one", "two"]


def test_control_c_ends_a_running_program_and_not_the_shell(shell):
    shell.type("cat\r", "cat" + NEW_LINE)
    shell.type("typed\r", f"typed{LINE_END}typed{LINE_END}")
    shell.type("\x03")
    assert "130" in shell.run("echo $?")
    shell.type("half a line", "half a line")
    shell.console.expect(pexpect.TIMEOUT, timeout=0.3)
    shell.type("\x03")  # at the prompt, ctrl-C only discards the line
    assert "alive" in shell.run("echo alive")


def test_control_z_and_fg(shell):
    shell.type("cat\r", "cat" + NEW_LINE)
    shell.type("\x1a", "(?i)stopped")
    shell.wait()
    assert re.search("(?i)stopped.*cat", shell.run("jobs"))
    shell.type("fg\r", "cat" + NEW_LINE)
    shell.type("again\r", f"again{LINE_END}again{LINE_END}")
    shell.type("\x04")  # the end of input for cat
    assert "alive" in shell.run("echo alive")
    assert "cat" not in shell.run("jobs")


def test_background_jobs(shell):
    shell.run("cat | cat &")
    while not re.search("(?i)stopped", shell.run("jobs")):  # it stops when it tries to read
        continue
    shell.type("fg\r", r"cat \| cat" + NEW_LINE)
    shell.type("once\r", f"once{LINE_END}once{LINE_END}")
    shell.type("\x03")
    assert "all" in shell.run("echo ended & wait; echo all")


def test_control_c_ends_a_loop_that_calls_nothing(shell):
    if shell.name == "ox":
        pytest.skip("ox's shell has no loops")
    shell.type("while :; do :; done\r", NEW_LINE)
    shell.console.expect(pexpect.TIMEOUT, timeout=0.5)
    shell.type("\x03")
    assert "alive" in shell.run("echo alive")


def test_control_d_ends_the_machine(shell):
    shell.run("HISTFILE=")  # else bash writes a file
    shell.run("cat /tmp/nosuch; echo")
    shell.console.send("\x04")
    shell.console.expect(pexpect.EOF)
    stats = dict(re.findall(r"(\w+)=(\d+)", shell.console.before))
    assert stats["frames_free_before"] == stats["frames_free_after"]
    shell.console.close()
    assert shell.console.exitstatus == 0


@pytest.fixture(scope="module")
def script_on_the_host():
    return subprocess.run(["sh", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


@pytest.mark.parametrize("name", ["ash", "bash"])
@pytest.mark.parametrize("cpus", [1, 4])
def test_a_script_says_what_it_says_on_the_host(machine, debian, script_on_the_host, mode, name, cpus):
    run = machine.boot(debian, f"fork={mode} stats", f"{name} /script.sh", cpus=cpus, memory="256M", timeout=120)
    assert not run.timed_out, run.output
    lines = [line for line in run.output.splitlines() if not line.startswith("ox: ")]
    expected = script_on_the_host.stdout.splitlines()
    assert [line for line in lines if line] == [line for line in expected if line]
    assert run.status == script_on_the_host.returncode == 3
