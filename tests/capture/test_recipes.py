"""From values back to objects: every class of values is rebuilt, or stated not to be."""

import inspect

import numpy as np
import pytest

from graphlet.capture import interpreter
from graphlet.capture.calls import call
from graphlet.capture.machine import Machine
from graphlet.capture.options import Options
from graphlet.capture.outcome import Build, FromConst, FromGraph, FromSource, FromTemp
from graphlet.capture.recipes import Recipes, UnbuildableError
from graphlet.capture.state import Scope
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType
from graphlet.sources import Global, Known, LiveIn
from graphlet.values import base, objects
from graphlet.values.base import Array, Constant, Mapping, Null, Scalar, Sequence, Slice, Storage, Value
from graphlet.values.objects import (
    Advance,
    Ambient,
    ArrayMethod,
    AsyncGenerator,
    Awaited,
    Cell,
    Coroutine,
    DefaultDict,
    Deque,
    Derived,
    Error,
    ErrorModes,
    Errstate,
    Facet,
    Function,
    Generator,
    Getter,
    Group,
    Handled,
    Instance,
    Iterable,
    Iterator,
    Kept,
    Made,
    Method,
    NamedTuple,
    Names,
    Object,
    Ordered,
    Partial,
    Range,
    Record,
    Saved,
    Set,
    Stream,
    Super,
    Traceback,
    Unread,
    Wrapped,
)
from graphlet.values.steps import step

SOURCE = LiveIn(0, "v")
ONE = Constant(1)
CODE = compile("1", "<here>", "eval")


def machine() -> Machine:
    return Machine(Options(), call, interpreter.run, interpreter.advance)


def recipe_of(value: Value, m: Machine | None = None) -> object:
    return Recipes(m or machine(), [value]).recipe(value)


RECORD = Record(
    Array(ArrayType(np.dtype(float), ()), Storage(None, True)),
    ONE,
    Builder().placeholder("x", ScalarType(int)),
)
BUILT = {
    Constant: (ONE, FromConst),
    Sequence: (Sequence("list", (ONE,)), Build),
    Mapping: (Mapping({"k": ONE}), Build),
    Slice: (Slice(ONE, ONE, ONE), Build),
    Range: (Range(ONE, ONE, ONE), Build),
    Object: (Object(int, Global("K"), {"k": ONE}), Build),
    Derived: (Derived(dict, Global("K"), contents=Mapping({"k": ONE})), Build),
    Names: (Names(Object(int, Global("K"))), Build),
    Set: (Set(step(set), set()), Build),
    Deque: (Deque("deque", (ONE,)), Build),
    DefaultDict: (DefaultDict({"k": ONE}, factory=ONE), Build),
    Ordered: (Ordered({"k": ONE}), Build),
    ErrorModes: (ErrorModes((("divide", "ignore"),)), Build),
    NamedTuple: (NamedTuple("tuple", (ONE,), type=int, at=Global("K")), Build),
    Made: (Made(bytes, Builder().placeholder("x", ArrayType(np.dtype(float), ()))), FromGraph),
    Record: (RECORD, FromGraph),
    Stream: (Stream(np.random.Generator, Builder().placeholder("x", ScalarType(int))), FromGraph),
    Unread: (Unread(3, source=SOURCE), FromSource),
    Instance: (Instance(object, object(), source=SOURCE), FromSource),
    Scalar: (Scalar(ScalarType(int), source=SOURCE), FromSource),
    Array: (Array(ArrayType(np.dtype(float), ()), Storage(None, True), source=SOURCE), FromSource),
}
REFUSED = {
    Null: Null(),
    Ambient: Ambient(),
    ArrayMethod: ArrayMethod(ONE, "sum"),
    Awaited: Awaited(BUILT[Array][0], 0),
    Cell: Cell(ONE),
    Errstate: Errstate(()),
    Error: Error(ValueError, Known(ValueError)),
    Group: Group(ExceptionGroup, Known(ExceptionGroup), exceptions=Sequence("tuple")),
    Handled: Handled(None),
    Traceback: Traceback(),
    Getter: Getter(int, (), {}),
    Facet: Facet(BUILT[Array][0], "flat"),
    Function: Function(CODE, Scope({}, {})),
    Generator: Generator(None),
    Coroutine: Coroutine(Generator(None)),
    AsyncGenerator: AsyncGenerator(Generator(None)),
    Advance: Advance(AsyncGenerator(Generator(None)), "asend", ONE),
    Wrapped: Wrapped(ONE),
    Iterable: Iterable((), "dict_keys"),
    Iterator: Iterator(()),
    Kept: Kept(0, True),
    Method: Method(ONE, ONE),
    Partial: Partial(ONE, (), {}),
    Saved: Saved("i"),
    Super: Super(int, ONE),
}


def test_every_class_of_values_is_listed() -> None:
    classes = {
        kind
        for module in (base, objects)
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Value) and kind is not Value
    }
    assert classes == BUILT.keys() | REFUSED.keys()


@pytest.mark.parametrize("kind", BUILT, ids=lambda kind: kind.__name__)
def test_rebuilt(kind: type) -> None:
    value, expected = BUILT[kind]
    assert isinstance(recipe_of(value), expected)


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
def test_refused(kind: type) -> None:
    with pytest.raises(UnbuildableError):
        recipe_of(REFUSED[kind])


def test_nodes_are_outputs_each_once() -> None:
    m = machine()
    node = m.builder.placeholder("n", ScalarType(int))
    value = Scalar(ScalarType(int), node)
    recipes = Recipes(m, [value, value])
    assert recipes.recipe(value) == recipes.recipe(value) == FromGraph(0)
    assert recipes.outputs == (node,)


def test_shared_containers_are_made_once() -> None:
    inner = Sequence("list", (ONE,))
    outer = Sequence("tuple", (inner, inner))
    recipes = Recipes(machine(), [outer, inner])
    assert recipes.recipe(outer) == Build("tuple", (FromTemp(0), FromTemp(0)))
    assert recipes.recipe(inner) == FromTemp(0)
    assert [type(temp) for temp in recipes.temps] == [Build]


def test_constants_of_the_code_keep_their_identity() -> None:
    pair = (1, 2)
    recipe = recipe_of(Sequence("tuple", (ONE, Constant(2)), source=Known(pair)))
    assert isinstance(recipe, FromConst) and recipe.value is pair


def test_ranges_are_made_anew() -> None:
    recipe = recipe_of(Constant(range(1, 5)))
    assert isinstance(recipe, Build) and recipe.kind == "range"


def test_a_container_in_itself_is_refused() -> None:
    loop = Sequence("list")
    loop.items = (loop,)
    with pytest.raises(UnbuildableError):
        Recipes(machine(), [loop])
