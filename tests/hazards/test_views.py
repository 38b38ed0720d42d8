"""Overlapping arrays, written in place: the same bits, memory, identity and exceptions, whatever overlap was learnt."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphlet
from tests.hazards.views import PAIRS, PROGRAMS, TRIPLES, Views, function_of, line
from tests.oracle.observe import compare_observations, observe
from tests.oracle.share import Share, current

LEARNT_FIRST = ("separate", "shifted up", "transposed")
# Programs without an operation that is counted: views and copies only, or what is left to NumPy.
UNCOUNTED = (
    "assign directly",
    "cast",
    "copyto",
    "cumprod method",
    "cumsum in place",
    "out of two, one",
    "reduce out",
    "returned",
)


def run(text: str, views: Iterable[Views], parameters: str = "a, b") -> tuple[list[str], Share]:
    """Call a program with arrays, plainly and optimised; what was different, and where it ran."""
    plain, fast = function_of(text, parameters), graphlet.optimize(function_of(text, parameters))
    found, before = [], current()
    for number, make in enumerate(views):
        seen = [observe(f, make(), {}) for f in (plain, fast)]
        found += [f"{text}, call {number}: {one}" for one in compare_observations(*seen).differences]
    return found, current() - before


@pytest.fixture(autouse=True)
def many_kinds() -> Iterator[None]:
    with graphlet.config.patch(recompile_limit=100), np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("program", PROGRAMS)
def test_any_overlap_behind_any_other(program: str) -> None:
    share = Share()
    for first in LEARNT_FIRST:
        found, ran = run(PROGRAMS[program], (PAIRS[name] for name in (first, first, *PAIRS)))
        share += ran
        assert not found, "\n".join([f"learnt with {first}", *found])
    assert (share.inside > 0) == (program not in UNCOUNTED)


def test_what_is_compared_ran_in_graphs() -> None:
    learnt = (PAIRS[name] for name in ("separate", "shifted up", "reversed", "rows shifted") for _ in range(3))
    pairs = list(learnt)
    shares = [run(text, pairs)[1] for text in PROGRAMS.values()]
    triple: Views = lambda: (line(), line()[::-1].copy(), line() * 2)  # noqa: E731
    shares += [run(text, [triple] * 4, "a, b, c")[1] for text in TRIPLES.values()]
    assert sum(shares, Share()).native > 0.8


LINES = [(36, ()), (36, (6, 6)), (24, (2, 3, 4)), (24, (24, 1))]
AS = ["f8", "f8", "f8", "i8", "f4", ">f8", "u1"]


@st.composite
def random_views(draw: st.DrawFn, count: int) -> Views:
    """Views of one buffer: sliced, stepped, turned, transposed, as other types."""
    n, shape = draw(st.sampled_from(LINES))
    bounds = st.none() | st.integers(-n, n)
    cuts = st.builds(slice, bounds, bounds, st.sampled_from([None, 1, 2, 3, -1, -2]))
    ways = [(draw(cuts), draw(cuts), draw(st.booleans()), draw(st.sampled_from(AS))) for _ in range(count)]
    equal = draw(st.booleans())

    def view(base: Any, way: tuple[Any, ...]) -> Any:
        first, second, turned, dtype = way
        array = base.view(dtype).reshape(*shape, -1)[..., 0] if shape else base.view(dtype)
        array = array.T if turned else array
        return array[first] if array.ndim < 2 else array[first, second]

    def make() -> tuple[Any, ...]:
        base = line(n)
        views = [view(base, way) for way in ways]
        if equal and len({array.ndim for array in views}) == 1:
            common = tuple(slice(min(sizes)) for sizes in zip(*(array.shape for array in views), strict=True))
            views = [array[common] for array in views]
        return tuple(views)

    return make


FIXED = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@FIXED
@given(program=st.sampled_from(list(PROGRAMS)), pairs=st.lists(random_views(2), min_size=2, max_size=5))
def test_random_pairs(program: str, pairs: list[Views]) -> None:
    found, _ = run(PROGRAMS[program], [pair for pair in pairs for _ in range(2)])
    assert not found, "\n".join(found)


@FIXED
@given(program=st.sampled_from(list(TRIPLES)), triples=st.lists(random_views(3), min_size=2, max_size=5))
def test_random_triples(program: str, triples: list[Views]) -> None:
    found, _ = run(TRIPLES[program], [triple for triple in triples for _ in range(2)], "a, b, c")
    assert not found, "\n".join(found)
