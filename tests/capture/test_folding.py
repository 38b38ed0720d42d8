"""Operations on constants done now."""

import operator

import pytest

from graphlet.capture.breaks import Break
from graphlet.capture.folding import fold


def test_folds() -> None:
    assert fold(operator.add, 1, 2.5) == 3.5
    assert fold(str, 3) == "3"
    assert fold(divmod, 7, 2) == (3, 1)


@pytest.mark.parametrize(
    ("fn", "args"),
    [
        (operator.truediv, (1, 0)),
        (operator.pow, (10, 10**6)),
        (operator.lshift, (1, 10**9)),
        (operator.mul, ("a", 10**9)),
        (operator.mul, (10**9, "a")),
        (operator.invert, (True,)),
        (operator.add, (1 << 5000, 1)),
        (iter, ("a",)),
        (list, ("a",)),
        (operator.add, (1, "a")),
    ],
)
def test_refuses(fn, args: tuple) -> None:
    with pytest.raises(Break):
        fold(fn, *args)
