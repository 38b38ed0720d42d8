"""The verifier finds what is wrong with code."""

import opcode
import sys
from types import CodeType
from typing import Any

import pytest
from bytecode import Bytecode

from graphlet.opcodes import items
from graphlet.rewrite.errors import RewriteError
from graphlet.rewrite.testmode import with_stubs
from graphlet.rewrite.verify import verify
from tests.opcodes.corpus import sample


def f(a: Any) -> Any:
    try:
        b = a + 1
    except TypeError:
        return None
    return divmod(b, 2)


def changed(edit: Any, **fields: Any) -> CodeType:
    body = items.read(f.__code__)
    edit(body)
    code = items.assemble(f.__code__, body, f.__code__.co_consts, f.__code__.co_stacksize)
    return code.replace(**fields)


def nothing(body: items.Body) -> None:
    pass


def insert(*names: str) -> Any:
    def edit(body: items.Body) -> None:
        at = next(n for n, item in enumerate(body.items) if item.op == opcode.opmap["BINARY_OP"])
        position = body.items[at].position
        body.items[at:at] = [items.Item(opcode.opmap[name], 0, position) for name in names]

    return edit


def subtract(body: items.Body) -> None:
    add = next(item for item in body.items if item.op == opcode.opmap["BINARY_OP"])
    add.arg = next(n for n, (name, _) in enumerate(opcode._nb_ops) if name == "NB_SUBTRACT")  # type: ignore[attr-defined]


def move_return(body: items.Body) -> None:
    body.items[-1].position = (1, 1, 0, 0)


WRONG = {
    "takes": (insert("POP_TOP", "POP_TOP", "POP_TOP"), {}),
    "is gone": (subtract, {}),
    "are not the original's": (move_return, {}),
    "co_stacksize is 1": (nothing, {"co_stacksize": 1}),
    "co_name was": (nothing, {"co_name": "g"}),
    "constants were moved": (nothing, {"co_consts": f.__code__.co_consts[::-1]}),
    "empty stack slot": (insert("PUSH_NULL", "GET_ITER", "POP_TOP"), {}),
    "covers nothing|does not meet": (nothing, {"co_exceptiontable": b"\x81\x3f\x00\x00"}),
    "positions|line table": (nothing, {"co_linetable": f.__code__.co_linetable[:4]}),
}


@pytest.mark.parametrize("problem", WRONG)
def test_wrong(problem: str) -> None:
    edit, fields = WRONG[problem]
    if "co_linetable" in fields and hasattr(sys, "gettotalrefcount"):
        pytest.skip("a debug build of CPython stops itself at a line table like this")
    with pytest.raises(RewriteError, match=problem):
        verify(f.__code__, changed(edit, **fields))


def test_right() -> None:
    verify(f.__code__, changed(nothing))


def test_jump_into_the_middle() -> None:
    def g(a: Any) -> Any:
        return 1 if a else len(a)

    body = items.read(g.__code__)
    jump = next(item for item in body.items if item.target is not None)
    raw = bytearray(g.__code__.co_code)
    at = jump.offset + 2 * jump.n_extended
    raw[at + 1] += 2
    with pytest.raises(RewriteError, match="middle"):
        verify(g.__code__, g.__code__.replace(co_code=bytes(raw)))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="LOAD_FAST checks")
def test_unchecked_read_of_an_unbound_local() -> None:
    def g(a: Any) -> Any:
        if a:
            b = 1
        return b  # type: ignore[possibly-undefined]

    body = items.read(g.__code__)
    checked = next(item for item in body.items if item.op == opcode.opmap["LOAD_FAST_CHECK"])
    checked.op = opcode.opmap["LOAD_FAST"]
    code = items.assemble(g.__code__, body, g.__code__.co_consts, g.__code__.co_stacksize)
    with pytest.raises(RewriteError, match="may be unbound"):
        verify(code, code)


def test_rewritten_library_is_right() -> None:
    """Every third function of the sample, with stubs at half of all places.

    The bytecode package agrees on the depth of the stack; it computes its own depths for handlers, so without those.
    """
    n_codes = 0
    for code in sample()[::3]:
        rewritten = with_stubs(code, lambda name: name, 0.5, 3)
        verify(code, rewritten)
        depth = oracle_depth(rewritten) if not code.co_exceptiontable else None
        if depth is not None:
            assert max(depth, code.co_stacksize) == rewritten.co_stacksize, code
            n_codes += 1
    assert n_codes > 100


def oracle_depth(code: CodeType) -> int | None:
    """None where the package does not know an operation of the interpreter (type parameters with defaults)."""
    try:
        plain = Bytecode.from_code(code.replace(co_exceptiontable=b""))
    except ValueError as error:
        if "is not a valid Intrinsic" in str(error):
            return None
        raise
    return plain.compute_stacksize(check_pre_and_post=False)
