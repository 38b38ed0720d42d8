"""A fusion group as a step of the block machine: registers, operations, scratch buffers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphlet.backends.block_checks import Checks
from graphlet.backends.block_members import CAST, LOOP, WHERE, Member
from graphlet.backends.block_tails import Tail
from graphlet.core.pristine import np
from graphlet.ir.graph import Node
from graphlet.ir.quiet import INTEGER, QUIET_UFUNCS
from graphlet.ir.types import ArrayType, Dim
from graphlet.runtime import loops
from graphlet.runtime._block import scalar_bytes
from graphlet.runtime.plan import (
    ArrayIn,
    CastOp,
    Fused,
    GroupOp,
    GroupOut,
    LoopOp,
    ScalarIn,
    Stage,
    Step,
    TailOut,
    WhereOp,
)

MAX_REGISTERS, MAX_SCALARS, MAX_TAILS = 96, 32, 8
SCRATCH_BYTES = 24 * 1024  # what all buffers of a group may take of the first-level cache
SMALL = 4  # buffers of less than such a part of what is read
# Multiples of every vector length: the tail of a run is where it is in NumPy.
BLOCKS = (8192, 4096, 2048, 1024, 512, 256)

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Operations of a draft that may run as one compiled function; see ``plan.Stage``."""

    first: int
    n_ops: int
    inputs: tuple[Key, ...]
    outputs: tuple[Key, ...]
    code: Any
    reductions: tuple[int, ...] = ()  # of the draft's tails
    in_tiles: bool = False


@dataclass(slots=True)
class Draft:
    """A group in the making. Registers are named by keys until their numbers are known:
    ("array", node), ("scalar", node, dtype), ("constant", bytes), ("op", i)."""

    space: tuple[Dim, ...]
    arrays: dict[Key, Node] = field(default_factory=dict)
    scalars: dict[Key, tuple[Node, np.dtype[Any]]] = field(default_factory=dict)
    constants: dict[Key, bytes] = field(default_factory=dict)
    ops: list[tuple[str, tuple[Key, ...], np.dtype[Any], Any]] = field(default_factory=list)
    made: dict[Node, Key] = field(default_factory=dict)
    casts: dict[Key, Key] = field(default_factory=dict)
    strict: bool = False
    tails: list[tuple[Node, Tail, Key]] = field(default_factory=list)

    def size(self) -> int:
        """How many registers there are."""
        return len(self.arrays) + len(self.scalars) + len(self.constants) + len(self.ops)

    def add(self, node: Node, member: Member) -> None:
        """Add a node whose arguments inside the group have been added."""
        args = tuple(self.operand(a, d) for a, d in zip(member.operands, member.dtypes, strict=True))
        extra = member if member.kind == LOOP else member.dtypes[0]
        self.made[node] = self.op(member.kind, args, member.dtype, extra)
        self.strict |= member.strict

    def add_tail(self, node: Node, tail: Tail) -> None:
        """Add a reduction of a node that is in the group, or of an array."""
        self.tails.append((node, tail, self.operand(tail.source, tail.dtype)))

    def op(self, kind: str, args: tuple[Key, ...], dtype: np.dtype[Any], extra: Any) -> Key:
        """Add an operation; returns the register of its result."""
        self.ops.append((kind, args, dtype, extra))
        return ("op", len(self.ops) - 1)

    def operand(self, argument: Any, dtype: np.dtype[Any]) -> Key:
        """The register that holds an operand in the dtype it is needed in."""
        if not isinstance(argument, Node):
            data = scalar_bytes(argument, dtype)
            assert data is not None
            key: Key = ("constant", data)
            self.constants[key] = data
            return key
        if not isinstance(argument.type, ArrayType):
            key = ("scalar", argument, dtype)
            self.scalars[key] = (argument, dtype)
            return key
        key = self.made.get(argument, ("array", argument))
        if key[0] == "array":
            self.arrays[key] = argument
        return key if argument.type.dtype == dtype else self.cast(key, argument.type.dtype, dtype)

    def cast(self, key: Key, source: np.dtype[Any], dtype: np.dtype[Any]) -> Key:
        """The register with the operand cast, as NumPy does it on the way into a loop."""
        wanted = (*key, dtype)
        if wanted not in self.casts:
            self.casts[wanted] = self.op("convert", (key,), dtype, source)
        return self.casts[wanted]

    def dtype_of(self, node: Node) -> np.dtype[Any]:
        """The dtype of a node's result."""
        return self.ops[self.made[node][1]][2]

    def numbers(self) -> dict[Key, int]:
        """Register numbers: arrays, scalars, constants, results."""
        keys = [*self.arrays, *self.scalars, *self.constants, *(("op", i) for i in range(len(self.ops)))]
        return {key: number for number, key in enumerate(keys)}


