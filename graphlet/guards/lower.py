"""From a plan to a native guard program: loads for every source, one check per guard."""

from collections.abc import Callable
from typing import Any

from graphlet._guards import GuardProgram
from graphlet.guards.describe import describe
from graphlet.guards.hold import Weak
from graphlet.guards.kinds import (
    ArrayIs,
    ClassLacks,
    Compare,
    Guard,
    IdentityIs,
    InstanceLacks,
    KeysAre,
    LengthIs,
    NotOverlapping,
    SameObject,
    TokenIs,
    TypeIs,
    TypeLacks,
    UnitIs,
    ValueIs,
)
from graphlet.guards.plan import Plan, chain, is_static, sources_of, stage
from graphlet.sources import (
    CellContents,
    DictItem,
    FunctionGlobal,
    FunctionSlot,
    Global,
    Globals,
    InstanceAttr,
    Item,
    Known,
    Limit,
    LiveIn,
    ModuleAttr,
    Mro,
    OwnDict,
    PlainOf,
    ShapeItem,
    SlotAttr,
    Source,
    TypeAttr,
    TypeOf,
)

# NumPy's units of time by number; there is no number 3 any more.
UNITS = ("Y", "M", "W", "", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic")

Operation = tuple[str, Any]
Stages = tuple[list[int], list[int], list[int]]
Instruction = tuple[str, int, int, int, Any]

_FUNCTION_FIELDS = frozenset(
    ("__code__", "__defaults__", "__kwdefaults__", "__closure__", "__doc__", "__name__", "__qualname__", "__module__")
)


def _held(strong: str, weak: str, value: Any) -> Operation:
    return (weak, value.reference) if type(value) is Weak else (strong, value)


_LOADS: dict[type, Callable[[Any], Operation]] = {
    Global: lambda s: ("load_global", s.name),
    Globals: lambda s: ("load_globals", None),
    FunctionGlobal: lambda s: ("load_function_global", s.name),
    CellContents: lambda s: ("load_cell", None),
    FunctionSlot: lambda s: ("load_function_slot" if s.slot in _FUNCTION_FIELDS else "load_slot", s.slot),
    ModuleAttr: lambda s: ("load_module_attr", s.name),
    InstanceAttr: lambda s: ("load_instance_attr", s.name),
    SlotAttr: lambda s: ("load_slot", s.name),
    TypeAttr: lambda s: ("load_type_attr", s.name),
    TypeOf: lambda s: ("load_type_of", None),
    Mro: lambda s: ("load_mro", None),
    Item: lambda s: ("load_item", s.index),
    DictItem: lambda s: ("load_dict_item", s.key),
    OwnDict: lambda s: ("load_own_dict", None),
    Limit: lambda s: ("load_limit", None),
    PlainOf: lambda s: ("load_plain", None),
    ShapeItem: lambda s: ("load_shape", s.axis),
    Known: lambda s: ("load_const", s.value),
}

_CHECKS: dict[type, Callable[[Any], Operation]] = {
    TypeIs: lambda g: _held("is_type", "is_type_weak", g.type),
    IdentityIs: lambda g: _held("is_object", "is_object_weak", g.value),
    ValueIs: lambda g: ("is_value", g.value),
    ArrayIs: lambda g: ("is_array", (g.dtype, g.ones, g.order, g.aligned, g.writeable)),
    LengthIs: lambda g: ("has_length", g.length),
    KeysAre: lambda g: ("has_keys", g.keys),
    InstanceLacks: lambda g: ("lacks", g.name),
    TypeLacks: lambda g: ("type_lacks", g.name),
    ClassLacks: lambda g: ("class_lacks", g.name),
    NotOverlapping: lambda g: ("apart", None),
    SameObject: lambda g: ("same", g.same),
    Compare: lambda g: ("compare", (g.op, g.outcome)),
    UnitIs: lambda g: ("has_unit", (UNITS.index(g.unit[0]) << 32) + g.unit[1]),
    TokenIs: lambda g: ("token_is", g.token),
}


def lower(plan: Plan, n_live_ins: int) -> tuple[GuardProgram, dict[Source, int]]:
    """The program, and the register of every source that a guard looks at, loads through, or that is an input.

    A failing load counts as the guard it was made for; loads made for an input have numbers behind the guards.
    """
    lowering = _Lowering(plan, n_live_ins)
    program = GuardProgram(lowering.instructions, n_live_ins, lowering.n_registers, lowering.descriptions)
    return program, lowering.registers


class _Lowering:
    def __init__(self, plan: Plan, n_live_ins: int) -> None:
        self.instructions: list[Instruction] = []
        self.n_registers = n_live_ins
        self.registers: dict[Source, int] = {}
        self.descriptions = [describe(guard) for guard in plan.guards]
        stages: Stages = ([], [], [])
        for number, guard in enumerate(plan.guards):
            stages[stage(guard)].append(number)
        inputs = {source: self._number_of_input(source) for source in plan.inputs}
        for number in stages[0]:
            self._check(plan.guards[number], number)
        self._static_part(plan, stages, inputs)
        for number in stages[2]:
            self._check(plan.guards[number], number)
        for source, number in inputs.items():
            self._load(source, number)

    def _number_of_input(self, source: Source) -> int:
        self.descriptions.append(f"{source} can be loaded")
        return len(self.descriptions) - 1

    def _static_part(self, plan: Plan, stages: Stages, inputs: dict[Source, int]) -> None:
        """Every static load in one place, whoever needs it, so that one look at version numbers stands for all."""
        start = len(self.instructions)
        for number in stages[1]:
            self._check(plan.guards[number], number)
        for number in stages[2]:
            for source in sources_of(plan.guards[number]):
                self._load_static(source, number)
        for source, number in inputs.items():
            self._load_static(source, number)
        if len(self.instructions) > start:
            self.instructions.insert(start, ("static_begin", 0, 0, -1, None))
            self.instructions.append(("static_end", 0, 0, -1, None))

    def _load_static(self, source: Source, number: int) -> None:
        for step in chain(source):
            if is_static(step):
                self._load(step, number)
                return

    def _check(self, guard: Guard, number: int) -> None:
        registers = [self._load(source, number) for source in sources_of(guard)]
        name, operand = _CHECKS[type(guard)](guard)
        self.instructions.append((name, number, registers[0], registers[1] if len(registers) > 1 else -1, operand))

    def _load(self, source: Source, number: int) -> int:
        """The register of a source; loads it, and what it is loaded through, if that has not happened yet."""
        register = self.registers.get(source)
        if register is not None:
            return register
        if isinstance(source, LiveIn):
            self.registers[source] = source.index
            return source.index
        base = getattr(source, "base", None)
        base_register = -1 if base is None else self._load(base, number)
        name, operand = _LOADS[type(source)](source)
        register = self.n_registers
        self.n_registers += 1
        self.registers[source] = register
        self.instructions.append((name, number, register, base_register, operand))
        return register
