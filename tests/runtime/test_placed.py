"""Results that go straight into memory that was there before: nobody can tell, whatever fails and whenever."""

import itertools
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest

import graphlet
from graphlet.runtime import _block

N = 3000
MODES = ("ignore", "warn", "raise", "call", "print", "log")


@pytest.fixture(autouse=True)
def any_size() -> Iterator[None]:
    """Small results go there, too, past the cache where there is code for it."""
    placed, stream = _block.placed_from(0), _block.stream_from(0)
    with graphlet.config.patch(compile="at once"):
        yield
    _block.placed_from(placed)
    _block.stream_from(stream)


def n_placed(fast: Any) -> int:
    """How often a function's graphs have written directly."""
    regions = [entry.region for entry in fast.graphlet.cache.entries.values()]
    return sum(spec.kernel.n_placed for region in regions for spec in region.specializations)


def copied(fn: Any) -> Any:
    """The function with a code object of its own, for which nothing has been learned."""
    return type(fn)(fn.__code__.replace(), fn.__globals__, fn.__name__, fn.__defaults__, fn.__closure__)


class Heard:
    """What a call shows to the outside while it runs and when it is done."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], filters: str, modes: dict[str, str]) -> list[Any]:
        """All that can be seen: results, errors with line, warnings, contents when told and at the end."""
        def on_error(kind: str, flag: int) -> None:
            self.note("call", kind, flag, args)

        with warnings.catch_warnings(), np.errstate(call=on_error if "call" in modes.values() else self, **modes):
            warnings.simplefilter(filters)  # type: ignore[arg-type]
            warnings.showwarning = lambda message, category, file, line, *_: self.note(
                "warning", str(message), category, line, args
            )
            try:
                self.note("result", str(fn(*args)))
            except (ArithmeticError, RuntimeWarning, ValueError, TypeError) as error:
                assert error.__traceback__ is not None and error.__traceback__.tb_next is not None
                self.note("error", type(error), str(error), error.__traceback__.tb_next.tb_lineno)
        self.note("end", args)
        return self.events

    def write(self, text: str) -> None:
        """Of errors with mode "log"."""
        self.events.append(("log", text))

    def note(self, *what: Any) -> None:
        self.events.append(
            [[a.tobytes() for a in item] if isinstance(item, tuple) else item for item in what]
        )


def check(fn: Callable[..., Any], make: Callable[[], tuple[Any, ...]], expected: bool | None, filters: str = "always",
          **modes: str) -> None:
    """The function does the same plainly and optimised; ``expected``: whether it writes directly."""
    fast = graphlet.optimize(copied(fn))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(4):
            with suppress(ArithmeticError, TypeError, ValueError):
                fast(*make())
    before = n_placed(fast)
    modes = {kind: modes.get(kind, "warn") for kind in ("divide", "over", "under", "invalid")}
    assert Heard().run(fast, make(), filters, modes) == Heard().run(fn, make(), filters, modes)
    assert expected is None or (n_placed(fast) > before) == expected


# ---- programs ----


def one(a, b, c):
    np.add(a, b, out=c)


def one_of_masks(a, b, c):
    np.multiply(a, b, c)
    return c


def chain(a, b, c):
    c[...] = a * 2 + b


def divided(a, b, c):
    t = a / b
    c[...] = t + 1
    return "done"


def after_a_sum(a, b, c):
    s = (a + b).sum()
    np.multiply(a, b, out=c)
    return s


def beside(a, b, c):
    d = a - b
    np.divide(a, b, out=c)
    return d.sum()


def part(a, b, c):
    c[1:-1] = (a[:-2] + b[2:]) * 3


def twice(a, b, c):
    np.multiply(a, 3, out=c)
    np.add(c, b, out=c)


def in_place(a, b, c):
    c += a * b


def read_before(a, b, c):
    s = c.sum()
    np.add(a, b, out=c)
    return s


def read_behind(a, b, c):
    np.add(a, b, out=c)
    return c.sum()


def value_handed_over(a, b, c):
    t = a + b
    c[...] = t
    return t


def two_targets(a, b, c):
    np.subtract(a, b, out=c)
    a[...] = 1


def compared(a, b, c):
    c[...] = np.where(a > b, a, b)


PROGRAMS = (
    one, one_of_masks, chain, divided, after_a_sum, beside, part, twice, in_place, read_before, read_behind,
    value_handed_over, two_targets, compared,
)  # fmt: skip


def numbers(dtype: str, special: Any = None, at: int = 0) -> tuple[np.ndarray, ...]:
    """Three arrays of harmless numbers, in the first one of which something else may be."""
    arrays = tuple((np.arange(N) % 7 + i).astype(dtype) for i in (1, 2, 3))
    if special is not None:
        arrays[0][at] = special
        arrays[1][at] = 0
    return arrays


# ---- errors ----


@pytest.mark.parametrize("fn", PROGRAMS)
@pytest.mark.parametrize("dtype", ["l", "i1", "d", "f", "D"])
def test_harmless_numbers(fn: Callable[..., Any], dtype: str) -> None:
    check(fn, lambda: numbers(dtype), None)
    check(fn, lambda: numbers(dtype), None, over="ignore", divide="ignore", invalid="ignore", under="ignore")


@pytest.mark.parametrize("fn", PROGRAMS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("filters", ["always", "error"])
def test_flags_in_every_error_state(fn: Callable[..., Any], mode: str, filters: str) -> None:
    modes = dict.fromkeys(("divide", "over", "under", "invalid"), mode)
    for special, at in itertools.product((1e308, np.inf, 1.0), (0, N // 2, N - 1)):
        check(fn, partial(numbers, "d", special, at), None, filters, **modes)


@pytest.mark.parametrize("fn", PROGRAMS)
def test_other_modes_for_each_kind(fn: Callable[..., Any]) -> None:
    for modes in itertools.product(("ignore", "warn", "raise"), repeat=2):
        for special in (1e308, 1.0):
            over, divide = modes
            check(fn, partial(numbers, "d", special, N - 1), None, over=over, divide=divide, invalid=divide)


# ---- when it happens ----

QUIET = dict.fromkeys(("divide", "over", "under", "invalid"), "ignore")


def test_one_operation_and_its_own_flags() -> None:
    check(one, lambda: numbers("d"), True)
    check(one, lambda: numbers("d", np.inf), True)
    check(one, lambda: numbers("d", 1e308), True, over="raise")


def test_a_chain_of_floats_where_flags_count_or_not() -> None:
    check(chain, lambda: numbers("d"), False)
    check(chain, lambda: numbers("d"), False, **{**QUIET, "over": "warn"})
    check(chain, lambda: numbers("d"), True, **QUIET)
    check(chain, lambda: numbers("d", np.inf), True, **QUIET)


def test_integers_raise_no_flags() -> None:
    for fn in (one, chain, part, compared):
        check(fn, lambda: numbers("l"), True)


def test_what_others_see_is_made_apart() -> None:
    for fn in (read_before, read_behind, value_handed_over, two_targets, in_place, twice):
        check(fn, lambda: numbers("l"), False)
        check(fn, lambda: numbers("d"), False, **QUIET)


def test_errstate_in_the_function() -> None:
    def ignoring(a, b, c):
        with np.errstate(all="ignore"):
            c[...] = a * 2 + b

    def raising(a, b, c):
        with np.errstate(all="raise"):
            c[...] = a * 2 + b

    for special in (None, 1e308):
        check(ignoring, partial(numbers, "d", special), True)
        check(raising, partial(numbers, "d", special), None, **QUIET)


# ---- memory ----

LAYOUTS = {
    "the same": lambda x: (x[:1000], x[:1000]),
    "part of it": lambda x: (x[:1000], x[999:1999]),
    "shifted": lambda x: (x[:1000], x[1:1001]),
    "beside": lambda x: (x[:1000], x[1000:2000]),
    "backwards": lambda x: (x[:1000], x[:1000][::-1]),
    "in between": lambda x: (x[:2000:2], x[1:2001:2]),
    "columns": lambda x: (x[:900].reshape(30, 30), x[900:1800].reshape(30, 30).T),
    "rows": lambda x: (x[:1800].reshape(60, 30)[::2], x[1800:2700].reshape(30, 30)),
    "read-only": lambda x: (x[:1000], np.broadcast_to(x[:1], (1000,))),
    "warns": lambda x: (x[:1000], np.broadcast_arrays(x[1000:1001], x[:1000])[0]),
}


@pytest.mark.parametrize("dtype", ["l", "d", "f", "?"])
@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_overlap_and_layout(layout: str, dtype: str) -> None:
    def make() -> tuple[np.ndarray, ...]:
        whole = numbers(dtype)[0]
        source, target = LAYOUTS[layout](whole)
        return source, source, target, whole

    for fn in (one, chain, part):
        if dtype == "?" and fn is part:
            continue
        with_whole = {one: lambda a, b, c, whole: np.add(a, b, out=c), chain: chain_beside, part: part_beside}[fn]
        for modes in (QUIET, {}):
            check(with_whole, make, False if layout in ("the same", "shifted", "read-only") else None, **modes)


def chain_beside(a, b, c, whole):
    c[...] = a & b | a if a.dtype.kind == "b" else a * 2 + b


def part_beside(a, b, c, whole):
    c[1:-1] = a[2:] - b[:-2]


def test_a_target_of_another_type() -> None:
    def make(dtype: str) -> tuple[np.ndarray, ...]:
        return (*numbers("d")[:2], np.zeros(N, dtype))

    for dtype in ("f", "D", "g", ">d"):
        check(one, partial(make, dtype), False)
        check(chain, partial(make, dtype), None, **QUIET)


@pytest.mark.parametrize("shift", range(9))
@pytest.mark.parametrize("dtype", ["f", "d", "i2"])
def test_lines_that_begin_anywhere(shift: int, dtype: str) -> None:
    def make(size: int) -> tuple[np.ndarray, ...]:
        a, b, c = numbers(dtype)
        return a[:size], b[:size], c[shift : shift + size]

    for size in (0, 1, 7, 64, 255, 257, 300, 2000):
        check(chain, partial(make, size), None, **QUIET)
        check(one, partial(make, size), None)


def test_past_the_cache_with_nans_of_all_kinds() -> None:
    def make() -> tuple[np.ndarray, ...]:
        a, b, c = numbers("d")
        bits = np.random.default_rng(1).integers(0, 1 << 50, (2, N)) | 0x7FF8000000000000
        a[::3], b[::2] = bits[0].view("d")[::3], bits[1].view("d")[::2]
        return a, b, c[1:]

    def shorter(a, b, c):
        np.add(a[1:], b[:-1], out=c)

    for fn in (shorter, lambda a, b, c: chain(a[1:], b[:-1], c)):
        check(fn, make, None, **QUIET)


# ---- others ----


def test_several_threads_share_the_work() -> None:
    before = _block.share_from(0)
    try:
        with graphlet.config.patch(num_threads=3):
            for fn in (one, chain):
                check(fn, lambda: tuple(np.concatenate([x] * 20) for x in numbers("l")), True)
    finally:
        _block.share_from(40000 if before is None else before)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
def test_a_signal_sees_all_of_it_or_nothing() -> None:
    class Interrupted(Exception):
        pass

    def interrupt(*_: Any) -> None:
        raise Interrupted

    fast = graphlet.optimize(chain)
    a, b = np.arange(300_000), np.arange(300_000)
    expected, c = a * 2 + b, np.zeros(300_000, int)
    for _ in range(4):
        fast(a, b, c)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for turn in range(60):
            c[...] = -1
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-5 * (turn + 1))
                for _ in range(1000):
                    fast(a, b, c)
            except Interrupted:
                pass
            assert np.array_equal(c, expected) or (c == -1).all()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_the_result_is_the_target_to_who_calls_the_kernel() -> None:
    fast = graphlet.optimize(one)
    a, b, c = numbers("l")
    fast(a, b, c)
    (entry,) = fast.graphlet.cache.entries.values()
    kernel = entry.region.specializations[0].kernel
    target = np.zeros_like(c)
    assert all(output is target for output in kernel(a, b, target))
    assert np.array_equal(target, a + b)
