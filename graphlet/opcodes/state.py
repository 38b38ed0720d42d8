"""What is known of a frame in front of an instruction, and what one instruction does to that."""

from typing import NamedTuple

from graphlet.opcodes.canon import CANON, Canon, pops, pushes
from graphlet.opcodes.decode import Decoded, Instr

# A stack slot: (letter of its kind as in canon, byte offset of the instruction that made it or SEVERAL).
Slot = tuple[str, int]
SEVERAL = -1

# Exceptions being handled, outermost first: ("raw", handler) before PUSH_EXC_INFO, ("exc", its offset) behind it.
Nest = tuple[tuple[str, int], ...]
UNCLEAR: Nest = (("unclear", -1),)

# Instructions that look for signals, so that any exception can come out of them.
POLLS = frozenset(
    {"RESUME", "JUMP_BACKWARD"} | {f"POP_JUMP_BACKWARD_IF_{test}" for test in ("TRUE", "FALSE", "NONE", "NOT_NONE")}
)


class State(NamedTuple):
    """In front of an instruction.

    bound        bit mask of the frame's slots that hold something on every path
    maybe        those that hold something on some path
    cells        those that hold a cell on every path: an inlined comprehension may put a cell aside and use its slot
    """

    stack: tuple[Slot, ...]
    bound: int
    maybe: int
    nest: Nest
    cells: int = 0


class FlowError(Exception):
    """The code is not what a compiler makes: paths meet with different stack depths."""


def merge(one: State, other: State, offset: int) -> State:
    """What is known where two paths meet, at ``offset``."""
    if len(one.stack) != len(other.stack):
        raise FlowError(f"stack depths {len(one.stack)} and {len(other.stack)} meet at offset {offset}")
    return State(
        tuple(map(_merge_slots, one.stack, other.stack)),
        one.bound & other.bound,
        one.maybe | other.maybe,
        one.nest if one.nest == other.nest else UNCLEAR,
        one.cells & other.cells,
    )


def _merge_slots(one: Slot, other: Slot) -> Slot:
    if one == other:
        return one
    return _merge_kinds(one[0], other[0]), one[1] if one[1] == other[1] else SEVERAL


def _merge_kinds(one: str, other: str) -> str:
    if one == other:
        return one
    return next((kind for kinds, kind in (("x", "x"), ("nm", "m")) if one in kinds or other in kinds), "v")


def raises(instr: Instr) -> bool:
    """Whether an exception can come out of it."""
    if instr.op == "JUMP":
        return instr.raw in POLLS
    return CANON[instr.op].may_raise or instr.raw in POLLS


def handled(state: State, target: int, depth: int, lasti: bool) -> State:
    """At an exception handler, for an exception out of an instruction in ``state``."""
    told = (("x", target),) if lasti else ()
    being_handled = tuple(one for one in state.nest if one[0] != "raw")
    stack = (*state.stack[:depth], *told, ("e", target))
    return state._replace(stack=stack, nest=(*being_handled, ("raw", target)))


