"""Guards as text: what each one says, and what did not hold."""

from abc import get_cache_token
from collections.abc import Callable, Iterable
from typing import Any

from graphlet.core.empty import Empty
from graphlet.core.pristine import np
from graphlet.guards.check import (
    DATES,
    REAL,
    CannotLoad,
    Environment,
    check,
    has_order,
    load,
    n_items,
    order_of,
    same_dtype,
)
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
from graphlet.guards.names import object_name, type_name
from graphlet.guards.plan import Plan, sources_of
from graphlet.runtime._errors import error_modes, modes_of
from graphlet.runtime._hooks import asyncgen_hooks
from graphlet.sources import Known, Source

_WAS, _NOW = " was ", ", now "
_ORDERS = {"C": "C-contiguous", "F": "F-contiguous", "K": "not contiguous", "S": "a slice of a C array"}


def describe(guard: Guard) -> str:
    """One guard in a line."""
    return _TEXTS[type(guard)](guard)


def failing_guard(plan: Plan, environment: Environment) -> Guard | None:
    """The first guard that fails, or None if all hold."""
    return next((guard for guard in plan.guards if not check(guard, environment)), None)


def explain_failure(plan: Plan, live_ins: tuple[Any, ...], namespace: dict[str, Any]) -> str | None:
    """What is different from when the plan was made, or None if all guards hold and all sources can be loaded."""
    environment = Environment(live_ins, namespace)
    failing = failing_guard(plan, environment)
    if failing is not None:
        return _explain(failing, environment)
    for source in plan.inputs:
        if not _is_there(source, environment):
            return _gone(source)
    return None


def _explain(guard: Guard, environment: Environment) -> str:
    for source in sources_of(guard):
        if not _is_there(source, environment):
            return _gone(source)
    return _FAILURES[type(guard)](guard, *(load(source, environment) for source in sources_of(guard)))


def _is_there(source: Source, environment: Environment) -> bool:
    try:
        load(source, environment)
    except CannotLoad:
        return False
    return True


def _gone(source: Source) -> str:
    return f"{source} is not there any more"


def _change(what: str, before: object, now: object) -> str:
    return f"{what}{_WAS}{before}{_NOW}{now}"


def told_together(failures: Iterable[str]) -> str:
    """Several failures in one text; what was one thing and another, and is the same now, is told once."""
    told: dict[tuple[str, str], list[str]] = {}
    for failure in dict.fromkeys(failures):
        what, _, rest = failure.partition(_WAS)
        before, _, now = rest.rpartition(_NOW)
        told.setdefault((what, now) if before else (failure, ""), []).append(before)
    return "; ".join(
        _change(what, " or ".join(before), now) if before[0] else what for (what, now), before in told.items()
    )


# ---- what each guard says


def _name(value: Any) -> str:
    return value.text if type(value) is Weak else object_name(value)


def _type_text(guard: TypeIs) -> str:
    name = _name(guard.type)
    return f"{guard.source} is empty" if name == object_name(Empty) else f"type({guard.source}) is {name}"


def _array_text(guard: ArrayIs) -> str:
    words = [f"{guard.source}: ndarray", str(guard.dtype), f"{guard.ndim}-d"]
    if guard.order != "K":
        words.append("sliced" if guard.order == "S" else guard.order)
    words += [f"shape[{axis}]=1" for axis, one in enumerate(guard.ones) if one]
    if guard.writeable is not None:
        words.append("writeable" if guard.writeable else "read-only")
    return " ".join(words)


# What a token answers -> how it reads while it holds, and what is said when it has changed.
_TOKENS: dict[Any, tuple[Callable[[int], str], Callable[[int], str]]] = {
    get_cache_token: (
        lambda token: "no class is registered with an abstract one",
        lambda token: "a class was registered with an abstract one since",
    ),
    asyncgen_hooks: (
        lambda token: "nobody but event loops is told of asynchronous generators",
        lambda token: "who is told of asynchronous generators has changed",
    ),
    error_modes: (
        lambda token: f"np.geterr() == {modes_of(token)}",
        lambda token: _change("np.geterr()", modes_of(token), modes_of(error_modes())),
    ),
}


def _token(guard: TokenIs) -> tuple[Callable[[int], str], Callable[[int], str]]:
    asked = guard.source.value if isinstance(guard.source, Known) else get_cache_token
    return _TOKENS[asked]


def _unit(unit: tuple[str, int]) -> str:
    return unit[0] if unit[1] == 1 else f"{unit[1]}{unit[0]}"


