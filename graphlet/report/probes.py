"""Counting the array operations the interpreter runs: probes in front of instructions that may be one.

A probe is a stub without exits: it is called with the operands, looks at their types, and the instruction runs.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType
from typing import Any

from graphlet.core.pristine import np
from graphlet.opcodes.decode import Instr
from graphlet.opcodes.flow import Flow
from graphlet.rewrite.legal import why_not_stub
from graphlet.rewrite.stubs import Stub

# Instructions that are an array operation when an operand is an array -> how many operands they have.
_OPERANDS = {
    "BINARY_OP": 2,
    "COMPARE_OP": 2,
    "BINARY_SUBSCR": 2,
    "BINARY_SLICE": 3,
    "STORE_SUBSCR": 3,
    "STORE_SLICE": 4,
    "UNARY_NEGATIVE": 1,
    "UNARY_INVERT": 1,
}
# Likewise, with these arguments only.
_ONE_OPERAND = {
    "CALL_INTRINSIC_1": frozenset({"INTRINSIC_UNARY_POSITIVE"}),
    "LOAD_ATTR": frozenset({"T", "mT", "real", "imag"}),
}
_IN_FRONT_OF_CALL = frozenset({"NOP", "KW_NAMES"})
_DISPATCHER = type(np.mean)  # of functions that other array types may override
_NO_OPERATIONS = frozenset({"seterr", "geterr", "seterrcall", "geterrcall", "set_printoptions", "get_printoptions"})


def probes(flow: Flow, counted: Counter[int]) -> dict[int, Stub]:
    """A probe for each instruction that may be an array operation, by offset; ``counted[line]`` grows as they run."""
    found: dict[int, Stub] = {}
    for index, instr in enumerate(flow.decoded.instrs):
        if not flow.reachable(instr.offset):
            continue
        for offset, depth, look in _places(flow, index, instr):
            stub = Stub(offset, _Probe(look, counted, instr.line or 0), stack_in=depth)
            if offset not in found and why_not_stub(stub, flow) is None:
                found[offset] = stub
    return found


class _Probe:
    """What a probe's stub calls: counts if ``look`` says that these operands make an array operation."""

    __slots__ = ("counted", "line", "look")

    def __init__(self, look: Callable[..., bool], counted: Counter[int], line: int) -> None:
        self.look, self.counted, self.line = look, counted, line

    def __call__(self, *operands: Any) -> None:
        if self.look(*operands):
            self.counted[self.line] += 1


Place = tuple[int, tuple[int, ...], Callable[..., bool]]


def _places(flow: Flow, index: int, instr: Instr) -> Iterator[Place]:
    """Where to look (offset, stack slots) and how, for one instruction: none or one."""
    kinds = flow.stack(instr.offset)
    top = len(kinds)
    if instr.op in _OPERANDS:
        yield instr.offset, tuple(range(top - _OPERANDS[instr.op], top)), _any_array
    elif instr.op in _ONE_OPERAND and instr.arg in _ONE_OPERAND[instr.op]:
        yield instr.offset, (top - 1,), _any_array
    elif instr.op in ("CALL", "CALL_KW", "CALL_FUNCTION_EX"):
        callee = _callee(instr, kinds)
        if callee is not None:
            yield _before_call(flow, index), (callee,), _is_array_work


def _callee(instr: Instr, kinds: tuple[str, ...]) -> int | None:
    """The stack slot of what is called, or of the object whose method is called: whichever is certainly there."""
    n_above = {"CALL": instr.arg, "CALL_KW": (instr.arg or 0) + 1}.get(instr.op, 1 + bool(instr.arg))
    slots = range(len(kinds) - n_above - 2, len(kinds) - n_above)
    return next((slot for slot in slots if slot >= 0 and kinds[slot] == "value"), None)


def _before_call(flow: Flow, index: int) -> int:
    """The offset of the first of the instructions that belong to a call."""
    instrs = flow.decoded.instrs
    while index > 0 and instrs[index - 1].op in _IN_FRONT_OF_CALL and instrs[index - 1].raw != "RESUME":
        index -= 1
    return instrs[index].offset


def _any_array(*operands: Any) -> bool:
    return any(map(_is_array, operands))


def _is_array(value: Any) -> bool:
    return issubclass(type(value), np.ndarray)  # isinstance may ask the object itself


def _is_array_work(callee: Any) -> bool:
    """Whether calling this, or a method of this, is an array operation."""
    kind = type(callee)
    if kind is FunctionType:
        return _is_numpys(callee)
    if kind is BuiltinFunctionType:
        return _is_array(callee.__self__) or _is_numpys(callee)
    if kind is MethodDescriptorType:
        return issubclass(callee.__objclass__, (np.ndarray, np.ufunc))
    return _is_array(callee) or issubclass(kind, (np.ufunc, _DISPATCHER))


def _is_numpys(function: FunctionType | BuiltinFunctionType) -> bool:
    module = function.__module__
    own = isinstance(module, str) and module.partition(".")[0] == "numpy"
    return own and function.__name__ not in _NO_OPERATIONS
