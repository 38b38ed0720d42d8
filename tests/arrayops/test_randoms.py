"""What a draw gives, said before it is drawn."""

from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, RandomState

from graphlet.arrayops.randoms import DRAW, MAKERS, is_draw
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Sym
from tests.arrayops.cases import abstract

X = np.arange(1.0, 5.0)
CASES: list[tuple[type, str, tuple[Any, ...], dict[str, Any]]] = [
    (Generator, "normal", (0.0, 1.0, 4), {}),
    (Generator, "normal", (X,), {}),
    (Generator, "normal", (), {"loc": X, "size": (3, 4)}),
    (Generator, "random", (), {}),
    (Generator, "random", ((2, 3),), {"dtype": np.float32}),
    (Generator, "integers", (5,), {}),
    (Generator, "integers", (0, 9, (2, 1)), {"dtype": np.int8}),
    (Generator, "choice", (X, 3), {}),
    (Generator, "permutation", (X,), {}),
    (Generator, "permutation", (5,), {}),
    (Generator, "dirichlet", ([1.0, 2.0, 3.0], 2), {}),
    (RandomState, "rand", (2, 3), {}),
    (RandomState, "rand", (), {}),
    (RandomState, "randint", (5,), {}),
    (RandomState, "choice", (5, (2, 2)), {}),
]


@pytest.mark.parametrize(("kind", "name", "args", "kwargs"), CASES)
def test_type(kind: type, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    generator = np.random.default_rng(1) if kind is Generator else RandomState(1)
    real = getattr(generator, name)(*args, **kwargs)
    named = {key: abstract(value) for key, value in kwargs.items()}
    said = DRAW.infer((name, ObjectType(kind), *map(abstract, args)), named)
    if isinstance(real, np.ndarray):
        assert isinstance(said, ArrayType)
        assert said.dtype == real.dtype and said.ndim == real.ndim
        assert all(isinstance(dim, Sym) or dim == size for dim, size in zip(said.shape, real.shape, strict=True))
    else:
        assert isinstance(said, ScalarType)
        assert said.pytype is type(real)


def test_what_is_written_or_not_known_is_refused() -> None:
    with pytest.raises(InferenceError):
        DRAW.infer(("random", ObjectType(Generator)), {"out": abstract(X)})
    with pytest.raises(InferenceError):
        DRAW.infer(("choice", ObjectType(Generator), ["a", "b"], 3), {})
    assert not is_draw(Generator, "shuffle") and not is_draw(Generator, "spawn") and is_draw(Generator, "normal")


def test_generators() -> None:
    assert MAKERS[np.random.default_rng].infer((3,), {}) == ObjectType(Generator)
    assert MAKERS[RandomState].infer((3,), {}) == ObjectType(RandomState)
