"""`record` on the command line: RAM holds every event, and their replay gives the machine's final memory."""
import pytest
import qemu
import record
import recording
import sv39
from conftest import BUILD, ended_well


@pytest.fixture
def recorded(machine, tmp_path):
    """Runs a program with `record`; returns the run and the recording."""
    def run(command, words="record", memory="128M", icount=False, **options):
        ram = tmp_path / "ram"
        extra = [*recording.qemu_ram(ram, memory), *(qemu.ICOUNT if icount else ())]
        done = machine.run(command, words=words, memory=memory, extra=extra, **options)
        assert ended_well(done)
        return done, recording.Recording(ram, BUILD / "ox.elf")
    return run


@pytest.mark.parametrize("cpus", [1, 4])
def test_replay_ends_with_the_tables_and_counts_in_ram(recorded, mode, cpus):
    _, events = recorded("living_trees", f"record fork={mode}", cpus=cpus)
    told = record.Description(events)
    state = told.replay().forward(len(told.events))
    assert sum(map(len, state.roots.values())) == 10  # init, the program and its eight
    assert list(state.differences(events)) == []
    assert list(state.broken_rules()) == []


@pytest.mark.parametrize("cpus", [1, 4])
def test_replay_of_a_torture_ends_with_nothing_left(recorded, mode, cpus):
    """test_torture.py runs it with the checker; here the replay is the check."""
    _, events = recorded("torture 1", f"record=200000 fork={mode}", cpus=cpus, timeout=120, debug=False)
    assert not events.full
    told = record.Description(events)
    state = told.replay().forward(len(told.events))
    assert not any(state.roots.values()) and not any(state.flights.values())
    assert list(state.differences(events)) == []


@pytest.mark.parametrize("command", ["fork_page", "shared_memory"])
def test_no_rule_is_broken_at_any_event(recorded, mode, command):
    """shared_memory maps, protects, moves and unmaps memory, alone and together with a child."""
    _, events = recorded(command, f"record fork={mode}")
    told = record.Description(events)
    state = told.replay()
    for number, event in enumerate(told.events, 1):
        state.forward(number)
        assert list(state.broken_rules()) == [], event
        if "sum" in event and event["level"] >= 0:
            assert event["sum"] == state.sum(event["to"] if event["kind"] == "copy" else event["table"])


def test_a_space_that_vfork_lends_moves_and_comes_back(recorded, mode):
    _, events = recorded("vfork", f"record fork={mode}")
    told = record.Description(events)
    moves = [event["pid"] for event in told.events if event["kind"] == "move"]
    parent = moves[1]
    assert len(moves) > 6 and moves[1::2] == [parent] * (len(moves) // 2) and parent not in moves[::2]
    state = told.replay()
    for number in range(1, len(told.events) + 1):
        assert list(state.forward(number).broken_rules()) == []
    assert not any(state.roots.values()) and list(state.differences(events)) == []


def test_an_entry_is_recorded_with_the_address_that_it_leads_to(recorded):
    _, events = recorded("fork_page", "record fork=on_demand")
    told = record.Description(events).events
    faults = {event["table"]: event["va"] // sv39.span(1) for event in told if event["kind"] == "fault" and event["table"]}
    leading = [(faults[event["table"]], event) for event in told
               if event["kind"] == "entry" and event["level"] == 0 and event["table"] in faults]
    assert leading and all(event["va"] // sv39.span(1) == reach for reach, event in leading)


def test_a_fault_is_recorded_with_who_where_and_what(recorded):
    _, events = recorded("fork_page", "record fork=on_demand")
    copies = [event for event in record.Description(events).events
              if event["kind"] == "fault" and event["outcome"] == "copied" and event["tables"] and event["pc"]]
    assert copies
    for event in copies:
        assert event["access"] == "store" and event["frame_before"] != event["frame_after"]
        assert event["count_after"] == 1 and event["cost"] > 0


def test_recording_leaves_the_costs_of_faults_alone(recorded):
    """The cost of a fault does not include what `trace` prints after it."""
    def costs(words):
        _, events = recorded("fork_page", words, debug=False, icount=True)
        return [event["cost"] for event in record.Description(events).events if event["kind"] == "fault"]
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
