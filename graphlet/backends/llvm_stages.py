"""Which operations of a group run as one compiled function, and in which order all of them run.

Operations are put on levels: compiled ones on even levels, calls of NumPy's loops on odd ones, each behind what it
needs. What is compiled on one level is one function. A value that is used later only moves to where it is used, if it
can be made there from no more values than itself.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import eq
from typing import Any

from graphlet.backends import llvm_fast
from graphlet.backends.block_groups import Draft, Key, Part, axes_in
from graphlet.backends.block_members import LOOP, WHERE
from graphlet.backends.block_tails import COLUMNS, ROWS, WHOLE, Tail
from graphlet.backends.llvm_formulas import name_of
from graphlet.backends.llvm_known import LENGTHS
from graphlet.backends.llvm_roots import without_roots
from graphlet.backends.llvm_spec import BOOL, Op, Reduction, Spec, type_code
from graphlet.core.pristine import np
from graphlet.ir.graph import Node
from graphlet.ir.types import ArrayType, dim_hint
from graphlet.runtime._code import MAX_OPERANDS

MIN_OPS = 2  # one operation alone is as fast in NumPy's own loop
MANY_ARRAYS, LONG_ROW = 4, 512
CALLS_FIRST = -1
ARGS = ("arg_max", "arg_min")

MakeCode = Callable[[Spec], Any]


def arrange(draft: Draft, outputs: Sequence[Node], make_code: MakeCode, is_fast: bool = False) -> list[Part]:
    """Sorts the operations of a draft; returns those that may be compiled, and what reduces."""
    ops = [_as_op(draft, i, is_fast) for i in range(len(draft.ops))]
    left = {i: kind for i, (_, tail, _) in enumerate(draft.tails) if (kind := reduction_of(tail)) is not None}
    left = {} if _sums_rows_apart(draft) else left
    reduced = [key for _, _, key in draft.tails]
    stored = {draft.made[node] for node in outputs} | {key for i, key in enumerate(reduced) if i not in left}
    levels = _levels(draft, ops, stored.union(reduced), stored)
    order = sorted(range(len(ops)), key=lambda i: (levels[i], i))
    _reorder(draft, order)
    ops, levels = [ops[i] for i in order], [levels[i] for i in order]
    needed = {draft.made[node] for node in outputs}
    parts: list[Part] = []
    for own in _runs(draft, ops, levels):
        here = {i: kind for i, kind in left.items() if draft.tails[i][2] in {("op", k) for k in own}}
        others = {key for i, (_, _, key) in enumerate(draft.tails) if i not in here}
        is_worth_it = len(own) >= MIN_OPS or here or _is_broadcast(draft, own)
        part = _part(draft, ops, own, needed | others, here, make_code) if is_worth_it else None
        if part is not None:
            parts.append(part)
            left = {i: kind for i, kind in left.items() if i not in here}
    last = _part(draft, ops, range(len(ops), len(ops)), needed, left, make_code) if left else None
    return parts if last is None else [*parts, last]


def _runs(draft: Draft, ops: Sequence[Op | None], levels: Sequence[int]) -> Iterator[range]:
    """What is compiled on one level, in as many runs as it takes for none to read more than a function may."""
    for level in dict.fromkeys(level for level, op in zip(levels, ops, strict=True) if level % 2 == 0 and op):
        end = len(levels) - levels[::-1].index(level)
        start = levels.index(level)
        read: set[tuple[Key, str]] = set()
        for i in range(start, end):
            op = ops[i]
            assert op is not None
            pairs = set(zip(draft.ops[i][1], op.types, strict=False))
            together = read | {(key, code) for key, code in pairs if key[0] != "op" or not start <= key[1] < i}
            if len(together) > MAX_OPERANDS:
                yield range(start, i)
                start, together = i, pairs
            read = together
        yield range(start, end)


def _sums_rows_apart(draft: Draft) -> bool:
    """Whether floats of many short rows that do not lie one behind the other are added up over everything.

    NumPy's tree does not end where rows do, so a function that adds up needs them packed. One that stores what is to be
    added reads them where they are, which is faster from some arrays on.
    """
    types = (node.type for node in draft.arrays.values())
    scattered = [type_ for type_ in types if isinstance(type_, ArrayType) and type_.order == "K" and type_.ndim > 1]
    if len(scattered) < MANY_ARRAYS or dim_hint(draft.space[-1]) > LONG_ROW:
        return False
    return any(tail.kind == "sum" and tail.walk == WHOLE and key[0] == "op" for _, tail, key in draft.tails)


def _is_broadcast(draft: Draft, own: range) -> bool:
    """Whether an operation reads rows that are not those of the space: packing them costs more than a function."""
    full = tuple(range(len(draft.space)))
    read = {key for i in own for key in draft.ops[i][1] if key[0] == "array"}
    types = [draft.arrays[key].type for key in read]
    return any(isinstance(type_, ArrayType) and axes_in(draft.space, type_) != full for type_ in types)


# ---- what can be reduced ----


def reduction_of(tail: Tail) -> str | None:
    """The kind of a reduction that generated code can make; None where NumPy's loop does it."""
    if type_code(tail.dtype) is None:
        return None
    if tail.kind in ARGS:
        return tail.kind if tail.walk == COLUMNS and tail.dtype.kind in "iuf" else None
    if tail.dtype != tail.result:
        return None
    if tail.kind == "sum":
        return "sum"
    if tail.kind == "extreme":
        return {"max": "maximum", "min": "minimum"}[tail.name] if tail.dtype.kind in "iuf" else None
    if tail.name in ("any", "all"):
        return tail.name
    if tail.name == "prod":  # of floats in a row: one after the other, each waiting for the one before
        return "product" if tail.dtype.kind in "iu" or (tail.walk == COLUMNS and tail.dtype.kind == "f") else None
    return "sum" if tail.name == "sum" and tail.dtype.kind in "iu" else None


