"""The figures in the README's tables, their text there, and the function that puts them in."""
from figures import HERE

README = HERE / "README.md"
KEY_ROWS = {
    ("P1", "fork", 16384): "fork, 16,384 written pages (64 MiB), the first time",
    ("P2", "fork_again", 16384): "fork again, nothing written since",
    ("P3", "fork", 0): "fork, 0 pages",
    ("P4", "fork_exit_wait", 0): "fork, exit, wait, 0 pages",
    ("P4", "fork_exit_wait", 16384): "fork, exit, wait, 16,384 pages",
    ("P5", "copy_fault", 2048): "a store to a shared page: it is copied",
    ("P5", "copy_fault_longest", 2048): "the longest of 2,048 of them",
    ("P6", "last_owner_fault", 2048): "a store by the last owner",
    ("P7", "first_touch", 2048): "the first store to a page of `mmap`",
    ("P8", "getpid", 0): "`getpid`",
    ("P9", "pipe_round_trip", 0): "a byte through a pipe and one back, two processes",
    ("P10", "fork_exec_exit_wait", 0): "fork, exec, exit, wait of a `true` without a libc",
    ("libc", "fork_exec_exit_wait", 0): "the same, with glibc on both sides",
    ("P11", "frames_of_a_fork", 16384): "frames that a fork takes, 16,384 pages",
    ("P11", "frames_of_each_of_256_forks", 16384): "frames that a fork takes, average of 256, 16,384 pages",
    ("P15", "work_25", 16384): "fork, the child writes a quarter of 16,384 pages, exit, wait",
    ("P12", "child_writes_all", 16384): "the same, all of them",
    ("P13", "fork_slope_per_page", 16384): "fork, for each page more",
    ("G1", "fork_exit_wait_with_files", 240): "fork, exit, wait with 240 open files",
    ("G2", "dup_behind_files", 240): "dup and close with 240 open files",
    ("G3", "poll_of_pipes", 240): "poll of 240 pipes",
    ("G4", "stat_of_the_last_name", 1000): "stat of the last of 1,000 names",
    ("G4", "stat_of_the_last_name", 10000): "stat of the last of 10,000 names",
    ("G5", "create_and_unlink", 1000): "create and unlink a file among 1,000 names",
    ("G6", "wait_for_the_last_zombie", 1000): "wait for the last of 1,000 zombies",
    ("G7", "kill_all_when_alone", 0): "kill(-1, 0) without any other process",
    ("G8", "byte_for_one_reader", 256): "a byte for one of 256 readers of a pipe, and its answer",
    ("G9", "mmap_and_munmap_among_regions", 90): "mmap and munmap among 90 regions",
    ("G9", "mmap_and_munmap_among_regions", 1000): "mmap and munmap among 1,000 regions",
    ("G10", "mprotect_there_and_back", 90): "mprotect there and back of one of 90 regions",
    ("G10", "mprotect_there_and_back", 1000): "mprotect there and back of one of 1,000 regions",
    ("G11", "munmap_of_one_page_of_a_table", 512): "munmap of one of a table's 512 pages",
    ("G12", "listing_of_proc", 10): "a listing of `/proc` with 10 processes",
    ("G13", "futex_round_trip_beside", 256): "a futex woken and one back while 256 others wait",
    ("G14", "cat_of_bytes", 8388608): "cat of 8 MiB to `/dev/null`",
    ("G15", "cp_of_bytes", 8388608): "cp of 8 MiB",
    ("worst", "interrupts_off", 16384): "longest time with interrupts off, fork and exit with 16,384 pages",
    ("boot", "first_instruction_no_files", 0): "boot, from the firmware to init's first instruction",
}
# Work that users do; bench-linux alone measures it.
WORK_ROWS = {
    ("P3", "fork_without_libc", 0): "fork, 0 pages, of a parent without a libc",
    ("P4", "fork_exit_wait_without_libc", 0): "fork, exit, wait, the same",
    ("work", "fork_and_exec_20_times", 16384): "20 times fork and exec of a `true` beside a heap of 64 MiB",
    ("work", "posix_spawn_20_times", 16384): "20 times `posix_spawn` of it",
    ("work", "born_and_killed", 1000): "1,000 processes born, killed and waited for",
    ("work", "ash_300_subshells", 0): "ash: a loop with 300 subshells",
    ("work", "bash_500_programs", 0): "bash: a loop with 500 programs",
    ("work", "pipeline", 0): "a pipeline: seq 20000, sort -r, uniq, wc",
    ("work", "snapshot", 0): "`snapshot` of 16 MiB, while the parent writes",
    ("work", "tar_of_8_MiB", 0): "tar of 8 MiB",
    ("work", "cat_of_8_MiB", 0): "cat of 8 MiB to `/dev/null`",
    ("work", "cp_of_8_MiB", 0): "cp of 8 MiB",
}
TEXTS = KEY_ROWS | WORK_ROWS


def put(name, columns, rows):
    """Writes a table between the README's marks "NAME: begin" and "NAME: end". `rows`: [key, cell, ...]."""
    lines = ["| | | " + " | ".join(columns) + " |", "|---|---|" + "---:|" * len(columns)]
    for key, *cells in rows:
        lines.append(" | ".join([f"| {key[0]}", TEXTS[key], *cells]) + " |")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = README.read_text().split(begin)
    README.write_text("\n".join([before + begin, *lines, end + rest.split(end)[1]]))
