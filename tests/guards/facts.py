"""Facts about values, one list for each kind of guard: a value the guard holds for, and ways of breaking it."""

import abc
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphlet.guards import kinds as k
from graphlet.runtime._errors import error_modes
from graphlet.sources import Known, Source


@dataclass
class Fact:
    """``guard`` of a source that has what ``make`` makes holds; not so after ``others`` are put there in its place, nor
    after one of ``changes`` was done to the value itself."""

    make: Callable[[], Any]
    guard: Callable[[Source, Any], k.Guard]
    others: tuple[Any, ...]
    changes: tuple[Callable[[Any], object], ...] = ()


class First:
    pass


class Second:
    pass


def _change_class(value: Any) -> None:
    value.__class__ = Second


def _a_function() -> Callable[[], None]:
    return lambda: None


def array_fact(array: Callable[[], Any], *others: Any, writeable: bool | None = None, **changes: Any) -> Fact:
    def guard(source: Source, value: Any) -> k.Guard:
        ones = tuple(size == 1 for size in value.shape)
        order = "C" if value.flags.c_contiguous else "F" if value.flags.f_contiguous else "K"
        return k.ArrayIs(source, value.dtype, ones, order, True, writeable)

    return Fact(array, guard, (None, [0.0], *others), tuple(changes.values()))


def _matrix() -> Any:
    return np.zeros((3, 4))


def value_fact(value: Any, *others: Any) -> Fact:
    return Fact(lambda: value, lambda source, _: k.ValueIs(source, value), others)


def compare_fact(value: Any, op: str, other: Any, outcome: bool, *others: Any) -> Fact:
    return Fact(lambda: value, lambda source, _: k.Compare(source, op, Known(other), outcome), others)


