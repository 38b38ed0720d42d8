"""A graph as a plan of the block machine: slots for values, one step for each unit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from graphlet.backends.block_bands import Band, band
from graphlet.backends.block_checks import Checks
from graphlet.backends.block_groups import MAX_REGISTERS, MAX_TAILS, Draft, Part, fits_in, lower
from graphlet.backends.block_members import Members
from graphlet.backends.block_placed import with_placed
from graphlet.backends.block_signals import may_warn, needs_errstate
from graphlet.backends.block_tails import Tail, tail_of
from graphlet.core.pristine import np
from graphlet.ir.alias import AFTER
from graphlet.ir.graph import CONSTANT, OUTPUT, PLACEHOLDER, Graph, Node, iter_nodes
from graphlet.ir.groups import Group, Unit
from graphlet.ir.node import Modes
from graphlet.ir.op import VIEW
from graphlet.ir.types import ArrayType, ScalarType, same_shape
from graphlet.ir.write import Write
from graphlet.runtime import loops
from graphlet.runtime.plan import KINDS, Bands, Build, Call, Check, Fused, Plan, Step

# Functions of NumPy's in Python that do nothing but call a method, with the same parameters.
METHODS = ("argpartition", "argsort", "cumprod", "cumsum", "dot", "nonzero", "repeat", "searchsorted", "take", "trace")
WRAPPED = {getattr(np, name): getattr(np.ndarray, name) for name in METHODS}
LITERALS = frozenset((bool, int, float, complex, str, type(None)))

# Puts the operations of a draft in another order, and says which of them may run as one; given are the results needed.
Arrange = Callable[[Draft, Sequence[Node]], Sequence[Part]]


class Lowering:
    """The plan of one graph in the making.

    Until ``finish`` a slot is: an input 0, 1, ...; a constant -1, -2, ...; a value n_inputs, n_inputs + 1, ...
    """

    def __init__(self, graph: Graph, members: Members, arrange: Arrange | None = None) -> None:
        self.checks = Checks()
        self.members = members
        self.arrange = arrange
        self.inputs = graph.inputs
        self.input_checks = tuple(self.checks.of(node.type) for node in self.inputs)
        self.slot: dict[Node, int] = {node: i for i, node in enumerate(self.inputs)}
        self.constants: list[Any] = []
        self.constant_slot: dict[int, int] = {}
        self.n_values = len(self.inputs)
        self.steps: list[Step] = []

    def constant(self, value: Any) -> int:
        """The slot of an object, the same for the same object."""
        slot = self.constant_slot.get(id(value))
        if slot is None:
            self.constants.append(value)
            slot = self.constant_slot[id(value)] = -len(self.constants)
        return slot

    def new_slot(self) -> int:
        """The slot of a further value."""
        self.n_values += 1
        return self.n_values - 1

    def value(self, argument: Any) -> int:
        """The slot that holds an argument: a node, a literal, or a container of them (built by a step)."""
        if isinstance(argument, Node):
            return self.slot[argument]
        if type(argument) in LITERALS or not any(True for _ in iter_nodes(argument)):
            return self.constant(argument)
        kind, items = _parts(argument)
        args = tuple(self.value(item) for item in items)
        out = self.new_slot()
        self.steps.append(Build(kind, args, out))
        return out

    def band(self, run: Band) -> None:
        """Add units that can run on some rows at a time."""
        before, self.steps = self.steps, []
        for unit in run.units:
            self.unit(unit)
        steps, self.steps = self.steps, before
        made = set(run.nodes)
        checks: dict[bool, dict[int, Check]] = {True: {}, False: {}}
        for node in run.nodes:
            if node in self.slot:
                leaves = any(user not in made for user in node.users)
                checks[leaves][self.slot[node]] = self.checks.of(node.type)
        slots = frozenset(self.slot[node] for node in run.by_rows if node in self.slot)
        along = -1 - self.checks.dim(run.along)
        self.steps.extend(band(steps, along, slots, checks[True], checks[False]))

    def unit(self, unit: Unit) -> None:
        """Add what runs one unit."""
        if isinstance(unit, Group):
            self.group(unit)
        elif (tail := tail_of(unit)) is not None:
            self.reduction(unit, tail)
        elif unit.op != OUTPUT:
            self.node(unit)

    def node(self, node: Node) -> None:
        """Add what runs one node."""
        if node.op == PLACEHOLDER:
            return
        if node.op == CONSTANT:
            self.slot[node] = self.constant(node.target)
        elif node.row is AFTER:
            self.slot[node] = self.slot[node.args[0]]
        else:
            self.call(node)

    def call(self, node: Node) -> None:
        """Add the call of a node's function."""
        forwards = [sub.forward for sub in node.graphs] if node.graphs else ()
        args = tuple([self.value(a) for a in (*forwards, *node.args, *node.kwargs.values())])
        mutates = node.row.mutates if node.row is not None else None
        if mutates is not None:
            self.slot[node] = self.value(node.args[mutates])
        out = None if mutates is not None else self.new_slot()
        if out is not None:
            self.slot[node] = out
        self.steps.append(
            Call(
                called_for(node),
                args,
                out,
                self.checks.of(node.type) if mutates is None else None,
                tuple(node.kwargs),
                errstate=needs_errstate(node),
                warns=may_warn(node),
                nonempty=node.row is not None and node.row.kind == "reduction",
                name=node.name if node.row is None else node.row.name,
                ignored=bits(node.modes, "ignore"),
                forced=bits(node.modes, "raise"),
                nans="" if node.row is None else node.row.nans,
                view=node.row is not None and node.row.alias == VIEW,
                loop=loop_of_numbers(node),
            )
        )

    def group(self, group: Group) -> None:
        """Add a group of elementwise nodes; several steps where it is too large for one."""
        tails = [(node, tail) for node in group.reductions if (tail := tail_of(node)) is not None]
        draft = Draft(group.space)
        nodes: list[Node] = []
        apart = is_ragged(group)
        for node in group.nodes:
            member = self.members[node]
            if member is None:
                continue
            torn = nodes and node.modes != nodes[0].modes
            if nodes and (torn or not fits_in(draft, member) or (apart and draft.strict != member.strict)):
                tails = self.fused(draft, nodes, tails)
                draft, nodes = Draft(group.space), []
            draft.add(node, member)
            nodes.append(node)
        for node, tail in self.fused(draft, nodes, tails):
            self.reduction(node, tail)

    def reduction(self, node: Node, tail: Tail) -> None:
        """Add the reduction of an array that is there."""
        assert isinstance(tail.source.type, ArrayType)
        draft = Draft(tail.source.type.shape)
        draft.add_tail(node, tail)
        self.emit(draft, [node], [])

    def fused(self, draft: Draft, nodes: list[Node], tails: list[tuple[Node, Tail]]) -> list[tuple[Node, Tail]]:
        """Add one step for a draft of these nodes, with those tails that can go along; returns the others."""
        near = [(n, t) for n, t in tails if t.source in draft.made and n.modes == nodes[0].modes]
        axes = next((tail.axes for _, tail in near), None)
        taken = [] if draft.strict else [(n, t) for n, t in near if t.axes == axes]
        for node, tail in taken[:MAX_TAILS]:
            if draft.size() < MAX_REGISTERS:
                draft.add_tail(node, tail)
        inside = {*nodes, *(node for node, _, _ in draft.tails)}
        outputs = [node for node in nodes if any(user not in inside for user in node.users)]
        self.emit(draft, [*nodes, *(node for node, _, _ in draft.tails)], outputs)
        return [(node, tail) for node, tail in tails if node not in inside]

    def emit(self, draft: Draft, nodes: list[Node], outputs: list[Node]) -> None:
        """Add the step of a draft; calls where nobody uses a result (it may still warn)."""
        if not outputs and not draft.tails:
            for node in nodes:
                self.call(node)
            return
        before, self.steps = self.steps, []
        for node in nodes:
            self.call(node)
        fallback, self.steps = tuple(self.steps), before
        parts = self.arrange(draft, outputs) if self.arrange is not None else ()
        step = lower(draft, outputs, self.slot.__getitem__, self.checks, fallback, parts)
        modes = nodes[0].modes
        self.steps.append(replace(step, ignored=bits(modes, "ignore"), forced=bits(modes, "raise")) if modes else step)

    def finish(self, outputs: Sequence[Any], writes: Sequence[Write] = ()) -> Plan:
        """The plan, with slots in their final order and values freed behind their last use."""
        output_slots = tuple(self.value(output) for output in outputs)
        n_inputs, n_constants = len(self.inputs), len(self.constants)

        def final(slot: int) -> int:
            if slot < 0:
                return n_inputs - 1 - slot
            return slot if slot < n_inputs else slot + n_constants

        ordered, placed = with_placed(self.steps, outputs, writes, self.slot)
        steps = [renumbered(step, final) for step in ordered]
        kept = tuple(map(final, output_slots))
        return Plan(
            inputs=self.input_checks,
            constants=tuple(self.constants),
            steps=tuple(with_frees(steps, n_inputs + n_constants, kept)),
            outputs=kept,
            n_slots=self.n_values + n_constants,
            n_syms=self.checks.n_syms,
            placed=placed and replace(placed, value=final(placed.value), target=final(placed.target)),
        )