_TEXTS: dict[type, Callable[[Any], str]] = {
    TypeIs: _type_text,
    IdentityIs: lambda g: f"{g.source} is {_name(g.value)}",
    ValueIs: lambda g: f"{g.source} == {object_name(g.value)}",
    ArrayIs: _array_text,
    LengthIs: lambda g: f"len({g.source}) == {g.length}",
    KeysAre: lambda g: f"list({g.source}) == [{', '.join(map(object_name, g.keys))}]",
    InstanceLacks: lambda g: f"{g.source} has no {g.name} of its own",
    TypeLacks: lambda g: f"type({g.source}) has no {g.name}",
    ClassLacks: lambda g: f"{g.source} has no {g.name}",
    NotOverlapping: lambda g: f"{g.left} and {g.right} do not overlap",
    SameObject: lambda g: f"{g.left} is {'' if g.same else 'not '}{g.right}",
    Compare: lambda g: f"{'' if g.outcome else 'not '}{g.left} {g.op} {g.right}",
    TokenIs: lambda g: _token(g)[0](g.token),
    UnitIs: lambda g: f"{g.source} is in units of {_unit(g.unit)}",
}


# ---- what did not hold


def _array_failure(guard: ArrayIs, value: Any) -> str:
    source = guard.source
    if type(value) is not np.ndarray:
        return _change(f"type({source})", "ndarray", type_name(type(value)))
    if not same_dtype(value.dtype, guard.dtype):
        return _change(f"{source}.dtype", guard.dtype, value.dtype)
    if value.ndim != guard.ndim:
        return _change(f"{source}.ndim", guard.ndim, value.ndim)
    for axis, (size, one) in enumerate(zip(value.shape, guard.ones, strict=True)):
        if (size == 1) != one:
            return _change(f"{source}.shape[{axis}]", "1" if one else "not 1", size)
    if not has_order(value, guard.order):
        return _change(str(source), _ORDERS[guard.order], _ORDERS[order_of(value)])
    if guard.aligned and not value.flags.aligned:
        return _change(str(source), "aligned", "unaligned")
    return _change(str(source), *(("writeable", "read-only") if guard.writeable else ("read-only", "writeable")))


def _identity_failure(guard: IdentityIs, value: Any) -> str:
    before, now = _name(guard.value), object_name(value)
    return _change(str(guard.source), before, "another object of that name" if before == now else now)


def _length_failure(guard: LengthIs, value: Any) -> str:
    now = n_items(value)
    if now is not None:
        return _change(f"len({guard.source})", guard.length, now)
    return _change(f"type({guard.source})", "a container", type_name(type(value)))


def _keys_failure(guard: KeysAre, value: Any) -> str:
    if not issubclass(type(value), dict):
        return _change(f"type({guard.source})", "a dict", type_name(type(value)))
    return f"the keys of {guard.source} are others, or in another order"


def _overlap_failure(guard: NotOverlapping, left: Any, right: Any) -> str:
    for source, value in ((guard.left, left), (guard.right, right)):
        if type(value) is not np.ndarray:
            return _change(f"type({source})", "ndarray", type_name(type(value)))
    return f"{guard.left} and {guard.right} may overlap now"


def _compare_failure(guard: Compare, left: Any, right: Any) -> str:
    for source, value in ((guard.left, left), (guard.right, right)):
        if type(value) not in REAL:
            return _change(f"type({source})", "a number", type_name(type(value)))
    return _change(f"{guard.left} {guard.op} {guard.right}", guard.outcome, not guard.outcome)


def _unit_failure(guard: UnitIs, value: Any) -> str:
    if type(value) not in DATES:
        return _change(f"type({guard.source})", "a date or time", type_name(type(value)))
    return _change(f"the unit of {guard.source}", _unit(guard.unit), _unit(np.datetime_data(value.dtype)))


_FAILURES: dict[type, Callable[..., str]] = {
    TypeIs: lambda g, value: _change(f"type({g.source})", _name(g.type), object_name(type(value))),
    IdentityIs: _identity_failure,
    ValueIs: lambda g, value: _change(str(g.source), object_name(g.value), object_name(value)),
    ArrayIs: _array_failure,
    LengthIs: _length_failure,
    KeysAre: _keys_failure,
    InstanceLacks: lambda g, value: f"{g.source} has its own {g.name} now",
    TypeLacks: lambda g, value: f"type({g.source}) has {g.name} now",
    ClassLacks: lambda g, value: f"{g.source} has {g.name} now",
    NotOverlapping: _overlap_failure,
    SameObject: lambda g, left, right: _change(f"{g.left} is {g.right}", g.same, not g.same),
    Compare: _compare_failure,
    TokenIs: lambda g, value: _token(g)[1](g.token),
    UnitIs: _unit_failure,
}
