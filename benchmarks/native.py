"""The llvm backend beside the block machine and NumPy: ``python -m benchmarks.native [--sizes 1e3,1e5] [chains]``.

Each chain runs in NumPy, on the block machine and in generated code, in turns. Printed are times as fast as NumPy
(medians and best of the turns, in processor time of the thread), and the share of fused work in generated code.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import graphlet
from graphlet.runtime import _block

Chain = Callable[..., Any]
SECONDS = 0.4  # for a chain at a size
BACKENDS = ("block", "llvm")


def multiply_add(x: Any, y: Any, z: Any) -> Any:
    return x * y + z


def arithmetic(x: Any, y: Any, z: Any) -> Any:
    return (x * y + z) * 2.0 - np.sqrt(x * x + y * y) / 3.0


def sixteen(x: Any, y: Any, z: Any) -> Any:
    a = x * y + z
    b = a * x - y
    c = b * b + a
    d = c * y - z
    e = d * 0.5 + c
    f = e - a * b
    g = f * f + e
    return (g * 0.25 - d) * x + y


def select(x: Any, y: Any, z: Any) -> Any:
    return np.where(x > y, x - z, y * 2.0 + z)


def clip(x: Any, y: Any, z: Any) -> Any:
    return np.minimum(np.maximum(x - 0.5, 0.0), y) * z


def masks(x: Any, y: Any, z: Any) -> Any:
    return (x > 0.3) & (y < 0.7) | (z >= 0.5)


def transcendental(x: Any, y: Any, z: Any) -> Any:
    return np.exp(-(x * x)) * y + np.tanh(x * y) - np.log(y + 1.0)


def distance(x: Any, y: Any, z: Any) -> Any:
    return ((x - y) ** 2 + (y - z) ** 2).sum()


def integers(i: Any, j: Any, k: Any) -> Any:
    return (i * j + k ^ i) & (j + 3)


def stencil(a: Any, b: Any, c: Any) -> Any:
    return 0.2 * (a[1:-1, 1:-1] + a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:])


def standardise(a: Any, b: Any, c: Any) -> Any:
    centred = a - a.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)


def softmax(a: Any, b: Any, c: Any) -> Any:
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def layernorm(a: Any, b: Any, c: Any) -> Any:
    centred = a - a.mean(axis=1, keepdims=True)
    variance = (centred * centred).mean(axis=1, keepdims=True)
    return centred / np.sqrt(variance + 1e-5) * b[0] + c[0]


def unit_rows(a: Any, b: Any, c: Any) -> Any:
    return a / np.sqrt((a * a).sum(axis=1, keepdims=True))


def log_sum_exp(a: Any, b: Any, c: Any) -> Any:
    most = a.max(axis=1)
    return most + np.log(np.exp(a - most[:, None]).sum(axis=1))


def sums(x: Any, y: Any, z: Any) -> Any:
    return (x * y).sum() + np.abs(x - z).max() - (y * z + x).mean()


CHAINS: dict[str, tuple[Chain, str]] = {
    "multiply-add": (multiply_add, "d"),
    "arithmetic": (arithmetic, "d"),
    "arithmetic f32": (arithmetic, "f"),
    "16 operations": (sixteen, "d"),
    "select": (select, "d"),
    "clip": (clip, "d"),
    "masks": (masks, "d"),
    "transcendental": (transcendental, "d"),
    "distance": (distance, "d"),
    "integers": (integers, "l"),
    "stencil": (stencil, "plane"),
    "standardise": (standardise, "plane"),
    "sums": (sums, "d"),
    "softmax": (softmax, "plane"),
    "softmax, short": (softmax, "rows"),
    "layernorm": (layernorm, "plane"),
    "layernorm, short": (layernorm, "rows"),
    "layernorm f32": (layernorm, "plane f"),
    "unit rows": (unit_rows, "plane"),
    "log sum exp": (log_sum_exp, "plane"),
}
SHORT_ROW = 64


def arguments(kind: str, n: int) -> list[Any]:
    """Three arrays of about ``n`` elements."""
    rng = np.random.default_rng(1)
    if kind.startswith("plane"):
        return [rng.random((max(int(n**0.5), 4),) * 2).astype(kind[5:].strip() or "d") for _ in range(3)]
    if kind == "rows":
        return [rng.random((max(n // SHORT_ROW, 4), SHORT_ROW)) for _ in range(3)]
    if kind == "l":
        return [rng.integers(-1000, 1000, n) for _ in range(3)]
    return [rng.random(n).astype(kind) for _ in range(3)]


def measure(functions: dict[str, Chain], args: list[Any]) -> dict[str, list[float]]:
    """Seconds of calls of each, in turns."""
    once = 1.0
    for _ in range(3):
        start = time.perf_counter()
        functions["numpy"](*args)
        once = min(once, max(time.perf_counter() - start, 1e-7))
    loops = max(int(2e-4 / once), 1)
    taken: dict[str, list[float]] = {name: [] for name in functions}
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(taken["numpy"]) < 5:
        for name, function in functions.items():
            start = time.thread_time()
            for _ in range(loops):
                function(*args)
            taken[name].append((time.thread_time() - start) / loops)
    return taken


def row(name: str, n: int) -> dict[str, float]:
    """One chain at one size: prints it, and returns medians as times of NumPy's."""
    chain, kind = CHAINS[name]
    args = arguments(kind, n)
    functions: dict[str, Chain] = {"numpy": chain}
    functions.update({backend: graphlet.optimize(chain, backend=backend) for backend in BACKENDS})
    for backend in BACKENDS:
        for _ in range(5):
            assert np.asarray(functions[backend](*args)).tobytes() == np.asarray(chain(*args)).tobytes()
    before = _block.work()
    functions["llvm"](*args)
    compiled, looped = (after - then for after, then in zip(_block.work(), before, strict=True))
    taken = measure(functions, args)
    medians = {backend: statistics.median(taken["numpy"]) / statistics.median(taken[backend]) for backend in BACKENDS}
    best = {backend: min(taken["numpy"]) / min(taken[backend]) for backend in BACKENDS}
    cells = "  ".join(f"{backend} {medians[backend]:6.2f} ({best[backend]:5.2f})" for backend in BACKENDS)
    share = compiled / max(compiled + looped, 1)
    gain = medians["llvm"] / medians["block"]
    print(f"  {name:15} {n:9}  {cells}   llvm/block {gain:5.2f}   compiled {share:.2f}", flush=True)
    return medians


def main(argv: list[str] | None = None) -> int:
    """Measure the chosen chains at the chosen sizes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.native", description=__doc__)
    parser.add_argument("chains", nargs="*", help=f"{', '.join(CHAINS)} (all)")
    parser.add_argument("--sizes", default="1e3,1e5,1e7", help="numbers of elements")
    options = parser.parse_args(argv)
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}; times as fast as NumPy: median (best)")
    with graphlet.config.patch(compile="at once", cost_model=0):
        for n in (int(float(size)) for size in options.sizes.split(",")):
            rows = [row(name, n) for name in options.chains or CHAINS]
            means = {backend: statistics.geometric_mean(r[backend] for r in rows) for backend in BACKENDS}
            print(f"  {n}: geometric mean block {means['block']:.2f}, llvm {means['llvm']:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
