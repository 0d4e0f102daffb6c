"""The mappings of a process: its list of regions (vm/regions.h)."""
from collections import namedtuple

from sv39 import PAGE

from . import files
from .machine import short_name

class Region(namedtuple("Region", "start end prot kind first_page source")):
    """`prot` is "rwx", with a dash for each missing permission. `source` is the place of a PageSource, or None."""

    @property
    def shared(self):
        return self.kind in ("shared", "shared_view")


def list_frames(machine, process):
    """The frames of the list: its index, and the blocks that the index names."""
    index = machine.memory.number(process.space["regions_"]["index_"]["frame_"])
    place = machine.memory.place("ox::Regions::Index", machine.direct_map() + index * PAGE)
    blocks = place["blocks"]["_M_elems"]
    return index, [machine.memory.number(blocks[i]["frame"]) for i in range(machine.memory.number(place["count"]))]


def _region(machine, place):
    fetched = machine.memory.fetch(place)
    prot = "".join(letter if fetched["prot"][name] else "-"
                   for letter, name in (("r", "read"), ("w", "write"), ("x", "execute")))
    return Region(int(fetched["range"]["start"]["value_"]), int(fetched["range"]["end"]["value_"]), prot,
                  short_name(fetched["kind"]), int(fetched["first_page"]), machine.memory.follow(place, "source"))


def regions(machine, process):
    found = []
    for block in list_frames(machine, process)[1]:
        place = machine.memory.place("ox::Regions::Block", machine.direct_map() + block * PAGE)
        places = place["regions"]["_M_elems"]
        found += [_region(machine, places[i]) for i in range(machine.memory.number(place["count"]))]
    return found


def find(machine, process, va):
    return next((region for region in regions(machine, process) if region.start <= va < region.end), None)


def inode_of(machine, region):
    """The inode of the mapped file, or None."""
    if region.source is None or not region.shared:
        return region.source
    return machine.memory.follow(machine.memory.place("ox::SharedView", int(region.source.address)), "file_")


def name(machine, region):
    inode = inode_of(machine, region)
    if inode is None:
        return "" if region.kind in ("image", "mapping") else f"[{region.kind}]"
    return files.path_of(machine, inode) or "(a file without a name)"
