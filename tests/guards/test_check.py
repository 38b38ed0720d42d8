"""The native program and the slow twin agree: a guard holds, and fails when what it looks at is changed."""

import enum
import itertools
from collections import OrderedDict, deque
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlet.guards.check import CannotLoad, Environment, check, is_nested, load
from graphlet.guards.kinds import (
    ArrayIs,
    Compare,
    Guard,
    IdentityIs,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    ValueIs,
)
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from graphlet.sources import (
    CellContents,
    DictItem,
    Global,
    Item,
    Known,
    Limit,
    LiveIn,
    Mro,
    OwnDict,
    PlainOf,
    ShapeItem,
)
from tests.guards.facts import FACTS, Fact
from tests.guards.places import NOTHING, PLACES, Nothing, Place

X, Y = LiveIn(0, "x"), LiveIn(1, "y")


class Both:
    """One guard, checked by a native program and by its twin, which must agree."""

    def __init__(self, guard: Guard, n_live_ins: int) -> None:
        self.plan = plan([guard])
        self.program, _ = lower(self.plan, n_live_ins)

    def holds(self, live_ins: Any, names: dict[str, Any]) -> bool:
        # three times: what one run leaves behind must not change the answer of the next
        native = [self.program.failing(tuple(live_ins), names) < 0 for _ in range(3)]
        slow = all(check(guard, Environment(tuple(live_ins), names)) for guard in self.plan.guards)
        assert native == [slow] * 3
        return slow


def holds(both: Both, place: Place) -> bool:
    return both.holds(place.live_ins, place.globals)


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS.keys())
@pytest.mark.parametrize("make_place", PLACES.values(), ids=PLACES.keys())
def test_change_of_what_a_source_finds_is_noticed(make_place: Any, fact: Fact) -> None:
    place, value = make_place(), fact.make()
    place.put(value)
    both = Both(fact.guard(place.source, value), len(place.live_ins))
    assert holds(both, place)
    for other in (NOTHING, *fact.others):
        place.put(other)
        assert not holds(both, place), other
        place.put(value)
        assert holds(both, place)
    if place.remove is not None:
        place.remove()
        assert not holds(both, place)
        place.put(value)
        assert holds(both, place)


@pytest.mark.parametrize(
    ("fact", "number"),
    [pytest.param(fact, i, id=f"{name} {i}") for name, fact in FACTS.items() for i in range(len(fact.changes))],
)
@pytest.mark.parametrize("make_place", PLACES.values(), ids=PLACES.keys())
def test_change_of_the_value_itself_is_noticed(make_place: Any, fact: Fact, number: int) -> None:
    place, value = make_place(), fact.make()
    place.put(value)
    both = Both(fact.guard(place.source, value), len(place.live_ins))
    assert holds(both, place)
    fact.changes[number](value)
    assert not holds(both, place)


def zoo_of_arrays() -> list[Any]:
    dtypes = [
        "?",
        "i1",
        "u8",
        "i8",
        "q",
        "f4",
        "f8",
        ">f8",
        "g",
        "c16",
        "O",
        "U3",
        "U4",
        "S3",
        "M8[s]",
        "M8[ms]",
        "m8[s]",
    ]
    shapes: list[tuple[int, ...]] = [(), (1,), (3,), (0,), (1, 3), (3, 1), (3, 4), (0, 3), (1, 1), (2, 1, 3)]
    arrays = [np.zeros(shape, dtype) for dtype in dtypes for shape in ((3,), (2, 3))]
    arrays += [np.zeros(shape, order=order) for shape in shapes for order in "CF"]
    arrays += [np.zeros((4, 6))[::2], np.zeros((4, 6))[:, ::-1], np.zeros((4, 6))[:1], np.broadcast_to(1.0, (3, 4))]
    arrays += [np.zeros(3, [("a", "f8")]), np.zeros(3, np.dtype("f8", metadata={"a": 1})), np.zeros((1,) * 64)]
    arrays += [np.zeros(3, np.dtype("f8", copy=True)), np.zeros(3, [("a", "f8")]), np.zeros(3).view(np.recarray)]
    arrays += [np.frombuffer(bytearray(25), "f8", offset=1), 1.0, np.float64(1.0), np.ma.zeros(3)]
    return arrays


