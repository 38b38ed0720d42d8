"""Python that breaks compilers: values that look equal, effects, scopes, odd control flow. All as it is plainly."""

import contextlib
import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphlet
from tests.oracle.runner import Call, differential

X = np.arange(6.0)


def scaled(x: Any, k: Any) -> Any:
    return x * k, k + 1, [k]


def test_scalars_that_look_equal() -> None:
    values = [1, True, 1.0, np.int64(1), np.float32(1), np.bool_(True), 1 + 0j, np.float64(1), np.uint8(1), 2**63,
              -(2**63), 10**30, float("nan"), -0.0, np.float16(1), "a", None, [1], (1,), np.array(1)]  # fmt: skip
    differential(scaled, *[(X, v) for v in values], rounds=2)
    differential(scaled, *[(np.arange(3, dtype=np.int8), v) for v in values[:16]], rounds=2)


def integers(x: Any, n: Any) -> Any:
    total = 0
    for i in range(n):
        total += i * n
        x = x + total
    return x, total, n // 3, n % 7, n**2, -n, ~n, n << 2, n / 7


def test_integers_beyond_machine_words() -> None:
    differential(integers, (X, 3), (X, 0), (X, 20), (X, 4))

    def grow(x: Any, n: Any) -> Any:
        m = n * n * n
        return x.sum() + m, m, m // 3, m % 1000

    differential(grow, (X, 5), (X, 10**7), (X, -(10**9)), (X, 2**62))


def branches(x: Any, flag: Any) -> Any:
    y = x + 1
    if flag:
        y = y * 2
    elif flag is None:
        y = y - 5
    else:
        y = -y
    return y if y.sum() > 0 else x


def test_branches_on_values() -> None:
    flags = (True, False, None, 0, 1, "", "x", [], [0], np.bool_(True), 0.0, np.array(0))
    differential(branches, *[(X, flag) for flag in flags], native=0.5)


def identity(a: Any, b: Any) -> Any:
    return (a + b, a is b, a is not b, isinstance(a, np.ndarray), type(b) is np.ndarray, a is X)


def test_identity_is_not_frozen() -> None:
    differential(identity, lambda: (X, X), (X, X.copy()), lambda: (np.ones(6),) * 2, (X, 3), (3, X))


GLOBAL = 2.0


def reads_global(x: Any) -> Any:
    return x * GLOBAL


def writes_global(x: Any) -> Any:
    global GLOBAL
    GLOBAL = GLOBAL + 1
    return x * GLOBAL


def test_globals_are_not_frozen() -> None:
    differential(reads_global, (X,), (X,))
    differential(writes_global, (X,), (X,), rounds=6)


def test_cells_are_not_frozen() -> None:
    counter = 0

    def tick(x: Any) -> Any:
        nonlocal counter
        counter += 1
        return x * counter

    differential(tick, (X,), (X,), rounds=5)


class Settings:
    gain = 2.0

    def __init__(self) -> None:
        self.offset = 1
        self.calls: list[int] = []

    @property
    def total(self) -> float:
        return self.gain + self.offset

    def apply(self, x: Any) -> Any:
        self.calls.append(len(x))
        return x * self.gain + self.offset

    def __getattr__(self, name: str) -> str:
        print("asked for", name)
        return name


def uses_object(x: Any, s: Any) -> Any:
    y = s.apply(x) * s.total
    s.offset += 1
    s.extra = y.sum()
    return y, s.missing, s


def test_objects_keep_their_effects() -> None:
    differential(uses_object, lambda: (X.copy(), Settings()), rounds=6)


def effects(x: Any, log: Any) -> Any:
    log.append("start")
    y = x + 1
    print("sum", y.sum())
    log.append(y)
    with contextlib.suppress(ZeroDivisionError):
        log.append(1 / 0)
    z = y * 2
    log.extend([z, z])
    return log[-1] is log[-2], z


def test_effects_stay_in_order() -> None:
    differential(effects, (X, []), (X, [1]), rounds=5)


def unwinds(x: Any, n: Any) -> Any:
    out = []
    for i in range(5):
        try:
            if i == n:
                raise KeyError(i)
            y = x * i
            if i == 3:
                continue
            out.append(y.sum())
        except KeyError as error:
            out.append(str(error))
            break
        finally:
            out.append("finally")
            x = x + 1
    else:
        out.append("else")
    return out, x


def finally_returns(x: Any) -> Any:
    try:
        return x.reshape(99)
    finally:
        return x + 1  # noqa: B012, SIM107


def test_unwinding() -> None:
    differential(unwinds, (X, 2), (X, 9), (X, 0))
    differential(finally_returns, (X,), (np.ones(99),))


def test_generators_and_coroutines() -> None:
    def drives(x: Any) -> Any:
        def numbers() -> Any:
            y = x
            for i in range(4):
                y = y + i
                got = yield y.sum()
                if got:
                    y = y * got
            return "end"

        gen = numbers()
        out = [next(gen), gen.send(3), next(gen)]
        gen.close()
        return out, [float(v) for v in (e * 2 for e in x)]

    differential(drives, (X,), (X[:2],), rounds=5)


def deleted(x: Any, n: Any) -> Any:
    y = x + 1
    if n:
        del y
    return y * 2


