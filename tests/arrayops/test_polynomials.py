"""Functions of ``numpy.polynomial`` beside NumPy."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from graphlet.arrayops import polynomials
from tests.capture.array_programs import whole
from tests.oracle.runner import differential

np.polynomial.Polynomial([1.0])  # imports the package
V, W, M = np.array([3.0, -1.5, 2.0, 0.5]), np.array([0.5, 2.0, -1.0, 4.0]), np.arange(12.0).reshape(3, 4) + 1
ENDINGS = {
    **{"val": "V, W", "val2d": "V, W, M", "val3d": "V, W, V, np.ones((2, 2, 2))", "grid2d": "V, W, M"},
    **{"fit": "np.sort(V), W, 2", "vander": "V, 3", "der": "V", "int": "V, 1", "add": "V, W", "sub": "V, W"},
    **{"mul": "V, W"},
    **{"pow": "V, 2", "fromroots": "V", "roots": "V[:3]", "pts1": "4", "gauss": "3"},
}
ROWS = list(polynomials.functions().values())


def program(name: str) -> Any:
    module, _, function = name.rpartition("_")
    ending = max((e for e in ENDINGS if function.endswith(e)), key=len)
    call = f"np.polynomial.{module}.{function}({ENDINGS[ending]})"
    space: dict[str, Any] = {"np": np}
    exec(f"def function(V, W, M):\n    V = V * 1.0\n    r = {call}\n    V += 1\n    return r, V * 2", space)
    return space["function"]


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_same_as_numpy(name: str) -> None:
    report = differential(program(name), (V, W, M), (W, V, M * 2))
    assert not report.plain[0].error, report.plain[0].error
    whole(program(name), V, W, M)


def test_what_gives_back_an_argument() -> None:
    def function(v: Any) -> Any:
        c = v * 1.0
        r = np.polynomial.polynomial.polyder(c, 0), np.polynomial.polynomial.polyint(c, 0)
        c += 1
        return r, c

    differential(function, (V,), (W,))


def test_a_package_that_is_being_imported_has_no_functions_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(np.polynomial, polynomials.LAST)
    assert not polynomials.functions()


def test_the_package_is_not_imported_with_graphlet() -> None:
    code = "import numpy, sys; had = 'numpy.polynomial' in sys.modules; import graphlet.arrayops.catalogue; "
    code += "assert had or 'numpy.polynomial' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
