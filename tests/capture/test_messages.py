"""The texts of breaks as errors, and of the steps of a capture."""

import traceback
from collections.abc import Callable

import numpy as np
import pytest

import graphlet
from graphlet.capture.messages import instruction
from graphlet.opcodes.decode import decode
from tests.report.programs import program

X = np.linspace(0.0, 1.0, 9)

SOURCE = """
def branch(r, tol):
    s = r * 2.0
    if r.max() > tol:
        return s
    return -s


def noisy(x):
    print("x", x.shape)
    return x + 1.0


def written(x, box):
    y = x + 1.0
    del box.last
    return y


def inside(x):
    y = x * 2.0 + 1.0
    return helper(y)


def helper(y):
    print(y.shape)
    return y
"""


class Box:
    last = None


P = program(SOURCE, "broken.py")
CALLS = {"branch": (X, 0.5), "noisy": (X,), "written": (X, Box()), "inside": (X,)}


@pytest.mark.smoke
@pytest.mark.parametrize("name", CALLS)
def test_fullgraph(name: str, golden: Callable[[str, str], None]) -> None:
    fast = graphlet.optimize(P[name], fullgraph=True)
    with pytest.raises(graphlet.GraphBreakError) as caught:
        fast(*CALLS[name])
    golden(f"fullgraph_{name}", f"{type(caught.value).__module__}.{caught.typename}: {caught.value}")


def test_capture_says_so_in_its_own_words() -> None:
    with pytest.raises(graphlet.GraphBreakError) as caught:
        graphlet.capture(P["branch"])(*CALLS["branch"])
    text = str(caught.value)
    assert text.startswith("GL112 data-dependent branch (graphlet.capture)\n")
    assert "no graph was made, since graphlet.capture gives the whole call or nothing" in text
    assert "fullgraph" not in text


def test_the_error_ends_in_the_users_code() -> None:
    fast = graphlet.optimize(P["branch"], fullgraph=True)
    with pytest.raises(graphlet.GraphBreakError) as caught:
        fast(*CALLS["branch"])
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name for frame in frames] == ["test_the_error_ends_in_the_users_code", "branch"]
    assert (caught.value.code, caught.value.__cause__) == ("GL112", None)
    assert "the branch needs the value of `r.max() > tol`" in caught.value.break_reason


def test_it_is_raised_at_every_such_call_and_at_no_other() -> None:
    def sometimes(x, loud):
        if loud:
            print(end="")
        return x + 1.0

    fast = graphlet.optimize(sometimes, fullgraph=True)
    for _ in range(3):
        with pytest.raises(graphlet.GraphBreakError):
            fast(X, True)
        assert fast(X, False).tobytes() == (X + 1.0).tobytes()


def test_a_function_without_array_work_is_no_graph() -> None:
    with pytest.raises(graphlet.GraphBreakError, match=r"GL204 nothing has no array work to capture"):
        graphlet.capture(program("def nothing(a):\n    return a, 1\n")["nothing"])(2)


def test_instructions_are_short_and_name_no_addresses() -> None:
    def f(x):
        return [lambda: x, "a rather long text that would fill the line", None]

    texts = [instruction(instr) for instr in decode(f.__code__).instrs]
    assert "LOAD_CONST code of <lambda>" in texts
    assert all(len(text) < 50 and " at 0x" not in text for text in texts)
    assert any(text.startswith("LOAD_CONST") and text.endswith("...") for text in texts)