def test_unbound_locals() -> None:
    differential(deleted, (X, 0), (X, 1), (X, 0))


def looks_at_itself(x: Any) -> Any:
    y = x + 1
    names = sorted(locals())
    z = y * 2
    return names, eval("y.sum()"), z


def test_locals_and_eval() -> None:
    differential(looks_at_itself, (X,), rounds=5)


def matches(x: Any, what: Any) -> Any:
    match what:
        case {"scale": k}:
            return x * k
        case [a, *rest]:
            return x + a, rest
        case int() | float():
            return x - what
        case _:
            return "other"


def test_match_statement() -> None:
    differential(matches, (X, {"scale": 2}), (X, [1, 2, 3]), (X, 3), (X, 2.5), (X, "s"), (X, {}))


def many_arguments(a: Any, b: Any = 2, *rest: Any, c: Any = 3, **options: Any) -> Any:
    return a * b + c + sum(rest), options


def test_kinds_of_arguments() -> None:
    by_name = Call((X,), {"c": X, "d": 5}), Call((X, 1, 2), {"b2": X}), Call((X,), {"a": 1})
    differential(many_arguments, (X,), (X, X, X, 1), (), *by_name, native=0.5)


def partials(x: Any) -> Any:
    f = functools.partial(np.add, 2)
    g = lambda v, k=3: v * k  # noqa: E731
    return f(x), g(x), list(map(g, x[:2])), functools.reduce(np.multiply, [x, x, x])


def comprehensions(x: Any) -> Any:
    rows = [x[i : i + 2] * i for i in range(3)]
    table = {f"k{i}": r.sum() for i, r in enumerate(rows)}
    return rows, table, {len(r) for r in rows}, any((last := r).any() for r in rows), last


def strings(x: Any) -> Any:
    y = x + 1
    return f"{y.sum():.2f} {x.shape!r} {y[0]}", str(x.dtype), repr(y), "%d" % len(x)  # noqa: UP031


@pytest.mark.parametrize("fn", [partials, comprehensions, strings])
def test_callables_and_containers(fn: Callable[..., Any]) -> None:
    differential(fn, (X,), (X[::2],), (np.arange(4),), rounds=4)


def test_deep_recursion() -> None:
    differential(_recursive, (X, 200), rounds=2)


def _recursive(x: Any, n: Any) -> Any:
    return x.sum() if n == 0 else _recursive(x + 1, n - 1) * 1.0


def test_long_loops() -> None:
    def walk(x: Any, n: Any) -> Any:
        for i in range(n):
            x = x * 0.999 + i % 3
            if x.max() > 1e6:
                break
        while n > 0:
            n -= 7
            x[n % 5] += n
        return x, n, i

    differential(walk, (X, 300), (X, 1), (X, 50))


def monkey(x: Any) -> Any:
    np.testing.extra = np.sin if x[0] > 0 else np.cos
    try:
        return np.testing.extra(x) * 2
    finally:
        del np.testing.extra


def test_module_attributes_that_change() -> None:
    differential(monkey, (X,), (X + 1,), rounds=5)


def dicts(x: Any, d: Any) -> Any:
    out = {}
    for key in d:
        out[key] = d[key] * x
    d["n"] = d.get("n", 0) + 1
    return out, list(d), "a" in d, len(d)


def test_dict_order_and_content_are_not_frozen() -> None:
    differential(dicts, (X, {"a": 1, "b": 2}), (X, {"b": 2, "a": 1}), (X, {"a": 1.5}), (X, {}))


def test_list_length_is_not_frozen() -> None:
    def total(items: Any) -> Any:
        out = items[0] * 1
        for item in items[1:]:
            out += item
        return out, len(items), items[-1] is items[0]

    differential(total, ([X],), ([X, X],), ([X, X + 1, X],), ([X] * 30,), ((X, X),), ([],))


def comprehension_variables(x: Any, n: Any) -> Any:
    a = [[i * j % 7 for j in range(n)] for i in range(n)]
    b = [[sum(a[i][k] * a[k][j] for k in range(n)) for j in range(n)] for i in range(n)]
    return x * b[1][1] + 1, b


def test_variable_of_a_comprehension_and_cell_of_another_share_a_slot() -> None:
    differential(comprehension_variables, (X, 3), (X, 4), rounds=2)


def handled_in_a_generator(x: Any) -> Any:
    def values() -> Any:
        try:
            yield sys.exc_info()[0]
            raise TypeError
        except TypeError:
            y = x + 1
        yield y.sum(), sys.exc_info()[0]
        z = y * 2
        yield z.sum(), sys.exc_info()[0]
        yield z.sum() + 1, sys.exc_info()[0]

    found = values()
    seen = [next(found)]
    try:
        raise ValueError
    except ValueError:
        seen += [next(found), next(found)]
    return seen, next(found), sys.exc_info()[0]


def test_a_generator_does_not_keep_what_its_caller_handles() -> None:
    """Learning and running happen in the generator's frame, while the caller handles an exception."""
    differential(handled_in_a_generator, (X,), rounds=3)
    with graphlet.enable():
        seen, last, now = handled_in_a_generator(X)
    assert [kind for _, kind in seen[1:]] == [ValueError, ValueError]
    assert (last[1], now) == (None, None)
