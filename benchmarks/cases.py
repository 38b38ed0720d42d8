"""What is measured: plain NumPy programs, from one operation to time loops, none of which changes its arguments."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples.programs import black_scholes, distances, image, kmeans, logistic, softmax

Args = tuple[Any, ...]
Make = Callable[[int, np.random.Generator], Args]
ALL = (10, 1_000, 100_000, 10_000_000)
MIDDLE = (10, 1_000, 100_000)


@dataclass(frozen=True, slots=True)
class Case:
    """One program. ``make(n, rng)`` makes arguments of about ``n`` elements.

    sizes    numbers of elements it is measured at
    moved    bytes that have to move per element, for programs that memory bounds; 0 for others
    numexpr  the program as a numexpr string over the arguments' names, if it is one expression
    """

    name: str
    run: Callable[..., Any]
    make: Make
    sizes: tuple[int, ...] = ALL
    moved: int = 0
    numexpr: str = ""


def vectors(*names: str, dtype: str = "d") -> Make:
    """As many vectors of random numbers as there are names."""
    return lambda n, rng: tuple(rng.random(n).astype(dtype) for _ in names)


def integers_of(n: int, rng: np.random.Generator) -> Args:
    """Three vectors of integers."""
    return tuple(rng.integers(-1000, 1000, n) for _ in range(3))


def rows_of(width: int) -> Make:
    """A matrix of rows of this width."""
    return lambda n, rng: (rng.normal(size=(max(n // width, 1), width)),)


def square(n: int, rng: np.random.Generator) -> Args:
    """A square matrix."""
    return (rng.random((max(math.isqrt(n), 4),) * 2),)


# -- chains


def add(x: Any, y: Any) -> Any:
    return x + y


def arithmetic(x: Any, y: Any, z: Any) -> Any:
    return (x * y + z) * 2.0 - np.sqrt(x * x + y * y) / 3.0


def transcendental(x: Any, y: Any) -> Any:
    return np.exp(-(x * x)) * y + np.tanh(x * y) - np.log(y + 1.0)


def integers(i: Any, j: Any, k: Any) -> Any:
    return (i * 3 + j & 255) ^ (k >> 2)


def comparisons(x: Any, y: Any, z: Any) -> Any:
    return np.where((x > 0.3) & (y < 0.7) | (z >= 0.5), x, z)


# -- reductions and rows


def distance(x: Any, y: Any) -> Any:
    return ((x - y) ** 2).sum()


def standardise(x: Any) -> Any:
    return (x - x.mean()) / x.std()


def softmax_rows(x: Any) -> Any:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def layernorm_rows(x: Any) -> Any:
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / np.sqrt((centred * centred).mean(axis=1, keepdims=True) + 1e-5)


def broadcasting(column: Any, row: Any, plane: Any) -> Any:
    return column[:, None] * row + plane * 2.0


def _outer_arguments(n: int, rng: np.random.Generator) -> Args:
    side = max(math.isqrt(n), 2)
    return rng.random(side), rng.random(side), rng.random((side, side))


# -- loops whose body is a graph


def heat(plate: Any, sweeps: int = 20) -> Any:
    plate = plate.copy()
    for _ in range(sweeps):
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate[1:-1, 1:-1] = inner + 0.2 * (around - 4.0 * inner)
    return plate


def relaxation(plate: Any, sweeps: int = 20) -> Any:
    """Jacobi's method, with the largest change of each sweep."""
    plate, change = plate.copy(), 0.0
    for _ in range(sweeps):
        new = 0.25 * (plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:])
        change = np.abs(new - plate[1:-1, 1:-1]).max()
        plate[1:-1, 1:-1] = new
        if change < 1e-12:
            break
    return plate, change


def wave(now: Any, before: Any, steps: int = 20) -> Any:
    """A string that is held at both ends."""
    now, before, after = now.copy(), before.copy(), np.empty_like(now)
    for _ in range(steps):
        after[1:-1] = 2.0 * now[1:-1] - before[1:-1] + 0.1 * (now[2:] - 2.0 * now[1:-1] + now[:-2])
        after[0] = 0.0
        after[-1] = 0.0
        before, now, after = now, after, before
    return now


def transport(u: Any, steps: int = 20) -> Any:
    """Burgers' equation, upwind."""
    u = u.copy()
    for _ in range(steps):
        old = u.copy()
        u[1:] = old[1:] - 0.2 * old[1:] * (old[1:] - old[:-1])
    return u


def runge_kutta(x: Any, v: Any, steps: int = 20, dt: float = 0.01) -> Any:
    """Damped oscillators, the classical method of fourth order."""
    for _ in range(steps):
        k1, l1 = v, -x - 0.1 * v
        k2, l2 = v + 0.5 * dt * l1, -(x + 0.5 * dt * k1) - 0.1 * (v + 0.5 * dt * l1)
        k3, l3 = v + 0.5 * dt * l2, -(x + 0.5 * dt * k2) - 0.1 * (v + 0.5 * dt * l2)
        k4, l4 = v + dt * l3, -(x + dt * k3) - 0.1 * (v + dt * l3)
        x, v = x + dt / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4), v + dt / 6.0 * (l1 + 2.0 * l2 + 2.0 * l3 + l4)
    return x, v


