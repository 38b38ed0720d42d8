"""``np.poly1d``: its methods are followed as NumPy has written them, but for how it takes and keeps its coefficients.

Those are trimmed of zeros in front. A graph has none to trim, or it declines.
"""

from collections.abc import Callable
from typing import Any

from graphlet.arrayops.indexing import LEADS, leads
from graphlet.capture import effects
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.sequences import polyfill
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.pytypes import is_none
from graphlet.core.pristine import np
from graphlet.sources import InstanceAttr
from graphlet.values.base import Array, Constant, Value
from graphlet.values.objects import Instance, Object

Rule = Callable[[Machine, Args, Kwargs], Value]


def coefficients_(given: Any, are_roots: Any) -> Any:
    if are_roots:
        given = np.poly(given)
    given = np.asarray(given)
    leads(given)  # a rule of this module, not followed: the region declines where zeros are to be trimmed
    return given[0:]


COEFFICIENTS = polyfill(coefficients_, 2, 2)


def is_polynomial(value: Value) -> bool:
    return isinstance(value, (Instance, Object)) and value.type is np.poly1d


def coefficients(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """What a ``np.poly1d`` keeps in its dictionary under the name of a property."""
    polynomial = m.read(args[0])
    if isinstance(polynomial, Object) and "coeffs" in polynomial.entries:
        return polynomial.entries["coeffs"]
    if not isinstance(polynomial, Instance) or polynomial.type is not np.poly1d or polynomial.source is None:
        raise Break("GL110", f"the coefficients of {describe(polynomial)}", name_of(polynomial))
    found = polynomial.example.__dict__.get("coeffs")
    return m.reader.unread(InstanceAttr(polynomial.source, "coeffs"), found)


def make(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.poly1d.__init__(self, c_or_r, r=False, variable=None)``"""
    named = dict(zip(("self", "c_or_r", "r", "variable"), args, strict=False)) | kwargs
    made, given = m.read(named.get("self", Constant(None))), m.read_deep(named.get("c_or_r", Constant(None)))
    variable = m.read(named.get("variable", Constant(None)))
    if not isinstance(made, Object) or made.type is not np.poly1d or made.entries or is_polynomial(given):
        raise Break("GL110", "a np.poly1d made of another one", name_of(given))
    if named.keys() - {"self", "c_or_r", "r", "variable"} or not isinstance(variable, Constant):
        raise Break("GL107", "np.poly1d with these arguments")
    kept = m.read(COEFFICIENTS(m, (given, named.get("r", Constant(False))), {}))
    entries = {"coeffs": kept, "_variable": Constant("x") if is_none(variable) else variable}
    m.trail.set(made, "entries", entries)
    return Constant(None)


def require_lead(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """The condition on which coefficients stay as they are."""
    array = m.read(args[0])
    if not isinstance(array, Array) or array.type.ndim != 1:
        raise Break("GL111", "coefficients that are no vector")
    effects.emit(m, LEADS, (effects.node_of_array(m, array),))
    return Constant(None)


RULES: dict[Any, Rule] = {
    vars(np.poly1d)["_coeffs"].fget: coefficients,
    np.poly1d.__init__: make,
    leads: require_lead,
}
