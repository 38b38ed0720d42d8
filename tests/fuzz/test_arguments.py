"""Arguments have the dtype, shape and layout they are named for, and are the same each time."""

import numpy as np
import pytest

from tests.fuzz.arguments import DTYPES, GROWTH, LAYOUTS, RARE_DTYPES, arr
from tests.oracle.compare import Comparison


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (1, 4), (3, 4), (2, 3, 4)])
def test_same_each_time(layout: str, shape: tuple[int, ...]) -> None:
    for dtype in (*DTYPES, *RARE_DTYPES):
        a, b = (arr(dtype, shape, layout, 7, 0.3) for _ in range(2))
        assert a.dtype == np.dtype(dtype)
        assert a.shape == b.shape == shape
        assert a.strides == b.strides
        walk = Comparison()
        walk.values("array", a, b)
        assert walk.differences == []
        assert not np.shares_memory(a, b)


def test_layouts_differ() -> None:
    flags = {layout: arr("float64", (3, 4), layout).flags for layout in LAYOUTS}
    assert flags["C"].c_contiguous
    assert flags["F"].f_contiguous
    assert flags["transposed"].f_contiguous
    assert not flags["strided"].c_contiguous
    assert arr("float64", (3, 4), "negative").strides == (-32, -8)
    assert arr("float64", (3, 4), "broadcast").strides[0] == 0
    assert not flags["readonly"].writeable
    assert not flags["unaligned"].aligned
    assert not flags["offset"].owndata


def test_special_values_appear() -> None:
    assert np.isnan(arr("float64", (200,), special=0.5)).any()
    assert (arr("int8", (200,), special=0.5) == -128).any()
    assert not np.isnan(arr("float64", (200,))).any()


def test_longer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GROWTH, "times", 3)
    assert arr("float64", (1, 2, 0, 4)).shape == (1, 6, 0, 12)
