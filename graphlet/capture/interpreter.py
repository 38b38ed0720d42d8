"""The loop: one canonical instruction after the other, in the outermost frame and in callees."""

from collections.abc import Callable
from inspect import CO_GENERATOR

from graphlet.capture.breaks import Break, RegionEnd
from graphlet.capture.exits import Snapshot, snapshot
from graphlet.capture.handlers.table import HANDLERS
from graphlet.capture.inline import enter
from graphlet.capture.machine import Machine
from graphlet.capture.messages import made
from graphlet.capture.options import Observed
from graphlet.capture.state import Frame
from graphlet.ir.op import InferenceError
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Value
from graphlet.values.objects import Function, Generator


def follow(m: Machine) -> tuple[list[Snapshot], Break | None]:
    """Follow the outermost frame until the region must end; the states met on the way, and why it ended."""
    frame = m.frames[0]
    snapshots: list[Snapshot] = []
    try:
        while True:
            if not frame.decoded.instrs[frame.index].part:
                snapshots.append(snapshot(m))
            step(m, frame)
            if frame.result is not None:
                return snapshots, None
    except RegionEnd:
        return snapshots, None
    except Break as reason:
        reason.__cause__ = reason.__context__ = None
        return snapshots, reason.with_traceback(None)  # its frames would hold, in a ring, all that the capture has seen


def run(m: Machine, function: Value, args: tuple[Value, ...], kwargs: dict[str, Value]) -> Value:
    """Follow a call of a Python function to its return."""
    assert isinstance(function, Function)
    frame = enter(m, function, args, kwargs)
    if function.code.co_flags & CO_GENERATOR:
        return Generator(frame)
    go_on(m, frame)
    assert frame.result is not None
    return frame.result


def advance(m: Machine, generator: Generator) -> Value | None:
    """Follow a generator to its next yield; None when it returns."""
    frame: Frame = generator.frame
    if generator.done:
        return None
    if frame in m.frames:
        raise Break("GL109", "a generator that is already running")
    frame.yielded = None
    go_on(m, frame)
    generator.done = frame.result is not None
    return frame.yielded


def go_on(m: Machine, frame: Frame) -> None:
    """Follow a frame until it returns or yields."""
    m.frames.append(frame)
    while frame.result is None and frame.yielded is None:
        try:
            step(m, frame)
        except Break as reason:
            raise inside(frame, reason) from reason
    m.frames.pop()


def inside(frame: Frame, reason: Break) -> Break:
    """The reason of a break in a callee, with the place of it."""
    if " (in " in reason.detail or frame.scope.own:
        return reason
    line = frame.instr.line if frame.instr is not None else None
    where = f"`{frame.decoded.code.co_name}`" + (f", line {line}" if line is not None else "")
    return Break(reason.code, f"{reason.detail} (in {where})", reason.variable)


def step(m: Machine, frame: Frame) -> None:
    """One canonical instruction."""
    instr = frame.decoded.instrs[frame.index]
    frame.instr = instr
    frame.index += 1
    m.n_instructions += 1
    if m.n_instructions > m.options.instruction_limit:
        raise Break("GL116", f"{m.n_instructions - 1} instructions were followed")
    if m.options.observer is not None and not frame.scope.own:
        watched(m, frame, instr, m.options.observer)
    else:
        take(m, instr)


def take(m: Machine, instr: Instr) -> None:
    """Do what an instruction does. Raises Break if it cannot be taken, or if NumPy warns when asked about it."""
    try:
        handler = HANDLERS.get(instr.op)
        if handler is None:
            raise Break("GL103", f"{instr.op} is not followed")
        handler(m, instr)
    except InferenceError as error:
        raise Break("GL107", str(error)) from error
    except Warning as warning:
        raise Break("GL107", f"it may warn: {warning}") from warning


def watched(m: Machine, frame: Frame, instr: Instr, tell: Callable[[Observed], None]) -> None:
    """Do what an instruction does, and tell what came of it."""
    n_slots, depth, problem = len(frame.stack), len(m.frames) - 1, ""
    try:
        take(m, instr)
    except Break as reason:
        problem = f"{reason.code} {reason.detail}"
        raise
    finally:
        value = "" if problem else made(frame, instr)
        told = m.table("observer")
        guards = tuple(m.guards[told.get("guards", 0) :])
        told["guards"] = len(m.guards)
        tell(Observed(instr, frame.loc, depth, len(frame.stack) - n_slots, value, guards, problem))
