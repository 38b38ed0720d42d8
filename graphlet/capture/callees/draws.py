"""Random numbers: draws from a generator are nodes, in their order; the stream is put back if the region declines."""

from collections.abc import Callable
from typing import Any

from numpy.random import Generator, RandomState

from graphlet.arrayops.randoms import DRAW, MAKERS, SEEDED, SHUFFLED, is_draw
from graphlet.capture import effects
from graphlet.capture.arrays_nodes import argument, array_of, learn_sizes, result
from graphlet.capture.binding import CYTHON_FUNCTION
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.effects import emit, node_of_array
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.core.pristine import np
from graphlet.ir.graph import Node
from graphlet.ir.op import Op
from graphlet.ir.types import ObjectType
from graphlet.runtime.streams import GENERATORS, why_not
from graphlet.values.base import Constant, Scalar, Sequence, Value
from graphlet.values.objects import Instance, Stream

Rule = Callable[[Machine, Args, Kwargs], Value]

STREAMS = "generators there before, as nodes"  # Instance -> its placeholder
EFFECT = "draws random numbers, or changes those to come"
LEGACY = np.random.mtrand._rand  # what NumPy's functions draw from
SEEDS = (bool, int, type(None))


def generator_of(m: Machine, value: Value, what: str) -> Node:
    """The node of a generator."""
    value = m.read(value)
    if isinstance(value, Stream):
        return value.node
    if not isinstance(value, Instance) or value.type not in GENERATORS:
        raise Break("GL101", f"{what}(...): {EFFECT}", name_of(value))
    reason = why_not(value.example)
    if reason is not None:
        raise Break("GL101", f"{what}(...): {EFFECT}, and {reason}", name_of(value))
    known: Node | None = m.table(STREAMS).get(value)
    if known is None:
        known = m.builder.placeholder(str(value.source), ObjectType(value.type))
        m.trail.put(m.inputs, known, value)
        m.trail.put(m.table(STREAMS), value, known)
    return known


def drawing(name: str) -> Rule:
    """``generator.name(...)``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        if not args:
            raise Break("GL111", f"{name} of no generator")
        node = generator_of(m, args[0], name)
        rest = tuple(m.read_deep(arg) for arg in args[1:])
        named = {key: m.read_deep(value) for key, value in kwargs.items()}
        return drawn(m, DRAW, (name, node), rest, named)

    return rule


def drawn(m: Machine, row: Op, before: tuple[Any, ...], args: Args, kwargs: Kwargs) -> Value:
    """The result of a row that draws."""
    given = [argument(m, arg) for arg in args]
    made = emit(m, row, (*before, *given), {key: argument(m, value) for key, value in kwargs.items()})
    known = tuple(arg.type if isinstance(arg, Node) else arg for arg in before)
    learn_sizes(made, row, (*map(Constant, known), *args), kwargs)
    if isinstance(made.type, ObjectType):
        return Constant(None)
    return result(m, made, row, None)


def shuffle(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``generator.shuffle(array, axis)``: the array gets what a copy of it is after that."""
    if len(args) < 2:
        raise Break("GL107", "shuffle with these arguments")
    node = generator_of(m, args[0], "shuffle")
    array = array_of(m.read(args[1]), "shuffle")
    if array.type.order == "K":
        raise Break("GL107", "a shuffle of an array whose elements may share memory", name_of(args[1]))
    effects.require_writeable(m, array)
    rest = [argument(m, m.read(arg)) for arg in args[2:]]
    named = {key: argument(m, m.read(value)) for key, value in kwargs.items()}
    new = emit(m, SHUFFLED, (node, node_of_array(m, array), *rest), named)
    effects.write(m, array, new, exclusive=True)
    return Constant(None)


def seed(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``generator.seed(number)``"""
    return drawn(m, SEEDED, ("seed", generator_of(m, args[0], "seed")), *seeds(m, args[1:], kwargs))


def seed_all(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    """``np.random.seed(number)``"""
    reason = why_not(LEGACY)
    if reason is not None:
        raise Break("GL101", f"np.random.seed(...): {EFFECT}, and {reason}")
    return drawn(m, SEEDED, ("seed", LEGACY), *seeds(m, args, kwargs))


def seeds(m: Machine, args: Args, kwargs: Kwargs) -> tuple[Args, Kwargs]:
    """Numbers that a stream may begin with."""
    args = tuple(m.read_deep(arg) for arg in args)
    kwargs = {key: m.read_deep(value) for key, value in kwargs.items()}
    for value in (*args, *kwargs.values()):
        if not is_seed(value):
            raise Break("GL101", f"a stream of random numbers begins with {describe(value)}", name_of(value))
    return args, kwargs


def is_seed(value: Value) -> bool:
    if isinstance(value, Sequence):
        return value.kind in ("tuple", "list") and all(map(is_seed, value.items))
    if isinstance(value, Constant):
        return type(value.value) in SEEDS
    return isinstance(value, Scalar) and value.type.pytype is int


def making(fn: Any, row: Op) -> Rule:
    """``np.random.default_rng(seed)`` and its like; a generator that is given comes back."""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        first = m.read(args[0]) if args else None
        if fn is np.random.default_rng and len(args) == 1 and not kwargs and is_generator(first):
            assert first is not None
            return first
        if isinstance(first, Stream) and first.type not in GENERATORS and fn in GENERATORS and len(args) == 1:
            node = emit(m, row, (first.node,))
        else:
            args, kwargs = seeds(m, args, kwargs)
            named = {key: argument(m, value) for key, value in kwargs.items()}
            node = emit(m, row, tuple(argument(m, arg) for arg in args), named)
        assert isinstance(node.type, ObjectType)
        return Stream(node.type.pytype, node)

    return rule


def is_generator(value: Value | None) -> bool:
    """Whether ``default_rng`` gives back what it is given."""
    return isinstance(value, (Instance, Stream)) and value.type is Generator


def _draws() -> dict[Any, Rule]:
    methods = [
        (name, fn)
        for kind in GENERATORS
        for name, fn in vars(kind).items()
        if isinstance(fn, CYTHON_FUNCTION) and is_draw(kind, name)
    ]
    return {fn: drawing(name) for name, fn in methods}


RULES: dict[Any, Rule] = {
    **_draws(),
    Generator.shuffle: shuffle,
    RandomState.shuffle: shuffle,
    RandomState.seed: seed,
    np.random.seed: seed_all,
    **{fn: making(fn, row) for fn, row in MAKERS.items()},
}
