"""Finding rows."""

import numpy as np

from graphlet.arrayops import catalogue
from graphlet.ir.op import EITHER, FRESH, VIEW
from tests.arrayops.cases import filled


def test_rows_are_found_by_identity():
    assert catalogue.lookup(np.add).fn is np.add
    assert catalogue.lookup(np.sum).fn is np.sum
    assert catalogue.lookup(np.concatenate).name == "concatenate"
    assert catalogue.lookup(np.random.rand) is None
    assert catalogue.lookup(filled((3,))) is None


def test_no_code_of_the_user_runs():
    class Hostile:
        def __hash__(self):
            raise AssertionError

        def __eq__(self, other):
            raise AssertionError

    assert catalogue.lookup(Hostile()) is None
    assert catalogue.lookup(Hostile) is None


def test_methods_and_operators():
    assert catalogue.method("sum").fn is np.ndarray.sum
    assert catalogue.method("tofile") is None
    assert catalogue.operator("@").fn is np.matmul
    assert catalogue.operator("+") is catalogue.lookup(np.add)
    assert catalogue.operator("**").fn is pow or catalogue.operator("**").name == "power"


def test_every_row_is_well_formed():
    rows = catalogue.rows()
    assert len(rows) > 250
    for row in rows:
        assert row.kind in ("elementwise", "reduction", "view", "creation", "scalar", "opaque")
        assert row.alias in (FRESH, VIEW, EITHER)
        assert row.name.isidentifier()
        assert row.kind != "elementwise" or (isinstance(row.fn, np.ufunc) and row.fn.nout == 1)


def test_functions_of_one_name_are_one_row():
    assert catalogue.lookup(np.abs) is catalogue.lookup(np.absolute)
    assert catalogue.ufunc_method(np.add, "reduce") is catalogue.ufunc_method(np.add, "reduce")
