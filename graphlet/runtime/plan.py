"""What the block machine runs: a flat list of steps over slots. Plain data; ``_block`` turns it into native structs.

Slots are numbered: the inputs first, then the constants, then the values of steps. A *dimension* in a check is an int:
``n >= 0`` is a static size, ``-1 - k`` is symbol ``k`` (bound by the first array that has it, compared ever after).
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Union

from graphlet.core.pristine import np

KINDS = ("divide", "over", "under", "invalid")  # of floating-point errors: bits 1, 2, 4, 8
MODES = ("ignore", "warn", "raise", "call", "print", "log")  # what NumPy does about them


class ArrayCheck(NamedTuple):
    """The value must be an exact ndarray of this dtype and these dimensions."""

    dtype: np.dtype[Any]
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TypeCheck:
    """The value must have this exact type."""

    type: type


@dataclass(frozen=True, slots=True)
class TupleCheck:
    """The value must be an exact tuple (or list) of these."""

    type: type
    items: tuple["Check", ...]


Check = Union[ArrayCheck, TypeCheck, TupleCheck, None]


class Call(NamedTuple):
    """``slots[out] = fn(*slots[args], **kwnames)``: the last ``len(kwnames)`` args are keyword arguments.

    out        None: the result is dropped (the function is called for its effect)
    errstate   may raise floating-point flags: runs with every flag that is not ignored turned into an exception
    warns      may issue other warnings: runs with warnings of this thread turned into exceptions
    nonempty   declines when the first argument is an array without elements
    ignored    kinds of floating-point error that are ignored here, whatever NumPy's error state says: bits of ``KINDS``
    forced     kinds that are never ignored here
    nans       as in ``Op``
    view       makes a view, so no memory is asked for
    loop       the inner loop of a ufunc for single np.float64, as a capsule
    """

    fn: Any
    args: tuple[int, ...]
    out: int | None
    check: Check
    kwnames: tuple[str, ...] = ()
    errstate: bool = False
    warns: bool = False
    nonempty: bool = False
    name: str = ""
    ignored: int = 0
    forced: int = 0
    nans: str = ""
    view: bool = False
    loop: Any = None
    frees: tuple[int, ...] = ()

    @property
    def reads(self) -> tuple[int, ...]:
        return self.args

    @property
    def writes(self) -> tuple[int, ...]:
        return () if self.out is None else (self.out,)


class Build(NamedTuple):
    """``slots[out] = kind(slots[args])``: "tuple", "list", "slice" (three args), "dict" (key, value, key ...)."""

    kind: str
    args: tuple[int, ...]
    out: int
    frees: tuple[int, ...] = ()

    @property
    def reads(self) -> tuple[int, ...]:
        return self.args

    @property
    def writes(self) -> tuple[int, ...]:
        return (self.out,)


class ArrayIn(NamedTuple):
    """An array a group reads. ``axes``: for each dimension of the space the array's axis, -1 where it is broadcast."""

    slot: int
    dtype: np.dtype[Any]
    ndim: int
    axes: tuple[int, ...]


class ScalarIn(NamedTuple):
    """A scalar object a group reads, converted to ``dtype`` when the group starts."""

    slot: int
    dtype: np.dtype[Any]


