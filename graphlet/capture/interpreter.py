"""The loop: one canonical instruction after the other, in the outermost frame and in callees."""

from collections.abc import Callable
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR

from graphlet.capture.breaks import Break, RegionEnd
from graphlet.capture.exits import Snapshot, snapshot
from graphlet.capture.handlers.table import HANDLERS
from graphlet.capture.inline import enter
from graphlet.capture.machine import Machine
from graphlet.capture.messages import made
from graphlet.capture.options import Observed
from graphlet.capture.raising import TRACEBACKS, Raised, left_to_python, no_end
from graphlet.capture.resume import LEFT
from graphlet.capture.state import Frame
from graphlet.ir.op import InferenceError
from graphlet.opcodes.decode import Instr
from graphlet.values.base import Constant, Value
from graphlet.values.objects import AsyncGenerator, Coroutine, Error, Function, Generator, Traceback

# What may come behind the end of an object that has something to do when it goes: it only moves values.
_LOOKS_AT_NOTHING = frozenset(
    ("NOP", "LOAD_FAST", "LOAD_CONST", "SWAP", "COPY", "POP_TOP", "STORE_FAST", "BUILD_TUPLE", "RETURN_VALUE", "JUMP")
)


def follow(m: Machine) -> tuple[list[Snapshot], Break | None]:
    """Follow the outermost frame until the region must end; the states met on the way, and why it ended."""
    frame = m.frames[0]
    snapshots: list[Snapshot] = []
    try:
        while True:
            if not frame.decoded.instrs[frame.index].part:
                snapshots.append(snapshot(m))
            try:
                step(m, frame)
            except Raised as raised:
                if not lands(m, frame, raised):
                    raise uncaught(m, frame, raised) from None
            if frame.result is not None:
                return snapshots, None
            if m.held and not m.held.issubset((*frame.stack, *frame.locals.values())):
                raise Break("GL104", "the last reference is gone to an object that does something when it goes")
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
    if function.code.co_flags & CO_COROUTINE:
        m.trail.put(m.table("open"), frame, True)  # Python warns of those that are never awaited
        return Coroutine(Generator(frame))
    if function.code.co_flags & CO_ASYNC_GENERATOR:
        return AsyncGenerator(Generator(frame))
    go_on(m, frame)
    assert frame.result is not None
    return frame.result


def advance(
    m: Machine, generator: Generator, sent: Value | None = None, thrown: Error | None = None
) -> Value | None:
    """Follow a generator to its next yield; None when it returns. It is sent a value, or an exception is thrown in."""
    frame: Frame = generator.frame
    if generator.done:
        return None
    if frame in m.frames:
        raise Break("GL109", "a generator that is already running")
    if sent is not None and frame.yielded is not None:
        frame.stack[-1] = sent
    frame.yielded = None
    outside = m.handling
    m.trail.put(m.table("resumed"), frame, True)
    m.trail.set(frame, "outside", outside)
    m.trail.set(m, "handling", frame.handled or outside)
    try:
        go_on(m, frame, thrown)
    except Raised as raised:
        m.trail.set(m, "handling", outside)
        generator.done = True
        m.trail.put(m.table("open"), frame, False)
        asynchronous = bool(frame.decoded.code.co_flags & CO_ASYNC_GENERATOR)
        raise no_end(raised.error, asynchronous) or raised from None
    m.trail.set(m, "handling", outside)
    generator.done = frame.result is not None
    m.trail.put(m.table("open"), frame, not generator.done and must_be_closed(m, frame))
    return frame.yielded


def must_be_closed(m: Machine, frame: Frame) -> bool:
    """Whether a generator that is dropped where it waits has work left; event loops close asynchronous ones."""
    if frame.decoded.code.co_flags & CO_ASYNC_GENERATOR:
        return True
    handler = m.handler(frame)
    if handler is None:
        return False
    first = frame.decoded.instrs[frame.decoded.at[handler[0]]]
    return first.op != "CLEANUP_THROW" and first.arg != "INTRINSIC_STOPITERATION_ERROR"


def go_on(m: Machine, frame: Frame, thrown: Error | None = None) -> None:
    """Follow a frame until it returns or yields; at first an exception may be thrown into it."""
    m.frames.append(frame)
    while frame.result is None and frame.yielded is None:
        try:
            if thrown is not None:
                error, thrown = thrown, None
                raise Raised(error, "GL111", "an exception is thrown into a generator")
            step(m, frame)
        except Raised as raised:
            if lands(m, frame, raised):
                continue
            if stays_unknown(m, frame, raised):
                raise inside(frame, Break(raised.code, raised.detail, raised.variable)) from raised
            m.frames.pop()
            raise passed_on(frame, raised) from None
        except Break as reason:
            raise inside(frame, reason) from reason
    m.frames.pop()


def lands(m: Machine, frame: Frame, raised: Raised) -> bool:
    """Go on at the frame's handler of an exception, if it has one."""
    handler = m.handler(frame)
    if handler is None or (frame.scope.own and issubclass(raised.error.type, StopIteration)):
        return False
    target, depth, with_index = handler
    if frame is m.frames[0] and raised.error not in m.table("raised"):
        m.trail.put(m.table("raised"), raised.error, (frame.instr, left_to_python(raised)))  # no traceback: a ring
    m.trail.put(m.table(TRACEBACKS), raised.error, Traceback())
    del frame.stack[depth:]
    if with_index:
        frame.push(Constant(frame.instr.offset if frame.instr is not None else 0))
    frame.push(raised.error)
    frame.kw_names = ()
    frame.jump(target)
    return True


def stays_unknown(m: Machine, frame: Frame, raised: Raised) -> bool:
    """Whether an exception need not, or cannot, be followed out of a frame.

    Nobody in the region catches it; or graphlet's own form of a builtin met the end of an iterator.
    """
    if frame.scope.own and issubclass(raised.error.type, StopIteration):
        return True
    return not m.n_catching and not any(m.handler(outer) for outer in m.frames[:-1])


def passed_on(frame: Frame, raised: Raised) -> Raised:
    """An exception on its way out, with the place it came from."""
    told = inside(frame, raised)
    return Raised(raised.error, told.code, told.detail, told.variable)


def uncaught(m: Machine, frame: Frame, raised: Raised) -> Break:
    """The break for an exception that leaves the function: where it was first met in the outermost frame."""
    frame.instr, reason = m.table("raised").get(raised.error, (frame.instr, raised))
    return Break(reason.code, reason.detail, reason.variable)


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
    if m.dropped and instr.op not in _LOOKS_AT_NOTHING:
        raise Break("GL108", f"{LEFT}: what it went over may have something to do when it goes")
    if m.n_instructions > m.options.instruction_limit:
        raise Break("GL116", f"{m.n_instructions - 1} instructions were followed")
    if instr.offset in m.options.stops and frame is m.frames[0]:
        raise Break("GL119", "NumPy warned or failed here in the calls before")
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
