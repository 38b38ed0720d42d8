"""Axes of one element have strides that are left over from what made the array; arithmetic in place keeps them."""

import itertools
import textwrap
import types

import numpy as np
import pytest

from tests.oracle.runner import differential

MADE = (
    "a.sum(axis=1, keepdims=True)", "a.mean(axis=0, keepdims=True)", "np.add.reduce(a, axis=1, keepdims=True)",
    "a.any(axis=1, keepdims=True) * 1", "a.copy()", "np.copy(a)", "np.zeros_like(a)", "a * 2", "a[:, :1] * 3",
    "np.where(a > 3, a, 0.0)", "a.cumsum(axis=0)", "np.sort(a, axis=0)", "a[None] + a[:, None]", "a.T + 1",
    "np.concatenate([a, a])", "a.repeat(2, axis=0)", "a @ a.T", "a.take([0], axis=0)", "a[:, [0]]", "np.tril(a)",
    "np.linalg.norm(a, axis=1, keepdims=True)", "np.moveaxis(a * 1, 0, 1).copy()", "np.roll(a, 1)", "np.tile(a, 2)",
    "a[:k].sum(axis=1, keepdims=True)", "a[:, :k].copy()", "a[:, :k] * 1", "a[k:].max(axis=0, keepdims=True)",
)  # fmt: skip
LAYOUTS = {
    "C": lambda a: a,
    "F": np.asfortranarray,
    "turned": lambda a: np.ascontiguousarray(a.T).T,
    "sliced": lambda a: np.repeat(np.repeat(a, 2, 0), 2, 1)[::2, ::2],
    "backwards": lambda a: a[::-1, ::-1],
}


def program(text: str) -> types.FunctionType:
    """A function that makes an array and changes it in place."""
    source = f"def f(a, k):\n    v = {text}\n    v += 1\n    return v, v * 2\n"
    names: dict = {"np": np}
    exec(textwrap.dedent(source), names)
    return names["f"]


@pytest.mark.parametrize("text", MADE)
def test_in_place(text: str) -> None:
    calls = []
    for shape in ((3, 7), (7, 2), (2, 2)):
        for layout in LAYOUTS.values():
            array = layout(np.arange(float(shape[0] * shape[1])).reshape(shape) + 1)
            calls += [(array, k) for k in (2, 1)]
    for shape in ((7, 1), (1, 7), (1, 1)):
        calls += [(layout(np.arange(float(shape[0] * shape[1])).reshape(shape) + 1), 1) for layout in LAYOUTS.values()]
    differential(program(text), *calls)


def held_by_a_local(x, y):
    squares = np.square(y)
    doubled = x * 2.0
    return squares + doubled


def test_what_a_local_holds_is_not_taken_for_a_temporary() -> None:
    # From 256 KB on NumPy works in place on an operand that nobody but the interpreter's stack holds.
    x = np.arange(260.0 * 260).reshape(260, 260)
    differential(held_by_a_local, (x, np.asfortranarray(x)), (np.asfortranarray(x), x), (x, x))


TEMPORARIES = (
    "q * p", "q * p * 2", "np.sqrt(q * p)", "np.asfortranarray(q * p)", "(q * p).copy('K')", "np.full_like(p, 2.0)",
    "np.where(p > 9, p, q)", "p.sum(axis=-1, keepdims=True) * q",
)  # fmt: skip
IN_PLACE = ("{} + p", "{} - (p >= q)", "2.0 * {}", "-{}", "+{}", "abs({})", "{} ** 2", "{} ** 0.5", "{} / 2.0")


@pytest.mark.parametrize("temporary", TEMPORARIES)
@pytest.mark.parametrize("text", IN_PLACE)
def test_an_axis_of_one_element_in_a_large_temporary_in_another_order(temporary: str, text: str) -> None:
    """Worked on in place it keeps its stride there; where it went in a new array, arithmetic would decide anew."""
    names: dict = {"np": np}
    exec(f"def f(p, q):\n    return {text.format(f'({temporary})')}\n", names)
    calls = []
    for n, one in itertools.product((9000, 90), (0, 1, 2)):
        shapes = np.insert((n, 4), one, 1), np.insert((n, 4), one, 1)[1 if one == 0 else 0 :]
        given = [np.arange(float(np.prod(shape))).reshape(shape) + 1 for shape in shapes]
        calls += [tuple(map(np.asfortranarray, given)), (given[0], np.asfortranarray(given[1]))]
    differential(names["f"], *calls)
