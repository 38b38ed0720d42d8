"""Places where a region may not begin or end."""

import sys
from typing import Any

import pytest

from graphlet.opcodes.decode import decode
from graphlet.opcodes.places import Places


def reasons(function: Any) -> set[str]:
    return set(Places(decode(function.__code__)).illegal.values())


def test_plain_function_has_only_its_beginning() -> None:
    def f(a: Any) -> Any:
        return a + 1

    assert reasons(f) == {"the function has not begun yet"}


def test_await_loop() -> None:
    async def f(a: Any) -> Any:
        return await a

    decoded = decode(f.__code__)
    illegal = Places(decoded).illegal
    inside = [i.offset for i in decoded.instrs if i.raw in ("SEND", "JUMP_BACKWARD_NO_INTERRUPT", "END_SEND")]
    assert inside
    assert all("await" in illegal[offset] for offset in inside)
    load = next(i.offset for i in decoded.instrs if i.raw == "GET_AWAITABLE")
    assert load not in illegal


def test_generator() -> None:
    def f(a: Any) -> Any:
        yield a

    assert "a generator stands between its yield and its RESUME" in reasons(f)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="keywords are on the stack")
def test_keyword_names() -> None:
    def f(a: Any) -> Any:
        return a(b=1)

    assert "the stub's own call would take the keyword names" in reasons(f)


def test_slow_places() -> None:
    def f(a: Any) -> Any:
        for b in a:
            a = b + 1
        return a

    assert len(Places(decode(f.__code__)).slow) >= 1
