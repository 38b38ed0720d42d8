"""``explain(fn)(*args)``: run one call and say, verdict first, what of it ran in graphs, what did not, and why."""

import functools
import importlib
import inspect
import linecache
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import CodeType, FunctionType, MethodType
from typing import Any

from graphlet import _evalframe
from graphlet.backends.block import can_be_fused, can_be_tail
from graphlet.backends.invoke import EAGER, runs_eager
from graphlet.backends.modes import name_of
from graphlet.cache import CodeCache, Entry, Options, Record, original_code
from graphlet.core.brief import brief
from graphlet.core.errors import GraphletError
from graphlet.core.refusals import no_function
from graphlet.driver import Learner
from graphlet.guards.describe import describe
from graphlet.handle import handle_of, plain_copy
from graphlet.ir.groups import groups
from graphlet.opcodes.canon import CANON
from graphlet.opcodes.flow import Flow, analyse
from graphlet.report.probes import probes
from graphlet.report.result import Cost, ExplainReport, Line
from graphlet.rewrite.install import add_entry, adopt, new_cache
from graphlet.rewrite.presets import presets

# A generator is followed this far.
MAX_ITEMS = 1000

# Exits of one stub (what its instructions can tell apart), and of a function, for the time they take.
MAX_EXITS = 200
MAX_EXITS_IN_ALL = 4000

_CALLS = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX"})
# A graph may begin right behind these, where they end another.
_BEHIND = _CALLS | {"STORE_GLOBAL", "STORE_ATTR", "STORE_SUBSCR", "STORE_SLICE"}
_PUTS_AWAY = frozenset({"POP_TOP", "STORE_FAST", "STORE_DEREF", "GET_ITER"})
_WAITING = frozenset({"value", "null", "maybe_null"})


def explain(fn: Callable[..., Any]) -> Callable[..., ExplainReport]:
    """A function that calls ``fn`` once, with its effects, and returns the report; exceptions pass through.

    The call runs a private copy, which learns from nothing: ``fn``, optimised or not, keeps no trace of it. A generator
    is run to its end (or for 1000 items) and a coroutine is awaited: ``result`` of the report is then the list of items
    or the value.

    Raises TypeError for what is no Python function or method.
    """
    if isinstance(fn, functools.partial):
        return functools.partial(explain(fn.func), *fn.args, **fn.keywords)
    bound: tuple[Any, ...] = ()
    if isinstance(fn, MethodType):
        bound, fn = (fn.__self__,), fn.__func__
    if isinstance(fn, (staticmethod, classmethod)):
        fn = fn.__func__
    if not isinstance(fn, FunctionType):
        raise TypeError(no_function("explain", fn))
    return functools.partial(_explain, fn, bound)


def _explain(fn: FunctionType, bound: tuple[Any, ...], *args: Any, **kwargs: Any) -> ExplainReport:
    handle = handle_of(fn)
    code = original_code(fn.__code__)
    options = replace(handle.cache.options, fullgraph=False) if handle is not None else Options()
    cache, counted = _private_cache(code, options)
    copy = plain_copy(handle.original if handle is not None else fn)
    copy.__code__ = code
    adopt(cache, copy)
    cache.functions.discard(copy)  # the frame about to run keeps its code: newer versions would be made for nobody
    call = _describe_call(fn, (*bound, *args), kwargs)
    result = _run(copy(*bound, *args, **kwargs))
    known = [handle.cache] if handle is not None else list((_evalframe.get_state(code) or {}).values())
    costs = tuple(cost for own in known for entry in own.all_entries() for cost in _costs(code, entry))
    return replace(_report(cache, code, counted, f"{call}  ->  {brief(result)}", result), costs=costs)


