"""The whole pipeline, once, in order: capture, passes, backend, guards, specialisation, stubs, installation.

The only file that sees all floors. A region that finds no specialisation for its live-ins calls its ``Learner``.
"""

import inspect
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import perf_counter
from types import CellType, CodeType, FunctionType
from typing import Any

from graphlet import _evalframe
from graphlet.backends.invoke import make_checked_kernel, make_kernel
from graphlet.backends.modes import chosen
from graphlet.backends.problems import first_problem
from graphlet.cache import CodeCache, Entry, Options, Record, original_code
from graphlet.capture.capture import capture
from graphlet.capture.encoding import Encoder, sources_in
from graphlet.capture.messages import CAPTURE, FULLGRAPH, instruction, why_not_whole
from graphlet.capture.options import Observed
from graphlet.capture.outcome import BreakInfo, ExitState, FromSource, Outcome, Recipe
from graphlet.capture.writes import writes_of
from graphlet.core import events
from graphlet.core.brief import brief
from graphlet.core.builtin_names import replaced
from graphlet.core.config import config
from graphlet.core.empty import EMPTY
from graphlet.core.errors import GraphBreakError, PerformanceWarning
from graphlet.core.fallback import fall_back
from graphlet.core.location import Location
from graphlet.core.outside import is_from_outside
from graphlet.core.totals import totals
from graphlet.guards.check import Environment, load
from graphlet.guards.describe import describe, explain_failure, failing_guard, told_together
from graphlet.guards.hold import CannotHold
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan as plan_guards
from graphlet.guards.varying import varying
from graphlet.ir.alias import draws
from graphlet.ir.graph import Graph
from graphlet.opcodes.recent import flow_of
from graphlet.passes import pipeline
from graphlet.rewrite.exits import exit_for
from graphlet.rewrite.idle import grows_with_arrays
from graphlet.rewrite.install import add_entry, install, lock, new_cache
from graphlet.rewrite.request import request_for
from graphlet.rewrite.stubs import Exit
from graphlet.runtime._block import with_warnings_raised
from graphlet.sources import LiveIn

MAX_EARLIER_ENDS = 3  # exits tried, for code that lacks the one that is used

# Regions that capture no array work are asked again a few times only: the path may differ from call to call.
MAX_EMPTY_ATTEMPTS = 8
MAX_SAME_BREAKS = 4  # in a row, where learning is frugal: of those that failed once, one in a hundred succeeds later
MOST_LENGTHS = 4  # of one container that an entry has specialisations for


class Learner:
    """What a region calls when no specialisation fits. Holds its cache weakly: the cache owns the region.

    ``frugal``: it takes a share of the time only, and no time for what may never be needed; limits are only logged.
    """

    __slots__ = ("_cache", "_offset", "frugal")

    def __init__(self, cache: CodeCache, offset: int, frugal: bool = False) -> None:
        self._cache = weakref.ref(cache)
        self._offset = offset
        self.frugal = frugal

    def __call__(self, region: Any, live_ins: tuple[Any, ...], namespace: dict[str, Any]) -> bool:
        """Learn from these live-ins; True if the region got a further specialisation."""
        cache = self._cache()
        original = cache.original() if cache is not None else None
        if cache is None or original is None or replaced():
            return False
        # While a thread learns, code of the program's may run there (finalisers, handlers) and wait for this one.
        if not lock.acquire(blocking=cache.options.fullgraph):
            return False
        try:
            entry = cache.entries.get(self._offset)
            if entry is None or entry.region is not region:
                return False
            return self.learn(_Compilation(cache, entry, original, live_ins, namespace, self))
        finally:
            lock.release()

    def learn(self, compilation: "_Compilation") -> bool:
        """The same, whatever goes wrong; what the program is to be told is raised."""
        cache, entry, original = compilation.cache, compilation.entry, compilation.code
        try:
            return compilation.run()
        except (GraphBreakError, PerformanceWarning):
            raise
        except RecursionError:  # the program is near the limit, and what remains of it is not enough for us
            entry.attempts += 1
        except CannotHold as reason:
            if cache.options.fullgraph and entry.kind == "start":
                raise GraphBreakError(f"GL110 {original.co_name}: {reason} ({FULLGRAPH})", "GL110") from None
            entry.attempts += 1
            note_failure(entry, original, "GL110", str(reason))
        except Exception as error:
            if config.enabled == "check" or is_from_outside(error):
                raise
            note_failure(entry, original, "GL901", f"{type(error).__name__}: {error}")
        return False


