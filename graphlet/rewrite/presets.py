"""Exits a stub has before anything was captured: where regions that start there are likely to end.

A frame that runs never sees newer code, so the first call can only use exits that stand in the code already. What is
guessed wrong costs nothing but code units: an exit that is missing is added with the next version of the code.
"""

from bisect import bisect_left
from typing import TypeVar

from graphlet.capture.outcome import ExitState, FromConst
from graphlet.opcodes.candidates import BREAKING_METHODS, BREAKING_NAMES
from graphlet.opcodes.decode import Decoded, Instr
from graphlet.opcodes.flow import Flow
from graphlet.opcodes.state import SEVERAL, Slot
from graphlet.rewrite.exits import exit_for
from graphlet.rewrite.stubs import Exit

T = TypeVar("T")

MAX_EXITS = 8

# A preset exit is the same whatever values leave by it.
_ANYTHING = FromConst(None)

_BRANCHES = frozenset({"POP_JUMP_IF_TRUE", "POP_JUMP_IF_FALSE"})
_CONDITIONS = frozenset({"COMPARE_OP", "TO_BOOL", "UNARY_NOT", "CONTAINS_OP"})
_CONVERSIONS = frozenset({"TO_BOOL"})
_BEFORE_CALL = frozenset({"NOP", "KW_NAMES"})
_ENDS = frozenset({"RETURN_VALUE", "GET_ITER", "YIELD_VALUE", "GET_AWAITABLE"})
_CALLS = frozenset({"CALL", "CALL_KW"})
_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_METHOD", "LOAD_ATTR", "LOAD_NAME"})
_STORES = frozenset({"STORE_FAST", "STORE_DEREF"})
_RAISES = frozenset({"RAISE_VARARGS", "RERAISE"})
_LEAVES = _RAISES | {"RETURN_VALUE"}
_CAUGHT = _RAISES | {"GET_ANEXT"}  # what it raises ends a loop
_ENDS_STRETCH = _LEAVES | {"JUMP"}
# Names whose calls break a region.
_EFFECTS = BREAKING_NAMES | BREAKING_METHODS | {"graph_break"}


def presets(
    decoded: Decoded, flow: Flow, entry: int, most: int = MAX_EXITS, everywhere: bool = False
) -> tuple[Exit, ...]:
    """Likely exits of a region that starts at byte offset ``entry``, at most ``most``, in code order.

    ``everywhere``: wherever a region could end, the likely places first.
    """
    return Presets(decoded, flow).of(entry, most, everywhere)


# A stretch of canonical instructions that run one after the other: the numbers of the first and of the last.
_Stretch = tuple[int, int]


class Presets:
    """The preset exits of a code object's entries: what is the same for all of them is found out once.

    stops    numbers of the instructions that jump, raise or end, in order
    likely   numbers of instructions where a region may end, each with the first of those it may end in front of instead
    stores   numbers of instructions that store, with the name
    """

    def __init__(self, decoded: Decoded, flow: Flow) -> None:
        self.decoded = decoded
        self.flow = flow
        self.stops: list[int] = []
        self.likely: list[tuple[int, tuple[int, ...]]] = []
        self.stores: list[tuple[int, str]] = []
        for index, instr in enumerate(decoded.instrs):
            if instr.op in _LEAVES or instr.op in _CAUGHT or _is_jump(instr.op):
                self.stops.append(index)
            elif instr.op in _STORES:
                self.stores.append((index, instr.arg))
            ends = _likely_ends(decoded.instrs, index, flow)
            if ends:
                self.likely.append((index, ends))

    def of(self, entry: int, most: int = MAX_EXITS, everywhere: bool = False) -> tuple[Exit, ...]:
        """Those of the entry at byte offset ``entry``."""
        instrs, flow = self.decoded.instrs, self.flow
        stretches = self._forward(entry, everywhere)
        stored = self._stored(stretches)
        likely = ((stretch[0], ends) for stretch in stretches for _, ends in _within(self.likely, stretch))
        places = sorted({instrs[max(first, end)].offset for first, ends in likely for end in ends})
        if everywhere:
            visited = (instrs[index] for first, last in stretches for index in range(first, last + 1))
            places += [instr.offset for instr in visited if not instr.part and instr.offset not in places]
        exits: list[Exit] = []
        for offset in places:
            if len(exits) == most:
                break
            if flow.illegal_exit(entry, offset) is not None:
                continue
            made = _exit_at(flow, entry, offset, stored)
            if made is None and everywhere:  # what handlers store may have no value where none was at work
                made = _exit_at(flow, entry, offset, self._stored(self._forward(entry)))
            if made is not None:
                exits.append(made)
        return tuple(exits)

    def _stored(self, stretches: list[_Stretch]) -> set[str]:
        return {name for stretch in stretches for _, name in _within(self.stores, stretch)}

    def _forward(self, entry: int, handlers_too: bool = False) -> list[_Stretch]:
        """The instructions that can be reached from ``entry`` without going back, in code order.

        Handlers of what is raised on the way are reached, too; they lie at the end of the code and jump back from
        there. ``handlers_too``: those of all that could be raised.
        """
        decoded = self.decoded
        begins: dict[int, int] = {}  # last of a stretch -> first
        todo = [decoded.at[entry]]
        handlers = len(decoded.code.co_code)
        while todo:
            index = todo.pop()
            for last in self.stops[bisect_left(self.stops, index) :]:
                known = begins.get(last)
                begins[last] = index if known is None else min(index, known)
                for instr in decoded.instrs[index : last if known is None else known] if handlers_too else ():
                    handlers = self._caught(instr, handlers, todo)
                if known is not None:  # it was followed from there on
                    break
                stop = decoded.instrs[last]
                if _is_jump(stop.op) and stop.arg > (entry if stop.offset >= handlers else stop.offset):
                    todo.append(decoded.at[stop.arg])
                if stop.op in _CAUGHT or handlers_too:
                    handlers = self._caught(stop, handlers, todo)
                if stop.op in _ENDS_STRETCH:
                    break
                index = last + 1
        return sorted((first, last) for last, first in begins.items())

    def _caught(self, instr: Instr, handlers: int, todo: list[int]) -> int:
        """Go on in the handler of what the instruction raises; where the first handler begins."""
        handler = self.flow.raises_to.get(instr.offset)
        if handler is None:
            return handlers
        todo.append(self.decoded.at[handler])
        return min(handlers, handler)


