"""Native guard programs: what they keep alive, what they run, when they skip look-ups."""

import gc
import sys
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphlet import sources as s
from graphlet._guards import GuardProgram
from graphlet.guards.kinds import (
    ArrayIs,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TypeIs,
    TypeLacks,
    ValueIs,
)
from graphlet.guards.lower import lower
from graphlet.guards.plan import plan
from tests.guards.hostile import Hostile, Impostor, hostile_class

X, Y = s.LiveIn(0, "x"), s.LiveIn(1, "y")
F8 = np.dtype("f8")
NP, EXP = s.Global("np"), s.ModuleAttr(s.Global("np"), "exp")


def program_of(*guards: Guard, inputs: tuple[s.Source, ...] = (), n_live_ins: int = 1) -> GuardProgram:
    return lower(plan(guards, inputs), n_live_ins)[0]


# ---- namespaces: the static part notices every change


@pytest.fixture
def names() -> dict[str, Any]:
    return {"np": np, "__builtins__": __builtins__, "unrelated": 1}


@pytest.fixture
def static_program() -> GuardProgram:
    return program_of(
        IdentityIs(NP, np), IdentityIs(EXP, np.exp), IdentityIs(s.Global("len"), len), ArrayIs(X, F8, (False,), "C")
    )


def settled(program: GuardProgram, names: dict[str, Any]) -> Callable[[], bool]:
    """Whether the program holds for an array; it has held before, so that look-ups may be skipped."""

    def holds() -> bool:
        return program.failing((np.zeros(3),), names) < 0

    assert holds() and holds()
    return holds