def fits_in(draft: Draft, member: Member) -> bool:
    """Whether a further node is sure to stay within the machine's limits."""
    more = 2 * len(member.operands) + 1
    return draft.size() + more <= MAX_REGISTERS and len(draft.scalars) + len(member.operands) <= MAX_SCALARS


def axes_in(space: Sequence[Dim], type_: ArrayType) -> tuple[int, ...]:
    """For each dimension of the space the axis of an operand, -1 where it is broadcast."""
    missing = len(space) - type_.ndim
    own = [*(None for _ in range(missing)), *type_.shape]
    pairs = enumerate(zip(own, space, strict=True))
    return tuple(-1 if _is_stretched(dim, of_space) else i - missing for i, (dim, of_space) in pairs)


def _is_stretched(dim: Dim | None, of_space: Dim) -> bool:
    if dim is None:
        return True
    return type(dim) is int and dim == 1 and not (type(of_space) is int and of_space == 1)


def color(draft: Draft, outputs: dict[Key, int], parts: Sequence[Part] = ()) -> tuple[int, ...]:
    """For each operation its scratch buffer, or -1 - i for output i.

    A result never shares a buffer with its operands: loops take another way through memory that overlaps. So also for
    the results of a stage: what it reads is in use until its end.
    """
    last = {key: i for i, (_, args, _, _) in enumerate(draft.ops) for key in args}
    for part in parts:
        last.update((key, max(last.get(key, 0), part.first + part.n_ops - 1)) for key in part.inputs)
    last.update((key, len(draft.ops)) for _, _, key in draft.tails)
    last.update((("op", i), i) for i in range(len(draft.ops)) if ("op", i) not in last)
    dying: list[list[Key]] = [[] for _ in range(len(draft.ops) + 1)]
    for key, i in last.items():
        dying[i].append(key)
    free: list[int] = []
    used = 0
    place: dict[Key, int] = {}
    for i in range(len(draft.ops)):
        key = ("op", i)
        if key in outputs:
            place[key] = -1 - outputs[key]
        elif free:
            place[key] = free.pop()
        else:
            place[key], used = used, used + 1
        free.extend(place[a] for a in dying[i] if place.get(a, -1) >= 0)
    return tuple(place["op", i] for i in range(len(draft.ops)))


def block_length(draft: Draft, buffers: tuple[int, ...]) -> int:
    """The longest block whose scratch buffers fit the budget, beside half of what is read.

    Where the buffers are small beside what is read (masks), they may as well come from the second-level cache: then
    longer blocks, with fewer calls, are worth more.
    """
    width: dict[int, int] = {}
    for buffer, (_, _, dtype, _) in zip(buffers, draft.ops, strict=True):
        if buffer >= 0:
            width[buffer] = max(width.get(buffer, 0), dtype.itemsize)
    scratch = sum(width.values())
    read = sum(_itemsize(node) for node in draft.arrays.values())
    is_small = 0 < SMALL * scratch <= read
    longest = BLOCKS[0] if is_small else BLOCKS[2]
    cost = scratch if is_small else scratch + read // 2
    return next((n for n in BLOCKS if n <= longest and n * cost <= SCRATCH_BYTES), BLOCKS[-1])


