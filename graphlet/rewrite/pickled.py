"""Rewritten code that was pickled, by cloudpickle and its like: its stubs decline, and the function sheds them."""

import gc
import sys
from types import CodeType, FunctionType
from typing import Any

from graphlet._dispatch import stand_in as declining
from graphlet._evalframe import Region, StubHandle


def reduced(handle: StubHandle) -> tuple[Any, ...]:
    """For ``copyreg``: as the handle says itself, and with somebody to shed it."""
    _, parts = handle.__reduce__()
    return stand_in, parts


def stand_in(name: str, n_exits: int, bare: bool) -> StubHandle:
    """What a pickled handle becomes: one that always declines."""
    handle = declining(name, n_exits, bare)
    handle.region.on_miss = shed
    return handle


def shed(region: Region, live_ins: tuple[Any, ...], namespace: dict[str, Any]) -> bool:
    """Give the functions that run this code the one it was made from, which they brought along. Nothing is learnt."""
    region.on_miss = None
    code = sys._getframe(1).f_code
    own = own_code(code)
    for function in gc.get_referrers(code) if own is not code else ():
        if type(function) is FunctionType and function.__code__ is code:
            function.__code__ = own
    return False


def own_code(code: CodeType) -> CodeType:
    """The code that rewritten code brought along through a pickle; any other code object itself."""
    *rest, last = code.co_consts or (None,)
    has_stubs = any(type(const) is StubHandle for const in rest)
    return last if has_stubs and type(last) is CodeType else code
