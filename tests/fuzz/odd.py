"""Calls of NumPy's functions with odd arguments: ``python -m tests.fuzz.odd [--part 0/4]``.

Every function of NumPy's that reads an array, every parameter, every value of a list, by name and by place. What NumPy
refuses has to be refused, in the same words; what it takes has to be the same. Exit code 3 if anything differed.
"""

import argparse
import inspect
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

import graphlet
from tests.oracle.runner import Report, compare_runs

MISMATCH = 3
PRINT_EVERY = 200
MODULES = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


# They read memory nobody wrote, files or settings, or call what they are given.
LEFT = words("""
    apply_along_axis apply_over_axes array2string array_repr array_str bmat broadcast copyto empty empty_like errstate
    fromfile fromfunction fromiter frompyfunc from_dlpack fromregex fromstring genfromtxt geterr getbufsize get_include
    info load loadtxt mask_indices nested_iters nditer piecewise put_along_axis printoptions require resize save savetxt
    savez savez_compressed set_printoptions setbufsize seterr seterrcall show_config show_runtime test tri vectorize
""")
UFUNC_PARAMETERS = words("out axes axis keepdims casting order dtype subok signature")
WITHOUT_SIGNATURE = words("dtype axis order copy ndmin subok like casting out")
METHODS = words("""
    sum prod mean std var max min argmax argmin any all cumsum cumprod sort argsort take repeat reshape ravel flatten
    transpose swapaxes squeeze copy astype clip round dot trace diagonal nonzero searchsorted compress choose partition
    argpartition fill item view conj
""")
METHOD_PARAMETERS = words("""
    axis dtype out keepdims initial where order kind mode ddof copy casting subok shape side sorter indices repeats min
    max a_min a decimals offset kth value correction mean stable type
""")
PLACES = ("k", "0, k", "x, k", "k, k", "x, 0, k", "None, k")
NAMES = words("C F K a i4 <f4 same_kind unsafe no linear nearest stable edge wrap clip raise ortho ij full same fro")
VALUES: tuple[Any, ...] = (
    *(None, 0, 1, -1, 2, 5, True, False, 1.0, 0.5, -1.5, 1j, (), (0,), (0, 1), (1, 0), (-1,), (0, 0), [0], [0, 1]),
    *([[1]], (2, 3), (3,), [None], {}, print, slice(None), np.nan, np.inf, -np.inf, b"x", *NAMES),
    *(float, int, bool, complex, object, np.float32, np.dtype("i8"), np.int64(1), np.float64(2), np.float32(0.5)),
    *(np.bool_(True), np.array(1), np.array([1, 0]), np.array([True, False, True]), np.array([1.0, 2.0, 3.0])),
    *(np.ones((2, 3)), np.zeros(3), np.zeros((2, 3)), np.zeros(2), (np.zeros(3),)),
)
ARRAYS = (np.array([3.0, 1.0, 2.0]), np.array([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]]))


def parameters_of(fn: Any) -> tuple[str, ...]:
    """The names of a function's parameters behind the first."""
    if isinstance(fn, np.ufunc):
        return UFUNC_PARAMETERS
    try:
        found = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return WITHOUT_SIGNATURE
    return tuple(each.name for each in found if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY))[1:]


def expressions() -> Iterator[str]:
    """Calls of an array ``x`` with something ``k``."""
    for place, module in MODULES.items():
        for name in sorted(set(dir(module)) - set(LEFT)):
            fn = getattr(module, name)
            if name.startswith("_") or not callable(fn) or isinstance(fn, type):
                continue
            first = "x, x" if isinstance(fn, np.ufunc) and fn.nin == 2 else "x"
            yield from (f"{place}.{name}({first}, {parameter}=k)" for parameter in parameters_of(fn))
            yield from (f"{place}.{name}(x, {places})" for places in PLACES)
    for name in METHODS:
        named = (parameter for parameter in METHOD_PARAMETERS if (name, parameter) != ("clip", "where"))
        yield from (f"x.{name}({parameter}=k)" for parameter in named)  # that one leaves memory as it finds it
        yield from (f"x.{name}({places})" for places in PLACES if "x" not in places)


def compared(expression: str) -> Report:
    """All values in place of ``k``, with one function for all of them."""
    space: dict[str, Any] = {"np": np}
    exec(f"def f(x, k):\n    r = {expression}\n    return r, x * 2", space)
    calls = [(array, value) for array in ARRAYS for value in VALUES]
    with graphlet.config.patch(cost_model=0, recompile_limit=2 * len(calls)):
        return compare_runs(space["f"], calls, rounds=2)


def main() -> int:
    """Runs a part of them, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default="0/1", help="which part of how many")
    part, n_parts = map(int, parser.parse_args().part.split("/"))
    todo, n_different = list(expressions())[part::n_parts], 0
    for number, expression in enumerate(todo, 1):
        report = compared(expression)
        n_different += not report.same
        if not report.same:
            print(f"{expression}: {report}", flush=True)
        if number % PRINT_EVERY == 0 or number == len(todo):
            print(f"{number} of {len(todo)} calls, {n_different} with a difference", flush=True)
    return MISMATCH if n_different else 0


if __name__ == "__main__":
    sys.exit(main())
