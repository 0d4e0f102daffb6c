"""Where a C++ type has its members, from a program's DWARF, so that nobody writes a kernel's layout down a second time."""
from elftools.elf.elffile import ELFFile


class Layouts:
    """Types of the compile unit whose name ends with `unit`."""

    def __init__(self, elf_file, unit):
        dwarf = elf_file.get_dwarf_info()
        self.unit = next((cu for cu in dwarf.iter_CUs() if _name(cu.get_top_DIE()).endswith(unit)), None)
        if self.unit is None:
            raise ValueError(f"{unit} is not in the program's debug information; was it built without -g?")
        self.known = {}

    def type(self, name):
        """`name` without its namespaces."""
        if name not in self.known:
            die = next(die for die in self.unit.iter_DIEs() if _name(die) == name and _is_class(die))
            self.known[name] = _decoder(die)
        return self.known[name]


def _name(die):
    return die.attributes["DW_AT_name"].value.decode() if "DW_AT_name" in die.attributes else ""


def _is_class(die):
    return die.tag in ("DW_TAG_structure_type", "DW_TAG_class_type") and "DW_AT_declaration" not in die.attributes


def _attribute(die, name, otherwise=None):
    return die.attributes[name].value if name in die.attributes else otherwise


def _decoder(die):
    """A function from bytes to a Python value: numbers, names of enumerators, lists, and dicts of members. A class with
    one member is that member's value."""
    if die.tag in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"):
        return _decoder(die.get_DIE_from_attribute("DW_AT_type"))
    size = _attribute(die, "DW_AT_byte_size", 8)
    if die.tag == "DW_TAG_enumeration_type":
        names = {_attribute(each, "DW_AT_const_value"): _name(each) for each in die.iter_children()
                 if each.tag == "DW_TAG_enumerator"}
        signed = min(names, default=0) < 0
        return lambda data: names.get(int.from_bytes(data[:size], "little", signed=signed))
    if die.tag == "DW_TAG_array_type":
        return _array(die)
    if _is_class(die):
        return _class(die)
    signed = _attribute(die, "DW_AT_encoding") in (5, 6) and size > 1  # DW_ATE_signed; a char stays a byte
    return lambda data: int.from_bytes(data[:size], "little", signed=signed)


def size_of(die):
    if "DW_AT_byte_size" in die.attributes:
        return die.attributes["DW_AT_byte_size"].value
    if die.tag == "DW_TAG_array_type":
        return _length(die) * size_of(die.get_DIE_from_attribute("DW_AT_type"))
    if die.tag == "DW_TAG_pointer_type":
        return 8
    return size_of(die.get_DIE_from_attribute("DW_AT_type"))


def _length(die):
    bounds = next(die.iter_children())
    return _attribute(bounds, "DW_AT_count", _attribute(bounds, "DW_AT_upper_bound", -1) + 1)


def _array(die):
    element = die.get_DIE_from_attribute("DW_AT_type")
    size, count, decode = size_of(element), _length(die), _decoder(element)
    return lambda data: [decode(data[i * size:(i + 1) * size]) for i in range(count)]


def _bits(member, decode):
    """A member that is a bit field of its class."""
    width, start = _attribute(member, "DW_AT_bit_size"), _attribute(member, "DW_AT_data_bit_offset")

    def read(data):
        value = int.from_bytes(data, "little") >> start & (1 << width) - 1
        return decode(value.to_bytes(8, "little"))
    return read


def _class(die):
    members = []
    for each in die.iter_children():
        if each.tag == "DW_TAG_inheritance":
            members.append(("", _attribute(each, "DW_AT_data_member_location", 0), each))
        elif each.tag == "DW_TAG_member" and "DW_AT_data_member_location" in each.attributes:
            members.append((_name(each).rstrip("_"), each.attributes["DW_AT_data_member_location"].value, each))
        elif each.tag == "DW_TAG_member" and "DW_AT_data_bit_offset" in each.attributes:
            members.append((_name(each).rstrip("_"), None, each))
    parts = []
    for name, offset, member in members:
        decode = _decoder(member.get_DIE_from_attribute("DW_AT_type"))
        parts.append((name, offset or 0, decode if offset is not None else _bits(member, decode)))
    if len(parts) == 1:
        _, offset, decode = parts[0]
        return lambda data: decode(data[offset:])
    return lambda data: {name: decode(data[offset:]) for name, offset, decode in parts if name}


def open_elf(path):
    return ELFFile(open(path, "rb"))


def symbol(elf_file, mangled):
    found = elf_file.get_section_by_name(".symtab").get_symbol_by_name(mangled)
    if not found:
        raise ValueError(f"{mangled} is no symbol of the program; is it another one?")
    return found[0]["st_value"], found[0]["st_size"]
