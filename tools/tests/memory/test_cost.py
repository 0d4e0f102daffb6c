"""The cost of a fork: how it grows with the size of a process, and that it is no higher than before. The counts of
instructions are exact, so no noise affects these tests."""
import bench
import bench_guard
import fault_parts
import pytest
from conftest import BUILD, MODES
from figures import read_stored

pytestmark = pytest.mark.xdist_group("cost")  # the tests share one measurement

FORK, AGAIN = ("P1", "fork"), ("P2", "fork_again")


@pytest.fixture(scope="module")
def tables():
    return bench_guard.measure_expected(BUILD)


@pytest.fixture
def cost(tables):
    return lambda mode, row, pages: tables[mode][*row, pages]


def test_no_key_figure_has_grown(tables):
    about = bench.conditions()
    for name, expected in bench_guard.tools_named().items():
        if about[name] != expected:
            pytest.skip(f"the stored counts are for another {name}: {expected}; here is {about[name]}")
    grown = bench_guard.regressions(tables)
    assert not grown, "\n".join(["costs more than bench_expected.txt has it:", *grown,
                                 f"If that is worth it: {bench_guard.ACCEPT}"])


def test_a_grown_figure_is_named():
    tables = {mode: {} for mode in MODES}
    for (mode, key), value in read_stored(bench_guard.FILE).items():
        tables[mode][key] = value
    assert bench_guard.regressions(tables) == []
    tables["cow"]["P1", "fork", 16384] *= 1.02
    del tables["on_demand"]["P8", "getpid", 0]
    grown, gone = bench_guard.regressions(tables)
    assert grown.startswith("P1 fork 16384, cow: was ") and grown.endswith("(+2.0 %)")
    assert gone.startswith("P8 getpid 0, on_demand: was ") and gone.endswith("is not measured")


def test_two_runs_are_the_same(tables):
    assert bench.by_key(bench.measure_all(BUILD, "on_demand")) == tables["on_demand"]


def test_on_demand_shares_what_cow_copies(cost):
    assert cost("on_demand", FORK, 16384) * 3 < cost("cow", FORK, 16384)
    assert cost("on_demand", AGAIN, 16384) * 10 < cost("cow", AGAIN, 16384)


def test_a_second_fork_with_nothing_written_costs_the_same_at_any_size(cost):
    assert cost("on_demand", AGAIN, 16384) == cost("on_demand", AGAIN, 0)


def test_cow_is_linear(cost):
    slope = [(cost("cow", FORK, large) - cost("cow", FORK, small)) / (large - small)
             for small, large in ((256, 4096), (4096, 16384))]
    assert max(slope) < 40
    assert max(slope) < min(slope) * 1.1


def test_on_demand_never_costs_more_than_cow(tables):
    for key, value in tables["on_demand"].items():
        if key[0] == "P15":
            assert value <= tables["cow"][key] * bench.WORK_LIMIT, key


def test_the_instructions_of_a_fault_are_those_that_the_bench_counts(cost):
    traps = fault_parts.trace(BUILD, "on_demand")
    assert set(traps) == set(fault_parts.TRAPS)
    stores = 2  # the store that faults, and the one that ends the count
    assert len(traps["copy"]) + stores == cost("on_demand", ("P5", "copy_fault_shortest"), 2048)
