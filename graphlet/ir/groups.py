"""Fusion groups: nodes that can run as one loop over one iteration space, and an order to run everything in.

A group holds elementwise nodes whose results have the same shape (equal sizes for every run, by ``same_dim``), and
reductions of them as tails. Groups are convex, alone and together: no path leaves a group and comes back, also none
through another group, and a write to memory counts as a path. So each group can run as a unit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Union

from graphlet.ir.alias import has_own_effect, must_precede, written_argument
from graphlet.ir.node import CALL_FUNCTION, OUTPUT, Block, Node
from graphlet.ir.types import ArrayType, Dim, same_shape


@dataclass(eq=False, slots=True)
class Group:
    """Nodes that run as one loop, in program order.

    space       the shape of the loop
    reductions  those of ``nodes`` that reduce; nobody in the group uses them
    inputs      nodes from outside that the group uses, each once
    outputs     those of ``nodes`` that somebody outside uses
    """

    space: tuple[Dim, ...]
    nodes: list[Node] = field(default_factory=list)
    reductions: list[Node] = field(default_factory=list)

    @property
    def inputs(self) -> tuple[Node, ...]:
        members = set(self.nodes)
        found = dict.fromkeys(source for node in self.nodes for source in node.inputs)
        return tuple(node for node in found if node not in members)

    @property
    def outputs(self) -> tuple[Node, ...]:
        members = set(self.nodes)
        return tuple(node for node in self.nodes if any(user not in members for user in node.users))


Unit = Union[Group, Node]
Fits = Callable[[Node], bool]


def is_elementwise(node: Node) -> bool:
    """Whether a node computes each element of an array from the elements at the same place."""
    return _is_plain(node, "elementwise") and isinstance(node.type, ArrayType)


def is_reduction(node: Node) -> bool:
    """Whether a node reduces its first argument."""
    return _is_plain(node, "reduction") and bool(node.args) and isinstance(node.args[0], Node)


def _is_plain(node: Node, kind: str) -> bool:
    if node.op != CALL_FUNCTION or node.row is None or node.row.kind != kind:
        return False
    return written_argument(node) is None and not has_own_effect(node)


def groups(block: Block, fits: Fits = is_elementwise, reduces: Fits = is_reduction) -> list[Group]:
    """The groups of a block, in an order in which they can run."""
    return [unit for unit in units(block, fits, reduces) if isinstance(unit, Group)]


def units(block: Block, fits: Fits = is_elementwise, reduces: Fits = is_reduction) -> list[Unit]:
    """Everything to run, in an order that respects arguments and memory: groups, and the nodes that are in none.

    ``fits`` says which elementwise nodes the caller can fuse, ``reduces`` which reductions it can take as tails.
    """
    grouping = _Grouping(block)
    for node in block.nodes:
        grouping.place(node, fits(node), reduces(node))
    return grouping.in_order()


def is_made_again(first: Node, second: Node) -> bool:
    """Whether two nodes are the same, but for who uses them, and that is no output: those two are two in any case."""
    is_same = first.target is second.target and first.args == second.args
    return is_same and not any(user.op == OUTPUT for node in (first, second) for user in node.users)


class _Grouping:
    """The units found so far, and what each needs directly."""

    def __init__(self, block: Block) -> None:
        self.order = must_precede(block)
        self.unit: dict[Node, Unit] = {}
        self.needs: dict[Unit, set[Unit]] = {}
        self.started: dict[Unit, int] = {}
        self.latest: dict[Unit, int] = {}
        self.position: dict[Node, int] = {}
        self.tails: set[Node] = set()
        self.groups: list[Group] = []

    def place(self, node: Node, fits: bool, reduces: bool) -> None:
        """Give the next node its unit."""
        needed = {self.unit[source]: None for source in (*node.inputs, *self.order[node])}
        group = self.group_for(node, needed, fits, reduces)
        unit: Unit = node if group is None else group
        if group is not None:
            group.nodes.append(node)
            if not fits:
                group.reductions.append(node)
                self.tails.add(node)
        self.unit[node] = unit
        position = len(self.unit)
        self.started.setdefault(unit, position)
        self.latest[unit] = position
        self.position[node] = position
        self.needs.setdefault(unit, set()).update(other for other in needed if other is not unit)
        if fits and group is not None:
            for other in needed:
                if isinstance(other, Group) and other is not group and self.can_merge(group, other):
                    self.merge(group, other)

    def group_for(self, node: Node, needed: Iterable[Unit], fits: bool, reduces: bool) -> Group | None:
        """The group a node joins; a new one where an elementwise node finds none."""
        if fits and isinstance(node.type, ArrayType):
            space = node.type.shape
        elif reduces and not fits and isinstance(node.args[0], Node) and isinstance(node.args[0].type, ArrayType):
            space = node.args[0].type.shape
        else:
            return None
        for group in self.near(node, fits):
            if not same_shape(group.space, space) or self.would_come_back(group, needed):
                continue
            if not any(self.unit[source] is group for source in node.inputs if source in self.tails):
                return group
        if not fits:
            return None
        self.groups.append(Group(space))
        return self.groups[-1]

    def near(self, node: Node, fits: bool) -> list[Group]:
        """Groups worth joining, best first: those that make an argument, then those that read the same one.

        Not those that make the same: a node that is there twice, though no result, is to be made twice.
        """
        sources = node.inputs if fits else node.inputs[:1]
        makers = [self.unit[source] for source in reversed(sources)]
        users = [user for source in sources for user in source.users if user in self.unit] if fits else []
        same = {self.unit[user] for user in users if is_made_again(user, node)}
        near = dict.fromkeys([*makers, *(self.unit[user] for user in users)])
        return [unit for unit in near if isinstance(unit, Group) and unit not in same]

    def would_come_back(self, group: Group, needed: Iterable[Unit]) -> bool:
        """Whether something needed, other than the group itself, needs the group.

        What was complete before the group began cannot need it, unless it needs an older group that has grown since.
        """
        todo = [unit for unit in needed if unit is not group]
        seen = set(todo)
        start = self.started[group]
        grown = any(self.started[other] < start < self.latest[other] for other in self.groups)
        while todo:
            unit = todo.pop()
            if unit is group:
                return True
            if grown or self.latest[unit] > start:
                new = self.needs[unit] - seen
                seen |= new
                todo.extend(new)
        return False

    def can_merge(self, group: Group, other: Group) -> bool:
        """Whether two groups can be one: over the same space, neither using a reduction of the other, and no path from
        one to the other but straight ones."""
        if not same_shape(group.space, other.space):
            return False
        for node in (*group.nodes, *other.nodes):
            if any(source in self.tails and self.unit[source] in (group, other) for source in node.inputs):
                return False
        both = {group, other}
        todo = [unit for one in both for unit in self.needs[one] - both]
        seen = set(todo)
        while todo:
            new = self.needs[todo.pop()] - seen
            if new & both:
                return False
            seen |= new
            todo.extend(new)
        return True

    def merge(self, group: Group, other: Group) -> None:
        """Make the other group part of the group."""
        group.nodes = sorted((*group.nodes, *other.nodes), key=self.position.__getitem__)
        group.reductions = sorted((*group.reductions, *other.reductions), key=self.position.__getitem__)
        for node in other.nodes:
            self.unit[node] = group
        self.groups.remove(other)
        self.started[group] = min(self.started[group], self.started.pop(other))
        self.latest[group] = max(self.latest[group], self.latest.pop(other))
        self.needs[group] = (self.needs[group] | self.needs.pop(other)) - {group, other}
        for unit, needed in self.needs.items():
            if other in needed:
                needed.discard(other)
                if unit is not group:
                    needed.add(group)

    def in_order(self) -> list[Unit]:
        """All units, each behind what it needs; otherwise in the order of their first nodes."""
        result: dict[Unit, None] = {}
        for unit in self.needs:
            todo = [unit]
            while todo:
                missing = [other for other in self.needs[todo[-1]] if other not in result]
                if len(todo) > len(self.needs):
                    raise RuntimeError("groups need each other in a ring")
                if missing:
                    todo.append(min(missing, key=self.started.__getitem__))
                else:
                    result.setdefault(todo.pop())
        return list(result)
