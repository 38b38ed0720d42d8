"""What was found out lately about code objects: a region that learns asks about its function, and about those that it
calls, each time.

Ownership goes one way (see docs/design.md), so what is kept here does not hold its code object.
"""

import copy
import weakref
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
        self.kept: dict[int, tuple[weakref.ref[CodeType], T]] = {}

    def get(self, code: CodeType) -> T | None:
        """The answer for this very code object."""
        known = self.kept.get(id(code))
        return known[1] if known is not None and known[0]() is code else None

    def keep(self, code: CodeType, answer: T) -> None:
        """Keep it until there are so many newer ones; what belonged to code objects that died meanwhile goes now.

        No callback of a weak reference does that: it would be Python code at any moment, under a tracer for example.
        """
        # Other threads may come in between, so nothing here goes by what was there a moment ago.
        for key in list(self.kept):
            known = self.kept.get(key)
            if known is not None and known[0]() is None:
                self.kept.pop(key, None)
        self.kept[id(code)] = weakref.ref(code), answer
        drop_oldest(self.kept, self.most)


def drop_oldest(kept: dict[int, Any], most: int) -> None:
    """Leave the ``most`` entries that came last, whatever other threads do to the dict meanwhile."""
    for key in list(kept)[:-most]:
        kept.pop(key, None)


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
