"""The model of bench-model: what each of its prices counts, on ox."""
import initramfs
import interrupts_off
import pytest
import qemu
import systems
from bench_model import SOURCE
from conftest import BUILD
from figures import by_key

FREE = ("instruction", "l2", "memory", "tlb2", "walk", "fence")
FORK, AGAIN = ("P1", "fork", 16), ("P2", "fork_again", 16)


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    return interrupts_off.plugin(tmp_path_factory.mktemp("model"), SOURCE)


def programs(bench):
    return {"init": BUILD / "rootfs/init", "bin/bench": bench}


def cycles(plugin, mode="on_demand", **prices):
    """The figures of a few forks when only these things have a price."""
    words = [str(plugin), *(f"{name}={prices.get(name, 0)}" for name in FREE)]
    bench = programs(BUILD / "bench_cycles")
    return by_key(systems.ox(BUILD, mode).measure(bench, "bench pages 16", ("-plugin", ",".join(words))))


def test_with_a_price_for_instructions_alone_it_counts_instructions(plugin):
    counted = by_key(systems.ox(BUILD, "on_demand").measure(programs(BUILD / "rootfs/bin/bench"), "bench pages 16"))
    modelled = cycles(plugin, instruction=1)
    for key in (FORK, AGAIN):
        assert 0 <= modelled[key] - counted[key] <= 20  # asking takes four instructions, and blocks count as wholes


def test_a_copied_page_is_64_lines_that_are_not_in_the_first_cache(plugin):
    lines = 16 * 4096 // 64
    assert cycles(plugin, "eager", l2=1, memory=1)[AGAIN] >= lines
    assert cycles(plugin, l2=1, memory=1)[AGAIN] < lines / 4


def test_a_fence_of_all_translations_makes_the_next_accesses_walk(plugin):
    assert cycles(plugin, walk=1)[AGAIN] > 0


def test_an_unknown_price_is_named(plugin):
    run = qemu.boot(BUILD / "ox.elf", initramfs.archive(programs(BUILD / "rootfs/bin/bench")), "-- bench pages 1",
                    extra=("-plugin", f"{plugin},speed=1"))
    assert run.status != 0
    assert "model: no price by this name, or no number: speed=1" in run.console
