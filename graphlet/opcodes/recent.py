"""What was found out lately about code objects: a region that learns asks about its function, and about those that it
calls, each time.

Ownership goes one way (see docs/design.md), so what is kept here does not hold its code object.
"""

import copy
import weakref
from collections import OrderedDict
from dataclasses import replace
from types import CodeType
from typing import Any, Generic, TypeVar, cast

from graphlet.opcodes.decode import Decoded, decode
from graphlet.opcodes.flow import Flow, analyse

T = TypeVar("T")


class Recent(Generic[T]):
    """The last ``most`` answers, by code object."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: OrderedDict[int, tuple[weakref.ref[CodeType], T]] = OrderedDict()

    def get(self, code: CodeType) -> T | None:
        """The answer for this very code object."""
        known = self.kept.get(id(code))
        return known[1] if known is not None and known[0]() is code else None

    def keep(self, code: CodeType, answer: T) -> None:
        """Keep it until there are so many newer ones; what belonged to code objects that died meanwhile goes now.

        No callback of a weak reference does that: it would be Python code at any moment, under a tracer for example.
        """
        for key in [key for key, (alive, _) in self.kept.items() if alive() is None]:
            self.kept.pop(key, None)
        self.kept[id(code)] = weakref.ref(code), answer
        if len(self.kept) > self.most:
            self.kept.popitem(last=False)


_flows: Recent[Flow] = Recent(64)
_decoded: Recent[Decoded] = Recent(128)


def decoded_of(code: CodeType) -> Decoded:
    """``decode(code)``, from memory if it was asked for lately."""
    known = _decoded.get(code)
    if known is not None:
        return replace(known, code=code)
    decoded = decode(code)
    _decoded.keep(code, replace(decoded, code=cast("Any", None)))
    return decoded


def flow_of(code: CodeType) -> Flow:
    """``analyse(code)``, from memory if it was asked for lately."""
    known = _flows.get(code)
    if known is not None:
        return _with_code(known, code)
    flow = analyse(code, decoded_of(code))
    flow.live(0)  # so that this part is kept as well
    _flows.keep(code, _with_code(flow, cast("Any", None)))
    return flow


def _with_code(flow: Flow, code: Any) -> Flow:
    """A copy of the analysis that holds another code object; the tables are shared."""
    other = copy.copy(flow)
    other.code = code
    other.decoded = replace(flow.decoded, code=code)
    return other