class Stepper:
    """Runs canonical instructions of one code object over states."""

    def __init__(self, decoded: Decoded, slot_of: dict[str, int]) -> None:
        self.slot_of = slot_of
        self.free_slots = sum(1 << slot_of[name] for name in decoded.code.co_freevars)
        self.method_pair = "mv" if decoded.null_below else "vm"

    def step(self, instr: Instr, state: State) -> State:
        """Behind ``instr`` when it does not jump."""
        special = _SPECIAL.get(instr.op)
        if special is not None:
            return special(self, instr, state)
        row = CANON[instr.op]
        stack, bound, maybe, nest, cells = state
        n_taken = pops(row, instr.arg)
        if n_taken > len(stack):
            raise FlowError(f"{instr} at {instr.offset} takes {n_taken} of {len(stack)} slots")
        left = self._left(row, instr)
        if not n_taken and not left:
            return state
        return State(stack[: len(stack) - n_taken] + left, bound, maybe, nest, cells)

    def jump(self, instr: Instr, state: State) -> State:
        """Where ``instr`` jumps to."""
        row = CANON[instr.op]
        if row.on_jump is None:
            return self.step(instr, state)
        n_taken, letters = row.on_jump
        stack = state.stack[: len(state.stack) - n_taken] + tuple((kind, instr.offset) for kind in letters)
        return state._replace(stack=stack)

    def _left(self, row: Canon, instr: Instr) -> tuple[Slot, ...]:
        letters = pushes(row, instr.arg)
        if letters == "v":  # most of them
            return (("v", instr.offset),)
        return tuple([(kind, instr.offset) for kind in (self.method_pair if letters == "mm" else letters)])

    def mask(self, instr: Instr) -> int:
        return 1 << self.slot_of[instr.arg]

    def copy(self, instr: Instr, state: State) -> State:
        return state._replace(stack=(*state.stack, state.stack[-instr.arg]))

    def swap(self, instr: Instr, state: State) -> State:
        stack = list(state.stack)
        stack[-1], stack[-instr.arg] = stack[-instr.arg], stack[-1]
        return state._replace(stack=tuple(stack))

    def load_fast(self, instr: Instr, state: State) -> State:
        """Behind it the local is known to be bound."""
        mask = 1 << self.slot_of[instr.arg]
        stack, bound, maybe, nest, cells = state
        return State((*stack, ("v", instr.offset)), bound | mask, maybe | mask, nest, cells)

    def load_fast_and_clear(self, instr: Instr, state: State) -> State:
        gone = ~self.mask(instr)
        kind = "c" if state.cells & ~gone else "v" if state.bound & ~gone else "m" if state.maybe & ~gone else "n"
        stack = (*state.stack, (kind, instr.offset))
        return State(stack, state.bound & gone, state.maybe & gone, state.nest, state.cells & gone)

    def store_fast(self, instr: Instr, state: State) -> State:
        """Storing NULL, as the end of an inlined comprehension may, unbinds."""
        mask = self.mask(instr)
        kind = state.stack[-1][0]
        bound = state.bound & ~mask if kind in "nm" else state.bound | mask
        maybe = state.maybe & ~mask if kind == "n" else state.maybe | mask
        cells = state.cells | mask if kind == "c" else state.cells & ~mask
        return State(state.stack[:-1], bound, maybe, state.nest, cells)

    def delete_fast(self, instr: Instr, state: State) -> State:
        mask = self.mask(instr)
        return state._replace(bound=state.bound & ~mask, maybe=state.maybe & ~mask)

    def make_cell(self, instr: Instr, state: State) -> State:
        return self._with_cells(self.mask(instr), state)

    def copy_free_vars(self, instr: Instr, state: State) -> State:
        return self._with_cells(self.free_slots, state)

    def _with_cells(self, mask: int, state: State) -> State:
        return state._replace(bound=state.bound | mask, maybe=state.maybe | mask, cells=state.cells | mask)

    def push_exc_info(self, instr: Instr, state: State) -> State:
        stack = (*state.stack[:-1], ("e", instr.offset), ("e", instr.offset))
        return state._replace(stack=stack, nest=(*_without_last(state.nest, "raw"), ("exc", instr.offset)))

    def pop_except(self, instr: Instr, state: State) -> State:
        return state._replace(stack=state.stack[:-1], nest=_without_last(state.nest, "exc"))

    def list_append(self, instr: Instr, state: State) -> State:
        """In ``except*`` it collects the exception a handler began with, which then is none any more."""
        is_raw = state.stack[-1][0] == "e" and state.nest[-1:] and state.nest[-1][0] == "raw"
        nest = state.nest[:-1] if is_raw else state.nest
        return state._replace(stack=state.stack[:-1], nest=nest)

    def end_async_for(self, instr: Instr, state: State) -> State:
        return state._replace(stack=state.stack[:-2], nest=_without_last(state.nest, "raw"))

    def cleanup_throw(self, instr: Instr, state: State) -> State:
        left = (("v", instr.offset), ("v", instr.offset))
        return state._replace(stack=state.stack[:-3] + left, nest=_without_last(state.nest, "raw"))


def _without_last(nest: Nest, kind: str) -> Nest:
    for index in reversed(range(len(nest))):
        if nest[index][0] == kind:
            return nest[:index] + nest[index + 1 :]
    return UNCLEAR


_SPECIAL = {
    "COPY": Stepper.copy,
    "SWAP": Stepper.swap,
    "LOAD_FAST": Stepper.load_fast,
    "LOAD_FAST_AND_CLEAR": Stepper.load_fast_and_clear,
    "STORE_FAST": Stepper.store_fast,
    "DELETE_FAST": Stepper.delete_fast,
    "MAKE_CELL": Stepper.make_cell,
    "COPY_FREE_VARS": Stepper.copy_free_vars,
    "PUSH_EXC_INFO": Stepper.push_exc_info,
    "POP_EXCEPT": Stepper.pop_except,
    "LIST_APPEND": Stepper.list_append,
    "END_ASYNC_FOR": Stepper.end_async_for,
    "CLEANUP_THROW": Stepper.cleanup_throw,
}