def _private_cache(code: CodeType, options: Options) -> tuple[CodeCache, Counter[int]]:
    """A cache of its own for one call, and the counts of its probes.

    A frame that runs never sees newer code, so it has from the start what other functions get in their first calls:
    entries behind all calls and stores, and exits wherever a graph may end.
    """
    flow = analyse(code)
    cache = new_cache(code, options, Learner)
    for place in (*_statement_ends(flow), *_behind(flow)):
        add_entry(cache, flow, place, "after_call")
    most = min(MAX_EXITS, MAX_EXITS_IN_ALL // max(1, len(cache.entries)))
    for offset, entry in cache.entries.items():
        entry.exits[:] = presets(flow.decoded, flow, offset, most, everywhere=True)
    counted: Counter[int] = Counter()
    cache.probes.update(probes(flow, counted))
    return cache, counted


def _statement_ends(flow: Flow) -> Iterator[int]:
    """Where statements with calls end."""
    for instr in flow.decoded.instrs:
        place = statement_end(flow, instr.offset) if instr.op in _CALLS else None
        if place is not None:
            yield place


def _behind(flow: Flow) -> Iterator[int]:
    """Right behind calls and stores, unless all that follows is that the result goes to its place."""
    decoded = flow.decoded
    for instr in decoded.instrs:
        for place in flow.successors.get(instr.offset, ()) if instr.op in _BEHIND else ():
            if decoded.instrs[decoded.at[place]].op not in _PUTS_AWAY:
                yield place


def statement_end(flow: Flow, offset: int) -> int | None:
    """The first place in a straight line behind an instruction where no value waits on the stack."""
    decoded = flow.decoded
    for instr in decoded.instrs[decoded.at[offset] :]:
        if CANON[instr.op].ends or CANON[instr.op].jumps or not flow.reachable(instr.offset):
            return None
        if instr.offset > offset and not _WAITING.intersection(flow.stack(instr.offset)):
            return instr.offset
    return None


# ---- running what a call returns


def _run(result: Any) -> Any:
    """The end of what a call began: the items of a generator, the value of a coroutine."""
    if inspect.isgenerator(result):
        return _take(result)
    if inspect.iscoroutine(result):
        return _await(result)
    if inspect.isasyncgen(result):
        return _await(_take_async(result))
    return result


def _take(generator: Any) -> list[Any]:
    items = []
    for item in generator:
        items.append(item)
        if len(items) == MAX_ITEMS:
            generator.close()
            break
    return items


async def _take_async(generator: Any) -> list[Any]:
    items = []
    async for item in generator:
        items.append(item)
        if len(items) == MAX_ITEMS:
            await generator.aclose()
            break
    return items


def _await(coroutine: Any) -> Any:
    """Run a coroutine to its end, with asyncio if the program uses it."""
    if "asyncio" in sys.modules:
        asyncio = importlib.import_module("asyncio")  # as the program has: it would cost every import of graphlet
        if asyncio._get_running_loop() is not None:
            coroutine.close()
            raise GraphletError("explain runs a coroutine to its end itself: call it where no event loop is running")
        return asyncio.run(coroutine)
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


# ---- the report


def _report(cache: CodeCache, code: CodeType, counted: Counter[int], call: str, result: Any) -> ExplainReport:
    entries = cache.all_entries()
    records = [record for entry in entries for record in entry.records]
    breaks = {(found.loc.filename, found.loc.lineno, found.code): found for e in entries for found in e.breaks.values()}
    declines: Counter[str] = Counter()
    for entry in entries:
        if entry.records:
            declines.update(entry.region.decline_reasons)
    return ExplainReport(
        name=code.co_qualname.rpartition("<locals>.")[2],
        filename=code.co_filename,
        first_line=code.co_firstlineno,
        call=call,
        backend=", ".join(dict.fromkeys(record.backend for record in records)) or name_of(cache.options.backend),
        mode=cache.options.mode,
        result=result,
        graphs=tuple(record.graph for record in records),
        breaks=tuple(breaks[key] for key in sorted(breaks)),
        guards=tuple(dict.fromkeys(describe(guard) for record in records for guard in record.plan.guards)),
        compile_times=tuple(record.seconds for record in records),
        ops_per_graph=tuple(record.array_ops for record in records),
        native_ops=sum(entry.region.native_ops for entry in entries),
        python_ops=counted.total(),
        declines=dict(declines),
        fallbacks=tuple(dict.fromkeys(_fallbacks(entries, name_of(cache.options.backend)))),
        lines=_lines(code, records, counted),
    )


def _fallbacks(entries: Sequence[Entry], wanted: str) -> Iterator[str]:
    """Codes of what does not run as compiled, though it should; ``wanted``: the backend that was asked for."""
    for entry in entries:
        if entry.given_up not in ("", "GL204"):
            yield entry.given_up
        if wanted != EAGER and any(runs_eager(record.specialization.kernel) for record in entry.records):
            yield "GL203"


def _costs(code: CodeType, entry: Entry) -> Iterator[Cost]:
    """What was measured where a stub stands, by sizes."""
    lines = (line for first, last, line in code.co_lines() if first <= entry.offset < last)
    line = next(lines, None) or code.co_firstlineno
    for least_size, graph_ns, numpy_ns, rest_left in entry.region.measured:
        yield Cost(line, least_size, graph_ns, numpy_ns, rest_left > 0)


def _lines(code: CodeType, records: list[Record], counted: Counter[int]) -> tuple[Line, ...]:
    last = max((line for *_, line in code.co_lines() if line is not None), default=code.co_firstlineno)
    native: Counter[int] = Counter()
    fused: dict[int, set[int]] = {}
    for record in records:
        for line, number in record.lines.items():
            native[line] += number * record.specialization.hits
        for together in _fused_lines(record, code.co_filename):
            for line in together:
                fused.setdefault(line, set()).update(together - {line})
    return tuple(
        Line(
            number,
            linecache.getline(code.co_filename, number).rstrip(),
            native[number],
            counted[number],
            tuple(sorted(fused.get(number, ()))),
        )
        for number in range(code.co_firstlineno, last + 1)
    )


def _fused_lines(record: Record, filename: str) -> Iterator[set[int]]:
    """The lines of the function whose operations run as one loop, for each such loop."""
    if record.backend not in ("block", "llvm"):
        return
    for group in groups(record.graph, can_be_fused, can_be_tail):
        places = [node.loc for node in group.nodes if node.loc is not None]
        yield {loc.lineno for loc in places if loc.filename == filename}


def _describe_call(fn: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    try:
        bound = inspect.signature(fn).bind(*args, **kwargs).arguments
    except TypeError:  # the call itself is about to say so
        bound = {}
    return "   ".join(f"{name} {brief(value)}" for name, value in bound.items()) or "()"
