"""Views by basic indices: NumPy's shapes, strides, flags, bases and refusals."""

from typing import Any

import numpy as np
import pytest

from tests.oracle.runner import differential

ONE = [0, -1, 4, 5, -6, 2**70, ..., None, slice(None), slice(1, -1), slice(None, None, -1), slice(4, 1, -2)]
ONE += [slice(3, 3), slice(9, None), slice(None, None, 2**62), slice(-(2**65), 2**65), slice(None, None, 0)]
ONE += [True, np.int64(2)]
TWO = [(0, 1), (0, ...), (..., 0), (0, 1, ...), (..., 1, 0), (None, 0), (0, None, 1), (None, ..., None), (slice(2), 1)]
TWO += [(slice(None, None, -1), slice(1, None, 2)), (1, slice(5, 0, -3)), (..., ...), (0, 0, 0), (slice(2, 2), None, 1)]
TWO += [(None,) * 3, (None,) * 5, (slice(None), None, ..., None), (slice(1, 1), slice(3, 1)), (3, 0), (0, -5), ()]
THREE = [(0, ..., 1), (..., slice(1, 2)), (slice(None), 0), (1, None, ..., 2), (slice(None, None, -2),) * 3, (0, 1, 2)]
DTYPES = ["f8", "u1", "c16", "S3", "M8[s]", "O", ">i4", "f2", "V5"]


def viewed(x: Any, place: Any, k: Any) -> Any:
    part = x[place]
    is_view = part.base is x or part.base is x.base
    return part, is_view, part.flags.writeable, part.flags.aligned, part.flags.owndata, np.sqrt(k)


def made(shape: tuple[int, ...], dtype: str) -> list[Any]:
    """Arrays in four layouts and one that cannot be written."""
    n = int(np.prod(shape))
    x = np.zeros(n, dtype) if dtype[0] in "SV" else np.arange(n).astype(dtype)
    base = x.reshape(shape)
    fixed = base.copy()
    fixed.flags.writeable = False
    return [base, np.asfortranarray(base), base[::-1], base[..., ::2].repeat(2, -1)[..., ::2], fixed]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4), (0, 3), (1, 1)])
def test_views(shape: tuple[int, ...], dtype: str) -> None:
    for place in {1: ONE, 2: ONE[:13] + TWO, 3: ONE[:13] + TWO + THREE}[len(shape)]:
        differential(viewed, *((x, place, 2.0) for x in made(shape, dtype)))


def test_views_of_views_and_of_what_is_made() -> None:
    def chain(x: Any) -> Any:
        y = x * 2
        a, b = y[1:, ::-1], x[:, 1:]
        c, d = a[..., None][0], b[::2][..., -1]
        c[:] = 1
        return y, c, d, c.base is y, d.base is x, b.base is d.base

    squares = [np.arange(16.0).reshape(4, 4), np.arange(64).reshape(8, 8)[::2, ::2]]
    differential(chain, *((x,) for x in squares), native=0.8)


def test_subclasses_and_many_axes() -> None:
    x = np.arange(128.0).reshape((2,) * 7)
    differential(viewed, *((x, place, 2.0) for place in [0, (0,) * 7, (..., None), (slice(None),) * 7, (0,) * 6]))
    differential(viewed, (np.arange(3.0).view(np.recarray), slice(1), 2.0), (np.ma.array([1.0, 2]), slice(1), 2.0))
