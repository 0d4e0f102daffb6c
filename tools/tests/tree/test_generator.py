"""tools/prove/generator.py makes one mutant for each place where a kind of fault fits, and none in comments and texts.
tools/prove/every_mutant.py leaves out those that do not compile, and no others."""
import every_mutant
import generator
import pytest

SOURCE = """
namespace ox {
int f(int a, int b) {
  if (a < 3 && !is_odd(b)) return a + 1;  // a < 4
  static_assert(sizeof(int) == 4);
  call(a, b);
  print("a == b");
  return 0;
}
}
"""
BODY = SOURCE[SOURCE.index("{", SOURCE.index("int f")) + 1:SOURCE.rindex("}", 0, SOURCE.rindex("}"))]


def of(kind):
    return [(mutant.old, mutant.new) for mutant in generator.mutants(SOURCE) if mutant.kind == kind]


@pytest.mark.parametrize("kind, expected", [
    ("negated", [("a < 3 && !is_odd(b)", " !(a < 3 && !is_odd(b))")]),
    ("another operator", [("<", "<="), ("&&", "||"), ("+", "-")]),
    ("one more", [("3", "4"), ("1", "2"), ("0", "1")]),
    ("not negated", [("!", "")]),
    ("swapped", [("a, b", "b, a")]),
    ("returns the default", [("return a + 1;", "return {};")]),
    ("returns the opposite", [("return a + 1;", "return !(a + 1);")]),
    ("left out", [("call(a, b);", ";"), ('print("a == b");', ";")]),
    ("returns at once", [("", " if (true) return {};")]),
])
def test_each_kind_of_fault_fits_where_it_should(kind, expected):
    assert of(kind) == expected


def test_a_mutant_differs_from_the_body_in_one_place():
    for mutant in generator.mutants(SOURCE):
        assert mutant.body != BODY and mutant.function == "f"
        assert SOURCE[mutant.place:].startswith(mutant.old)
        assert mutant.body == BODY[:mutant.place - SOURCE.index(BODY)] + mutant.new + BODY[mutant.place - SOURCE.index(BODY) + len(mutant.old):]


def test_a_statement_in_a_lambda_is_one_too():
    source = "void f() {\n  each([&](int x) {\n    use(x);\n  });\n}\n"
    assert "use(x);" in [mutant.old for mutant in generator.mutants(source) if mutant.kind == "left out"]


def test_a_loop_keeps_its_only_statement():
    source = "void f(int x) {\n  while (x > 0) --x;\n  if (x < 0) ++x;\n}\n"
    assert [mutant.old for mutant in generator.mutants(source) if mutant.kind == "left out"] == ["++x;"]


def test_functions_that_no_name_tells_apart_have_none():
    source = "template <class T> void f(T x) { use(x); }\ntemplate <class U> void f(T x) { use(x); }\n"
    assert list(generator.mutants(source)) == []


MESSAGES = """
seeded bug: 7: In instantiation of 'void f(T)':
seeded bug: 1:5:4:   required from here
seeded bug: 7:4:9: error: no match
seeded bug: 7:4:9: note: candidate
seeded bug: 8:4:9: note: candidate
x.cpp: In instantiation of 'void f(T)':
seeded bug: 1:5:4:   required from here
x.cpp:9:9: error: no match
"""


def test_a_wrong_call_of_a_template_is_to_blame_for_the_errors_in_it():
    found = list(every_mutant.chains(MESSAGES))
    assert found == [[7, 1], [1]]
    assert every_mutant.culprits(found) == {1}


def test_if_the_templates_right_body_has_no_error_its_mutant_is_to_blame():
    assert every_mutant.culprits([[7, 1]]) == {7}
