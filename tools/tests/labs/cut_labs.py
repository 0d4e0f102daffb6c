"""Students' repositories, for the tests that want them."""
import shutil

import cut
import lab as labs
import pytest


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A lab's, cut once."""
    made = {}

    def of(name):
        if name not in made:
            folder = tmp_path_factory.mktemp("lab") / name
            cut.cut(labs.Lab(name), folder)
            made[name] = folder
        return made[name]
    yield of
    for folder in made.values():
        shutil.rmtree(folder)
