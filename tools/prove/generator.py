"""Mutants of a C++ source: small faults that nobody chose, one for each place where a kind of fault fits.

A mutant is a function's body with one text replaced. The kinds are the classical ones: a statement is left out, a
condition is negated, an operator is its neighbour, a number is one more, two arguments change places, a function returns
before it begins, a value that is returned is the default, an access to memory has no order.

Like edits.py this reads text and not a syntax tree. What does not compile is left out afterwards.
"""
import re
from collections import Counter
from dataclasses import dataclass

import edits

OPERATORS = {"<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
             "+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["/"], "&": ["|"], "|": ["&"], "<<": [">>"], ">>": ["<<"],
             "+=": ["-="], "-=": ["+="], "|=": ["&="], "&=": ["|="], "=": []}
# clang-format puts spaces around a binary operator, and none within <...> of a template.
BINARY = re.compile(r"(?<= )(<=|>=|==|!=|&&|\|\||<<|>>|\+=|-=|\|=|&=|[-<>+*/%&|])(?= )")
WORDS = {"true": "false", "false": "true", "++": "--", "--": "++", "acquire": "relaxed", "release": "relaxed",
         "acq_rel": "relaxed", "min": "max", "max": "min"}
WORD = re.compile(r"\b(?:true|false|acquire|release|acq_rel|min|max)\b(?!::|\()|\+\+|--|\b(?:min|max)(?=\()")
NUMBER = re.compile(r"(?<![\w.'])(?:0x[0-9a-f']+|\d[\d']*)(?=u?l{0,2}\b)(?![.\w]*[.xX])")
HEADER = re.compile(r"\s*(?:else\b|case\b[^:]*:|default:|(?:else\s+)?(?:if|for|while|switch)\b\s*(?:constexpr\s*)?(?=\())")
CALL = re.compile(r"[\w>]\(")
# Without its only statement it does not end, which nothing but a time limit could tell.
LOOP = re.compile(r"\s*while\b")
CONDITION = re.compile(r"\b(?:if|while)\b\s*(?=\()")


# What changes nothing by construction, on the host: a default that is returned as it was, a minimum of two the other way
# round, a window that is empty there. And the end of a function that never returns: the compiler may assume what it
# likes of the function without it.
NO_CHANGE = re.compile(
    r"return (?:false|nullptr|0|\{\});|(?:std::)?(?:min|max|swap)\(|interrupt_window\(\);|panic_text\(")


@dataclass(frozen=True)
class Mutant:
    function: str  # as edits.py names it
    kind: str
    place: int     # in the source
    old: str       # the text there
    new: str
    body: str      # the function's, with the new text


def statements(code):
    """(start, end) of each statement that ends in a semicolon, at any depth, without the if or for before it."""
    stack, start, depth = [], 0, 0
    for at, character in enumerate(code):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "{":
            is_block = code[:at].rstrip()[-1:] in (")", "}", "{", ";", "") or re.search(r"\b(?:else|do|const)\s*$", code[:at])
            stack.append((start, depth, is_block))
            start, depth = at + 1, 0
        elif character == "}" and stack:
            before, depth, is_block = stack.pop()
            start = at + 1 if is_block and depth == 0 else before
        elif character == ";" and depth == 0:
            yield without_header(code, start, at + 1)
            start = at + 1


def without_header(code, start, end):
    while match := HEADER.match(code, start, end):
        start = match.end()
        if code[start:start + 1] == "(":
            start = edits.closing(code, start) + 1
    return start + len(code[start:end]) - len(code[start:end].lstrip()), end


def arguments(code, at):
    """The spans of the arguments behind the bracket at `at`."""
    end, depth, start = edits.closing(code, at), 0, at + 1
    for here in range(at + 1, end):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(code[here], 0)
        if code[here] == "," and depth == 0:
            yield start, here
            start = here + 1
    yield start, end


def replacements(code):
    """(kind, start, end, new text) in a function's body, of which `code` has no comments and no literals."""
    returns_a_value = re.search(r"\breturn [^;]", code)
    yield "returns at once", 0, 0, " if (true) return {};" if returns_a_value else " if (true) return;"
    for start, end in statements(code):
        text = code[start:end]
        if NO_CHANGE.match(text):
            continue
        if value := re.match(r"return\s+(.+);$", text, re.DOTALL):
            yield "returns the default", start, end, "return {};"
            if not re.search(r"[{]|\breturn\b", value[1]):
                yield "returns the opposite", start, end, f"return !({value[1]});"
        elif text.strip() != ";" and not LOOP.match(re.split("[;{}]", code[:start])[-1]):
            yield "left out", start, end, ";"
    for match in CONDITION.finditer(code):
        first = match.end()
        last = edits.closing(code, first)
        semicolon = code.rfind(";", first, last)
        first = semicolon if semicolon > 0 else first
        yield "negated", first + 1, last, f" !({code[first + 1:last].strip()})"
    for match in BINARY.finditer(code):
        for new in OPERATORS[match[0]]:
            yield "another operator", match.start(), match.end(), new
    for match in WORD.finditer(code):
        yield "another word", match.start(), match.end(), WORDS[match[0]]
    for match in NUMBER.finditer(code):
        number = int(match[0].replace("'", ""), 0)
        yield "one more", match.start(), match.end(), str(number + 1)
    for match in re.finditer(r"(?<=[(!&| ])!(?=[\w(])", code):
        yield "not negated", match.start(), match.end(), ""
    for match in CALL.finditer(code):
        if NO_CHANGE.search(code[:match.end()][-10:]):
            continue
        spans = list(arguments(code, match.end() - 1))
        for (a, b), (c, d) in zip(spans, spans[1:]):
            if code[a:b].strip() != code[c:d].strip():
                yield "swapped", a, d, f"{code[c:d].lstrip()}, {code[a:b].strip()}"


def mutants(text):
    """All of a source's, in the order of their places. A function that no name tells apart has none."""
    functions = edits.functions(text)
    short = Counter(function.name for function in functions)
    full = Counter((function.name, function.parameters) for function in functions)
    for function in functions:
        body = text[function.start:function.end]
        if full[function.name, function.parameters] > 1 or not body.strip():
            continue
        code = re.sub(r"static_assert\b[^;]*;", lambda match: edits.blank(match[0]), edits.code_of(body))
        unique = function.name if short[function.name] == 1 else f"{function.name}({function.parameters})"
        for kind, start, end, new in sorted(replacements(code), key=lambda each: each[1:3]):
            old = body[start:end]
            if code[start:end] != old and kind not in ("left out", "returns the default"):
                new = spliced(code[start:end], old, new)  # a literal or a comment stands in it
                if new is None:
                    continue
            if new != old:
                yield Mutant(unique, kind, function.start + start, old, new, body[:start] + new + body[end:])


def spliced(code, old, new):
    """The new text with what was blanked out in it put back; None: it has moved."""
    at = new.find(code.strip())
    if at < 0:
        return None
    return new[:at] + old.strip() + new[at + len(code.strip()):]
