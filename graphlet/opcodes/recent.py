"""Analyses of code objects that were asked for lately: a region that learns asks for that of its function each time.

Ownership goes one way (see docs/design.md), so what is kept here does not hold its code object and goes with it.
"""

import copy
import weakref
from collections import OrderedDict
from dataclasses import replace
from types import CodeType
from typing import Any, cast

from graphlet.opcodes.flow import Flow, analyse

MOST = 64

_recent: "OrderedDict[int, tuple[weakref.ref[CodeType], Flow]]" = OrderedDict()


def flow_of(code: CodeType) -> Flow:
    """``analyse(code)``, from memory if it was asked for lately."""
    known = _recent.get(id(code))
    if known is not None and known[0]() is code:
        return _with_code(known[1], code)
    flow = analyse(code)
    flow.live(0)  # so that this part is kept as well
    _keep(code, flow)
    return flow


def _with_code(flow: Flow, code: Any) -> Flow:
    """A copy of the analysis that holds another code object; the tables are shared."""
    other = copy.copy(flow)
    other.code = code
    other.decoded = replace(flow.decoded, code=code)
    return other


def _keep(code: CodeType, flow: Flow) -> None:
    key = id(code)

    def forget(dead: "weakref.ref[CodeType]") -> None:
        if (known := _recent.get(key)) is not None and known[0] is dead:
            _recent.pop(key, None)

    _recent[key] = (weakref.ref(code, forget), _with_code(flow, cast("Any", None)))
    if len(_recent) > MOST:
        _recent.popitem(last=False)
