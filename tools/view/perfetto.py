#!/usr/bin/env python3
"""Converts a recording (record.py) to a trace that Perfetto and chrome://tracing open: one track for each process and
hart.

    tools/view/perfetto.py build/view/PROGRAM.json [MODE] > PROGRAM.trace.json

In the trace, a microsecond stands for a thousand instructions.
"""
import json
import sys


def title(event):
    kind = event["kind"]
    if kind == "fault":
        return f"{event['access']} fault: {event['outcome']}"
    if kind == "fork":
        return f"fork {event['mode']} -> pid {event['child']}"
    return {"copy": "copy of a table" if event.get("level", 0) >= 0 else "copy of a page"}.get(kind, kind)


def arguments(event):
    hidden = {"kind", "t", "cost", "hart", "pid", "where", "at", "root"}
    told = {name: hex(value) if name in ("va", "pc", "frame", "table") else value
            for name, value in event.items() if name not in hidden}
    for name in ("where", "at"):
        place = event[name]
        if place and place.get("file"):
            told["kernel" if name == "where" else "program"] = f"{place['file']}:{place['line']}"
    return told


def trace(run):
    yield from ({"ph": "M", "name": "process_name", "pid": int(pid), "args": {"name": f"{name} (pid {pid})"}}
                for pid, name in run["names"].items())
    for event in run["events"]:
        begun = {"name": title(event), "cat": event["kind"], "pid": event["pid"], "tid": event["hart"],
                 "ts": (event["t"] - event["cost"]) / 1000, "args": arguments(event)}
        if event["cost"]:
            yield begun | {"ph": "X", "dur": event["cost"] / 1000}
        else:
            yield begun | {"ph": "i", "s": "t"}


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    with open(sys.argv[1]) as file:
        runs = {run["mode"]: run for run in json.load(file)["runs"]}
    mode = sys.argv[2] if len(sys.argv) == 3 else list(runs)[-1]
    if mode not in runs:
        raise SystemExit(f"perfetto: {mode} was not recorded; there are {', '.join(runs)}")
    json.dump({"traceEvents": list(trace(runs[mode])), "displayTimeUnit": "ns"}, sys.stdout)


if __name__ == "__main__":
    main()
