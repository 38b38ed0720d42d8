"""``ExceptionGroup``: made, and taken apart by its methods."""

from collections.abc import Callable
from typing import Any

from graphlet.capture import grouping
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs, check
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.values.base import Constant, Sequence, Value
from graphlet.values.objects import Error, Group

Rule = Callable[[Machine, Args, Kwargs], Value]


def make(kind: type[BaseException]) -> Rule:
    """``ExceptionGroup(message, exceptions)``"""

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        check(kind.__name__, args, kwargs, 2)
        message, given = m.read(args[0]), m.read(args[1])
        if type(m.known(message)) is not str or type(given) is not Sequence:
            raise Break("GL111", f"{kind.__name__} of {describe(given)}", name_of(given))
        errors = tuple(error for error in map(m.read, given.items) if isinstance(error, Error))
        made = grouping.group_of(message, errors, (message, given))
        if not errors or len(errors) < len(given.items) or not issubclass(made.type, kind):
            raise Break("GL111", f"{kind.__name__} of what it does not take, or of exceptions made before")
        return made

    return rule


def of_group(m: Machine, args: Args, kwargs: Kwargs) -> Group:
    check("method", args, kwargs, 2)
    group = m.read(args[0])
    if not isinstance(group, Group):
        raise Break("GL111", f"a method of {describe(group)}", name_of(group))
    return group


def split(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    group = of_group(m, args, kwargs)
    parts = grouping.split(m, group, grouping.by_class(m, args[1]))
    return Sequence("tuple", tuple(Constant(None) if part is None else part for part in parts))


def subgroup(m: Machine, args: Args, kwargs: Kwargs) -> Value:
    group = of_group(m, args, kwargs)
    match, _ = grouping.split(m, group, grouping.by_class(m, args[1]))
    return Constant(None) if match is None else match


RULES: dict[Any, Rule] = {
    ExceptionGroup: make(ExceptionGroup),
    BaseExceptionGroup: make(BaseExceptionGroup),
    BaseExceptionGroup.__dict__["split"]: split,
    BaseExceptionGroup.__dict__["subgroup"]: subgroup,
}
