"""``mode="max-autotune"``: how long blocks are, how wide vectors, how many threads, tried out once for each kernel.

A kernel is made in several ways, each is run on the inputs at hand, and the fastest stays. What was found is kept
beside the object code, for graphs of the same operations on arrays of about the same sizes. Progress goes to stderr. No
bit depends on any of it.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

from graphlet.backends import llvm_cache
from graphlet.backends.block_groups import BLOCKS
from graphlet.backends.llvm import Kernel, llvm, prepare
from graphlet.backends.llvm_host import can_compile, vector_bytes
from graphlet.core.pristine import np
from graphlet.ir.alias import has_own_effect, written_argument
from graphlet.ir.graph import CALL_FUNCTION, Graph
from graphlet.runtime._block import BlockKernel, threads
from graphlet.runtime.plan import Bands, Fused, Plan, Step

VECTORS = (16, 32, 64)  # bytes
MIN_RUNS, MAX_RUNS, SECONDS = 5, 200, 0.02  # for each way
WARM_UP = 4
MIN_SIZE = 1024  # elements: less is one block, whatever its length
GAIN = 0.97  # what is hardly faster is not taken
ABOUT = "max-autotune, version 1"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to make a kernel; 0 stands for what is done without a search."""

    block: int = 0
    vector: int = 0
    threads: int = 0

    def __str__(self) -> str:
        said = [f"{name} {value}" for name, value in asdict(self).items() if value]
        return ", ".join(said) or "as by default"


def tuned(graph: Graph, example_inputs: Sequence[Any]) -> BlockKernel:
    """The kernel of the ``llvm`` backend that was found to be the fastest for these inputs."""
    if not can_compile() or not can_repeat(graph) or not any(map(_is_large, example_inputs)):
        return llvm(graph, example_inputs)
    key = key_of(graph, example_inputs)
    choice = recall(key)
    if choice is None:
        choice = search(graph, example_inputs, partial(say, len(graph.nodes)))
        llvm_cache.save(key, json.dumps(asdict(choice)).encode())
    return made(graph, choice).kernel


def _is_large(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.size >= MIN_SIZE


def can_repeat(graph: Graph) -> bool:
    """Whether the graph may run more often than the program runs it."""
    nodes = [node for node in graph.nodes if node.op == CALL_FUNCTION]
    return all(
        node.row is not None and not has_own_effect(node) and written_argument(node) is None and not node.graphs
        for node in nodes
    )


def made(graph: Graph, choice: Choice) -> Kernel:
    """The kernel made so."""
    prepared = prepare(graph, vector_bytes=choice.vector)
    if choice.block:
        prepared = prepared.with_plan(with_blocks(prepared.plan, choice.block))
    if choice.threads:
        prepared.kernel.most_threads = choice.threads
    return prepared


def with_blocks(plan: Plan, block: int) -> Plan:
    """The plan with blocks of another length."""
    return replace(plan, steps=tuple(_with_blocks(step, block) for step in plan.steps))


def _with_blocks(step: Step, block: int) -> Step:
    if isinstance(step, Bands):
        return replace(step, steps=tuple(_with_blocks(part, block) for part in step.steps))
    return replace(step, block=block) if isinstance(step, Fused) else step


# ---- the search ----


def search(graph: Graph, inputs: Sequence[Any], tell: Callable[[Choice, float, int, int], None]) -> Choice:
    """One dimension after the other; each way is compared with the best so far, in turns."""
    best, ways = Choice(), _ways(graph)
    kernel = _ready(made(graph, best), inputs)
    if kernel is None:
        return best
    for number, way in enumerate(ways, 1):
        other = replace(best, **way)
        rival = _ready(made(graph, other), inputs) if other != best else None
        if rival is None:
            continue
        rival.exact_threads = other.threads
        one, two = _compare(kernel, rival, inputs)
        tell(other, two, number, len(ways))
        if two < GAIN * one:
            best, kernel = other, rival
    return best


def _ways(graph: Graph) -> list[dict[str, int]]:
    blocks: list[dict[str, int]] = [{"block": block} for block in BLOCKS]
    vectors = [{"vector": size} for size in VECTORS if size <= vector_bytes()]
    allowed = threads()[0]
    counts = sorted({2**i for i in range(1, allowed.bit_length()) if 2**i <= allowed} | ({allowed} - {1}))
    return [*blocks, *vectors, *({"threads": count} for count in counts)]


def _ready(prepared: Kernel, inputs: Sequence[Any]) -> BlockKernel | None:
    """The kernel with everything compiled that it wants for these inputs; None where it does not finish."""
    for _ in range(WARM_UP):
        if prepared.kernel(*inputs) is None:
            return None
        prepared.compile_now()
    return prepared.kernel


def _compare(one: BlockKernel, two: BlockKernel, inputs: Sequence[Any]) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = [], []
    end = perf_counter() + 2 * SECONDS
    while len(taken[0]) < MIN_RUNS or (len(taken[0]) < MAX_RUNS and perf_counter() < end):
        for kernel, times in zip((one, two), taken, strict=True):
            began = perf_counter()
            kernel(*inputs)
            times.append(perf_counter() - began)
    return _median(taken[0]), _median(taken[1])


def _median(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def say(n_nodes: int, choice: Choice, seconds: float, number: int, total: int) -> None:
    """A line of progress on stderr."""
    if sys.stderr is not None:
        way = f"graph of {n_nodes} nodes, {number} of {total}: {choice}: {seconds * 1e6:.1f} us"
        print(f"[graphlet] max-autotune: {way}", file=sys.stderr, flush=True)


# ---- what was found before ----


def key_of(graph: Graph, inputs: Sequence[Any]) -> str:
    """What a search depends on, besides the machine: operations, types, and sizes to a factor of two."""
    nodes = [f"{node.op} {getattr(node.target, '__name__', '')} {node.type}" for node in graph.nodes]
    return "\n".join([ABOUT, str(threads()[0]), graph.code, *nodes, *map(_kind_of, inputs)])


def _kind_of(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return type(value).__name__
    sizes = [size.bit_length() for size in value.shape]
    return f"{value.dtype.str} {sizes} {value.flags.c_contiguous} {value.flags.f_contiguous}"


def recall(key: str) -> Choice | None:
    """What was found before; None if nothing was, or it makes no sense."""
    data = llvm_cache.load(key)
    try:
        found = Choice(**json.loads(data)) if data is not None else None
    except (ValueError, TypeError):
        return None
    return found if found is not None and all(_is_sensible(found)) else None


def _is_sensible(choice: Choice) -> Iterator[bool]:
    yield choice.block in (0, *BLOCKS)
    yield choice.vector in (0, *VECTORS)
    yield type(choice.threads) is int and choice.threads >= 0