def test_every_array_guard_against_every_array() -> None:
    arrays, agreed = zoo_of_arrays(), 0
    guarded = [a for a in arrays if type(a) is np.ndarray and a.dtype.metadata is None]
    for array, aligned, writeable in itertools.product(guarded, (True, False), (None, True, False)):
        ones = tuple(size == 1 for size in array.shape)
        order = "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "K"
        for wanted in (order, "S") if order == "K" else (order,):
            both = Both(ArrayIs(X, array.dtype, ones, wanted, aligned, writeable), 1)
            agreed += sum(both.holds((other,), {}) for other in arrays)
            if array.flags.aligned >= aligned and writeable in (None, array.flags.writeable):
                assert both.holds((array,), {}) or (wanted == "S" and not is_nested(array))
    assert agreed > len(guarded)


@pytest.mark.parametrize(
    ("array", "nested"),
    [
        (np.zeros((4, 6))[::2], True),
        (np.zeros((4, 6))[:, ::-1], True),
        (np.zeros((4, 6))[:, ::2], True),
        (np.zeros((4, 6, 2))[::-1, 1:3, 0], True),
        (np.zeros((4, 6))[:, 0], True),
        (np.zeros((4, 6))[::2].T, False),
        (np.broadcast_to(np.zeros(4), (3, 4)), False),
        (np.lib.stride_tricks.as_strided(np.zeros(6), (4, 3), (8, 8)), False),
        (np.lib.stride_tricks.as_strided(np.zeros(3), (5,), (4,)), False),
    ],
)
def test_slices_of_c_arrays(array: np.ndarray, nested: bool) -> None:
    ones = tuple(size == 1 for size in array.shape)
    both = Both(ArrayIs(X, array.dtype, ones, "S", False), 1)
    assert both.holds((array,), {}) == nested == is_nested(array)
    assert not both.holds((array.copy(),), {})


CONSTANTS = [
    *(None, ..., True, False, 0, 1, -1, 2**62, 2**63, -(2**63), 2**64, 10**30, -(10**30)),
    *(0.0, -0.0, 1.0, np.nan, -np.nan, np.inf, 1j, complex(0.0, -0.0), complex(-0.0, 0.0), 0j),
    *("", "a", "\u00e9", "\U0001f600", b"", b"a", (), (1,), (True,), (1.0,), (0.0,), (-0.0,), ((1, "a"), None)),
    *(np.float64(1), np.float32(1), np.int64(1), np.int32(1), np.True_, np.complex128(1), np.float64(-0.0)),
]


def test_every_constant_is_told_from_every_other() -> None:
    for i, wanted in enumerate(CONSTANTS):
        both = Both(ValueIs(X, wanted), 1)
        assert [both.holds((other,), {}) for other in CONSTANTS] == [i == j for j in range(len(CONSTANTS))]


def test_longdoubles_are_not_guarded_by_value() -> None:
    assert not Both(ValueIs(X, 1.0), 1).holds((np.longdouble(1),), {})


def test_comparisons_come_out_as_in_python() -> None:
    numbers = [x for x in CONSTANTS if type(x) in (int, float, bool)]
    for op, outcome in itertools.product(("<", "<=", "==", "!=", ">", ">="), (True, False)):
        both = Both(Compare(X, op, Y, outcome), 2)
        for left, right in itertools.product(numbers, numbers):
            assert both.holds((left, right), {}) == (eval(f"a {op} b", {"a": left, "b": right}) is outcome)
        assert not both.holds((1.0, np.float64(2.0)), {})


