"""Values made in a region, asked for their text, identity and methods: graphlet keeps them as something else."""

import itertools
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from enum import Enum
from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

X = np.arange(1.0, 4.0)


class Colour(Enum):
    RED = 1


class Items(list):
    pass


SPACE: dict[str, Any] = {
    **{"np": np, "itertools": itertools, "Pair": namedtuple("Pair", "a b"), "Colour": Colour, "Items": Items},
    **{"Counter": Counter, "OrderedDict": OrderedDict, "defaultdict": defaultdict, "deque": deque},
}
VALUES = (
    *("Pair(1, 2)", "(1, Pair(2, 3))", "tuple([1, 2])", "tuple('ab')", "()", "[]", "[1, (2,)]"),
    *("(x.size, 2)", "range(2)", "range(x.size)", "slice(1, 2)", "{1: 2}", "{'a': x.size}", "{1}"),
    *("deque([1])", "Items([1])", "Colour.RED", "Counter('aab')", "OrderedDict(a=1)"),
    *("defaultdict(int, a=1)", "np.float32(1)", "x[0]", "x.size", "x.shape", "True"),
)
TEXTS = (
    *("str(k), repr(k)", "f'{k}', f'{k!r:>9}'", "'{}'.format(k)", "'{k}'.format(k=k)", "'%s' % (k,)"),
    *("ascii([k])", "'%s_%s' % k", "'-'.join(map(str, k))", "', '.join(k)", "'abc'.startswith(k)"),
    *("format(k, '>20')", "'{0[0]}'.format(k)"),
)
OBJECTS = (
    *("[k, k]", "(k, k, [k])", "id(k) == id(k)", "{'a': k, 'b': k}", "[*map(type, (k,))]", "max([k])"),
    *("next(iter([k])) is k", "list.__len__(k)", "dict.get(k, 1)", "tuple.index(k, 1)"),
    *("float.is_integer(k)", "int.bit_length(k)", "set.pop(k)"),
)


def program(value: str, question: str) -> Any:
    space = dict(SPACE)
    exec(f"def f(x):\n    k = {value}\n    y = x * 2\n    r = {question}\n    return r, y, k", space)
    return space["f"]


@pytest.mark.parametrize("value", VALUES)
def test_texts(value: str) -> None:
    for question in TEXTS:
        differential(program(value, question), (X,))


@pytest.mark.parametrize("value", VALUES)
def test_objects_and_methods(value: str) -> None:
    for question in OBJECTS:
        differential(program(value, question), (X,))


@pytest.mark.parametrize("value", ["np.finfo(float)", "np.iinfo(int)", "x.dtype", "np.add"])
def test_what_is_not_there(value: str) -> None:
    differential(program(value, "k.nothing"), (X,))
    differential(program(value, "k.replace(year=1)"), (X,))


@pytest.mark.parametrize("step", [0, 1, True])
def test_bounds_that_are_odd(step: Any) -> None:
    def stepping(x: Any, step: Any) -> Any:
        return x * 2, list(itertools.islice(itertools.count(step), 2)), list(range(1, 5, step))

    differential(stepping, (X, step))