# ---- what can be compiled ----


def _as_op(draft: Draft, i: int, is_fast: bool) -> Op | None:
    """An operation as a formula, with arguments yet to be numbered; None where it stays a call."""
    kind, args, dtype, extra = draft.ops[i]
    if kind == LOOP:
        op = _formula_of(extra.ufunc, extra.dtypes, dtype)
        if op is None and is_fast and (types := _codes((*extra.dtypes, dtype))) is not None:
            name = llvm_fast.name_of(extra.ufunc, types, _number(args[-1], dtype))
            op = None if name is None else Op(name, (), types)
        return op
    if kind == WHERE:
        types = _codes((np.dtype(bool), dtype, dtype, dtype))
        return None if types is None or types[-1] == BOOL else Op("where", (), types)
    types = _codes((extra, dtype))
    return None if types is None else Op("cast", (), types)


@lru_cache(4096)
def _formula_of(ufunc: np.ufunc | None, operands: tuple[np.dtype[Any], ...], dtype: np.dtype[Any]) -> Op | None:
    types = _codes((*operands, dtype))
    name = name_of(ufunc, types) if types is not None and ufunc is not None else None
    return None if name is None or types is None else Op(name, (), types)


def _number(key: Key, dtype: np.dtype[Any]) -> float | None:
    """An operand that is a number in the program."""
    return float(np.frombuffer(key[1], dtype)[0]) if key[0] == "constant" and dtype.kind == "f" else None


def _codes(dtypes: Sequence[np.dtype[Any]]) -> tuple[str, ...] | None:
    codes = [code for dtype in dtypes if (code := type_code(dtype)) is not None]
    return tuple(codes) if len(codes) == len(dtypes) else None


# ---- levels ----


def _levels(draft: Draft, ops: list[Op | None], needed: set[Key], stored: set[Key]) -> list[int]:
    users: list[list[int]] = [[] for _ in ops]
    for i, (_, args, _, _) in enumerate(draft.ops):
        for key in args:
            if key[0] == "op":
                users[key[1]].append(i)
    while True:
        levels = _earliest(draft, ops)
        _move_later(draft, ops, levels, users, needed)
        stuck = [i for i in range(len(ops)) if ops[i] and _is_exported_cast(draft, i, levels, users, stored)]
        if not stuck:
            return levels
        for i in stuck:
            ops[i] = None


def _earliest(draft: Draft, ops: list[Op | None]) -> list[int]:
    levels: list[int] = []
    for op, (_, args, _, _) in zip(ops, draft.ops, strict=True):
        is_call = op is None
        level = CALLS_FIRST if is_call else 0
        for key in args:
            if key[0] == "op":
                before = levels[key[1]]
                level = max(level, before if before % 2 == is_call else before + 1)
        levels.append(level)
    return levels