def test_overlap_is_told_by_the_bytes_spanned() -> None:
    buffer = np.zeros(24)
    views = [
        buffer,
        buffer[:12],
        buffer[12:],
        buffer[::2],
        buffer[1::2],
        buffer[::-1],
        buffer[11:3:-2],
        buffer[:0],
        buffer[5:6],
    ]
    views += [
        buffer.reshape(4, 6)[:, ::-2],
        buffer.reshape(4, 6)[3:],
        buffer.view("i4")[25::3],
        buffer.reshape(4, 6).T[2:4],
    ]
    views += [np.zeros(3), np.broadcast_to(buffer[3], (5,)), np.array(1.0), buffer[7:8].reshape(())]
    both = Both(NotOverlapping(X, Y), 2)
    answers = {both.holds((left, right), {}) for left, right in itertools.product(views, views)}
    assert answers == {True, False}
    assert not both.holds((buffer, [1.0]), {})


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.data())
def test_arrays_that_share_memory_are_never_apart(data: st.DataObject) -> None:
    buffer = np.arange(24.0)
    bounds = st.integers(-25, 25) | st.none()
    parts = st.builds(slice, bounds, bounds, st.sampled_from([None, 1, 2, 3, -1, -2]))
    shapes = st.sampled_from([(24,), (4, 6), (2, 3, 4)])
    views = [buffer.reshape(data.draw(shapes))[data.draw(parts)] for _ in range(2)]
    apart = Both(NotOverlapping(X, Y), 2).holds(views, {})
    assert not (apart and np.shares_memory(*views))
    assert apart or min(view.size for view in views) == 0 or np.may_share_memory(*views)


class Whole(int):
    def __int__(self) -> int:
        raise AssertionError("user code ran")

    __index__ = __int__


class Real(float):
    def __float__(self) -> float:
        raise AssertionError("user code ran")


class Text(str):
    def __str__(self) -> str:
        raise AssertionError("user code ran")


@pytest.mark.parametrize(
    ("value", "plain", "others"),
    [
        (Whole(3), 3, (Whole(4), Real(3.0), Text("3"), 4, None, np.int64(3))),
        (Whole(10**30), 10**30, (Whole(10**30 + 1),)),
        (Real(-0.0), -0.0, (Real(0.0), Whole(0), Text(""), None)),
        (Text("a"), "a", (Text("b"), b"a", Whole(1), None)),
        (enum.IntEnum("E", "a b").b, 2, (enum.IntEnum("E", "a b").a,)),
    ],
)
def test_the_plain_value_of_an_object(value: Any, plain: Any, others: tuple[Any, ...]) -> None:
    guard = Both(ValueIs(PlainOf(X), plain), 1)
    assert guard.holds((value,), {}) and guard.holds((plain,), {})
    assert not any(guard.holds((other,), {}) for other in others)
    program, registers = lower(plan([], [PlainOf(X)]), 1)
    assert type(program.loaded((value,), {})[registers[PlainOf(X)]]) is type(plain)


def test_the_limit_of_a_deque() -> None:
    for limit in (None, 0, 3):
        guard = Both(ValueIs(Limit(X), limit), 1)
        assert guard.holds((deque(maxlen=limit),), {})
        others: tuple[Any, ...] = (deque(maxlen=2), [], None, 3, type("Q", (deque,), {})((), limit))
        assert not any(guard.holds((other,), {}) for other in others)


def test_the_dictionary_of_an_object() -> None:
    class Thing:
        pass

    thing: Any = Thing()
    thing.name = 1
    guard = Both(KeysAre(OwnDict(X), ("name",)), 1)
    assert guard.holds((thing,), {})
    assert not any(guard.holds((other,), {}) for other in (Thing(), 3, None, [], np.zeros(2)))
    thing.other = 1
    assert not guard.holds((thing,), {})
    program, registers = lower(plan([], [OwnDict(X)]), 1)
    loaded = program.loaded((thing,), {})
    assert loaded is not None and loaded[registers[OwnDict(X)]] is thing.__dict__