def note_failure(entry: Entry, code: CodeType, reason: str, detail: str) -> None:
    """An entry whose capture or compilation failed stays with the original instructions; said once."""
    entry.region.on_miss = None
    entry.given_up = reason
    loc = Location(code.co_filename, code.co_firstlineno, code.co_name)
    if reason == "GL901":
        totals["failures"] += 1
        fall_back(entry.id, loc, reason, f"runs in plain Python: {detail}")
    else:
        events.emit(events.Fallback(entry.id, loc, reason, detail))


class _Compilation:
    """One miss, from the values at hand to an installed specialisation."""

    def __init__(
        self,
        cache: CodeCache,
        entry: Entry,
        original: CodeType,
        live_ins: tuple[Any, ...],
        namespace: dict[str, Any],
        learner: Learner,
    ) -> None:
        self.cache = cache
        self.learner = learner
        self.is_again = entry.attempts > 0 or bool(entry.records)
        self.entry = entry
        self.code = original
        self.live_ins = live_ins
        self.environment = Environment(live_ins, namespace)
        self.flow = flow_of(original)
        self.started = perf_counter()
        self.stale = False  # the installed code lacks an exit or an entry

    def run(self) -> bool:
        """The recipe: capture, and what follows from where it ended."""
        entry = self.entry
        if len(entry.records) >= config.recompile_limit:
            self.give_up()
            return False
        if entry.region.exits_at_hand:
            return self.end_earlier(entry.region.exits_at_hand)
        if entry.region.declining:
            reason: str | None = "NumPy warned or failed in the calls before"
            if not self.stop_earlier():
                return False
        else:
            reason = self.recompile_reason()
            self.unpin()
        outcome = self.capture()
        try:
            return self.use(outcome, reason)
        finally:
            outcome.graph.dissolve()

    def end_earlier(self, n_exits: int) -> bool:
        """A specialisation for a frame that runs older code: it ends at the last exit on the way that is there."""
        known = {exit_.offset for exit_ in self.entry.exits[:n_exits] if exit_.offset < self.entry.region.reaches}
        return any(self.end_at(offset, n_exits) for offset in sorted(known, reverse=True)[:MAX_EARLIER_ENDS])

    def end_at(self, offset: int, n_exits: int) -> bool:
        """The same for one of these exits."""
        outcome = self.capture(frozenset({offset}))
        try:
            if outcome.exit is None or outcome.array_ops == 0 or runs_itself(outcome.graph, self.code):
                return False
            return self.specialise(outcome, "older code runs, without the exit that is used", n_exits)
        finally:
            outcome.graph.dissolve()

    def stop_earlier(self) -> bool:
        """Note the operation that keeps the graph from finishing; True if there is one, and it is a new one."""
        outcome = self.capture()
        try:
            inputs = [load(source, self.environment) for source in outcome.inputs]
            node = with_warnings_raised(first_problem, outcome.graph, inputs)
            at = outcome.made_at.get(node)
            if at is None or at in self.entry.stops:
                return False
            self.entry.stops.add(at)
            return True
        finally:
            outcome.graph.dissolve()

    def use(self, outcome: Outcome, reason: str | None) -> bool:
        """A specialisation, stubs behind it and the new code, as far as what was captured allows."""
        entry = self.entry
        self.note_break(outcome)
        if self.cache.options.fullgraph and entry.kind == "start":
            self.insist_on_whole_graph(outcome)
        added = False
        if outcome.exit is not None and outcome.array_ops > 0 and not runs_itself(outcome.graph, self.code):
            added = self.specialise(outcome, reason)
        else:
            self.note_attempt(outcome)
        self.open_entries(outcome)
        if self.stale or self.cache.stale:
            # The frame that runs never sees newer code. What is called once needs none.
            self.cache.stale = self.learner.frugal and not (added or self.is_again or entry.given_up)
            if not self.cache.stale:
                install(self.cache)
        return added

    def note_attempt(self, outcome: Outcome) -> None:
        """Nothing was captured; the entry is given up when that was so too often."""
        entry, found = self.entry, outcome.break_
        key = "" if found is None else _key(found)
        entry.attempts += 1
        entry.same_breaks = entry.same_breaks + 1 if key and key == entry.last_break else 1
        entry.last_break = key
        is_stuck = self.learner.frugal and key != "" and entry.same_breaks >= MAX_SAME_BREAKS
        if (is_stuck or entry.attempts >= MAX_EMPTY_ATTEMPTS) and not entry.records:
            entry.region.on_miss = None
            entry.given_up = "GL204"

    # the steps

    def capture(self, stops: frozenset[int] = frozenset()) -> Outcome:
        """Follow the bytecode from this entry over the live-ins, to one of ``stops`` at most."""
        observer = self.observer()
        request = request_for(self.flow, self.entry, self.live_ins, self.environment.globals, observer, stops)
        outcome = capture(request)
        if observer is not None:
            self.report_end(outcome)
        return outcome

    def specialise(self, outcome: Outcome, reason: str | None, for_exits: int = 0) -> bool:
        """Passes, backend, guards, stubs: install what was captured. ``for_exits``: see ``Specialization``."""
        assert outcome.exit is not None
        found = self.find_exit(outcome.exit, for_exits)
        if isinstance(found, str):
            return False
        number, payload = found
        graph = pipeline.run_as_set(outcome.graph)
        plan = plan_guards(outcome.guards, (*outcome.inputs, *sources_in(outcome, payload)))
        program, registers = lower(plan, len(self.live_ins))
        examples = [load(source, self.environment) for source in outcome.inputs]
        backend, name = chosen(self.cache.options.backend, self.cache.options.mode)
        identity = f"{self.entry.id}.s{len(self.entry.records) + 1}"
        tell = partial(fall_back, identity, self.location(), "GL203")
        if config.enabled == "check":
            kernel, made_by = make_checked_kernel(backend, name, graph, examples, tell, identity)
        else:
            graph.writes = writes_of(outcome, payload)
            kernel, made_by = make_kernel(backend, name, graph, examples, tell)
        encode = Encoder(registers)
        specialization = _evalframe.Specialization(
            identity,
            program,
            tuple(registers[source] for source in outcome.inputs),
            kernel,
            number,
            tuple(map(encode, outcome.temps)),
            tuple(map(encode, payload)),
            tuple(map(encode.commit, outcome.commits)),
            outcome.array_ops,
            tuple({id(code) for code in outcome.inlined}),
            tuple((store.kind, encode(store.target), store.name, encode(store.value)) for store in outcome.stores),
            draws(graph),
            for_exits,
            tuple(map(self.flow.frame_slot, (*outcome.left, *outcome.drops))),
            len(outcome.left),
        )
        seconds = perf_counter() - self.started
        self.entry.records.append(
            Record(identity, graph, plan, specialization, made_by, seconds, outcome.array_ops, outcome.lines)
        )
        region = self.entry.region
        region.reaches = max(region.reaches, outcome.exit.offset)
        region.doubt(not any(grows_with_arrays(record.graph) for record in self.entry.records))
        region.add(specialization)
        totals["compiles"] += 1
        totals["graphs"] += 1
        self.report(self.entry.records[-1], reason)
        return True

    def find_exit(self, state: ExitState, for_exits: int = 0) -> tuple[int, tuple[Recipe, ...]] | str:
        """The number of a stub exit that serves this state (a new one if need be), and what the result tuple holds.

        ``for_exits``: only so many are there, if not 0.
        """
        wanted = exit_for(state, self.flow, self.entry.offset)
        if isinstance(wanted, str):
            return wanted
        values = dict(state.stores)
        pushed = tuple(recipe for recipe in state.pushes if recipe is not None)
        for number, known in enumerate(self.entry.exits[: for_exits or None]):
            if _same_place(known, wanted) and set(wanted.stores) <= set(known.stores):
                stores = [values.get(name) or self.unchanged(name) for name in known.stores]
                if None not in stores:
                    return number, (*stores, *pushed)  # type: ignore[arg-type]
        if for_exits:
            return "the code that runs has no such exit"
        self.entry.exits.append(wanted)
        self.stale = True
        return len(self.entry.exits) - 1, (*(values[name] for name in wanted.stores), *pushed)

    def unchanged(self, name: str) -> Recipe | None:
        """The recipe of a local that keeps the value it had on entry, if that value is at hand."""
        entry = self.entry
        if name not in entry.locals_in and name not in entry.slots_in:
            return None
        number = entry.live_ins.index(name)
        return None if self.live_ins[number] is EMPTY else FromSource(LiveIn(number, name))

    def open_entries(self, outcome: Outcome) -> None:
        """Stubs where regions may go on behind this one."""
        kind = "after_break" if outcome.break_ is not None else "loop_body"
        places = [self.past_dropped_value(offset) for offset in outcome.resume_at]
        opened = [add_entry(self.cache, self.flow, offset, kind) for offset in places]
        self.stale |= any(entry is not None for entry in opened)

    def past_dropped_value(self, offset: int) -> int:
        """Behind the POP_TOP that drops the result of a broken call: one live-in less."""
        decoded = self.flow.decoded
        index = decoded.at[offset]
        if decoded.instrs[index].op == "POP_TOP" and index + 1 < len(decoded.instrs):
            return decoded.instrs[index + 1].offset
        return offset

    # what is said about it

    def give_up(self) -> None:
        entry = self.entry
        entry.region.on_miss = None
        entry.given_up = "GL202"
        reasons = [self.failure_of(record) for record in entry.records]
        top = told_together(reason for reason in reasons if reason) or "its guards failed"
        text = f"{config.recompile_limit} specialisations; top reasons: {top} -> other values run in plain Python"
        fall_back(entry.id, self.location(), "GL202", text, warn=not self.learner.frugal)

    def unpin(self) -> None:
        """What guards had fixed that came out different: the next captures do without."""
        failing = [failing_guard(record.plan, self.environment) for record in self.entry.records]
        most = config.recompile_limit if self.cache.options.fullgraph else MOST_LENGTHS
        self.entry.unpinned |= varying(failing, most)

    def recompile_reason(self) -> str | None:
        return (self.failure_of(self.entry.records[-1]) or self.what_tells()) if self.entry.records else None

    def what_tells(self) -> str | None:
        """Which locals hold something now that a region must not let go of late."""
        found = sorted(name for name in map(self.flow.place_of, self.entry.region.noticed) if isinstance(name, str))
        return f"`{found[0]}` holds an object that does something when it goes" if found else None

    def failure_of(self, record: Record) -> str | None:
        return explain_failure(record.plan, self.live_ins, self.environment.globals)

    def note_break(self, outcome: Outcome) -> None:
        found = outcome.break_
        if found is None:
            return
        key = _key(found)
        if key in self.entry.breaks:
            return
        self.entry.breaks[key] = found
        totals["breaks"] += 1
        if events.listening():
            places = [self.past_dropped_value(offset) for offset in outcome.resume_at]
            resume = self.line_of(places[0]) if places else None
            events.emit(events.GraphBreak(self.entry.id, found.loc, found.code, found.detail, resume))

    def insist_on_whole_graph(self, outcome: Outcome) -> None:
        problem = why_not_whole(outcome, self.code)
        if problem is not None:
            raise problem

    def report(self, record: Record, reason: str | None) -> None:
        if not events.listening():
            return
        loc = self.location()
        if reason is not None:
            events.emit(events.Recompile(record.id, loc, reason))
        events.emit(
            events.Compiled(
                record.id,
                loc,
                graph=record.graph,
                guards=tuple(describe(guard) for guard in record.plan.guards),
                n_ops=record.array_ops,
                n_nodes=sum(node.op == "call_function" for node in record.graph.nodes),
                seconds=record.seconds,
                last_line=max(record.lines, default=loc.lineno),
                backend=record.backend,
            )
        )

    def location(self) -> Location:
        return Location(self.code.co_filename, self.line_of(self.entry.offset), self.cache.name)

    def line_of(self, offset: int) -> int:
        decoded = self.flow.decoded
        line = decoded.instrs[decoded.at[offset]].line
        return line if line is not None else self.code.co_firstlineno

    def observer(self) -> Callable[[Observed], None] | None:
        """Who is told each step, when somebody wants to see them."""
        if not config.debug or not events.listening():
            return None
        entry, place = self.entry, self.location()
        live_ins = {name: brief(value) for name, value in zip(entry.live_ins, self.live_ins, strict=True)}
        events.emit(events.CaptureStarted(entry.id, place, entry.offset, live_ins))

        def tell(seen: Observed) -> None:
            guards = tuple(map(describe, seen.guards))
            events.emit(
                events.Step(
                    entry.id,
                    seen.loc or place,
                    offset=seen.instr.offset,
                    instruction=instruction(seen.instr),
                    stack_effect=seen.effect,
                    value=seen.value,
                    depth=seen.depth,
                    guards=guards,
                    problem=seen.problem,
                )
            )

        return tell

    def report_end(self, outcome: Outcome) -> None:
        offset = outcome.exit.offset if outcome.exit is not None else None
        loc = self.location()
        ending = "next round"
        if outcome.break_ is not None:
            ending = outcome.break_.code
        elif offset is None or self.instruction_at(offset) == "RETURN_VALUE":
            ending = "return"
        if offset is not None:
            loc = replace(loc, lineno=self.line_of(offset))
        events.emit(events.CaptureEnded(self.entry.id, loc, offset, outcome.array_ops, ending))

    def instruction_at(self, offset: int) -> str:
        decoded = self.flow.decoded
        return decoded.instrs[decoded.at[offset]].op


