#!/usr/bin/env python3
"""make view and make picture: turns a recording into one page that works offline, or (--text) into pictures as text.

    tools/view/view.py build/view/PROG.json              writes build/view/PROG.html
    tools/view/view.py --text build/view/PROG.json       prints before, after fork, after the writes
"""
import argparse
import base64
import gzip
import json
import os
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import picture  # noqa: E402
import rules  # noqa: E402

VIEW = Path(__file__).resolve().parent
SCRIPTS = ("replay", "check", "layout", "state", "draw", "story", "card", "source", "scrubber", "compare", "ask",
           "address", "main")
D3 = Path("/usr/share/nodejs/d3-selection/dist/d3-selection.min.js")


def d3_selection():
    if not D3.is_file():
        sys.exit(f"view.py: no {D3}: install Debian's node-d3-selection (make setup VIEW=1)")
    return D3.read_text()


def highlighted(file, lines):
    """Each line as HTML. Pygments may end a line inside a comment; its formatter closes and reopens the tags."""
    from markupsafe import Markup
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_for_filename
    lexer = get_lexer_for_filename(file, stripnl=False)
    html = highlight("\n".join(lines) + "\n", lexer, HtmlFormatter(nowrap=True))
    return [Markup(line) for line in html.split("\n")[:len(lines)]]


def page(recording):
    from jinja2 import Environment, FileSystemLoader
    packed = gzip.compress(json.dumps(recording, separators=(",", ":")).encode(), 6, mtime=0)
    # Only the recording's texts are escaped; the style and the scripts are our own.
    from markupsafe import Markup
    own = {"style": "style.css", "picture_style": "picture.css"}
    words = {name: Markup((VIEW / file).read_text()) for name, file in own.items()}
    script = "\n".join((VIEW / f"{name}.js").read_text() for name in SCRIPTS)
    script = f"const RULES = {json.dumps(rules.sentences())};\n{script}"
    template = Environment(loader=FileSystemLoader(VIEW), autoescape=True, trim_blocks=True).get_template("page.html")
    return template.render(program=recording["program"], command=recording["command"],
                           modes=[run["mode"] for run in recording["runs"]], harts=recording["runs"][0]["harts"],
                           sources=[(file, highlighted(file, lines)) for file, lines in recording["sources"].items()],
                           recording=Markup(base64.b64encode(packed).decode()), script=Markup(script),
                           d3=Markup(d3_selection()), **words)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--text", action="store_true", help="print the pictures instead")
    parser.add_argument("-o", "--output", type=Path, help="default: beside the recording, .html")
    options = parser.parse_args()
    try:
        recording = json.loads(options.recording.read_text())
    except FileNotFoundError:
        sys.exit(f"view.py: no recording {options.recording}: tools/view/record.py makes it")
    if options.text:
        words = picture.text(recording)
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        try:
            print(words if utf8 else words.translate(picture.PLAIN), flush=True)
        except BrokenPipeError:  # the reader has enough, such as `head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    output = options.output or options.recording.with_suffix(".html")
    output.write_text(page(recording))
    print(f"view: {output}")


if __name__ == "__main__":
    main()
