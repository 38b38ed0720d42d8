"""Control flow, exception edges included: what is bound, live and on the stack in front of every instruction."""

from collections.abc import Iterable
from heapq import heappop, heappush
from types import CodeType
from typing import Any

from graphlet.opcodes import units, versions
from graphlet.opcodes.canon import CANON, KINDS
from graphlet.opcodes.decode import Decoded, Instr, decode
from graphlet.opcodes.places import Places
from graphlet.opcodes.state import Slot, State, Stepper, handled, merge, raises
from graphlet.opcodes.tables import read_handlers

CO_OPTIMIZED = 0x1
CO_VARARGS = 0x4
CO_VARKEYWORDS = 0x8

# Names that may tell how many references to an object there are: ``array.resize`` refuses if somebody else has one, be
# it a local that is never read again.
COUNTS_REFERENCES = frozenset({"resize", "getrefcount", "get_referrers"})

# Names that may show or read all locals of the running frame, or what they refer to.
LOOKS_AT_LOCALS = COUNTS_REFERENCES | {"locals", "vars", "dir", "eval", "exec", "_getframe", "currentframe"}

# Instructions that need the slot they name to hold what it holds.
_USES = frozenset(
    {"LOAD_FAST", "LOAD_FAST_AND_CLEAR", "DELETE_FAST", "LOAD_CLOSURE", "LOAD_DEREF", "STORE_DEREF", "DELETE_DEREF"}
    | {"LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"}
)
_OVERWRITES = frozenset({"STORE_FAST", "LOAD_FAST_AND_CLEAR"})
# A region cannot run across these. It can across a SEND whose receiver ends at once.
_SUSPENDS = frozenset({"YIELD_VALUE", "RETURN_GENERATOR"})


