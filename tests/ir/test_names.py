"""Names of nodes: numbered, unique, none that code needs itself."""

import pytest

from graphlet.ir.names import Names, clean


def test_numbering_like_fx() -> None:
    names = Names(["x"])
    given = [names.fresh(text) for text in ("add", "add", "add", "x", "add_1")]
    assert given == ["add", "add_1", "add_2", "x_1", "add_1_1"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("np.linalg.inv", "inv"), ("__iadd__", "iadd"), ("self.w[0]", "w_0"), ("1st", "v1st"), ("", "v"), ("é", "v")],
)
def test_clean(text: str, name: str) -> None:
    assert clean(text) == name


@pytest.mark.parametrize("taken", ["abs", "sum", "np", "operator", "lambda", "match"])
def test_names_that_code_needs_are_not_given(taken: str) -> None:
    assert Names().fresh(taken) == f"{taken}_1"


def test_released_names_are_free() -> None:
    names = Names()
    names.fresh("a")
    names.release([names.fresh("a")])
    assert names.fresh("a") == "a_1"
