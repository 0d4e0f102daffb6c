"""What ox's own shell and init say of mistakes that a person makes in the first hour."""
import os
import re
from pathlib import Path

import initramfs
import pytest
from conftest import for_the_host, newest, stripped

HELLO = Path(__file__).parent / "programs/hello.c"
NOT_STATIC = "not a static RISC-V program (link with -static)"


@pytest.fixture(scope="module")
def archive():
    """Our shell, and programs that ox cannot run."""
    gcc = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "gcc"
    files = {f"bin/{name}": stripped(name) for name in ("sh", "ls", "echo", "exit_codes")}
    files["init"] = files["bin/init"] = stripped("init")
    files["bin/dyn"] = newest("dynamic", "hello", [HELLO], gcc, HELLO)
    files["bin/host"] = for_the_host(HELLO)
    files["bin/script"] = b"echo script $1\n"
    return initramfs.archive(files)


@pytest.fixture
def typed(machine, archive):
    """Types lines at the prompt; returns what each one answered."""
    def answers(*lines):
        typing = [("ox$ ", f"{line}\n") for line in lines]
        run = machine.boot(archive, init_arguments="sh", debug=False, typed=[*typing, ("ox$ ", "exit 0\n")])
        assert not run.timed_out and run.status == 0, run.output
        parts = re.split(r"ox\$ .*\n", run.output)[1:]
        return [part.strip() for part in parts[:len(lines)]]
    return answers


def test_a_program_that_is_not_static_is_said_to_be_so(typed):
    lines = ["dyn", "host", "/bin/dyn", "sh /bin/dyn", "dyn; echo $?", "echo a | dyn"]
    names = ["dyn", "host", "/bin/dyn", "/bin/dyn", "dyn", "dyn"]
    answers = typed(*lines)
    for answer, name in zip(answers, names):
        assert answer.splitlines()[0] == f"sh: {name}: {NOT_STATIC}"
    assert answers[4].splitlines()[1:] == ["126"]


def test_a_text_without_an_interpreter_is_a_script_still(typed):
    assert typed("script x", "/bin/script y") == ["script x", "script y"]


@pytest.mark.parametrize("name", ["dyn", "/bin/host"])
def test_init_says_it_of_its_program(machine, archive, name):
    run = machine.boot(archive, init_arguments=name, debug=False)
    assert run.status == 126 and f"init: {name}: {NOT_STATIC}" in run.output, run.output