def _move_later(
    draft: Draft, ops: list[Op | None], levels: list[int], users: list[list[int]], needed: set[Key]
) -> None:
    for i in reversed(range(len(ops))):
        if ops[i] is None or ("op", i) in needed or not users[i]:
            continue
        latest = min(levels[user] - (ops[user] is None) for user in users[i])
        made_here = {key for key in draft.ops[i][1] if key[0] == "op" and levels[key[1]] == levels[i]}
        if latest > levels[i] and len(made_here) <= 1:
            levels[i] = latest


def _is_exported_cast(
    draft: Draft, i: int, levels: list[int], users: list[list[int]], stored: set[Key]
) -> bool:
    """A cast of what stands still makes something that stands still, which a compiled function does not store."""
    if draft.ops[i][0] != "convert":
        return False
    return ("op", i) in stored or any(levels[user] != levels[i] for user in users[i])


def _reorder(draft: Draft, order: Sequence[int]) -> None:
    draft.casts = {}
    if all(map(eq, order, range(len(order)))):
        return
    place = {old: new for new, old in enumerate(order)}

    def moved(key: Key) -> Key:
        return ("op", place[key[1]]) if key[0] == "op" else key

    draft.ops = [
        (kind, tuple(map(moved, args)), dtype, extra) for kind, args, dtype, extra in (draft.ops[i] for i in order)
    ]
    draft.made = {node: moved(key) for node, key in draft.made.items()}
    draft.tails = [(node, tail, moved(key)) for node, tail, key in draft.tails]


# ---- one part ----


def _part(
    draft: Draft, ops: Sequence[Op | None], own: range, needed: set[Key], reduced: dict[int, str], make_code: MakeCode
) -> Part | None:
    """The operations of a range as one function, with reductions; None where it would have too many operands."""
    inside = {("op", i): i for i in own}
    elsewhere = {key for i, (_, args, _, _) in enumerate(draft.ops) if i not in own for key in args} | needed
    outputs = tuple(key for key in inside if key in elsewhere)
    types: dict[tuple[Key, str], int] = {}
    for i in own:
        op = ops[i]
        assert op is not None
        for key, code in zip(draft.ops[i][1], op.types, strict=False):
            if key not in inside:
                types.setdefault((key, code), len(types))
    sources = {i: (draft.tails[i][2], _code(draft.tails[i][1].dtype)) for i in reduced}
    for key, code in sources.values():
        if key not in inside:
            types.setdefault((key, code), len(types))
    if not (outputs or reduced) or len(types) > MAX_OPERANDS or len(outputs) > MAX_OPERANDS:
        return None
    number = {key: len(types) + i - own.start for key, i in inside.items()}

    def numbered(i: int) -> Op:
        op = ops[i]
        assert op is not None
        pairs = zip(draft.ops[i][1], op.types, strict=False)
        args = tuple(number[key] if key in number else types[key, code] for key, code in pairs)
        return Op(op.formula, args, op.types)

    reductions = tuple(
        Reduction(kind, number[sources[i][0]] if sources[i][0] in number else types[sources[i]])
        for i, kind in reduced.items()
    )
    spec = Spec(
        tuple(code for _, code in types),
        tuple(map(numbered, own)),
        tuple(number[key] for key in outputs),
        reductions,
        any(draft.tails[i][1].walk == COLUMNS for i in reduced),
        _length(draft, reduced) if reduced and not outputs else 0,
    )
    makes_all = not outputs and len(own) == len(ops) and len(reduced) == len(draft.tails)
    found = without_roots(spec) if makes_all else spec
    keys = tuple(key for key, _ in types)
    return Part(own.start, len(own), keys, outputs, make_code(found), tuple(reduced), found is not spec)


def _length(draft: Draft, reduced: Iterable[int]) -> int:
    """How many elements rows have, if so few that code is made for them; 0 otherwise."""
    tail = draft.tails[min(reduced)][1]
    length = math.prod(map(dim_hint, draft.space[tail.axes[0] :]))
    return length if tail.walk == ROWS and length in LENGTHS else 0


def _code(dtype: np.dtype[Any]) -> str:
    code = type_code(dtype)
    assert code is not None
    return code