class Flow:
    """The analysis of one code object. Offsets are byte offsets of original instructions.

    successors   where control goes next without an exception
    raises_to    the handler of an exception out of the instruction, if the code object has one
    final        no stub will be inserted: only what can raise by itself does
    verdicts     what ``rewrite/legal.py`` found out about exits of entries
    """

    def __init__(self, decoded: Decoded, final: bool = False) -> None:
        self.decoded = decoded
        self.final = final
        self.code = decoded.code
        self.slots = units.slot_names(self.code)
        self.slot_of = {name: index for index, name in enumerate(self.slots)}
        self.places = Places(decoded)
        self.states: dict[int, State] = {}
        self.successors: dict[int, tuple[int, ...]] = {}
        self.raises_to: dict[int, int] = {}
        self.verdicts: dict[tuple[int, Any], str | None] = {}
        self._reach: dict[int, int] = {}
        self._names_of: dict[int, frozenset[str]] = {}
        self._live: dict[int, int] = {}
        self._shows_locals = not LOOKS_AT_LOCALS.isdisjoint(self.code.co_names)
        self._cell_slots = sum(1 << self.slot_of[name] for name in decoded.cells)
        self._suspending = frozenset(instr.offset for instr in decoded.instrs if instr.op in _SUSPENDS)
        self._handlers = handlers_by_offset(self.code, decoded.at)
        self._follow()

    def reachable(self, offset: int) -> bool:
        """Whether control can come to the instruction at ``offset``."""
        return offset in self.states

    def bound(self, offset: int) -> frozenset[str]:
        """Locals definitely bound in front of the instruction; where a region may begin or end, all cells as well.

        A cell may be empty all the same: that only shows when it is read.
        """
        return self._names(self.states[offset].bound)

    def certain(self, offset: int) -> frozenset[str]:
        """Those that have a value in front of the instruction even where a region ended on the way to it.

        A region does not store what is not read any more: bound() holds for the original instructions only.
        """
        return self.bound(offset) & self.live(offset)

    def maybe_bound(self, offset: int) -> frozenset[str]:
        """Those bound on some path."""
        return self._names(self.states[offset].maybe)

    def live(self, offset: int) -> frozenset[str]:
        """Locals whose value in front of the instruction this frame may still use, and cells it may still touch.

        What a cell holds can always be seen from outside: a region that changes it must store it, live or not.
        """
        if self._shows_locals:
            return self.maybe_bound(offset)
        if not self._live:
            self._live = self._live_masks()
        return self._names(self._live[offset])

    @property
    def may_count_borrowed(self) -> bool:
        """Whether it may show that the stack has a reference of its own where CPython only borrows that of a local."""
        return bool(versions.current().borrows) and not COUNTS_REFERENCES.isdisjoint(self.code.co_names)

    def frame_slot(self, place: str | int) -> int:
        """Where a frame keeps a local or cell, or the stack item at a depth."""
        return len(self.slot_of) + place if isinstance(place, int) else self.slot_of[place]

    def place_of(self, slot: int) -> str | int:
        """The name, or the depth of the stack item, of a slot."""
        return next((name for name, own in self.slot_of.items() if own == slot), slot - len(self.slot_of))

    def stack(self, offset: int) -> tuple[str, ...]:
        """Kinds of the stack slots in front of the instruction, bottom first."""
        return tuple(KINDS[kind] for kind, _ in self.states[offset].stack)

    def stack_slots(self, offset: int) -> tuple[Slot, ...]:
        """The stack slots with the offset of the instruction that made each."""
        return self.states[offset].stack

    def lenders(self, offset: int) -> tuple[frozenset[str], ...]:
        """For each stack slot the locals it may be borrowed from: no reference of its own, but theirs."""
        if not versions.current().borrows:
            return (frozenset(),) * len(self.states[offset].stack)
        return tuple(self._lenders(maker) for _, maker in self.states[offset].stack)

    def _lenders(self, maker: int) -> frozenset[str]:
        if maker not in self.decoded.at or self._first(maker).raw not in versions.current().borrows:
            return frozenset()
        return frozenset(instr.arg for instr in self._parts(maker))

    def illegal_entry(self, offset: int) -> str | None:
        """Why no stub may stand in front of this instruction; None if it may."""
        reason = self._illegal(offset)
        if reason is not None:
            return reason
        if not self.code.co_flags & CO_OPTIMIZED:
            return "a class or module body has no fast locals"
        if self._handlers.get(offset) is not None and offset not in self.raises_to:
            return "an exception out of the stub would be handled one level too far out"
        if self.decoded.instrs[self.decoded.at[offset]].line is None:
            return "the instruction stands on no line, so tools would see one too many"
        return None

    def poor_entry(self, offset: int) -> str | None:
        """Why a stub here would be legal, but would slow the original instructions down."""
        return self.places.slow.get(offset)

    def illegal_exit(self, entry: int, offset: int) -> str | None:
        """Why a region entered at ``entry`` may not go on at ``offset``, whatever it did; None if it may."""
        reason = self._illegal(offset)
        if reason is not None:
            return reason
        if offset <= entry:
            return "the exit is not behind the entry: backward exits are made by the loop's own jump"
        if self.states[entry].nest != self.states[offset].nest:
            return "the exit handles another exception than the entry"
        if not self.reaches(entry, offset):
            return "the exit cannot be reached from the entry without a yield"
        return None

    def handler_depth(self, offset: int) -> int:
        """The stack depth the handler of this instruction cuts down to; 0 without one."""
        return self._handlers[offset][1] if offset in self._handlers else 0

    def _illegal(self, offset: int) -> str | None:
        """Why no region may begin or end in front of this instruction."""
        if offset not in self.decoded.at:
            return "no instruction begins at this offset"
        state = self.states.get(offset)
        if state is None:
            return self.places.illegal.get(offset, "control never comes here")
        if offset in self.places.illegal:
            return self.places.illegal[offset]
        if self._is_raw(offset):
            return "an exception is on the stack that is not being handled yet"
        if self._cell_slots & ~state.cells:
            return "an inlined comprehension has put a cell aside"
        return None

    def _is_raw(self, offset: int) -> bool:
        """Whether an exception on the stack has not become the one being handled."""
        return any(kind != "exc" for kind, _ in self.states[offset].nest)

    def _names(self, mask: int) -> frozenset[str]:
        if mask not in self._names_of:
            names = (name for index, name in enumerate(self.slots) if mask >> index & 1)
            self._names_of[mask] = frozenset(names)
        return self._names_of[mask]

    def _arguments(self) -> int:
        code = self.code
        n_arguments = code.co_argcount + code.co_kwonlyargcount
        n_arguments += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
        return (1 << n_arguments) - 1

    def _first(self, offset: int) -> Instr:
        return self.decoded.instrs[self.decoded.at[offset]]

    def _parts(self, offset: int) -> tuple[Instr, ...]:
        first = self.decoded.at[offset]
        instrs = self.decoded.instrs
        behind = first + 1
        while behind < len(instrs) and instrs[behind].part:
            behind += 1
        return instrs[first:behind]

    def _follow(self) -> None:
        """Runs states along all edges to a fixed point."""
        stepper = Stepper(self.decoded, self.slot_of)
        arguments = self._arguments()
        self.states[0] = State((), arguments, arguments, ())
        waiting = [0]
        while waiting:
            offset = heappop(waiting)
            edges = self._edges(stepper, offset)
            self.successors[offset] = tuple([target for target, _ in edges])
            for target, state in edges:
                if self._arrive(target, state):
                    heappush(waiting, target)
            handler = self._raise(offset)
            if handler is not None:
                heappush(waiting, handler)

    def _arrive(self, offset: int, state: State) -> bool:
        """Records what comes to ``offset`` along one edge; says whether that is news."""
        known = self.states.get(offset)
        if known == state:
            return False
        merged = state if known is None else merge(known, state, offset)
        self.states[offset] = merged
        return merged != known

    def _edges(self, stepper: Stepper, offset: int) -> list[tuple[int, State]]:
        state = self.states[offset]
        edges = []
        for instr in self._parts(offset):
            row = CANON[instr.op]
            if row.jumps:
                edges.append((instr.arg, stepper.jump(instr, state)))
            state = stepper.step(instr, state)
        if not row.ends:
            edges.append((self.decoded.next_offset(offset), state))
        return edges

    def _raise(self, offset: int) -> int | None:
        """Follows the edge to the handler; says which if that is news.

        What cannot raise by itself can once a stub stands in front of it, so only places where none may are left out:
        those, and the way from a stub to its exit, where the stack may be shallower than the handler wants.
        """
        handler = self._handlers.get(offset)
        if handler is None or len(self.states[offset].stack) < handler[1]:
            return None
        no_stub = self.final or self._is_raw(offset) or self._leaves_handler(offset)
        if no_stub and not self.can_raise(offset):
            return None
        target = self.raises_to[offset] = handler[0]
        return target if self._arrive(target, handled(self.states[offset], *handler)) else None

    def _leaves_handler(self, offset: int) -> bool:
        """POP_EXCEPT, and the SWAP in front of it at the end of ``except*``, which its outer handler covers already."""
        at = self.decoded.at[offset]
        ops = [instr.op for instr in self.decoded.instrs[at : at + 2]]
        return ops[0] == "POP_EXCEPT" or ops == ["SWAP", "POP_EXCEPT"]

    def can_raise(self, offset: int) -> bool:
        """Whether an exception can come out of the instruction itself."""
        bound = self.states[offset].bound
        return any(
            raises(instr) and not (instr.op == "LOAD_FAST" and bound >> self.slot_of[instr.arg] & 1)
            for instr in self._parts(offset)
        )

    def _live_masks(self) -> dict[int, int]:
        """Bit masks of the slots that are live in front of each reachable instruction: backward to a fixed point."""
        effects = {offset: self._uses_and_overwrites(offset) for offset in self.states}
        masks = dict.fromkeys(self.states, 0)
        order = sorted(self.states, reverse=True)
        changed = True
        while changed:
            changed = False
            for offset in order:
                uses, overwrites = effects[offset]
                after = masks[self.raises_to[offset]] if offset in self.raises_to else 0
                for target in self.successors[offset]:
                    after |= masks[target] & ~overwrites
                if after | uses != masks[offset]:
                    masks[offset] = after | uses
                    changed = True
        return masks

    def _uses_and_overwrites(self, offset: int) -> tuple[int, int]:
        """Slots used before they are overwritten, and slots overwritten, by all parts of an instruction."""
        uses = overwrites = 0
        for instr in self._parts(offset):
            if instr.op in _USES:
                uses |= 1 << self.slot_of[instr.arg] & ~overwrites
            if instr.op in _OVERWRITES:
                overwrites |= 1 << self.slot_of[instr.arg]
        return uses, overwrites

    def reaches(self, entry: int, offset: int) -> bool:
        """Whether the instruction at ``offset`` can be come to from ``entry`` without a yield."""
        if not self._reach:
            self._reach.update(self._reach_masks())  # shared with copies of this analysis
        return bool(self._reach[entry] >> offset // units.UNIT & 1)

    def _reach_masks(self) -> dict[int, int]:
        """Bit masks of the instructions, by code unit, that can be come to: backward to a fixed point."""
        masks = {offset: 1 << offset // units.UNIT for offset in self.states}
        ways = [(offset, self._ways(offset)) for offset in sorted(self.states, reverse=True)]
        changed = True
        while changed:
            changed = False
            for offset, targets in ways:
                reached = known = masks[offset]
                for target in targets:
                    reached |= masks[target]
                if reached != known:
                    masks[offset] = reached
                    changed = True
        return masks

    def _ways(self, offset: int) -> tuple[int, ...]:
        """Where control may go from here without a yield, by an exception as well."""
        if offset in self._suspending:
            return ()
        handler = self.raises_to.get(offset)
        return self.successors[offset] if handler is None else (*self.successors[offset], handler)


def analyse(code: CodeType, decoded: Decoded | None = None, final: bool = False) -> Flow:
    """The flow of ``code``; raises FlowError for code no compiler makes."""
    return Flow(decode(code) if decoded is None else decoded, final)


def handlers_by_offset(code: CodeType, offsets: Iterable[int]) -> dict[int, tuple[int, int, bool]]:
    """For each covered instruction: target, depth and lasti of its handler."""
    table = [
        (units.UNIT * row.start, units.UNIT * row.end, (units.UNIT * row.target, row.depth, row.lasti))
        for row in read_handlers(code.co_exceptiontable)
    ]
    found: dict[int, tuple[int, int, bool]] = {}
    for start, end, handler in reversed(table):
        found.update((offset, handler) for offset in offsets if start <= offset < end)
    return found
