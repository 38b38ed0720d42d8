"""Groups of exceptions made in the region: made, taken apart by class, and put together again."""

from collections.abc import Callable

from graphlet.capture.breaks import Break
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.capture.raising import TRACEBACKS, is_exception, matches
from graphlet.sources import Known
from graphlet.values.base import Constant, Sequence, Value
from graphlet.values.objects import Ambient, Error, Group

Split = tuple[Error | None, Error | None]


def group_of(message: Value, errors: tuple[Error, ...], args: tuple[Value, ...] | None = None) -> Group:
    """``BaseExceptionGroup(message, errors)``: of exceptions only, it is an ``ExceptionGroup``."""
    plain = all(issubclass(error.type, Exception) for error in errors)
    kind = ExceptionGroup if plain else BaseExceptionGroup
    items = Sequence("tuple", errors)
    return Group(kind, Known(kind), {}, (message, items) if args is None else args, exceptions=items)


def errors_in(group: Group) -> tuple[Error, ...]:
    return tuple(error for error in group.exceptions.items if isinstance(error, Error))


def wrapped(m: Machine, error: Error) -> Group:
    """The group that an exception is in ``except*``."""
    if not issubclass(error.type, Exception):
        raise Break("GL111", f"`except*` with {describe(error)}, which is no Exception")
    made = group_of(Constant(""), (error,))
    m.trail.put(m.table(TRACEBACKS), made, Ambient())  # whether it has one depends on the version of Python
    return made


def subset(m: Machine, group: Group, errors: tuple[Error, ...]) -> Error | None:
    """A group of some of the exceptions of another, None for none."""
    if not errors:
        return None
    assert group.args is not None
    made = group_of(group.args[0], errors)
    m.trail.put(m.table(TRACEBACKS), made, m.table(TRACEBACKS).get(group, Constant(None)))
    return made


def anew(m: Machine, group: Group) -> Error:
    """A group of the same exceptions; groups in it are new ones, too."""
    made = subset(m, group, tuple(anew(m, one) if isinstance(one, Group) else one for one in errors_in(group)))
    assert made is not None
    return made


def split(m: Machine, error: Error, wanted: Callable[[Error], bool]) -> Split:
    """What is wanted of an exception, and the rest; exceptions in groups one by one, groups as a whole first."""
    if wanted(error):
        return error, None
    if not isinstance(error, Group):
        return None, error
    pairs = [split(m, one, wanted) for one in errors_in(error)]
    match = subset(m, error, tuple(one for one, _ in pairs if one is not None))
    return match, subset(m, error, tuple(rest for _, rest in pairs if rest is not None))


def by_class(m: Machine, classes: Value) -> Callable[[Error], bool]:
    """Whether exceptions are of these classes; functions that say so are left to Python."""
    read = m.read(classes)
    kinds = read.items if isinstance(read, Sequence) and read.kind == "tuple" else (read,)
    for kind in map(m.read, kinds):
        if not isinstance(kind, Constant) or not is_exception(kind.value):
            raise Break("GL111", f"a group is taken apart by {describe(kind)}", name_of(kind))
    return lambda error: matches(m, error, read)
