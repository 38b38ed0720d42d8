"""Odd arguments of NumPy's functions: those that were taken for something else, and a sample of all."""

import pytest

from tests.fuzz.odd import compared, expressions

EVERY = 149


@pytest.mark.parametrize(
    "expression",
    [
        *("np.clip(x, k)", "np.clip(x, a_max=k)", "np.clip(x, 0, k, min=k)", "x.clip(a_min=k)", "x.clip(1, min=k)"),
        *("np.frexp(x, out=k)", "np.square(x, (k,))", "np.cumsum(x, out=(k,))", "x.transpose(out=k)"),
        *("x.partition(0, k)", "np.sum(x, where=k)", "np.array(x, ndmin=k)", "np.array(x, None, k)"),
        *("np.issubdtype(x, k)", "np.min_scalar_type(k)"),
    ],
)
def test_what_was_taken_for_something_else(expression: str) -> None:
    report = compared(expression)
    assert report.same, report


def test_a_sample() -> None:
    sample = list(expressions())[::EVERY]
    assert len(sample) > 20
    for expression in sample:
        report = compared(expression)
        assert report.same, f"{expression}: {report}"