def test_the_keys_of_an_ordered_dict_are_not_hashed_unless_they_are_plain() -> None:
    class Key(str):
        def __hash__(self) -> int:
            assert self.quiet
            return str.__hash__(self)

    key: Any = Key("a")
    key.quiet = True
    table = OrderedDict({key: 1})
    key.quiet = False
    assert not Both(KeysAre(X, ("a",)), 1).holds((table,), {})
    key.quiet = True


def test_the_size_of_an_axis() -> None:
    array = np.zeros((3, 4))
    both = [Both(ValueIs(ShapeItem(X, axis), size), 1) for axis, size in enumerate(array.shape)]
    assert [one.holds((array,), {}) for one in both] == [True, True]
    array.resize((3, 5), refcheck=False)
    assert [one.holds((array,), {}) for one in both] == [True, False]
    array.resize((15,), refcheck=False)
    assert [one.holds((array,), {}) for one in both] == [False, False]
    assert not both[0].holds(([1, 2, 3],), {})


def test_the_order_of_a_class() -> None:
    one, other = type("One", (Nothing,), {}), type("Other", (Nothing,), {})
    owner = type("Owner", (one,), {})
    guards: list[Guard] = [IdentityIs(Item(Mro(X), 1), one), LengthIs(Mro(X), 4)]
    both = [Both(guard, 1) for guard in guards]

    def hold() -> list[bool]:
        return [one.holds((owner,), {}) for one in both]

    assert hold() == [True, True]
    owner.__bases__ = (other,)
    assert hold() == [False, True]
    owner.__bases__ = (one, other)
    assert hold() == [True, False]
    owner.__bases__ = (one,)
    one.area = 1  # type: ignore[attr-defined]
    assert hold() == [True, True]
    assert not both[0].holds((owner(),), {})


@pytest.mark.parametrize("same", [True, False])
def test_sameness(same: bool) -> None:
    both = Both(SameObject(X, Y, same), 2)
    a, b = np.zeros(3), np.zeros(3)
    assert both.holds((a, a), {}) is same
    assert both.holds((a, b), {}) is not same


def test_keys_of_a_mutated_dict() -> None:
    entries: dict[Any, int] = {"a": 1, "b": 2}
    both = Both(KeysAre(X, ("a", "b")), 1)
    assert both.holds((entries,), {})
    del entries["a"]
    entries["a"] = 1
    assert not both.holds((entries,), {})
    del entries["b"]
    entries["b"] = 1
    assert both.holds((entries,), {})


def test_a_key_is_found_by_equality_as_in_python() -> None:
    both = Both(ValueIs(DictItem(X, 1), "one"), 1)
    assert all(both.holds(({key: "one"},), {}) for key in (1, True, 1.0))
    assert not both.holds(({"1": "one", b"1": "one", 2: "one"},), {})


def test_builtins_keep_apart_from_globals_of_the_same_name() -> None:
    both = Both(ValueIs(Global("limit"), 5), 0)
    names: dict[str, Any] = {"__builtins__": {"limit": 5}}
    assert both.holds((), names)
    names["limit"] = 6
    assert not both.holds((), names)
    names["limit"] = 5
    assert both.holds((), names)
    del names["limit"]
    assert both.holds((), names)
    names["__builtins__"] = {"limit": 6}
    assert not both.holds((), names)


def test_two_namespaces_take_turns() -> None:
    both = Both(ValueIs(Global("n"), 1), 0)
    ones, twos = {"n": 1}, {"n": 2}
    for _ in range(3):
        assert both.holds((), ones)
        assert not both.holds((), twos)


def test_load_names_what_is_missing() -> None:
    environment = Environment(([1],), {})
    assert load(Item(X, 0), environment) == 1
    assert load(Known(3), environment) == 3
    for source in (Item(X, 1), DictItem(X, 0), CellContents(X), Global("no such name")):
        with pytest.raises(CannotLoad):
            load(source, environment)