def _key(found: BreakInfo) -> str:
    return f"{found.loc.lineno} {found.code} {found.detail}"


def _same_place(known: Exit, wanted: Exit) -> bool:
    return (known.offset, known.keep, known.pushes, known.deletes) == (
        wanted.offset,
        wanted.keep,
        wanted.pushes,
        wanted.deletes,
    )


def runs_itself(graph: Graph, code: CodeType) -> bool:
    """Whether a node calls the very function the graph is of, as in ``np.real``: it would come back here for ever."""
    called = (inspect.unwrap(node.target) for node in graph.nodes if node.op == "call_function")
    return any(isinstance(fn, FunctionType) and original_code(fn.__code__) is code for fn in called)


def whole_graph(fn: FunctionType, *args: Any, **kwargs: Any) -> Graph:
    """The graph of the call ``fn(*args, **kwargs)``, not run; GraphBreakError if it is not exactly one graph."""
    code = original_code(fn.__code__)
    cache = new_cache(code, Options(), Learner)
    start = next((entry for entry in cache.all_entries() if entry.kind == "start"), None)
    if start is None:
        raise GraphBreakError(f"GL208 {code.co_name} cannot be entered at its start", "GL208")
    bound = inspect.signature(fn, follow_wrapped=False).bind(*args, **kwargs)
    bound.apply_defaults()
    cells = dict(zip(code.co_freevars, fn.__closure__ or (), strict=True))
    values = {**{name: CellType(value) for name, value in bound.arguments.items()}, **cells}
    live_ins = (
        *(bound.arguments[name] for name in start.locals_in),
        *(values.get(name, CellType()) for name in start.cells_in),
    )
    outcome = capture(request_for(flow_of(code), start, live_ins, fn.__globals__))
    problem = why_not_whole(outcome, code, CAPTURE)
    if problem is not None:
        raise problem
    return pipeline.run_as_set(outcome.graph)
