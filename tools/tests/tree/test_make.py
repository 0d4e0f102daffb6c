"""What make makes anew."""
import os
import subprocess

from broken_tree import BUILD, copy_tree

OBJECT = f"{BUILD}/kernel/arch/riscv/start.S.o"


def make(tree, target, build=BUILD):
    subprocess.run(["make", "--no-print-directory", f"BUILD={build}", target], cwd=tree, check=True)


def test_a_program_that_was_deleted_is_made_again(tmp_path):
    tree = copy_tree(tmp_path)
    deleted = tree / BUILD / "user/true"
    deleted.unlink()
    make(tree, f"{BUILD}/initramfs.cpio")
    assert deleted.is_file()


def test_what_a_header_concerns_is_known_although_the_folder_had_its_absolute_name(tmp_path):
    tree = copy_tree(tmp_path)
    (tree / OBJECT).unlink()
    make(tree, OBJECT, build=tree / BUILD)
    made = (tree / OBJECT).stat().st_mtime_ns
    os.utime(tree / "kernel/arch/riscv/layout.h", ns=(made + 1, made + 1))
    make(tree, OBJECT)
    assert (tree / OBJECT).stat().st_mtime_ns > made
