"""Whether a stub and its exits fit the code around them; a reason if not."""

from graphlet.opcodes import versions
from graphlet.opcodes.canon import KINDS
from graphlet.opcodes.flow import Flow
from graphlet.opcodes.state import Slot
from graphlet.rewrite.stubs import Exit, Stub

MAX_EXITS = 256  # their numbers are compared by identity: small ints exist once
MAX_LIVE_INS = 250

# Kind of slot on entry -> kinds it may serve as at an exit.
_SERVES_AS = {"v": "vm", "n": "nm", "m": "m", "c": "c", "i": "iv", "e": "e", "o": "o", "x": "x"}


def why_not_stub(stub: Stub, flow: Flow) -> str | None:
    """Why this stub cannot be inserted; None if it can."""
    reason = flow.illegal_entry(stub.offset) or _why_not_live_ins(stub, flow)
    if reason is not None:
        return reason
    if len(stub.exits) > MAX_EXITS:
        return f"{len(stub.exits)} exits, at most {MAX_EXITS} can be told apart"
    for exit_ in stub.exits:
        reason = why_not_exit(stub.offset, exit_, flow)
        if reason is not None:
            return f"exit at {exit_.offset}: {reason}"
    return None


def _why_not_live_ins(stub: Stub, flow: Flow) -> str | None:
    cells = flow.decoded.cells
    bound = flow.bound(stub.offset)
    kinds = flow.stack(stub.offset)
    if len(stub.locals_in) + len(stub.cells_in) + len(stub.stack_in) > MAX_LIVE_INS:
        return f"more than {MAX_LIVE_INS} live-ins"
    for name in stub.locals_in:
        if name not in flow.slot_of or name in cells:
            return f"live-in {name} is not a plain local"
        if name not in bound:
            return f"live-in {name} may be unbound"
    for name in stub.cells_in:
        if name not in cells:
            return f"live-in {name} is not a cell variable"
        if name not in bound:
            return f"the slot of {name} may hold no cell"
    for index in stub.stack_in:
        if not 0 <= index < len(kinds):
            return f"live-in slot {index} of a stack of {len(kinds)}"
        if kinds[index] in ("null", "maybe_null", "index"):
            return f"live-in slot {index} is {kinds[index]}"
    return None


def why_not_exit(entry: int, exit_: Exit, flow: Flow) -> str | None:
    """Why a stub at ``entry`` cannot have this exit; None if it can."""
    key = entry, exit_
    if key not in flow.verdicts:
        flow.verdicts[key] = _why_not_exit(entry, exit_, flow)
    return flow.verdicts[key]


def _why_not_exit(entry: int, exit_: Exit, flow: Flow) -> str | None:
    return (
        flow.illegal_exit(entry, exit_.offset)
        or _why_not_stack(entry, exit_, flow)
        or _why_not_names(exit_, flow)
        or _why_not_bound(entry, exit_, flow)
        or _why_not_borrowed(entry, exit_, flow)
    )


def _why_not_stack(entry: int, exit_: Exit, flow: Flow) -> str | None:
    before, after = flow.stack_slots(entry), flow.stack_slots(exit_.offset)
    if not 0 <= exit_.keep <= len(before):
        return f"{exit_.keep} slots kept of {len(before)}"
    if exit_.keep + len(exit_.pushes) != len(after):
        return f"{exit_.keep} slots kept and {len(exit_.pushes)} pushed where {len(after)} are expected"
    for index, (kind, _) in enumerate(before[exit_.keep :], exit_.keep):
        if kind in "nm" and spare_local(flow, entry) is None:
            return f"slot {index} is {KINDS[kind]}, and there is no local by which it could be dropped"
    for index, (old, new) in enumerate(zip(before[: exit_.keep], after, strict=False)):
        if not _stays(old, new):
            return f"slot {index} is {_name(old)} on entry, and {_name(new)} at the exit"
    for index, (is_value, slot) in enumerate(zip(exit_.pushes, after[exit_.keep :], strict=True), exit_.keep):
        if not _can_be_made(is_value, slot, flow):
            return f"slot {index} is {_name(slot)} at the exit, not {'a value' if is_value else 'NULL'}"
    return None


def spare_local(flow: Flow, entry: int) -> str | None:
    """A local whose slot can be used for a moment to drop a NULL: up to 3.11 it must have a value.

    Not one that a slot of the stack borrows its reference from (3.14).
    """
    lent: frozenset[str] = frozenset().union(*flow.lenders(entry))
    plain = [name for name in flow.slot_of if name not in flow.decoded.cells and name not in lent]
    likely = (flow.certain(entry), flow.bound(entry))
    usable = likely if versions.current().checks_locals else (*likely, frozenset(plain))
    return next((name for names in usable for name in plain if name in names), None)


def _stays(old: Slot, new: Slot) -> bool:
    """An iterator, a cell put aside, a bound ``__exit__``, an exception, a NULL: the very one the exit expects."""
    if new[0] not in _SERVES_AS[old[0]]:
        return False
    return old[1] == new[1] or (old[0] in "vnm" and new[0] in "vm")


def _can_be_made(is_value: bool, slot: Slot, flow: Flow) -> bool:
    kind, origin = slot
    maker = flow.decoded.instrs[flow.decoded.at[origin]].op if origin in flow.decoded.at else ""
    if kind == "o":
        return is_value and maker in ("BEFORE_WITH", "BEFORE_ASYNC_WITH", "LOAD_SPECIAL")
    if maker == "LOAD_SPECIAL":  # behind the block the object of its exit is dropped by what wants one
        return is_value
    return kind in ("vim" if is_value else "nm")


def _name(slot: Slot) -> str:
    return f"{KINDS[slot[0]]} of {slot[1]}"


def _why_not_names(exit_: Exit, flow: Flow) -> str | None:
    for name in (*exit_.stores, *exit_.deletes):
        if name not in flow.slot_of:
            return f"{name} is no variable of this code"
    if len({*exit_.stores, *exit_.deletes}) != len(exit_.stores) + len(exit_.deletes):
        return "a variable is stored or deleted twice"
    return None


def _why_not_bound(entry: int, exit_: Exit, flow: Flow) -> str | None:
    """From 3.12 on reading an unbound local without a check crashes. What is dead at the exit is not read."""
    cells = flow.decoded.cells
    for name in (*exit_.stores, *exit_.deletes):
        if name in cells and name not in flow.bound(entry):
            return f"the slot of {name} may hold no cell"
    written = frozenset(exit_.stores)
    deleted = frozenset(exit_.deletes) - cells
    live = flow.live(exit_.offset)
    missing = live & flow.bound(exit_.offset) - (flow.bound(entry) - deleted) - written
    if missing:
        return f"{_listed(missing)} must be bound at the exit and may not be"
    extra = live & ((flow.maybe_bound(entry) - deleted) | written) - flow.maybe_bound(exit_.offset)
    if extra:
        return f"{_listed(extra)} must be unbound at the exit and may not be"
    return None


def _why_not_borrowed(entry: int, exit_: Exit, flow: Flow) -> str | None:
    """From 3.14 on a stack slot may hold a local's own reference: it must not outlive what the local holds."""
    changed = frozenset(exit_.stores) | frozenset(exit_.deletes)
    for index, names in enumerate(flow.lenders(entry)[: exit_.keep]):
        if names & changed:
            return f"slot {index} may be borrowed from {_listed(names & changed)}, which the exit changes"
    return None


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