def _within(marked: list[tuple[int, T]], stretch: _Stretch) -> list[tuple[int, T]]:
    """Those whose numbers lie in a stretch."""
    first, last = stretch
    return marked[bisect_left(marked, (first,)) : bisect_left(marked, (last + 1,))]


def _is_jump(op: str) -> bool:
    return "JUMP" in op or op in ("FOR_ITER", "SEND", "SEND_POP")


def _likely_ends(instrs: tuple[Instr, ...], index: int, flow: Flow) -> tuple[int, ...]:
    """Numbers of the instructions in front of which a region may end because of this one."""
    instr = instrs[index]
    if instr.op in _ENDS or (instr.op == "JUMP" and instr.arg <= instr.offset):
        return (index,)
    if instr.op in _BRANCHES:  # in front of the comparison if that cannot be taken, else with its result
        return (_first_of(instrs, index, _CONDITIONS), _first_of(instrs, index, _CONVERSIONS))
    if instr.op in _CALLS and flow.reachable(instr.offset) and _callee_names(instr, flow) & _EFFECTS:
        return (_first_of(instrs, index, _BEFORE_CALL),)
    return ()


def _first_of(instrs: tuple[Instr, ...], index: int, group: frozenset[str]) -> int:
    """The number of the first of the instructions of a group that stand directly in front of one."""
    while index > 0 and instrs[index - 1].op in group:
        index -= 1
    return index


def _callee_names(instr: Instr, flow: Flow) -> set[str]:
    """The names of what made the two slots a call takes its callee from."""
    below = {"CALL": instr.arg, "CALL_KW": (instr.arg or 0) + 1}.get(instr.op)
    if below is None:
        return set()
    slots = flow.stack_slots(instr.offset)
    slots = slots[len(slots) - below - 2 : len(slots) - below]
    at = [flow.decoded.at[maker] for _, maker in slots if maker != SEVERAL]
    makers = [flow.decoded.instrs[index + part] for index in at for part in (0, 1)]
    return {maker.arg for maker in makers if maker.op in _LOADS}


def _exit_at(flow: Flow, entry: int, offset: int, stored: set[str]) -> Exit | None:
    """The exit at ``offset``, if all that may have been stored on the way there is bound there."""
    before, after = flow.stack_slots(entry), flow.stack_slots(offset)
    keep = 0
    while keep < len(before) and keep < len(after) and before[keep] == after[keep]:
        keep += 1
    pushes = _pushes(flow, after[keep:])
    if pushes is None:
        return None
    stores = stored & flow.live(offset)
    if not stores <= flow.bound(offset):
        return None
    state = ExitState(
        offset=offset,
        keep=keep,
        pushes=tuple(_ANYTHING if is_value else None for is_value in pushes),
        stores=tuple((name, _ANYTHING) for name in sorted(stores)),
    )
    made = exit_for(state, flow, entry)
    return made if isinstance(made, Exit) else None


def _pushes(flow: Flow, slots: tuple[Slot, ...]) -> tuple[bool, ...] | None:
    """Whether each slot will hold a value; None if that cannot be guessed."""
    pushes: list[bool] = []
    for kind, maker in slots:
        if kind == "m" and maker in flow.decoded.at:
            is_lower = not pushes or slots[len(pushes) - 1][1] != maker
            pushes.append(not _is_null(flow, maker, is_lower))
        elif kind in "vn":
            pushes.append(kind == "v")
        else:
            return None
    return tuple(pushes)


def _is_null(flow: Flow, maker: int, is_lower: bool) -> bool:
    """Whether one of the two slots made by loading a method is likely empty: so it is for a function of a module."""
    decoded = flow.decoded
    receiver = decoded.instrs[decoded.at[maker] - 1]
    return receiver.op == "LOAD_GLOBAL" and is_lower == decoded.null_below