def test_monkeypatched_numpy_is_noticed(
    static_program: GuardProgram, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    holds = settled(static_program, names)
    monkeypatch.setattr(np, "exp", np.log)
    assert not holds()
    monkeypatch.undo()
    assert holds()


def test_new_global_in_front_of_a_builtin_is_noticed(static_program: GuardProgram, names: dict[str, Any]) -> None:
    holds = settled(static_program, names)
    names["len"] = max
    assert not holds() and not holds()
    del names["len"]
    assert holds()


def test_changed_builtin_is_noticed(
    static_program: GuardProgram, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    holds = settled(static_program, names)
    monkeypatch.setattr("builtins.len", max)
    assert not holds()
    monkeypatch.undo()
    assert holds()


def test_deleted_global_is_noticed(static_program: GuardProgram, names: dict[str, Any]) -> None:
    holds = settled(static_program, names)
    del names["np"]
    assert not holds()
    names["np"] = np
    assert holds()


def test_unrelated_change_is_no_failure(static_program: GuardProgram, names: dict[str, Any]) -> None:
    holds = settled(static_program, names)
    for value in range(5):
        names["unrelated"] = value
        assert holds()


def test_class_of_a_module_is_noticed() -> None:
    class Lazy(types.ModuleType):
        exp = property(lambda self: None)

    module = types.ModuleType("lazy")
    module.exp = np.exp  # type: ignore[attr-defined]
    program, names = program_of(IdentityIs(s.ModuleAttr(s.Global("m"), "exp"), np.exp), n_live_ins=0), {"m": module}
    assert program.failing((), names) < 0
    module.__class__ = Lazy
    assert program.failing((), names) == 0


def test_equal_namespace_elsewhere_is_looked_at(static_program: GuardProgram, names: dict[str, Any]) -> None:
    holds = settled(static_program, names)
    other = {**names, "np": types.SimpleNamespace(exp=np.exp)}
    assert static_program.failing((np.zeros(3),), other) >= 0
    assert static_program.failing((np.zeros(3),), dict(names)) < 0
    assert holds()


def test_builtins_are_those_of_the_running_frame() -> None:
    """A function keeps the builtins it was made with, whatever its globals name later."""
    program = program_of(IdentityIs(s.Global("len"), len), n_live_ins=0)
    names: dict[str, Any] = {"__builtins__": {"len": len, "globals": globals}, "failing": program.failing}
    exec("def run(): return failing((), globals())", names)
    assert names["run"]() < 0
    names["__builtins__"] = {"len": max, "globals": globals}
    assert names["run"]() < 0
    assert program.failing((), names) == 0
    exec("def run(): return failing((), globals())", names)
    assert names["run"]() == 0


def test_globals_without_builtins_fail_only_for_builtins() -> None:
    names = {"np": np}
    assert program_of(IdentityIs(NP, np), n_live_ins=0).failing((), names) < 0
    assert program_of(IdentityIs(s.Global("len"), len), n_live_ins=0).failing((), names) == 0


def test_a_value_behind_a_static_source_is_looked_at_every_time() -> None:
    table = np.zeros((3, 4))
    program, names = program_of(ArrayIs(s.Global("table"), F8, (False, False), "C"), n_live_ins=0), {"table": table}
    assert program.failing((), names) < 0
    table.resize((12,), refcheck=False)
    assert program.failing((), names) == 0


# ---- registers


def test_registers_hold_what_the_sources_find() -> None:
    x = np.zeros((3, 4))
    names = {"np": np, "config": types.SimpleNamespace(k=[7, 8])}
    inputs = (X, EXP, s.Item(s.InstanceAttr(s.Global("config"), "k"), 1), s.ShapeItem(X, 1), s.Known(2.5))
    program, registers = lower(plan([ArrayIs(X, F8, (False, False), "C")], inputs), 1)
    for _ in range(3):
        loaded = program.loaded((x,), names)
        assert loaded is not None
        assert [loaded[registers[source]] for source in inputs] == [x, np.exp, 8, 4, 2.5]


def test_failing_run_gives_no_registers() -> None:
    program = program_of(TypeIs(X, int), inputs=(s.ShapeItem(X, 0),))
    assert program.loaded((3,), {}) is None
    assert program.loaded((3.0,), {}) is None
    assert program.failing((3,), {}) == 1


# ---- nothing of the user's is kept alive, no count drifts


def _user_objects() -> list[Any]:
    class Model:
        def step(self) -> None: ...

        @property
        def area(self) -> float:
            return 1.0

        @staticmethod
        def help() -> None: ...

    model = Model()
    descriptors = [Model.__dict__["area"], Model.__dict__["help"]]
    code = Model.step.__code__.replace(co_name="a code object nobody else has")
    return [model, Model, Model.step, *descriptors, code, lambda: model]


def test_user_objects_die_though_the_program_lives() -> None:
    objects = _user_objects()
    programs = [program_of(IdentityIs(X, value), TypeIs(X, type(value))) for value in objects]
    plans = [plan([IdentityIs(X, value), TypeIs(X, type(value))]) for value in objects]
    assert all(program.failing((value,), {}) < 0 for program, value in zip(programs, objects, strict=True))
    watched = [weakref.ref(value) for value in objects if not isinstance(value, (property, staticmethod))]
    del objects
    gc.collect()
    assert [ref() for ref in watched] == [None] * len(watched)
    assert all(program.failing((None,), {}) >= 0 for program in programs)
    assert plans


def test_new_object_at_the_address_of_a_dead_one_is_another() -> None:
    class Small:
        pass

    for _ in range(100):
        program = program_of(IdentityIs(X, Small()))
        assert program.failing((Small(),), {}) == 0


def test_reference_counts_do_not_drift() -> None:
    class Holder:
        limit = 10**9

    holder, items, box, x = Holder(), [np.zeros(3)], types.CellType(10**20), np.zeros((1000, 4))
    holder.name = entries = {"k": 2.5}
    names = {"np": np, "holder": holder, "__builtins__": __builtins__}
    lives = [x, items, box, holder]
    sources = [s.LiveIn(i, f"v{i}") for i in range(4)]
    attribute = s.InstanceAttr(sources[3], "name")
    guards: list[Guard] = [
        ArrayIs(sources[0], F8, (False, False), "C"),
        TypeIs(sources[3], Holder),
        IdentityIs(s.TypeAttr(s.TypeOf(sources[3]), "limit"), Holder.limit),
        IdentityIs(EXP, np.exp),
        IdentityIs(s.Global("holder"), holder),
        IdentityIs(s.Global("len"), len),
        ValueIs(s.CellContents(sources[2]), 10**20),
        KeysAre(attribute, ("k",)),
        LengthIs(sources[1], 1),
        InstanceLacks(sources[3], "area"),
        TypeLacks(sources[3], "area"),
        NotOverlapping(sources[0], s.Item(sources[1], 0)),
        SameObject(sources[0], sources[1], False),
        Compare(s.ShapeItem(sources[0], 0), ">", s.Known(10), True),
        Compare(s.DictItem(attribute, "k"), "<", s.Known(10**30), True),
    ]
    program = program_of(*guards, inputs=(s.ShapeItem(sources[0], 0),), n_live_ins=4)
    failing = program_of(*guards, TypeIs(s.ShapeItem(sources[0], 0), str), n_live_ins=4)
    watched = [*lives, entries, names, np, np.exp, len, Holder, F8, items[0], box.cell_contents, Holder.limit]
    arguments = tuple(lives)
    before = [sys.getrefcount(value) for value in watched]
    blocks = sys.getallocatedblocks()
    for _ in range(100_000):
        assert program.failing(arguments, names) < 0
        assert failing.failing(arguments, names) >= 0
    assert [sys.getrefcount(value) for value in watched] == before
    assert abs(sys.getallocatedblocks() - blocks) < 100


# ---- no user code runs


def test_no_code_of_a_hostile_class_runs() -> None:
    kind = hostile_class()
    value = object.__new__(kind)
    guards: list[Guard] = [
        TypeIs(X, kind),
        TypeIs(X, int),
        IdentityIs(X, value),
        IdentityIs(X, None),
        ValueIs(X, 1),
        ValueIs(X, "a"),
        ValueIs(X, np.float64(1)),
        ValueIs(X, (1,)),
        ArrayIs(X, F8, (), "C"),
        LengthIs(X, 1),
        KeysAre(X, ()),
        InstanceLacks(X, "k"),
        TypeLacks(X, "k"),
        NotOverlapping(X, Y),
        SameObject(X, Y),
        Compare(X, "==", s.Known(1), True),
        IdentityIs(s.TypeOf(X), kind),
        *(IdentityIs(source, None) for source in every_source(X)),
    ]
    array = np.empty(1, object)
    array[0] = value
    for guard in guards:
        program = program_of(guard, n_live_ins=2)
        for live_ins in ((value, value), (kind, kind), ([value], {1: value}), ((value,), array)):
            program.failing(live_ins, {"x": value, "__builtins__": {}})
    assert Hostile.calls == []


def every_source(base: s.Source) -> list[s.Source]:
    return [
        s.FunctionGlobal(base, "x"),
        s.CellContents(base),
        *(s.FunctionSlot(base, slot) for slot in ("__code__", "__defaults__", "__closure__", "__func__", "__self__")),
        s.ModuleAttr(base, "x"),
        s.InstanceAttr(base, "x"),
        s.SlotAttr(base, "x"),
        s.TypeAttr(base, "x"),
        s.TypeAttr(s.TypeOf(base), "__getattr__"),
        s.Item(base, 0),
        s.DictItem(base, 1),
        s.ShapeItem(base, 0),
        s.PlainOf(base),
    ]


@pytest.mark.filterwarnings("ignore:non-string key in the __dict__")
@pytest.mark.parametrize("first", [True, False])
def test_a_foreign_key_of_the_same_hash_is_not_asked(first: bool) -> None:
    impostor = Impostor("name")
    entries: dict[Any, Any] = {impostor: 1} if first else {"name": 1}
    holder, names = types.SimpleNamespace(), {"__builtins__": {}}
    for mapping in (holder.__dict__, names):
        mapping.update(entries)
    namespace = {**entries, "__slots__": ()}
    owner = type("Owner", (), namespace)
    impostor.asked = 0
    guards: list[Guard] = [
        ValueIs(s.DictItem(X, "name"), 1),
        ValueIs(s.InstanceAttr(Y, "name"), 1),
        ValueIs(s.Global("name"), 1),
        InstanceLacks(Y, "name"),
        ValueIs(s.TypeAttr(s.LiveIn(2, "cls"), "name"), 1),
        KeysAre(X, ("name",)),
    ]
    results = [program_of(guard, n_live_ins=3).failing((entries, holder, owner), names) for guard in guards]
    assert impostor.asked == 0
    assert results == ([0] * 6 if first else [-1, -1, -1, 0, -1, -1])


def test_overridden_dictionary_access_is_not_called() -> None:
    class Odd(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: object) -> Any:
            raise RuntimeError

        __missing__ = get = __contains__ = __iter__ = __len__ = __getitem__

    odd = Odd(name=1)
    assert program_of(ValueIs(s.DictItem(X, "name"), 1)).failing((odd,), {}) == -1
    assert program_of(LengthIs(X, 1)).failing((odd,), {}) == -1
    assert program_of(KeysAre(X, ("name",))).failing((odd,), {}) == -1
    assert program_of(TypeIs(X, dict)).failing((odd,), {}) == 0
    assert program_of(ValueIs(s.Global("name"), 1)).failing((None,), odd) == 0


def test_computed_attributes_are_not_read() -> None:
    class Computed:
        @property
        def name(self) -> int:
            raise RuntimeError

        def __getattr__(self, name: str) -> int:
            raise RuntimeError

    assert program_of(ValueIs(s.InstanceAttr(X, "name"), 1)).failing((Computed(),), {}) == 0
    assert program_of(ValueIs(s.SlotAttr(X, "name"), 1)).failing((Computed(),), {}) == 0
    assert program_of(ValueIs(s.SlotAttr(X, "real"), 1.0)).failing((1.0 + 1j,), {}) == 0


def test_reading_an_attribute_does_not_make_the_dictionary() -> None:
    class Thing:
        pass

    thing = Thing()
    thing.name = 1  # type: ignore[attr-defined]
    program = program_of(ValueIs(s.InstanceAttr(X, "name"), 1), InstanceLacks(X, "other"))
    blocks = sys.getallocatedblocks()
    assert program.failing((thing,), {}) < 0
    assert sys.getallocatedblocks() <= blocks + 1


# ---- what the constructor refuses


@pytest.mark.parametrize(
    "instruction",
    [
        ("load_item", 0, 1, 7, 0),
        ("load_item", 0, 0, 0, 0),
        ("load_item", 0, 9, 0, 0),
        ("load_item", 0, 1, 0, -1),
        ("load_item", 5, 1, 0, 0),
        ("is_type", 0, 1, -1, int),
        ("same", 0, 0, 1, True),
        ("no_such_operation", 0, 0, 0, None),
        ("is_object_weak", 0, 0, -1, int),
        ("is_value", 0, 0, -1, [1]),
        ("is_value", 0, 0, -1, np.longdouble(1)),
        ("has_keys", 0, 0, -1, (object(),)),
        ("load_dict_item", 0, 1, 0, object()),
        ("load_global", 0, 1, -1, 5),
        ("load_function_slot", 0, 1, 0, "__dict__"),
        ("compare", 0, 0, 0, ("is", True)),
        ("is_array", 0, 0, -1, ("f8", (), "C", True, None)),
        ("is_array", 0, 0, -1, (F8, (), "A", True, None)),
    ],
)
def test_instructions_that_could_do_harm_are_refused(instruction: tuple[Any, ...]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        GuardProgram([instruction], 1, 2, ["the only guard"])


def test_what_may_change_does_not_stand_in_the_static_part() -> None:
    begin, end = ("static_begin", 0, 0, -1, None), ("static_end", 0, 0, -1, None)
    with pytest.raises(ValueError, match="not decided by namespaces"):
        GuardProgram([begin, ("load_cell", 0, 1, 0, None), end], 1, 2, ["the only guard"])


def test_wrong_number_of_live_ins_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 1 live-ins, got 2"):
        program_of(TypeIs(X, int)).failing((1, 2), {})


def test_an_empty_program_holds() -> None:
    assert GuardProgram([], 0, 0, []).failing((), {}) == -1
