"""What a fork costs has the right shape. Instructions, counted exactly, so these are no measurements that can be noisy."""
import bench
import pytest
from conftest import BUILD

FORK, AGAIN = ("P1", "fork"), ("P2", "fork again")


@pytest.fixture(scope="module")
def cost():
    rows = {mode: bench.measure(BUILD, mode) for mode in ("cow", "on_demand")}
    return lambda mode, row, pages: int(rows[mode][*row, pages])


def test_on_demand_shares_what_cow_copies(cost):
    assert cost("on_demand", FORK, 16384) * 3 < cost("cow", FORK, 16384)
    assert cost("on_demand", AGAIN, 16384) * 10 < cost("cow", AGAIN, 16384)


def test_a_second_fork_with_nothing_written_costs_the_same_at_any_size(cost):
    assert cost("on_demand", AGAIN, 16384) < cost("on_demand", AGAIN, 256) * 1.05


def test_cow_is_linear(cost):
    slope = [(cost("cow", FORK, large) - cost("cow", FORK, small)) / (large - small)
             for small, large in ((256, 4096), (4096, 16384))]
    assert max(slope) < 40
    assert max(slope) < min(slope) * 1.1


def test_a_shared_page_is_copied_for_less_than_twice_its_target(cost):
    assert cost("on_demand", ("P5", "copy fault"), 2048) < 2800
