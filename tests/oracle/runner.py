"""``differential(fn, *calls)``: runs a function plainly and optimised and compares all that can be seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import graphlet
from tests.oracle.compare import Difference
from tests.oracle.copying import deep_copy
from tests.oracle.observe import Observation, compare_observations, observe
from tests.oracle.sandbox import World
from tests.oracle.share import Share, current

Optimizer = Callable[[Callable[..., Any]], Callable[..., Any]]


def identity(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The optimizer that changes nothing: tries the tools themselves."""
    return fn


def graphlet_optimizer() -> Optimizer:
    """``graphlet.optimize``; ``identity`` where this build has none."""
    return getattr(graphlet, "optimize", identity)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the function under test. ``make`` builds fresh arguments each time; else ``args`` are copied."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    make: Callable[[], tuple[Any, ...]] | None = None

    def fresh(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments that nobody else holds, with the same layouts, flags and overlaps."""
        if self.make is not None:
            return tuple(self.make()), {}
        args, kwargs = deep_copy((self.args, dict(self.kwargs)))
        return args, kwargs


@dataclass(slots=True)
class Report:
    """What a comparison found. ``plain`` holds the plain observations of the last round, one per call."""

    name: str
    differences: list[tuple[int, int, Difference]] = field(default_factory=list)
    plain: list[Observation] = field(default_factory=list)
    share: Share = field(default_factory=Share)
    last_share: Share = field(default_factory=Share)  # of the last round

    @property
    def same(self) -> bool:
        """Whether no difference was found."""
        return not self.differences

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of difference found."""
        return frozenset(d.kind for _, _, d in self.differences)

    def __str__(self) -> str:
        if self.same:
            return f"{self.name}: the same; {self.share}"
        rows = [f"  call {call}, round {round_}: {d}" for call, round_, d in self.differences[:20]]
        return "\n".join([f"{self.name}: {len(self.differences)} differences; {self.share}", *rows])


def compare_runs(
    fn: Callable[..., Any],
    calls: Sequence[Any],
    *,
    optimizer: Optimizer | None = None,
    rounds: int = 3,
    ignore: frozenset[str] = frozenset(),
    warn: str = "always",
    stop: bool = False,
) -> Report:
    """Run the calls in order, ``rounds`` times over, plainly and optimised, and report every difference.

    calls      each a ``Call``, a tuple of arguments, or a function without arguments that returns one
    ignore     kinds of difference to leave out
    warn       action of the warnings filter while the function runs
    stop       end after the first call that differs
    """
    plain_world, optimised_world = World(fn), World(fn)
    optimised = optimised_world.decorate(optimizer or graphlet_optimizer())
    report = Report(getattr(fn, "__name__", repr(fn)))
    for round_ in range(rounds):
        report.plain.clear()
        report.last_share = Share()
        for number, call in enumerate(map(as_call, calls)):
            plain = _observe_in(plain_world, plain_world.fn, call, warn)
            before = current()
            other = _observe_in(optimised_world, optimised, call, warn)
            made = current() - before
            report.share += made
            report.last_share += made
            report.plain.append(plain)
            found = compare_observations(plain, other).differences
            report.differences += [(number, round_, d) for d in found if d.kind not in ignore]
            if stop and report.differences:
                return report
    return report


def as_call(call: Any) -> Call:
    """A ``Call`` from what ``compare_runs`` accepts."""
    if isinstance(call, Call):
        return call
    return Call(call) if isinstance(call, tuple) else Call(make=call)


def _observe_in(world: World, fn: Callable[..., Any], call: Call, warn: str) -> Observation:
    args, kwargs = call.fresh()
    seen = observe(fn, args, kwargs, warn)
    seen.data = world.data()
    return seen


def differential(fn: Callable[..., Any], *calls: Any, native: float = 0.0, **options: Any) -> Report:
    """Raise AssertionError with the list of differences, or return the report when there is none.

    ``native``: the least share of array operations that must have run in graphs.
    """
    report = compare_runs(fn, calls, **options)
    if report.same and report.share.native < native:
        raise AssertionError(f"{report.name}: expected a native share of {native}, got {report.share}")
    if not report.same:
        raise AssertionError(str(report))
    return report
