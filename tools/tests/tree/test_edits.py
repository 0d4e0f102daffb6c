"""tools/prove/edits.py finds functions by name in all kinds of C++, and says why an edit does not fit."""
import pytest

import edits

SOURCE = r'''
// a comment with a brace { and one function: void commented() {}
#include <array>
#define PAIR(a) \
  { a, a }
/* void also_commented() { */
namespace ox {
namespace {
constexpr Prot read_only{.read = true};
constexpr std::array<int, 2> numbers = {1'000, 2'000};
enum class Kind : std::uint8_t { one, two };
static constexpr auto table = [] { return 3; }();

int one(char c) { return c == '{' ? 1 : '\'' + 0x1'00; }
const char* text() { return "} \" {" R"x(} ")" { )x"; }
}  // namespace

struct alignas(64) Plain {
  Lock lock{Rank::frames};
  int head[2] GUARDED_BY(lock) = {};
  union { int a; long b; };
  bool allows(int access = (3)) const { return access != 0; }
};

class CAPABILITY("lock") Lock final : public Base<int> {
 public:
  Lock() = default;
  explicit constexpr Lock(Rank rank) : rank_(rank), list_{1, 2} {}
  Lock(Lock&& other) noexcept : rank_(std::exchange(other.rank_, {})) { note(); }
  ~Lock() RELEASE() { release(); }
  void acquire() ACQUIRE() {
    while (held_) { spin(); }
  }
  bool operator==(const Lock& other) const { return rank_ == other.rank_; }
  explicit operator bool() const { return true; }
  void share(int a) { share(a, 1); }
  void share(int a,
             int b) { count(a + b); }
  struct Inner {
    void f() { inner(); }
  };
  int last = 0;
};

template <class T = void>
  requires Small<T>
[[gnu::always_inline]] inline Result<std::span<T>> Lock::held(T t) const REQUIRES(lock_) {
  return [&] { return t; }();
}

static struct Plain* made(int n) { return new Plain[n]; }
auto late() -> std::vector<int> { return {1}; }
}  // namespace ox
extern "C" { void entry() { main(); } }
'''


def body(name):
    return " ".join(edits.body(SOURCE, name).split())


@pytest.mark.parametrize("name, text", [
    ("one", r"return c == '{' ? 1 : '\'' + 0x1'00;"),
    ("text", r'return "} \" {" R"x(} ")" { )x";'),
    ("Plain::allows", "return access != 0;"),
    ("Lock::Lock(Rank rank)", ""),
    ("Lock::Lock(Lock&& other)", "note();"),
    ("Lock::~Lock", "release();"),
    ("Lock::acquire", "while (held_) { spin(); }"),
    ("Lock::operator==", "return rank_ == other.rank_;"),
    ("Lock::operator bool", "return true;"),
    ("Lock::share(int a)", "share(a, 1);"),
    ("Lock::share(int a, int b)", "count(a + b);"),
    ("Lock::Inner::f", "inner();"),
    ("Lock::held", "return [&] { return t; }();"),
    ("made", "return new Plain[n];"),
    ("late", "return {1};"),
    ("entry", "main();"),
])
def test_a_function_is_found_by_its_name(name, text):
    assert body(name) == text


def test_nothing_else_is_taken_for_a_function():
    names = {function.name for function in edits.functions(SOURCE)}
    assert names == {"one", "text", "Plain::allows", "Lock::Lock", "Lock::~Lock", "Lock::acquire", "Lock::operator==",
                     "Lock::operator bool", "Lock::share", "Lock::Inner::f", "Lock::held", "made", "late", "entry"}


def test_an_edit_changes_that_function_alone():
    text = "int f() { return 1; }\nint g() { return 1; }\n"
    assert edits.edited(text, "g", [("return 1", "return 2")]) == "int f() { return 1; }\nint g() { return 2; }\n"


def test_edits_follow_one_another():
    assert edits.edited("void f() { a(); b(); }", "f", [("a();", ""), (" b();", "c();")]) == "void f() { c(); }"


def test_a_body_is_replaced_as_a_whole():
    text = "int f() {\n  return 1;\n}\nint g() { return 1; }\n"
    assert edits.with_body(text, "f", "  return 2;\n") == "int f() {\n  return 2;\n}\nint g() { return 1; }\n"
    assert edits.with_body(edits.with_body(text, "f", "// {\n"), "f", "  return 1;\n") == text


def test_the_brace_behind_a_new_body_stays_in_its_column():
    text = "struct S {\n  int f() {\n    return 1;\n  }\n};\n"
    assert edits.with_body(text, "S::f", "    return 2;\n") == text.replace("1", "2")


def test_replacements_are_lines_with_a_sign():
    lines = ["-a", "-b", "+c", "-d", "+"]
    assert list(edits.replacements(lines)) == [("a\nb", "c"), ("d", "")]


@pytest.mark.parametrize("name, old, complaint", [
    ("h", "a", "no function h"),
    ("f", "a", r"2 functions f.* f\(int\)"),
    ("g", "c", "function g .* 0 times.*\nc"),
    ("g", "a", "function g .* 2 times.*\na"),
    ("g", "", "function g .* 0 times"),
    ("g", "b;", "function g .* 0 times.*\nb;"),  # it occurs in f only
])
def test_what_does_not_fit_names_the_function_and_the_text(name, old, complaint):
    with pytest.raises(edits.EditError, match=complaint):
        edits.edited("void f(int) { b; }\nvoid f(long) {}\nvoid g() { a + a; }", name, [(old, "x")])


@pytest.mark.parametrize("text", ["void f() { if (x) { }", "void f() {} }"])
def test_braces_must_match(text):
    with pytest.raises(edits.EditError, match="line 1"):
        edits.functions(text)