def _itemsize(node: Node) -> int:
    assert isinstance(node.type, ArrayType)
    return node.type.dtype.itemsize


def lower(
    draft: Draft,
    outputs: Sequence[Node],
    slot: Callable[[Node], int],
    checks: Checks,
    fallback: tuple[Step, ...],
    parts: Sequence[Part] = (),
) -> Fused:
    """The step of a group; ``slot`` gives the slot of a node."""
    numbers = draft.numbers()
    places = {draft.made[node]: i for i, node in enumerate(outputs)}
    buffers = color(draft, places, parts)
    return Fused(
        dims=tuple(map(checks.dim, draft.space)),
        arrays=tuple(_array_in(node, draft.space, slot(node)) for node in draft.arrays.values()),
        scalars=tuple(ScalarIn(slot(node), dtype) for node, dtype in draft.scalars.values()),
        constants=tuple(draft.constants.values()),
        ops=tuple(_group_op(op, numbers) for op in draft.ops),
        outputs=tuple(GroupOut(slot(node), numbers[draft.made[node]], draft.dtype_of(node)) for node in outputs),
        buffers=buffers,
        block=block_length(draft, buffers),
        strict=draft.strict,
        fallback=fallback,
        walk=draft.tails[0][1].walk if draft.tails else "plain",
        reduced=draft.tails[0][1].axes if draft.tails else (0, 0),
        tails=tuple(_tail_out(tail, slot(node), numbers[key]) for node, tail, key in draft.tails),
        stages=tuple(_stage(part, numbers) for part in parts),
        shareable=all(map(_is_shareable, draft.ops)),
        quiet=all(map(_is_quiet, draft.ops)),
    )


def _is_shareable(op: tuple[str, tuple[Key, ...], np.dtype[Any], Any]) -> bool:
    kind, _, dtype, extra = op
    return kind != LOOP or loops.is_shareable(extra.ufunc, (*extra.dtypes, dtype))


def _is_quiet(op: tuple[str, tuple[Key, ...], np.dtype[Any], Any]) -> bool:
    kind, _, dtype, extra = op
    if kind == LOOP:
        kinds = QUIET_UFUNCS.get(extra.ufunc, frozenset())
        return all(operand.kind in kinds for operand in extra.dtypes)
    if kind == WHERE:
        return True
    return extra.kind in INTEGER and (dtype.kind in INTEGER or (dtype.kind in "fc" and dtype.char not in "e"))


def _stage(part: Part, numbers: dict[Key, int]) -> Stage:
    inputs, outputs = (tuple(numbers[key] for key in keys) for keys in (part.inputs, part.outputs))
    return Stage(part.first, part.n_ops, inputs, outputs, part.code, part.reductions, part.in_tiles)


def _tail_out(tail: Tail, slot: int, reg: int) -> TailOut:
    return TailOut(
        tail.kind, slot, reg, tail.loop, tail.start, tail.result, tail.mean, tail.mean_limit, tail.keepdims, tail.dtype
    )


def _array_in(node: Node, space: Sequence[Dim], slot: int) -> ArrayIn:
    assert isinstance(node.type, ArrayType)
    return ArrayIn(slot, node.type.dtype, node.type.ndim, axes_in(space, node.type))


def _group_op(op: tuple[str, tuple[Key, ...], np.dtype[Any], Any], numbers: dict[Key, int]) -> GroupOp:
    kind, args, dtype, extra = op
    registers = tuple(numbers[key] for key in args)
    if kind == LOOP:
        return LoopOp(extra.loop, registers, dtype, extra.nans)
    if kind in (CAST, "convert"):
        return CastOp(extra, registers, dtype, implicit=kind == "convert")
    return WhereOp(registers, dtype)