def called_for(node: Node) -> Any:
    """What is called for a node: an array's method, where that is all that its function comes to."""
    is_array = bool(node.args) and isinstance(node.args[0], Node) and isinstance(node.args[0].type, ArrayType)
    return WRAPPED.get(node.target, node.target) if is_array else node.target


def number_dtype(node: Node) -> np.dtype[Any] | None:
    """The dtype of a node that gives a single NumPy number."""
    return node.type.dtype if isinstance(node.type, ScalarType) else None


def loop_of_numbers(node: Node) -> Any:
    """The loop that does for single np.float64, or Python numbers, what a ufunc is called for, or None."""
    if not isinstance(node.target, np.ufunc) or node.kwargs or number_dtype(node) != np.float64:
        return None
    if not all(isinstance(part.type, ScalarType) for part in node.args if isinstance(part, Node)):
        return None
    return loops.find(node.target, (np.dtype(np.float64),) * (len(node.args) + 1))


def bits(modes: Modes, wanted: str) -> int:
    """The kinds of floating-point error with this mode, as bits."""
    return sum([1 << KINDS.index(kind) for kind, mode in modes if mode == wanted])


def is_ragged(group: Group) -> bool:
    """Whether the operands are unlikely to be one dense run: strict members then get groups of their own."""
    types = [node.type for node in group.inputs if isinstance(node.type, ArrayType) and node.type.ndim]
    orders = {type_.order for type_ in types}
    return "K" in orders or len(orders) > 1 or any(not same_shape(group.space, type_.shape) for type_ in types)


