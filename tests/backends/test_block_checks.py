"""Types as the machine checks them."""

import numpy as np

from graphlet.backends.block_checks import Checks, is_python_scalar
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ObjectType, ScalarType, Sym, unify
from graphlet.runtime.plan import ArrayCheck, TupleCheck, TypeCheck

D = np.dtype("d")


def test_symbols_known_to_be_equal_have_one_number():
    a, b, c = Sym("a", 3), Sym("b", 3), Sym("c", 4)
    unify(a, b)
    checks = Checks()
    assert checks.of(ArrayType(D, (a, c, b, 1))) == ArrayCheck(D, (-1, -2, -1, 1))
    assert checks.n_syms == 2


def test_scalars_objects_and_tuples():
    checks = Checks()
    assert checks.of(ScalarType(float)) == TypeCheck(float)
    assert checks.of(ScalarType(np.float32, np.dtype("f"))) == TypeCheck(np.float32)
    assert checks.of(ObjectType(slice)) == TypeCheck(slice)
    pair = ObjectType(tuple, (ScalarType(int), ArrayType(D, (2,))))
    assert checks.of(pair) == TupleCheck(tuple, (TypeCheck(int), ArrayCheck(D, (2,))))
    assert checks.of(ObjectType(tuple)) == TypeCheck(tuple)
    assert checks.of(None) is None


def test_python_scalars():
    b = Builder()
    assert is_python_scalar(b.placeholder("k", ScalarType(int)))
    assert not is_python_scalar(b.placeholder("x", ScalarType(np.float64, D)))
    assert not is_python_scalar(b.placeholder("a", ArrayType(D, ())))
    assert is_python_scalar(2.5) and not is_python_scalar(np.float64(2.5)) and not is_python_scalar("2")
