"""Which way a branch goes."""

import types

from graphlet.capture import dicts, specials
from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.orders import guarded_order
from graphlet.capture.payloads import base_of, plain_of
from graphlet.capture.pytypes import CONTAINERS, is_plain
from graphlet.core.pristine import np
from graphlet.guards.kinds import Compare
from graphlet.sources import Known
from graphlet.values.base import Array, Constant, Mapping, Scalar, Sequence, Slice, Value
from graphlet.values.objects import Cell, Function, Instance, Iterable, Method, Object, Partial, Set, is_dict

_ALWAYS = (Function, Method, Partial, Cell, Slice)
_TRUE_CONSTANTS = (types.ModuleType, types.BuiltinFunctionType, types.MethodDescriptorType, np.ufunc)


def truth(m: Machine, value: Value) -> bool:
    """``bool(value)``, with the guards that fix it. Raises Break if it depends on data."""
    value = m.read(value)
    if isinstance(value, Constant):
        return _constant(value)
    if isinstance(value, Scalar):
        return _scalar(m, value)
    if isinstance(value, (Sequence, Mapping)):
        return bool(value.items)
    if isinstance(value, Set):
        return bool(value.now)
    if isinstance(value, Iterable):
        return bool(value.items)
    if isinstance(value, _ALWAYS):
        return True
    if isinstance(value, Instance):
        return _instance(m, value)
    if isinstance(value, Object):
        return _user(m, value)
    if isinstance(value, Array):
        raise Break("GL112", f"the branch needs the value of {describe(value)}, {AFTERWARDS}", name_of(value))
    raise Break("GL110", f"the truth of {describe(value)}", name_of(value))


AFTERWARDS = "which exists only after the graph has run"


def _constant(value: Constant) -> bool:
    if is_plain(value.value) or type(value.value) is frozenset:
        return bool(value.value)
    if isinstance(value.value, _TRUE_CONSTANTS) or type(value.value) is type:
        return True
    raise Break("GL110", f"the truth of {describe(value)}", name_of(value))


def _scalar(m: Machine, value: Scalar) -> bool:
    if value.source is not None and value.type.pytype in (int, float):
        m.guard(Compare(value.source, "!=", Known(0), value.hint != 0))
        return bool(value.hint)
    known = guarded_order(m, value)
    if known is not None:
        return known
    try:
        return bool(m.pin(value))
    except Break as error:
        text = f"the branch needs the value of {describe(value)}, {AFTERWARDS}"
        raise Break("GL112", text, error.variable) from error


def _instance(m: Machine, value: Instance) -> bool:
    """An object is true if its class says nothing else; the type is guarded."""
    dicts.require(m, value, "__bool__", "__len__")
    whole = m.table("mappings").get(value)
    if whole is not None:
        return bool(whole.items)
    if value.type in CONTAINERS or is_dict(value):
        return dicts.guarded_length(m, value) > 0
    base = base_of(value)
    plain = value if base is None else plain_of(m, value, *(("__bool__", "__len__") if base is str else ("__bool__",)))
    return _user(m, value) if plain is value else truth(m, plain)


def _user(m: Machine, value: Value) -> bool:
    """An object is what ``__bool__`` or ``__len__`` of its class says, else true."""
    said = specials.call_special(m, value, "__bool__")
    if isinstance(said, Scalar) and said.type.pytype is bool:
        return _scalar(m, said)
    if said is not None:
        return bool(m.known(specials.whole(m, value, said, bool)))
    inside = specials.contents(m, value, "__len__")
    if inside is not value:
        return truth(m, inside)
    said = specials.call_special(m, value, "__len__")
    if said is not None:
        return truth(m, specials.whole(m, value, said, int))
    if specials.is_user(value):
        return True
    raise Break("GL110", f"the truth of {describe(value)}", name_of(value))
