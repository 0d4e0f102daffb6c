"""What make makes anew."""
import subprocess

from broken_tree import BUILD, copy_tree


def test_a_program_that_was_deleted_is_made_again(tmp_path):
    tree = copy_tree(tmp_path)
    deleted = tree / BUILD / "user/true"
    deleted.unlink()
    subprocess.run(["make", "--no-print-directory", f"BUILD={BUILD}", f"{BUILD}/initramfs.cpio"], cwd=tree, check=True)
    assert deleted.is_file()
