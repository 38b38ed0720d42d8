"""A store in part, what it read changed in place, and the array read: ``a[m] = v[m]; v += 1; a.sum()``."""

from itertools import product
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.capture.array_programs import whole
from tests.oracle.compare import Comparison
from tests.oracle.runner import differential

STORES = (
    "np.copyto(a, v, where=m)", "np.copyto(a, v, where=v > 1)", "np.putmask(a, m, v)", "a[m] = v[m]", "a[v > 1] = 7.5",
    "a[i] = v[i]", "np.sqrt(v, out=a, where=m)", "np.add.at(a, i, v[:3])", "np.put(a, i, v)", "a[1:] = v[1:]",
    "a[m] = 3.0; np.copyto(a, v, where=~m)", "np.multiply(a, v, out=a)",
)  # fmt: skip
CHANGES = (
    "np.sqrt(v, out=v, where=v > 1)", "v += 1", "v[1] = 50.0", "v[1:] += 5", "v.sort()", "np.copyto(v, 2.0, where=m)",
    "m ^= True", "m[1:] ^= True", "i[0] = 5", "i += 1", "pass",
)  # fmt: skip
READS = ("r = a + 0.5", "r = a.sum()", "r = np.maximum(v, a, out=a)", "v[...] = a; r = v", "a += 1; r = a * 2")
NEW = "v = b + 1; m = v > 2; i = np.arange(3) + 0"


def program(*statements: str) -> Any:
    namespace: dict[str, Any] = {"np": np}
    exec("def f(a, b, v, m, i):\n    " + "\n    ".join((*statements, "return r, v, m, i")), namespace)
    return namespace["f"]


def given() -> tuple[np.ndarray, ...]:
    a, b = np.array([0.5, 4.0, 2.0, 7.0, 1.0, 6.0]), np.array([3.0, 0.25, 1.5, 5.0, 0.5, 4.0])
    return a, b, b * 2, b > 1, np.arange(3)


def outcome(function: Any) -> tuple[Any, ...]:
    arguments = given()
    return function(*arguments), arguments


@pytest.mark.parametrize("store", STORES)
def test_all_ways(store: str) -> None:
    with graphlet.config.patch(cost_model=0):
        for statements in product((NEW, "pass"), [store], CHANGES, READS):
            fast, seen = graphlet.optimize(program(*statements)), Comparison()
            for _ in range(3):
                seen.values("(results, arguments)", outcome(program(*statements)), outcome(fast))
            assert not seen.differences, (statements, *map(str, seen.differences))


def test_a_mask_and_values_that_did_not_change_are_one_graph() -> None:
    whole(program(NEW, "np.copyto(a, v, where=m)", "w = v * 2; w += 1", "r = np.maximum(w, a)"), *given())


def test_memory_written_through_another_view() -> None:
    changed = program(NEW, "w = v[::-1]", "np.copyto(a, v, where=m)", "np.sqrt(w, out=w, where=w > 1)", "r = a + v")
    differential(changed, given, native=0.5)