def _parts(value: Any) -> tuple[str, Iterable[Any]]:
    if isinstance(value, slice):
        return "slice", (value.start, value.stop, value.step)
    if isinstance(value, dict):
        return "dict", [part for item in value.items() for part in item]
    return type(value).__name__, value


def renumbered(step: Step, final: Callable[[int], int]) -> Step:
    """The step with other slot numbers."""
    if isinstance(step, Bands):
        return replace(
            step,
            steps=tuple(renumbered(part, final) for part in step.steps),
            by_rows=tuple(map(final, step.by_rows)),
            outputs=tuple(replace(output, slot=final(output.slot)) for output in step.outputs),
            between=tuple(replace(output, slot=final(output.slot)) for output in step.between),
            reads=tuple(map(final, step.reads)),
        )
    if isinstance(step, Fused):
        return replace(
            step,
            arrays=tuple(source._replace(slot=final(source.slot)) for source in step.arrays),
            scalars=tuple(source._replace(slot=final(source.slot)) for source in step.scalars),
            outputs=tuple(output._replace(slot=final(output.slot)) for output in step.outputs),
            tails=tuple(tail._replace(slot=final(tail.slot)) for tail in step.tails),
            fallback=tuple(renumbered(part, final) for part in step.fallback),
        )
    args = tuple(map(final, step.args))
    if isinstance(step, Build):
        return step._replace(args=args, out=final(step.out))
    return Call(step.fn, args, None if step.out is None else final(step.out), *step[3:])


def with_frees(steps: Sequence[Step], first_value: int, kept: Iterable[int]) -> list[Step]:
    """The steps, each freeing the values that nobody reads behind it."""
    alive = set(kept)
    result: list[Step] = []
    for step in reversed(steps):
        reads, writes = step.reads, step.writes
        touched = dict.fromkeys((*reads, *writes))
        frees = tuple([slot for slot in touched if slot >= first_value and slot not in alive])
        alive.update(touched)
        inside = (*(slot for slot in reads if slot >= first_value), *writes)
        if isinstance(step, Call):
            step = Call(*step[:-1], frees)
        elif isinstance(step, Build):
            step = step._replace(frees=frees)
        elif isinstance(step, Fused):
            step = replace(step, frees=frees, fallback=tuple(with_frees(step.fallback, first_value, inside)))
        else:
            step = replace(step, frees=frees, steps=tuple(with_frees(step.steps, first_value, inside)))
        result.append(step)
    return result[::-1]
