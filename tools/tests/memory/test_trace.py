"""With `trace` on the command line the kernel prints one line for each memory event; without it, none."""
from conftest import ended_well


def events(run):
    return [line for line in run.kernel_lines if "fork" in line or "fault" in line or "exit" in line]


def test_traces_forks_faults_and_exits(machine, mode):
    run = machine.run("fork_example", words=f"fork={mode} trace")
    assert ended_well(run)
    lines = "\n".join(events(run))
    assert "fork" in lines and "fault" in lines and "exit" in lines
    assert ("copied" in lines) or mode == "eager"


def test_nothing_is_traced_without_the_word(machine, mode):
    run = machine.run("fork_example", words=f"fork={mode}", debug=False)
    assert ended_well(run)
    assert not events(run)
