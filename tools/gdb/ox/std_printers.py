"""Pretty printers for std: libstdc++'s own if the machine has them, and others that GCC 12's set lacks."""
import glob
import sys

import gdb
import gdb.printing

LONGEST = 1 << 16
PLACES = ("/usr/share/gcc*/python", "/usr/local/share/gcc*/python")


class Text:
    """A printer whose value is one line."""

    def __init__(self, text):
        self.text = text

    def to_string(self):
        return self.text


def printer(function):
    def make(value):
        if value.type.code == gdb.TYPE_CODE_REF:
            value = value.referenced_value()
        try:
            return Text(function(value))
        except gdb.error:
            return Text("<optimized out>")
    return make


def expected(value):
    """Prints std::expected, and Result, which is one."""
    if not value["_M_has_value"]:
        return f"error({value['_M_unex']})"
    nothing = value.type.strip_typedefs().template_argument(0).code == gdb.TYPE_CODE_VOID
    return "value()" if nothing else f"value({value['_M_val']})"


def string_view(value):
    """libstdc++'s own printer fails at the entry of a function, where an argument may not be valid yet."""
    length = int(value["_M_len"])
    return value["_M_str"].lazy_string(length=length) if length < LONGEST else "<not there yet>"


def register():
    """gdb asks the printer that was registered last first."""
    for folder in sorted(found for place in PLACES for found in glob.glob(place)):
        sys.path.append(folder)
        try:
            from libstdcxx.v6.printers import register_libstdcxx_printers
            register_libstdcxx_printers(None)
            break
        except (ImportError, RuntimeError):  # they belong to another gdb, or gdb has loaded them already
            continue
    own = gdb.printing.RegexpCollectionPrettyPrinter("ox-std")
    own.add_printer("string_view", "^std::basic_string_view<char.*>$", printer(string_view))
    own.add_printer("expected", "^std::expected<.*>$", printer(expected))
    gdb.printing.register_pretty_printer(None, own, replace=True)


register()
