"""From where a region ended to an exit of its stub."""

from graphlet.capture.outcome import ExitState
from graphlet.opcodes.flow import Flow
from graphlet.rewrite.legal import why_not_exit
from graphlet.rewrite.stubs import Exit


def exit_for(state: ExitState, flow: Flow, entry: int) -> Exit | str:
    """The exit of a stub at ``entry`` that makes this state; why there can be none, as a string.

    The values of its result are those of ``state.stores``, then of ``state.pushes`` without the NULLs, in order.
    """
    if not flow.reachable(state.offset):
        return "control never comes to the exit"
    exit_ = Exit(
        offset=state.offset,
        keep=state.keep,
        pushes=tuple(recipe is not None for recipe in state.pushes),
        stores=tuple(name for name, _ in state.stores),
        deletes=(*state.deletes, *_always_deleted(state, flow, entry)),
    )
    return why_not_exit(entry, exit_, flow) or exit_


def _always_deleted(state: ExitState, flow: Flow, entry: int) -> tuple[str, ...]:
    """Locals that may be bound on entry and that no path leaves bound; capture knows only those bound for certain."""
    gone = flow.maybe_bound(entry) - flow.maybe_bound(state.offset) - flow.decoded.cells
    return tuple(sorted(gone.difference(state.deletes, (name for name, _ in state.stores))))
