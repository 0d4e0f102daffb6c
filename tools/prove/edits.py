"""Edits C and C++ sources. Each edit names the function that it changes, so it still applies after lines have moved.

A function is named by its classes and its name, without namespaces: `drop_tree`, `PageTable::own_below`, `Ref::~Ref`.
If several functions share a name, the parameters tell them apart, written as in the source: `Frames::share(Ppn frame)`.
An edit replaces a text that occurs exactly once in the function's body.

This is no full parser. It knows comments, literals, namespaces, classes, attributes, annotations, and lists of
initializers. It reads all branches of an #if, so the braces of each branch must match.
"""
import re
from dataclasses import dataclass


class EditError(Exception):
    """Names the function, and the text that is wrong."""


@dataclass(frozen=True)
class Function:
    name: str
    parameters: str
    start: int  # where the text between its braces starts
    end: int


# Numbers come first, because the ' in 1'000 does not begin a literal. A directive ends with its line, unless a
# backslash continues it.
TOKENS = re.compile(r"""
    (?P<number>(?<!\w)\d(?:'?[\w.])*)
  | //[^\n]* | /\*.*?\*/
  | R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)"
  | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'
  | ^[ \t]*\#(?:\\\n|[^\n])*
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
NAME = re.compile(r"((?:\w+\s*::\s*)*(?:\boperator\s*(?:\(\s*\)|[^\s\w(]+|\w[\w:\s*&]*)|~?\b[A-Za-z_]\w*))\s*\(")
NO_NAMES = {"alignas", "asm", "decltype", "explicit", "noexcept", "requires", "__attribute__"}
QUALIFIERS = {"const", "noexcept", "override"}
PAIRS = {"(": ")", "{": "}"}


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text):
    """The text with comments, literals and directives blanked out. Every other character keeps its position."""
    return TOKENS.sub(lambda token: token[0] if token["number"] else blank(token[0]), text)


def closing(code, at):
    """The position of the bracket that closes the one at `at`."""
    depth = 0
    for bracket in re.compile(f"[{re.escape(code[at] + PAIRS[code[at]])}]").finditer(code, at):
        depth += 1 if bracket[0] == code[at] else -1
        if depth == 0:
            return bracket.start()
    raise EditError(f"the {code[at]} in line {code.count(chr(10), 0, at) + 1} is never closed")


def outline(head):
    """The text before a brace, without attributes, template arguments and anything in brackets."""
    head = re.sub(r"\[\[.*?\]\]", lambda match: blank(match[0]), head, flags=re.DOTALL)
    head = re.sub(r"\b(?:public|private|protected)\s*:(?!:)", lambda match: blank(match[0]), head)
    for pattern in (r"(?<!operator)(?<!-)<[^<>(){}]*>", r"\{[^{}]*\}"):
        while re.search(pattern, head):
            head = re.sub(pattern, lambda match: blank(match[0]), head)
    at = 0
    while (at := head.find("(", at)) >= 0:
        end = closing(head, at)
        head = head[:at + 1] + blank(head[at + 1:end]) + head[end:]
        at = end
    return re.sub(r"\btemplate\b", lambda match: blank(match[0]), head)


def function_in(head):
    """The match of a function's name and the parenthesis after it; None if `head` is not the head of a function."""
    names = [match for match in NAME.finditer(head) if match[1] not in NO_NAMES]
    if not names or re.search(r"(?<![=<>!+\-*/%&|^])=(?!=)", head[:names[0].start()] + head[names[0].end():]):
        return None  # a variable and its initializer
    return names[0]


def scope_in(head):
    """The class that `head` begins; "" for a namespace or an unnamed scope; None if it begins no scope."""
    if re.match(r"\s*(inline\s+)?namespace\b|\s*extern\s*$", head):
        return ""
    words = [word for word in re.split(r"(?<!:):(?!:)", head)[0].split() if word != "final"]
    if not words or words[0] not in ("class", "struct", "union"):
        return None
    if len(words) == 1:
        return ""
    is_name = re.fullmatch(r"[\w:]+", words[-1]) and words[-1] not in QUALIFIERS
    return words[-1] if is_name else None  # else a function that returns such a type


def functions(text):
    """All functions with a body: free functions and members of classes, but not functions inside functions."""
    code = code_of(text)
    found, classes, start, at = [], [], 0, 0
    while (match := re.compile(r"[(){};]").search(code, at)) is not None:
        at, bracket = match.end(), match[0]
        if bracket == "(":
            at = closing(code, match.start()) + 1
        elif bracket == ";":
            start = at
        elif bracket == "}":
            if not classes:
                raise EditError(f"the }} in line {code.count(chr(10), 0, at) + 1} closes nothing")
            classes.pop()
            start = at
        elif bracket == "{":
            head = outline(code[start:match.start()])
            scope = scope_in(head)
            if scope is not None:
                classes.append(scope)
                start = at
                continue
            at = closing(code, match.start()) + 1
            name = function_in(head)
            if name is None:
                continue  # an initializer or an enum: more may follow before its semicolon
            if re.search(r"(?<!:):(?!:)", head[name.end():]) and re.search(r"[\w>]\s*$", code[:match.start()]):
                continue  # a member's initializer in braces
            first = start + name.end()
            parameters = text[first:closing(code, first - 1)]
            full = "::".join([*filter(None, classes), re.sub(r"\s*(::)\s*", r"\1", name[1])])
            found.append(Function(full, " ".join(parameters.split()), match.end(), at - 1))
            start = at
    return found


def find(text, name):
    """The one function with that name, or with that name and those parameters."""
    all_of_them = functions(text)
    wanted = [function for function in all_of_them
              if name in (function.name, f"{function.name}({function.parameters})")]
    if not wanted:
        raise EditError(f"there is no function {name}")
    if len(wanted) > 1:
        raise EditError(f"there are {len(wanted)} functions {name}: name one with its parameters, as in "
                        f"{wanted[0].name}({wanted[0].parameters})")
    return wanted[0]


def edit(body, name, edits):
    """The body of function `name`, or with no name a whole file, after the edits: each old text is replaced by the new
    one, in this order."""
    for old, new in edits:
        count = body.count(old) if old else 0
        if count != 1:
            raise EditError(f"in {f'function {name}' if name else 'the file'} this text stands {count} times, not once:\n{old}")
        body = body.replace(old, new)
    return body


def edited(text, name, edits):
    """The whole source after the edits of one function."""
    function = find(text, name)
    return text[:function.start] + edit(text[function.start:function.end], name, edits) + text[function.end:]


def body(text, name):
    """The text between the function's braces."""
    function = find(text, name)
    return text[function.start:function.end]


def with_body(text, name, lines):
    """The whole source with `lines` as the function's body; its last brace stays in its column."""
    function = find(text, name)
    column = re.search(r"\n( *)$", text[function.start:function.end])
    return text[:function.start] + "\n" + lines + (column[1] if column else "") + text[function.end:]


def replacements(lines):
    """[(old, new)] from the lines of an edit: a run of "-" lines is old text, the "+" lines after it are the new."""
    for run in re.findall(r"(?:-.*\n)+(?:\+.*\n)+", "".join(line + "\n" for line in lines)):
        old, new = ("\n".join(line[1:] for line in run.splitlines() if line[0] == sign) for sign in "-+")
        yield old, new