def mandelbrot(c: Any, rounds: int = 20) -> Any:
    z = c * 0.0
    counts = np.zeros(c.shape)
    for _ in range(rounds):
        inside = z.real * z.real + z.imag * z.imag < 4.0
        counts = counts + inside
        z = np.where(inside, z * z + c, z)
    return counts


def _plane_of_numbers(n: int, rng: np.random.Generator) -> Args:
    side = max(math.isqrt(n), 2)
    return (np.linspace(-2.0, 0.5, side) + 1j * np.linspace(-1.2, 1.2, side)[:, None],)


def bodies(x: Any, v: Any, mass: Any, steps: int = 5, dt: float = 0.01) -> Any:
    """Gravity between all pairs, softened."""
    for _ in range(steps):
        apart = x[None, :, :] - x[:, None, :]
        square = (apart * apart).sum(axis=2) + 0.01
        pull = mass[None, :] / (square * np.sqrt(square))
        v = v + dt * (apart * pull[:, :, None]).sum(axis=1)
        x = x + dt * v
    return x, v


def _bodies(n: int, rng: np.random.Generator) -> Args:
    count = max(math.isqrt(n), 3)
    return rng.normal(size=(count, 3)), rng.normal(size=(count, 3)), rng.random(count)


def nearest(points: Any, means: Any) -> Any:
    """Labels of k-means: the number of the nearest mean, for points in the plane."""
    return np.argmin(np.linalg.norm(points - means[:, None], axis=2), axis=0)


def _two_clouds(n: int, rng: np.random.Generator) -> Args:
    half = max(n // 4, 1)
    return np.repeat([[5, 5], [10, 10]], half, axis=0) + rng.normal(size=(2 * half, 2)), np.array([[5, 5], [10, 10]])


# -- work that NumPy does itself, with arithmetic around it


def small_systems(a: Any, b: Any) -> Any:
    x = np.linalg.solve(a + 8.0 * np.eye(8), b)
    return (a @ x - b) * 0.5 + x


def _systems(n: int, rng: np.random.Generator) -> Args:
    count = max(n // 64, 1)
    return rng.random((count, 8, 8)), rng.random((count, 8, 1))


def histogram(x: Any) -> Any:
    cells = np.bincount((x * 50.0).astype(np.int64), minlength=50)
    share = cells / cells.sum()
    return share, -(share * np.log(share + 1e-12)).sum()


def _example(module: Any) -> Case:
    name = module.__name__.rpartition(".")[2].replace("_", " ")
    return Case(name, module.PROGRAM, module.make_inputs)


_ARITHMETIC = "(x * y + z) * 2.0 - sqrt(x * x + y * y) / 3.0"
CASES = {
    case.name: case
    for case in (
        Case("add", add, vectors("x", "y"), (1, 10, 100, *ALL[1:]), 24, "x + y"),
        Case("arithmetic", arithmetic, vectors("x", "y", "z"), ALL, 32, _ARITHMETIC),
        Case("arithmetic float32", arithmetic, vectors("x", "y", "z", dtype="f"), ALL, 16, _ARITHMETIC),
        Case("transcendental", transcendental, vectors("x", "y"), ALL, 0,
             "exp(-(x * x)) * y + tanh(x * y) - log(y + 1.0)"),
        Case("integers", integers, integers_of, ALL, 32, "(i * 3 + j & 255) ^ (k >> 2)"),
        Case("comparisons", comparisons, vectors("x", "y", "z"), ALL, 32,
             "where((x > 0.3) & (y < 0.7) | (z >= 0.5), x, z)"),
        Case("distance", distance, vectors("x", "y"), ALL, 16),
        Case("standardise", standardise, vectors("x"), ALL, 16),
        Case("softmax rows", softmax_rows, rows_of(64)),
        Case("layernorm rows", layernorm_rows, rows_of(64)),
        Case("broadcasting", broadcasting, _outer_arguments, ALL, 16),
        Case("heat", heat, square),
        Case("relaxation", relaxation, square, MIDDLE),
        Case("wave", wave, vectors("x", "y"), MIDDLE),
        Case("transport", transport, vectors("x"), MIDDLE),
        Case("runge kutta", runge_kutta, vectors("x", "v"), MIDDLE),
        Case("mandelbrot", mandelbrot, _plane_of_numbers, MIDDLE),
        Case("bodies", bodies, _bodies, MIDDLE),
        Case("nearest", nearest, _two_clouds, (10, 1_000, 100_000, 4_000_000)),
        Case("small systems", small_systems, _systems, MIDDLE),
        Case("histogram", histogram, vectors("x")),
        *map(_example, (kmeans, black_scholes, distances, image, logistic, softmax)),
    )
}  # fmt: skip
