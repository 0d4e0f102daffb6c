"""make lecture's page (tools/lecture), made from a recording of the simulated kernel."""
import json
import re

import lecture
import picture
import pytest
import simulated_programs as programs
from conftest import MODES


@pytest.fixture(scope="module")
def recording():
    return json.loads(json.dumps(programs.recording(programs.fork_page)))


@pytest.fixture(scope="module")
def page(recording):
    return lecture.page(recording)


def figures(recording, mode):
    run = recording["runs"][MODES.index(mode)]
    return lecture.figures(run, picture.chosen_page(recording))


def values(svg):
    return re.findall(r'class="value">x = (\d+)<', svg)


def test_each_mode_is_pictured_before_the_fork_after_it_and_after_each_write(recording, mode):
    seen = [values(figure["picture"]) for figure in figures(recording, mode)]
    assert seen == [["5"], ["5", "5"], ["5", "10"], ["20"]]  # the child is gone when the parent writes


def test_what_both_have_is_drawn_once(recording):
    boxes = {mode: figures(recording, mode)[1]["picture"].count("<rect") for mode in MODES}
    assert boxes == {"eager": 8, "cow": 7, "on_demand": 5}
    shared = [figures(recording, mode)[1]["picture"].count('class="box both') for mode in MODES]
    assert shared == [0, 1, 3]


def test_the_page_has_the_runs_numbers_and_the_trees_code(recording, page):
    for run in recording["runs"]:
        fork = picture.main_pair(run)
        assert f'{fork["cost"]:,}</td>' in page and f'<td class="n">{fork["own"][0]}</td>' in page
        assert f'{sum(fork["own"][1:])}</td>' in page
    words = re.sub(r"<[^>]*>", "", page)
    assert "FaultOutcome AddressSpace::write_fault(" in words and "Result&lt;PageTree&gt; PageTree::fork(" in words
    assert recording["runs"][-1]["console"].splitlines()[0] in page


def test_each_link_names_a_moment_of_its_run(recording, page):
    links = re.findall(r'href="replay\.html#(\w+)/e(\d+)"', page)
    events = {run["mode"]: len(run["events"]) for run in recording["runs"]}
    assert {mode for mode, _ in links} == set(MODES) and len(links) == page.count("<svg")
    assert all(0 < int(at) <= events[mode] for mode, at in links)


def test_a_recording_of_another_program_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "pipeline.json"
    file.write_text(json.dumps(programs.recording(programs.pipeline)))
    monkeypatch.setattr("sys.argv", ["lecture.py", str(file)])
    with pytest.raises(SystemExit, match="is no recording of fork_page; make lecture makes one"):
        lecture.main()
