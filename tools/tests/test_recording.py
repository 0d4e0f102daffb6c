"""`record` on the command line: every event is kept in RAM, and doing them again gives what is there in the end."""
import pytest
import qemu
import recording
import replay
from conftest import BUILD, ended_well


@pytest.fixture
def recorded(machine, tmp_path):
    """Runs a program with `record`; gives the run and the recording."""
    def run(command, words="record", memory="128M", icount=False, **options):
        ram = tmp_path / "ram"
        extra = [*recording.qemu_ram(ram, memory), *(qemu.ICOUNT if icount else ())]
        done = machine.run(command, words=words, memory=memory, extra=extra, **options)
        assert ended_well(done)
        return done, recording.Recording(ram, BUILD / "ox.elf")
    return run


def replayed(recorded_events):
    trees = replay.Trees()
    for record in recorded_events:
        trees.apply(record["event"])
    return trees


@pytest.mark.parametrize("cpus", [1, 4])
def test_replay_ends_with_the_tables_and_counts_in_ram(recorded, mode, cpus):
    _, events = recorded("living_trees", f"record fork={mode}", cpus=cpus)
    trees = replayed(events.records())
    assert len(trees.roots) == 10  # init, the program and its eight
    assert list(trees.differences(events)) == []
    assert list(trees.broken_rules()) == []


@pytest.mark.parametrize("cpus", [1, 4])
def test_replay_of_a_torture_ends_with_nothing_left(recorded, mode, cpus):
    _, events = recorded("torture 1", f"record=200000 fork={mode}", cpus=cpus, timeout=120)
    assert not events.full
    trees = replayed(events.records())
    assert trees.roots == {} and trees.in_flight == set()
    assert list(trees.differences(events)) == []


def test_no_rule_is_broken_at_any_event(recorded, mode):
    _, events = recorded("fork_page", f"record fork={mode}")
    trees = replay.Trees()
    for record in events.records():
        trees.apply(record["event"])
        if record["sum"]:
            assert record["sum"] == trees.sum(record["event"]["twin"] or record["event"]["frame"])
        if record["event"]["kind"] != "keep":
            assert list(trees.broken_rules()) == [], record


def test_a_fault_is_recorded_with_who_where_and_what(recorded):
    _, events = recorded("fork_page", "record fork=on_demand")
    copies = [record for record in events.records()
              if record["event"]["outcome"] == "copied" and record["event"]["tables"] and record["pc"]]
    assert copies
    for record in copies:
        event = record["event"]
        assert event["kind"] == "fault" and event["access"] == "store"
        assert event["before"] >> 10 != event["after"] >> 10 and event["count_after"] == 1
        assert record["pc"] != 0 and record["cost"] > 0


def test_recording_leaves_the_costs_of_faults_alone(recorded):
    """What `trace` prints after each event is no part of them."""
    def costs(words):
        _, events = recorded("fork_page", words, debug=False, icount=True)
        return [record["cost"] for record in events.records() if record["event"]["kind"] == "fault"]
    assert costs("record") == costs("record trace")


def test_a_full_ring_says_so_and_keeps_what_it_has(recorded):
    run, events = recorded("fork_page", "record=300")
    assert events.full and sum(1 for _ in events.records()) == 300
    assert sum("recording is full with 300 events" in line for line in run.kernel_lines) == 1


def test_nothing_is_recorded_without_the_word(machine, tmp_path):
    ram = tmp_path / "ram"
    assert ended_well(machine.run("fork_page", memory="128M", extra=recording.qemu_ram(ram, "128M")))
    with pytest.raises(ValueError, match="`record` on the command line"):
        recording.Recording(ram, BUILD / "ox.elf")


def test_more_events_than_memory_holds_are_refused(machine):
    run = machine.run("fork_page", words="record=90000000")
    assert run.status == 125 and any("memory" in line for line in run.kernel_lines)
