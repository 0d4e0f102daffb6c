"""tools/view/record.py: the recording of a real run."""
import json
import subprocess

import pytest
from conftest import BUILD, ROOT


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    out = tmp_path_factory.mktemp("record") / "page.json"
    subprocess.run(["/usr/bin/python3", "tools/view/record.py", "--build", BUILD, "--out", out, "--modes",
                    "cow,on_demand", "fork_page"], cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
    return json.loads(out.read_text())


@pytest.fixture(params=[0, 1], ids=["cow", "on_demand"])
def run(request, page):
    return page["runs"][request.param]


def line_of(page, text):
    (source,) = page["sources"].values()
    return next(number for number, line in enumerate(source, 1) if text in line)


def test_a_recording_has_the_source_and_a_run_for_each_mode(page):
    assert list(page["sources"]) == ["user/fork_page.c"]
    assert [run["mode"] for run in page["runs"]] == ["cow", "on_demand"]
    assert not any(run["full"] for run in page["runs"])


def test_the_childs_store_is_a_fault_at_its_line(page, run):
    faults = [event for event in run["events"] if event["kind"] == "fault" and (event["at"] or {}).get("file")]
    stores = {event["at"]["line"]: event for event in faults if event["pid"] in (2, 3)}
    for text in ("page.x = 10;", "page.x = 20;"):
        event = stores[line_of(page, text)]
        assert event["at"]["text"].startswith(text) and event["outcome"] == "copied"
        assert event["where"]["file"] == "kernel/vm/fault.cpp" and event["where"]["line"] > 1


def test_both_processes_come_to_their_lines(page, run):
    lines = {(note["pid"], note["line"]) for note in run["lines"]}
    assert (3, line_of(page, "page.x = 10;")) in lines and (2, line_of(page, "page.x = 20;")) in lines
    assert (3, line_of(page, "page.x = 20;")) not in lines


def test_the_console_grows_up_to_its_whole_text(run):
    lengths = [event["console"] for event in run["events"]]
    assert lengths == sorted(lengths) and lengths[0] == 0
    assert run["console"][:lengths[-1]].endswith("Parent after change: x = 20 (address: 0x76000)\r\n")


def test_processes_have_the_names_of_their_programs(run):
    assert run["names"] == {"1": "init", "2": "fork_page", "3": "fork_page"}


def test_a_wrong_mode_is_refused_by_name():
    done = subprocess.run(["/usr/bin/python3", "tools/view/record.py", "--modes", "lazy", "true"], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode != 0 and "lazy: no such mode; there are eager, cow, on_demand" in done.stderr


def test_perfetto_gets_each_event_once_and_in_order(page, tmp_path):
    file = tmp_path / "page.json"
    file.write_text(json.dumps(page))
    out = subprocess.run(["/usr/bin/python3", "tools/view/perfetto.py", file, "cow"], cwd=ROOT, capture_output=True,
                         check=True)
    trace = json.loads(out.stdout)["traceEvents"]
    events = [each for each in trace if each["ph"] != "M"]
    assert len(events) == len(page["runs"][0]["events"])
    assert all(each["dur"] > 0 for each in events if each["ph"] == "X")
    assert {each["args"]["name"] for each in trace if each["ph"] == "M"} >= {"init (pid 1)", "fork_page (pid 3)"}
