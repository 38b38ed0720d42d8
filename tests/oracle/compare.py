"""Compares two object graphs, of the plain run and of the optimised run, in everything a program can see."""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

from tests.oracle.copying import address, byte_span, children, root_of, slot_names

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_LONGDOUBLE_BYTES = 10  # of the 16 that an x86 long double occupies; the rest is padding
_NUMBERS = (int, float, complex, np.generic)
_NO_IDENTITY = (*_NUMBERS, str, bytes, np.dtype, slice, range, tuple, frozenset, type(None), type(...))
_FLAGS = ("WRITEABLE", "C_CONTIGUOUS", "F_CONTIGUOUS", "OWNDATA", "ALIGNED", "WRITEBACKIFCOPY")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same: what kind of thing, where, and both sides."""

    kind: str
    where: str
    plain: str
    optimised: str

    def __str__(self) -> str:
        return f"[{self.kind}] {self.where}: plain {self.plain}, optimised {self.optimised}"


@dataclass(slots=True)
class Comparison:
    """Walks two object graphs side by side; ``differences`` collects what is not the same."""

    differences: list[Difference] = field(default_factory=list)
    _partner: dict[int, tuple[int, str]] = field(default_factory=dict)
    _back: dict[int, tuple[int, str]] = field(default_factory=dict)
    _arrays: list[tuple[str, np.ndarray, np.ndarray]] = field(default_factory=list)
    _done: set[tuple[int, int]] = field(default_factory=set)
    _alive: list[Any] = field(default_factory=list)
    _checked: int = 0  # so many of the arrays have been compared for shared memory
    _depth: int = 0

    def add(self, kind: str, where: str, plain: Any, optimised: Any) -> None:
        """Note a difference."""
        self.differences.append(Difference(kind, where, _short(plain), _short(optimised)))

    def same(self, kind: str, where: str, plain: Any, optimised: Any) -> bool:
        """Note a difference unless both are equal."""
        if plain == optimised:
            return True
        self.add(kind, where, plain, optimised)
        return False

    def values(self, where: str, plain: Any, optimised: Any) -> None:
        """Compare two values and everything they hold."""
        self._depth += 1
        self._values(where, plain, optimised)
        self._depth -= 1
        if not self._depth:
            self._aliases()

    def _values(self, where: str, plain: Any, optimised: Any) -> None:
        if type(plain) is not type(optimised):
            self.add("type", where, _typed(plain), _typed(optimised))
            return
        if _has_identity(plain) and not self._pair(where, plain, optimised):
            return
        if (id(plain), id(optimised)) in self._done:
            return
        self._done.add((id(plain), id(optimised)))
        self._alive += [plain, optimised]
        self._compare(where, plain, optimised)

    def _pair(self, where: str, plain: Any, optimised: Any) -> bool:
        """Objects with an identity must correspond one to one."""
        expected = self._partner.setdefault(id(plain), (id(optimised), where))
        expected_back = self._back.setdefault(id(optimised), (id(plain), where))
        if expected[0] == id(optimised) and expected_back[0] == id(plain):
            return True
        seen, seen_back = expected[1], expected_back[1]
        self.add(
            "identity",
            where,
            f"is {seen}" if seen != where else "is a new object",
            f"is {seen_back}" if seen_back != where else "is a new object",
        )
        return False

    def _compare(self, where: str, plain: Any, optimised: Any) -> None:
        if isinstance(plain, np.ndarray):
            self._array(where, plain, optimised)
        elif isinstance(plain, np.generic):
            self._numpy_scalar(where, plain, optimised)
        elif isinstance(plain, (float, complex)):
            self.same("value", where, _float_bits(plain), _float_bits(optimised))
        elif isinstance(plain, (int, str, bytes, type, np.dtype, np.ufunc)) or plain is None or plain is Ellipsis:
            self.same("value", where, plain, optimised)
        elif isinstance(plain, dict):
            self._dict(where, plain, optimised)
        elif isinstance(plain, (list, tuple)):
            self._sequence(where, plain, optimised)
        elif isinstance(plain, (set, frozenset)):
            self._sequence(where, sorted(plain, key=repr), sorted(optimised, key=repr))
        elif isinstance(plain, (FunctionType, BuiltinFunctionType, MethodType)):
            self.same("value", where, plain.__qualname__, optimised.__qualname__)
        elif isinstance(plain, (np.random.Generator, np.random.RandomState)):
            self.same("value", f"the stream of {where}", _stream(plain), _stream(optimised))
        else:
            self._instance(where, plain, optimised)

    def _dict(self, where: str, plain: dict[Any, Any], optimised: dict[Any, Any]) -> None:
        if not self.same("value", f"keys of {where}", len(plain), len(optimised)):
            return
        for i, (a, b) in enumerate(zip(plain, optimised, strict=True)):
            self.values(f"key {i} of {where}", a, b)
            self.values(f"{where}[{a!r}]", plain[a], optimised[b])

    def _sequence(self, where: str, plain: Any, optimised: Any) -> None:
        if self.same("value", f"len({where})", len(plain), len(optimised)):
            for i, (a, b) in enumerate(zip(plain, optimised, strict=True)):
                self.values(f"{where}[{i}]", a, b)

    def _instance(self, where: str, plain: Any, optimised: Any) -> None:
        held = dict(_fields(plain)), dict(_fields(optimised))
        if not held[0] and not held[1] and not list(children(plain)):
            self.same("value", where, _ADDRESS.sub("0x", repr(plain)), _ADDRESS.sub("0x", repr(optimised)))
        elif self.same("value", f"attributes of {where}", sorted(held[0]), sorted(held[1])):
            for name, item in held[0].items():
                self.values(f"{where}.{name}", item, held[1][name])

    def _numpy_scalar(self, where: str, plain: np.generic, optimised: np.generic) -> None:
        if self.same("dtype", where, plain.dtype, optimised.dtype):
            self._bits(where, np.asarray(plain), np.asarray(optimised))

    def _array(self, where: str, plain: np.ndarray, optimised: np.ndarray) -> None:
        same = self.same("dtype", where, _dtype_text(plain.dtype), _dtype_text(optimised.dtype))
        same &= self.same("shape", where, plain.shape, optimised.shape)
        self.same("strides", where, plain.strides, optimised.strides)
        for name in _FLAGS:
            self.same("flags", f"{where}.flags.{name.lower()}", plain.flags[name], optimised.flags[name])
        self._base(where, plain, optimised)
        if same:
            self._bits(where, plain, optimised)
        self._arrays.append((where, plain, optimised))
        if vars(plain) if hasattr(plain, "__dict__") else False:
            self.values(f"{where}.__dict__", vars(plain), vars(optimised))

    def _base(self, where: str, plain: np.ndarray, optimised: np.ndarray) -> None:
        bases = plain.base, optimised.base
        same = self.same("base", f"type of {where}.base", *(type(b).__name__ for b in bases))
        if same and isinstance(plain.base, np.ndarray):
            self.same("base", f"{where}.base.shape", plain.base.shape, optimised.base.shape)

    def _bits(self, where: str, plain: np.ndarray, optimised: np.ndarray) -> None:
        if plain.dtype.names is not None:
            for name in plain.dtype.names:
                self._bits(f"{where}[{name!r}]", plain[name], optimised[name])
            return
        if plain.dtype.hasobject:
            for i, (a, b) in enumerate(zip(plain.ravel(), optimised.ravel(), strict=True)):
                self.values(f"{where}.flat[{i}]", a, b)
            return
        bad = np.flatnonzero((_element_bytes(plain) != _element_bytes(optimised)).any(axis=1))
        if bad.size:
            i = np.unravel_index(int(bad[0]), plain.shape)
            at = f"{where}[{', '.join(str(int(k)) for k in i)}] (and {bad.size - 1} more)" if plain.ndim else where
            self.add("value", at, _element(plain[i]), _element(optimised[i]))

    def _aliases(self) -> None:
        """Each pair of arrays must share memory, at the same distance, on both sides or on neither."""
        sides = ([row[1] for row in self._arrays], [row[2] for row in self._arrays])
        near = {pair for side in sides for pair in _near(side)}
        for i, j in sorted(near):
            if j < self._checked:
                continue
            (other, p, o), (where, plain, optimised) = self._arrays[i], self._arrays[j]
            shares = _distance(plain, p), _distance(optimised, o)
            if shares[0] != shares[1]:
                self.add("alias", f"{where} and {other}", _shares_text(shares[0]), _shares_text(shares[1]))
        self._checked = len(self._arrays)


def _stream(generator: Any) -> str:
    """What decides all numbers to come."""
    if isinstance(generator, np.random.RandomState):
        state = generator.get_state(legacy=False)
    else:
        state = generator.bit_generator.state
    with np.printoptions(threshold=10_000):
        return repr((type(generator).__name__, state))


def _near(arrays: Sequence[np.ndarray]) -> Iterator[tuple[int, int]]:
    """The pairs of arrays, by number, whose memory may overlap: a walk along the addresses they span."""
    spans = [(low, low + length, i) for i, (low, length) in enumerate(map(byte_span, arrays))]
    reaching: list[tuple[int, int]] = []
    for low, high, i in sorted(spans):
        reaching = [(end, j) for end, j in reaching if end > low]
        yield from ((min(i, j), max(i, j)) for _, j in reaching)
        if high > low:
            reaching.append((high, i))


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(value, "__dict__"):
        yield from vars(value).items()
    for name in slot_names(type(value)):
        if hasattr(value, name):
            yield name, getattr(value, name)


def _has_identity(value: Any) -> bool:
    """Whether a program may rely on this being the same object or another one."""
    return not isinstance(value, _NO_IDENTITY)


def _distance(a: np.ndarray, b: np.ndarray) -> int | None:
    """The distance in bytes of two arrays that overlap, None for two that do not."""
    if root_of(a) is not root_of(b) and not np.may_share_memory(a, b):
        return None
    return address(b) - address(a) if np.shares_memory(a, b) else None


def _shares_text(distance: int | None) -> str:
    return "share no memory" if distance is None else f"share memory, {distance} bytes apart"


def _dtype_text(dtype: np.dtype) -> str:
    return f"{dtype} {dtype.str}" if dtype.metadata is None else f"{dtype} {dtype.str} {dtype.metadata}"


def _float_bits(value: float | complex) -> str:
    """The value and its bits; of Python's own floats a NaN is a NaN.

    Which of two NaNs ``a + b`` keeps changes in CPython itself after some calls, when the instruction is specialised.
    """
    if isinstance(value, complex):
        return f"{value!r} {struct.pack('<dd', value.real, value.imag).hex()}"
    return repr(value)


def _element(value: Any) -> str:
    bits = np.asarray(value).tobytes()
    return f"{value!r} (bits {bits[::-1].hex()})" if len(bits) <= 16 else repr(value)


def _element_bytes(array: np.ndarray) -> np.ndarray:
    """One row of bytes per element, in C order; padding of long doubles left out."""
    flat = np.ascontiguousarray(array).reshape(-1)
    if flat.nbytes == 0:
        return np.zeros((flat.size, 1), np.uint8)
    rows = flat.view(np.uint8).reshape(flat.size, flat.dtype.itemsize)
    if flat.dtype.char in "gG" and flat.dtype.itemsize % 16 == 0:
        rows = rows.reshape(flat.size, -1, 16)[:, :, :_LONGDOUBLE_BYTES].reshape(flat.size, -1)
    return rows


def _typed(value: Any) -> str:
    return f"{type(value).__name__} {_short(value)}"


def _short(value: Any, limit: int = 300) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."
