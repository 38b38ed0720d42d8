"""Functions from source text under a name of its own, so that reports about them have the same lines everywhere."""

import linecache
from typing import Any

import numpy as np

import graphlet


def program(source: str, filename: str = "demo.py", **names: Any) -> dict[str, Any]:
    """The names a program defines; reports can look up its source while no other has the same file name."""
    source = source.lstrip("\n")
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace: dict[str, Any] = {"np": np, "graphlet": graphlet, "__name__": "demo", **names}
    exec(compile(source, filename, "exec"), namespace)
    return namespace


KMEANS = """
def kmeans(X, means):
    d = X - means[:, None]
    d2 = (d * d).sum(axis=2)
    lab = np.argmin(d2, axis=0)
    print("labels", lab.shape)
    return lab + 0


def solver(x, tol):
    steps = 0
    for _ in range(50):
        step = x * 0.5 + 0.1
        x = x - step
        steps += 1
        if np.abs(step).max() < tol:
            break
    return x, steps


def unknown(x, note):
    y = x * 2.0
    z = note(y)
    z = np.sqrt(z + 1.0)
    w = x[x > 0.5]
    return z * 2.0 - y, w


def numbers(x, rounds):
    for k in range(rounds):
        yield x * k + 1.0


async def waiting(x):
    y = x * x
    await later()
    return y + 1.0


async def later():
    pass


def divide(x, y):
    return (x + 1.0) / y


def plain(a, b=2):
    return a + b
"""
