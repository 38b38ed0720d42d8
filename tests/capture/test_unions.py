"""``|``, ``|=``, copies and moved items of ``defaultdict`` and ``OrderedDict``; what else deques do."""

import pytest

from tests.capture.programs import same, share, whole_and_same

HEAD = """
from collections import OrderedDict, defaultdict, deque
def new(kind, *keys):
    items = {key: X + i for i, key in enumerate(keys)}
    return defaultdict(list, items) if kind is defaultdict else kind(items)
"""
KINDS = ("dict", "defaultdict", "OrderedDict")


def program(lines: str, *args: str) -> str:
    body = "\n".join(f"    {line}" for line in lines.split("\n"))
    names = ", ".join(f"a{i}" for i in range(len(args)))
    return f"{HEAD}\nargs = ({', '.join(args)},)\ndef f({names}):\n{body}\n"


@pytest.mark.parametrize("right", KINDS)
@pytest.mark.parametrize("left", KINDS)
def test_unions(left: str, right: str) -> None:
    args = (f"new({left}, 'a', 'b')", f"new({right}, 'b', 'c')")
    whole_and_same(program("d = a0 | a1\ny = d['b'] * 2\nreturn y, d", *args), "args = (args[1], args[0])")
    made = "defaultdict(int, a0)" if left == "defaultdict" else f"{left}(a0)"
    whole_and_same(program(f"d = {made} | a1\nreturn d['b'] * 2, d", *args))


@pytest.mark.parametrize("right", KINDS)
@pytest.mark.parametrize("left", KINDS)
def test_unions_in_place(left: str, right: str) -> None:
    args = (f"new({left}, 'a', 'b')", f"new({right}, 'b', 'c')")
    source = program("d = a0\nd |= a1\nreturn d['b'] * 2, d is a0, d", *args)
    whole_and_same(source, "args[0].clear()\nargs[1]['q'] = X * 5")
    source = program("d = a0.copy()\nd |= a1\nreturn d['b'] * 2, d, a0", *args)
    whole_and_same(source, "args[0].clear()")


@pytest.mark.parametrize("kind", KINDS)
def test_copies(kind: str) -> None:
    lines = "d = a0.copy()\nd['z'] = a0['a'] * 2\nreturn d['z'] + 1, d, len(a0)"
    source = program(lines, f"new({kind}, 'a', 'b')")
    whole_and_same(source, "args = (OrderedDict(args[0]),)")
    same(source, "args = (defaultdict(set, args[0]),)")


def test_factories() -> None:
    source = program("d = a0 | {'q': 1}\nd['new'].append(2)\nreturn a0['a'] * 2, d", "new(defaultdict, 'a')")
    whole_and_same(source, "args[0].default_factory = set")
    same(source, "args[0].default_factory = None")


MOVES = {
    "to the end": "a0.move_to_end('a')\nreturn a0['a'] * 2, list(a0)",
    "twice": "a0.move_to_end('a')\na0.move_to_end('b')\na0.move_to_end('a')\nreturn a0['a'] * 2, list(a0)",
    "the last": "k, v = a0.popitem()\na0[k] = v + 1\nreturn v * 2, list(a0)",
    "the first": "k, v = a0.popitem(last=False)\na0[k] = v + 1\nreturn v * 2, list(a0)",
    "of one made here": "d = OrderedDict(a0)\nd.move_to_end('b', last=False)\nk, v = d.popitem()\nreturn v * 2, k, d",
}


@pytest.mark.parametrize("name", MOVES)
def test_moved_items(name: str) -> None:
    source = program(MOVES[name], "new(OrderedDict, 'a', 'b', 'c')")
    same(source, "args[0].clear()\nargs[0].update(b=X, a=X * 2, d=X)")
    assert share(source) == ([], 1.0)


def test_moved_items_that_are_not_there() -> None:
    for lines in ("a0.move_to_end('q')", "a0.clear()\na0.popitem()", "a0.move_to_end('a', last=False)"):
        same(program(f"y = a1 * 2\ntry:\n    {lines.replace(chr(10), chr(10) + '    ')}\nexcept KeyError as e:\n"
                     "    y = y, repr(e)\nreturn y, list(a0)", "new(OrderedDict, 'a', 'b')", "X"))  # fmt: skip


def test_of_other_classes() -> None:
    """A class of the user's has its own way."""
    for base in ("defaultdict", "OrderedDict", "dict"):
        own = f"class Own({base}):\n    def __or__(self, o): return 'or'\n    def __ror__(self, o): return 'ror'\n"
        for lines in ("a0 | a1", "a1 | a0"):
            told = program(f"y = a2 * 2\nreturn y, {lines}", "Own()", "{'a': 1}", "X")
            same(f"from collections import *\n{own}{told}")


DEQUES = {
    "insert": "d.insert(1, y)\nd.insert(-1, 5)\nd.insert(99, 6)",
    "remove": "d.append(7)\nd.rotate(1)\nd.remove(7)",
    "delete": "d.append(y)\ndel d[0]\ndel d[-1]",
    "sum": "d = d + deque([y, 1])",
    "extended": "d += [y, 1, 2, 3]\nd += (4,)",
    "times": "d = d * 2",
    "times in place": "d *= 2",
    "no times": "d *= 0",
}
BEHIND = "z = y + 1\nd = d, d.maxlen, len(d)\nreturn z, d[1:], list(d[0])"


@pytest.mark.parametrize("made", ["a1", "deque(a1)", "deque(a1, 6)"])
@pytest.mark.parametrize("name", DEQUES)
def test_deques(name: str, made: str) -> None:
    lines = f"y = a0 * 2\nd = {made}\n{DEQUES[name]}\n{BEHIND}"
    same(program(lines, "X", "deque([3, 4, 5], 9)"), "args = (X, deque([3, 4, 5]))")
    assert share(program(lines, "X", "deque([3, 4, 5], 9)")) == ([], 1.0)


def test_deques_that_raise() -> None:
    lines = ("d.insert(0, 1)", "d.insert('a', 1)", "d.remove('none')", "del d[7]", "d + [1]", "d += a0, 2")
    for line in (*lines, "d *= 3", "del d[0:1]"):
        caught = f"try:\n    {line}\nexcept Exception as e:\n    y = y, type(e), e.args"
        same(program(f"d = a1\ny = a0 * 2\n{caught}\nreturn y, d, d.maxlen", "X", "deque([3, 4, 5], 3)"))


def test_a_deque_of_limited_length_gets_longer() -> None:
    whole_and_same(program("a1 += [a0]\nreturn a0 * 2", "X", "deque([], 2)"), "args = (X, deque())")