class LoopOp(NamedTuple):
    """One inner loop of a ufunc on registers.

    ``loop``: a capsule of ``loops.find``; ``nans``: as in ``Op``, or "rows" where only how rows lie matters.
    """

    loop: Any
    args: tuple[int, ...]
    dtype: np.dtype[Any]
    nans: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Operations ``first``, ``first + 1`` ... that may run as one compiled function.

    inputs      registers it reads
    outputs     registers of its results that others read
    code        a ``_code.Code``: the functions there are
    reductions  tails it makes too; a stage behind all operations makes nothing else
    in_tiles    what it keeps of columns from row to row is its own: only for tiles that stages make all of
    """

    first: int
    n_ops: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    code: Any
    reductions: tuple[int, ...] = ()
    in_tiles: bool = False


class CastOp(NamedTuple):
    """A cast. ``implicit``: NumPy does it inside the operation that uses it, so that it has no layout of its own."""

    source: np.dtype[Any]
    args: tuple[int, ...]
    dtype: np.dtype[Any]
    implicit: bool


class WhereOp(NamedTuple):
    """``np.where`` of a bool and two registers of one dtype."""

    args: tuple[int, ...]
    dtype: np.dtype[Any]


GroupOp = Union[LoopOp, CastOp, WhereOp]


class GroupOut(NamedTuple):
    """A result of a group: register ``reg`` becomes the array in ``slot``."""

    slot: int
    reg: int
    dtype: np.dtype[Any]


class TailOut(NamedTuple):
    """A reduction of register ``reg`` with ``loop``, in the order in which NumPy reduces a dense array.

    kind        "sum" (of floats: NumPy's tree), "ordered" (from ``start`` on), "extreme" (from the first element on)
                "arg_min", "arg_max" (the place of the first extreme of a ``source``; no loop)
    mean        the total is divided by the number of elements; beyond ``mean_limit`` of them NumPy does it (0: never)
    keepdims    of row and column tails
    """

    kind: str
    slot: int
    reg: int
    loop: Any
    start: bytes
    dtype: np.dtype[Any]
    mean: bool = False
    mean_limit: int = 0
    keepdims: bool = False
    source: np.dtype[Any] | None = None


@dataclass(frozen=True, slots=True)
class Fused:
    """Elementwise operations over one space of dimensions ``dims``, run block by block.

    Registers are the arrays, the scalars, the constants, then the results of ``ops`` in order. ``buffers`` says for
    each result its scratch buffer, or ``-1 - i`` for output ``i``.

    walk       "plain", or what the tails reduce: the "whole" space, "rows" (the last axes), "columns" (others follow)
    reduced    the first axis that is reduced, and the first behind it that is not
    strict     results depend on how a run is cut into rows: only one dense run is done natively
    fallback   the same work node by node, for layouts the machine leaves to NumPy
    stages     in order; a result of one has a buffer of its own among what the stage reads and writes
    ignored, forced  as for a ``Call``
    shareable  all loops may run on threads that are not Python's
    quiet      no floating-point flag comes up, whatever the numbers
    """

    dims: tuple[int, ...]
    arrays: tuple[ArrayIn, ...]
    scalars: tuple[ScalarIn, ...]
    constants: tuple[bytes, ...]
    ops: tuple[GroupOp, ...]
    outputs: tuple[GroupOut, ...]
    buffers: tuple[int, ...]
    block: int
    strict: bool
    fallback: tuple["Step", ...]
    walk: str = "plain"
    reduced: tuple[int, int] = (0, 0)
    tails: tuple[TailOut, ...] = ()
    stages: tuple[Stage, ...] = ()
    frees: tuple[int, ...] = ()
    ignored: int = 0
    forced: int = 0
    shareable: bool = False
    quiet: bool = False

    @property
    def reads(self) -> tuple[int, ...]:
        return (*(source.slot for source in self.arrays), *(source.slot for source in self.scalars))

    @property
    def writes(self) -> tuple[int, ...]:
        return (*(output.slot for output in self.outputs), *(tail.slot for tail in self.tails))


@dataclass(frozen=True, slots=True)
class BandOut:
    """An array that bands leave, whose first dimension is the one they go along, or that they make on the way."""

    slot: int
    dtype: np.dtype[Any]
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """Steps that may run on some rows at a time, one after the other.

    along    number of the symbol that the first axes have
    by_rows  arrays from outside that have that axis; all others are the same for each row
    between  arrays that are gone when a stretch of rows is done; they may have the axis anywhere
    reads    everything from outside
    """

    steps: tuple["Step", ...]
    along: int
    by_rows: tuple[int, ...]
    outputs: tuple[BandOut, ...]
    between: tuple[BandOut, ...]
    reads: tuple[int, ...]
    frees: tuple[int, ...] = ()

    @property
    def writes(self) -> tuple[int, ...]:
        return tuple(output.slot for output in self.outputs)


Step = Union[Call, Build, Fused, Bands]


@dataclass(frozen=True, slots=True)
class Placed:
    """What the last step makes in slot ``value`` may go straight into the array in slot ``target``, which is then the
    value, too. That is the input ``root`` or a view of it; nothing else of the root is in use.

    always  whatever the error state; else only where no floating-point flag that comes up would be reported
    """

    value: int
    target: int
    root: int
    always: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole graph. ``outputs`` are slots, which may repeat and may be inputs or constants."""

    inputs: tuple[Check, ...]
    constants: tuple[Any, ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    n_slots: int
    n_syms: int = 0
    names: dict[int, str] = field(default_factory=dict)
    placed: Placed | None = None