FACTS: dict[str, Fact] = {
    "type int": Fact(lambda: 3, lambda src, _: k.TypeIs(src, int), (True, 3.0, np.int64(3), "3")),
    "type of the user's": Fact(First, lambda src, _: k.TypeIs(src, First), (Second(), First, None), (_change_class,)),
    "identity of a function": Fact(_a_function, lambda src, f: k.IdentityIs(src, f), (_a_function(), None)),
    "identity of a class": Fact(lambda: First, lambda src, c: k.IdentityIs(src, c), (Second, None)),
    "identity of a ufunc": Fact(lambda: np.exp, lambda src, f: k.IdentityIs(src, f), (np.log, None)),
    "identity of a module": Fact(lambda: np, lambda src, f: k.IdentityIs(src, f), (np.linalg, None)),
    "identity of an instance": Fact(First, lambda src, x: k.IdentityIs(src, x), (First(), None)),
    "None": value_fact(None, False, 0, ...),
    "True": value_fact(True, False, 1, 1.0, np.True_, None),
    "1": value_fact(1, True, 1.0, 2, np.int64(1), None),
    "a big int": value_fact(10**30, 10**30 + 1, 1e30, -(10**30)),
    "0.0": value_fact(0.0, -0.0, 0, False, float("nan")),
    "nan": value_fact(float("nan"), 0.0, -float("nan"), np.float64("nan"), None),
    "complex": value_fact(1j, complex(-0.0, 1.0), 1, 1j + 1),
    "str": value_fact("sum", "mean", b"sum", np.str_("sum"), None),
    "bytes": value_fact(b"sum", b"mean", "sum", bytearray(b"sum")),
    "Ellipsis": value_fact(..., None, "..."),
    "NumPy float": value_fact(np.float64(1.5), 1.5, np.float64(2.5), np.float32(1.5)),
    "NumPy int": value_fact(np.int64(1), 1, np.int32(1), np.longlong(1), np.int64(2)),
    "array": array_fact(
        _matrix,
        np.zeros((3, 4), "f4"),
        np.zeros(3),
        np.zeros((3, 4, 1)),
        np.zeros((1, 4)),
        np.zeros((3, 4), order="F"),
        np.zeros((6, 8))[::2, ::2],
        np.zeros((3, 4)).astype(">f8"),
        np.frombuffer(bytearray(97), dtype="f8", offset=1).reshape(3, 4),
        np.zeros((3, 4)).view(np.matrix),
        np.ma.zeros((3, 4)),
        np.float64(0),
        reshape=lambda a: a.resize((12,), refcheck=False),
        ones=lambda a: a.resize((12, 1), refcheck=False),
        strides=lambda a: a.resize((1, 4), refcheck=False),
    ),
    "Fortran array": array_fact(lambda: np.zeros((3, 4), order="F"), _matrix(), np.zeros((6, 4), order="F")[::2]),
    "strided array": array_fact(lambda: np.zeros((6, 8))[::2], _matrix(), np.zeros((3, 4), order="F")),
    "array of no dimension": array_fact(lambda: np.array(1.0), np.float64(1.0), np.array(1), np.array([1.0])),
    "writeable array": array_fact(_matrix, writeable=True, freeze=lambda a: a.setflags(write=False)),
    "dates": array_fact(lambda: np.zeros(3, "M8[s]"), np.zeros(3, "M8[ms]"), np.zeros(3, "m8[s]"), np.zeros(3, "i8")),
    "length of a list": Fact(
        lambda: [1, 2],
        lambda src, _: k.LengthIs(src, 2),
        ([1], None, "ab", np.zeros(2)),
        (list.pop, lambda x: x.append(0)),
    ),
    "length of a tuple": Fact(lambda: (1, 2), lambda src, _: k.LengthIs(src, 2), ((), (1, 2, 3), {1, 2})),
    "length of a dict": Fact(lambda: {"a": 1}, lambda src, _: k.LengthIs(src, 1), ({},), (dict.clear,)),
    "keys": Fact(
        lambda: {"a": 1, 2: 3, (1, 2.0): 4},
        lambda src, _: k.KeysAre(src, ("a", 2, (1, 2.0))),
        (
            {2: 3, "a": 1, (1, 2.0): 4},
            {"a": 1, 2: 3, (1, 2): 4},
            {"a": 1, 2.0: 3, (1, 2.0): 4},
            None,
            ["a", 2, (1, 2.0)],
        ),
        (lambda d: d.pop(2), lambda d: d.update(z=1), lambda d: d.update(a=d.pop("a"))),
    ),
    "length of a deque": Fact(
        lambda: deque("ab"), lambda src, _: k.LengthIs(src, 2), (deque("a"), "ab", {1, 2}), (deque.pop, deque.popleft)
    ),
    "length of a derived dict": Fact(
        lambda: defaultdict(list, a=1), lambda src, _: k.LengthIs(src, 1), ({}, "a"), (lambda d: d["b"], dict.clear)
    ),
    "keys of an OrderedDict": Fact(
        lambda: OrderedDict(a=1, b=2),
        lambda src, _: k.KeysAre(src, ("a", "b")),
        (OrderedDict(b=1, a=2), {"b": 2, "a": 1}, None),
        (lambda d: d.move_to_end("a"), lambda d: d.popitem(), lambda d: d.update(c=1)),
    ),
    "lacking attribute": Fact(
        First,
        lambda src, _: k.InstanceLacks(src, "area"),
        (),
        (lambda x: setattr(x, "area", 1), lambda x: vars(x).update(area=1)),
    ),
    "attribute the class lacks": Fact(
        lambda: type("Third", (First,), {})(),
        lambda src, _: k.TypeLacks(src, "area"),
        (type("Fourth", (), {"area": 1})(),),
        (lambda x: setattr(type(x), "area", 1),),
    ),
    "attribute a class lacks": Fact(
        lambda: type("Fifth", (First,), {}),
        lambda src, _: k.ClassLacks(src, "area"),
        (type("Sixth", (), {"area": 1}), 3),
        (lambda x: setattr(x, "area", 1),),
    ),
    "token of abstract classes": Fact(
        lambda: abc.get_cache_token,
        lambda src, _: k.TokenIs(src, abc.get_cache_token()),
        (None, 3, len, abc.ABCMeta, lambda: abc.get_cache_token()),
        (lambda _: type("Registered", (abc.ABC,), {}).register(First),),
    ),
    "how NumPy treats errors": Fact(
        lambda: error_modes,
        lambda src, _: k.TokenIs(src, error_modes()),
        (None, 3, len, lambda: error_modes(), np.geterr),
    ),
    "unit of a time difference": Fact(
        lambda: np.timedelta64(3, "25m"),
        lambda src, _: k.UnitIs(src, ("m", 25)),
        (np.timedelta64(3, "m"), np.timedelta64(75, "25s"), 3, np.int64(3), None),
    ),
    "unit of a date": Fact(
        lambda: np.datetime64("2020-01-01"),
        lambda src, _: k.UnitIs(src, ("D", 1)),
        (np.datetime64("2020-01-01", "s"), np.datetime64("NaT", "s"), np.datetime64("2020"), "2020-01-01"),
    ),
    "float <": compare_fact(1.5, "<", 2.0, True, 2.0, 3.0, float("nan"), None, "a", np.float64(1.5)),
    "not float <": compare_fact(float("nan"), "<", 2.0, False, 1.0),
    "int >=": compare_fact(2**53 + 1, ">=", float(2**53), True, 2**53 - 1, -1, None),
    "int ==": compare_fact(2**53 + 1, "==", float(2**53), False, 2**53, float(2**53)),
    "big int >": compare_fact(10**30, ">", 0, True, -(10**30), 0, True - 1),
    "bool !=": compare_fact(True, "!=", 0, True, False, 0, 0.0, -0.0),
    "nan == nan": compare_fact(np.nan, "==", np.nan, False, None),
}
