"""A program for tools to look at: branches, loops, exceptions, callees, over arrays. Run as a script or imported."""

import sys

import numpy as np

import graphlet


def scaled(x, k):
    if k > 2:
        return x * k
    return np.sqrt(np.abs(x)) + k


class Model:
    def __init__(self, bias):
        self.bias = bias

    def run(self, x):
        try:
            y = scaled(x, 3.0) + self.bias
            return y.reshape(2, -1)
        except ValueError:
            return y[1:]
        finally:
            x = x + 1


def program(x, n):
    total = 0.0
    for i in range(n):
        y = scaled(x, float(i))
        if y.sum() > 40:
            total += float(y.max())
            continue
        z = [row * 2 for row in np.outer(y, y)]
        total += float(z[0].sum()) if i else 0.0
    else:
        x = np.where(x > 2, x, -x)
    with np.errstate(all="ignore"):
        w = 1 / (x - x[0])
    assert w.shape == x.shape
    return total, Model(0.5).run(x), never(x) if n < 0 else w


def never(x):
    return x + 1


def several(x):
    yield x + 1
    for i in range(2):
        yield scaled(x, 2.0 + i) * 2


def main(watch=lambda: None):
    """Everything, a few times; ``watch`` is called when graphs have been learnt."""
    program_, several_ = graphlet.optimize(program), graphlet.optimize(several)
    x = np.arange(6.0) + 1
    seen = []
    with graphlet.enable(include="*watched*"):
        for turn in range(5):
            if turn == 3:
                watch()
            seen.append(program_(x, 4)[0])
            seen.append(Model(turn).run(x[: 5 + turn % 2]).sum())
            seen.extend(y.sum() for y in several_(x))
    return seen


if __name__ == "__main__":
    print(main(), file=sys.stderr)
