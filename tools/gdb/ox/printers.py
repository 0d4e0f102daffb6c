"""Pretty printers for ox's own small types."""
import gdb
import gdb.printing

from . import entry
from .std_printers import expected, printer


def hexadecimal(name):
    return lambda value: f"{name}({int(value['value_']):#x})"


def pte(value):
    return entry.text(int(value["bits_"]))


def span(value):
    start, end = (int(value[name]["value_"]) for name in ("start", "end"))
    return f"[{start:#x}, {end:#x})"


def prot(value):
    return "".join(letter if value[name] else "-" for letter, name in zip("rwx", ("read", "write", "execute")))


def region(value):
    return f"{span(value['range'])} {prot(value['prot'])} {value['kind']}"


def frame(value):
    kind = str(value["kind"]).rsplit("::", 1)[-1]
    used, writable = (int(value[name]) for name in ("used_groups", "writable_groups"))
    groups = f", used groups {used:#x}, writable groups {writable:#x}" if kind == "table" else ""
    return f"Frame({kind}, count {int(value['count']['_M_i'])}{groups})"


def frame_ref(value):
    ppn = int(value["frame_"]["value_"])
    return f"FrameRef({ppn:#x})" if ppn else "FrameRef()"


def atomic(value):
    base = value.type.strip_typedefs().fields()[0].type  # std::atomic<T>; in atomic<bool> one class deeper
    inner = value.cast(base)
    return f"Atomic({inner['_M_base']['_M_i'] if base.fields()[0].name == '_M_base' else inner['_M_i']})"


def process(value):
    """One line for a process; `print /r` shows its members."""
    return f"Process(pid {int(value['pid'])} {value['name']['_M_elems'].string()})"


def reference(value):
    return f"Ref({int(value['object_']):#x})"


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("ox")
    for name, kind, function in [*((name, name, hexadecimal(name)) for name in ("Ppn", "VirtAddr", "PhysAddr")),
                                 ("Pte", "Pte", pte), ("Range", "Range<.*>", span), ("Prot", "Prot", prot),
                                 ("Region", "Region", region), ("Frame", "Frame", frame),
                                 ("FrameRef", "FrameRef", frame_ref), ("Atomic", "Atomic<.*>", atomic),
                                 ("Process", "Process", process), ("Ref", "Ref<.*>", reference),
                                 ("Result", "Result<.*>", expected)]:
        printers.add_printer(name, f"^ox::{kind}$", printer(function))
    gdb.printing.register_pretty_printer(None, printers, replace=True)


register()
