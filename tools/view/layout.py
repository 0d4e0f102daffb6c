"""Reads the layout of C++ types from a program's DWARF, so that no tool has to repeat the layout of kernel structures.

The decoder of a type is a function from bytes, and a position in them, to a Python value: a number, the name of an
enumerator, a list, or a dict of members. A class with only one member decodes to that member's value.
"""
from struct import Struct

from elftools.elf.elffile import ELFFile

CLASSES = ("DW_TAG_structure_type", "DW_TAG_class_type")
TRANSPARENT = ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type")
SIGNED = (5, 6)  # DW_ATE_signed, DW_ATE_signed_char
LETTERS = {1: "b", 2: "h", 4: "i", 8: "q"}  # struct's letters for signed numbers of so many bytes


def attribute(die, name, otherwise=None):
    return die.attributes[name].value if name in die.attributes else otherwise


def name_of(die):
    return attribute(die, "DW_AT_name", b"").decode()


class Layouts:
    """The types defined in the compile units whose names end with one of `units`. A class with virtual functions is
    defined only in the unit that defines the first of these functions."""

    def __init__(self, elf_file, units):
        self.classes = {}
        for unit in elf_file.get_dwarf_info().iter_CUs():
            if not name_of(unit.get_top_DIE()).endswith(tuple(units)):
                continue
            for die in unit.iter_DIEs():
                if die.tag in CLASSES and "DW_AT_declaration" not in die.attributes:
                    self.classes.setdefault(name_of(die), die)
        if not self.classes:
            raise ValueError(f"{units[0]} is not in the program's debug information; was it built without -g?")
        self.decoders = {}

    def type(self, name):
        """The decoder of the class `name`, given without namespaces."""
        if name not in self.decoders:
            self.decoders[name] = self._class(self.classes[name])
        return self.decoders[name]

    def size(self, name):
        return self.size_of(self.classes[name])

    def size_of(self, die):
        if die.tag == "DW_TAG_pointer_type":
            return 8
        if die.tag == "DW_TAG_array_type":
            return self._length(die) * self.size_of(die.get_DIE_from_attribute("DW_AT_type"))
        if die.tag in TRANSPARENT:
            return self.size_of(die.get_DIE_from_attribute("DW_AT_type"))
        return die.attributes["DW_AT_byte_size"].value

    def _decoder(self, die):
        if die.tag in TRANSPARENT:
            return self._decoder(die.get_DIE_from_attribute("DW_AT_type"))
        if die.tag in CLASSES:
            return self._class(self.classes[name_of(die)] if "DW_AT_declaration" in die.attributes else die)
        if die.tag == "DW_TAG_enumeration_type":
            return self._enumeration(die)
        if die.tag == "DW_TAG_array_type":
            return self._array(die)
        unpack = Struct("<" + self._letter(die)).unpack_from
        return lambda data, at=0: unpack(data, at)[0]

    def _letter(self, die):
        signed = attribute(die, "DW_AT_encoding") in SIGNED
        return LETTERS[self.size_of(die)] if signed else LETTERS[self.size_of(die)].upper()

    def _enumeration(self, die):
        names = {attribute(each, "DW_AT_const_value"): name_of(each) for each in die.iter_children()
                 if each.tag == "DW_TAG_enumerator"}
        letter = LETTERS[self.size_of(die)]
        unpack = Struct("<" + (letter if min(names, default=0) < 0 else letter.upper())).unpack_from
        return lambda data, at=0: names.get(unpack(data, at)[0])

    @staticmethod
    def _length(die):
        bounds = next(die.iter_children())
        return attribute(bounds, "DW_AT_count", attribute(bounds, "DW_AT_upper_bound", -1) + 1)

    def _array(self, die):
        element = die.get_DIE_from_attribute("DW_AT_type")
        size, count = self.size_of(element), self._length(die)
        if element.tag == "DW_TAG_base_type":
            unpack = Struct(f"<{count}{self._letter(element)}").unpack_from
            return lambda data, at=0: list(unpack(data, at))
        decode = self._decoder(element)
        return lambda data, at=0: [decode(data, at + i * size) for i in range(count)]

    def _class(self, die):
        parts = []
        for each in die.iter_children():
            place = attribute(each, "DW_AT_data_member_location", 0)
            if each.tag == "DW_TAG_inheritance" or each.tag == "DW_TAG_member" and _is_data(each):
                decode = self._decoder(each.get_DIE_from_attribute("DW_AT_type"))
                if "DW_AT_bit_size" in each.attributes:
                    decode = _bits(each, decode)
                parts.append((name_of(each).rstrip("_"), place, decode))
        if len(parts) == 1:
            _, place, decode = parts[0]
            return decode if place == 0 else lambda data, at=0: decode(data, at + place)
        parts = [part for part in parts if part[0] and not part[0].startswith("_vptr")]
        return lambda data, at=0: {name: decode(data, at + place) for name, place, decode in parts}


def _is_data(member):
    """Whether it is a data member, not a static one."""
    return "DW_AT_data_member_location" in member.attributes or "DW_AT_data_bit_offset" in member.attributes


def _bits(member, decode):
    width, start = attribute(member, "DW_AT_bit_size"), attribute(member, "DW_AT_data_bit_offset")

    def read(data, at=0):
        value = int.from_bytes(data[at:at + 16], "little") >> start & (1 << width) - 1
        return decode(value.to_bytes(8, "little"))
    return read


def open_elf(path):
    return ELFFile(open(path, "rb"))


def symbol(elf_file, mangled):
    found = elf_file.get_section_by_name(".symtab").get_symbol_by_name(mangled)
    if not found:
        raise ValueError(f"the program has no symbol {mangled}; is it the program that was recorded?")
    return found[0]["st_value"], found[0]["st_size"]
