"""Pairs of arrays that share memory in some way or other, and programs that write through one and read the other."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Views = Callable[[], tuple[Any, ...]]


def line(n: int = 12, dtype: str = "f8") -> Any:
    return (np.arange(n) * 3 % 7 + 1).astype(dtype)


def square(n: int = 4, dtype: str = "f8") -> Any:
    return line(n * n, dtype).reshape(n, n)


def of(base: Any, view: Callable[[Any], tuple[Any, ...]]) -> Views:
    """A pair of views of one new base."""
    return lambda: view(base())


def read_only(array: Any) -> Any:
    view = array[...]
    view.setflags(write=False)
    return view


def unaligned() -> Any:
    return np.frombuffer(bytearray(b"\1" + line(13).tobytes()), "f8", 12, 1)


def part(name: str) -> Views:
    """Complex numbers and their real or imaginary parts; or the other way round."""
    return of(lambda: line(6, "c16"), lambda x: (x, getattr(x, name)))


PAIRS: dict[str, Views] = {
    "separate": lambda: (line(), line()[::-1].copy()),
    "same": of(line, lambda x: (x, x)),
    "same memory": of(line, lambda x: (x, x[:])),
    "shifted up": of(line, lambda x: (x[1:], x[:-1])),
    "shifted down": of(line, lambda x: (x[:-1], x[1:])),
    "shifted far": of(line, lambda x: (x[5:], x[:-5])),
    "reversed": of(line, lambda x: (x, x[::-1])),
    "both reversed": of(line, lambda x: (x[::-1], x[::-1])),
    "reversed and shifted": of(line, lambda x: (x[1:], x[-2::-1])),
    "twos and threes": of(lambda: line(36), lambda x: (x[4:28:2], x[:36:3])),
    "threes and twos": of(lambda: line(36), lambda x: (x[:36:3], x[4:28:2])),
    "twos and ones backwards": of(lambda: line(36), lambda x: (x[26:2:-2], x[20:8:-1])),
    "twos and halves": of(lambda: line(36), lambda x: (x[2:14], x.view("f4")[:12])),
    "twos and integers": of(lambda: line(36), lambda x: (x[2:26:2], x.view("i8")[:12])),
    "halves": of(line, lambda x: (x[:6], x[6:])),
    "halves with one in common": of(lambda: line(13), lambda x: (x[:7], x[6:])),
    "interleaved": of(line, lambda x: (x[::2], x[1::2])),
    "strided over each other": of(lambda: line(25), lambda x: (x[::2], x[:13])),
    "longer strides": of(lambda: line(36), lambda x: (x[:12:2], x[:18:3])),
    "repeated": of(line, lambda x: (x, np.broadcast_to(x[3], x.shape))),
    "repeated, first": of(line, lambda x: (np.broadcast_to(x[3], x.shape), x)),
    "repeated, writeable": of(line, lambda x: (as_strided(x, (12,), (0,)), x)),
    "overlapping itself": of(line, lambda x: (as_strided(x, (5, 4), (8, 8)), x[:4])),
    "one item": of(line, lambda x: (x, x[4:5])),
    "no dimension": of(line, lambda x: (x, x[4:5].reshape(()))),
    "no dimension, first": of(line, lambda x: (x[4:5].reshape(()), x)),
    "empty": of(line, lambda x: (x[:0], x[3:3])),
    "number": lambda: (line(), 2.0),
    "read-only first": of(line, lambda x: (read_only(x), x)),
    "read-only second": of(line, lambda x: (x, read_only(x[::-1]))),
    "as integers": of(line, lambda x: (x, x.view("i8"))),
    "as halves": of(line, lambda x: (x, x.view("f4")[::2])),
    "as bytes": of(line, lambda x: (x, x.view("u1")[::8])),
    "real parts": part("real"),
    "imaginary parts": part("imag"),
    "unaligned": of(unaligned, lambda x: (x[1:], x[:-1])),
    "other byte order": of(lambda: line(12, ">f8"), lambda x: (x[1:], x[:-1])),
    "single precision": of(lambda: line(12, "f4"), lambda x: (x[1:], x[:-1])),
    "integers": of(lambda: line(12, "i8"), lambda x: (x[1:], x[:-1])),
    "small integers": of(lambda: line(12, "i1"), lambda x: (x, x[::-1])),
    "truths": of(lambda: line(12) > 3, lambda x: (x[1:], x[:-1])),
    "transposed": of(square, lambda x: (x, x.T)),
    "Fortran": of(lambda: np.asfortranarray(square()), lambda x: (x, x.T)),
    "Fortran and C": lambda: (np.asfortranarray(square()), square()),
    "rows shifted": of(square, lambda x: (x[1:], x[:-1])),
    "columns shifted": of(square, lambda x: (x[:, 1:], x[:, :-1])),
    "flipped": of(square, lambda x: (x, x[::-1, ::-1])),
    "row": of(square, lambda x: (x, x[1])),
    "column": of(square, lambda x: (x, x[:, 1:2])),
    "corner": of(square, lambda x: (x[:2, :2], x[1:3, 1:3])),
    "diagonal": of(square, lambda x: (x, np.lib.stride_tricks.as_strided(x, (4,), (40,)))),
    "flat": of(square, lambda x: (x, x.reshape(-1)[3:7])),
    "long": of(lambda: line(9000), lambda x: (x[1:], x[:-1])),
    "long, reversed": of(lambda: line(9000), lambda x: (x, x[::-1])),
    "large, transposed": of(lambda: square(90), lambda x: (x, x.T)),
}

PROGRAMS: dict[str, str] = {
    "assign": "a[:] = b + 1",
    "assign directly": "a[...] = b",
    "assign a copy": "a[...] = b.copy()",
    "add": "a += b",
    "add twice": "a += b; b += a",
    "subtract reversed": "a -= b[::-1]",
    "add transposed": "a += a.T",
    "chain": "a[:] = (a + b) * 2 - b",
    "shift up": "a[1:] = a[:-1]",
    "shift down": "a[:-1] = a[1:]",
    "shift by two": "a[2:] = a[:-2] + b[2:]",
    "add shifted": "a[1:] += a[:-1]",
    "add shifted down": "a[:-1] += a[1:]",
    "spread": "k = len(a[::2]); a[::2] = a[:k]",
    "gather": "k = len(a[::2]); a[:k] = a[::2]",
    "spread in a made array": "t = a * 1; k = len(t[::2]); t[::2] = t[:k]; t[-k:] = t[::2]; r = t",
    "spread by copyto": "k = len(a[::2]); np.copyto(a[::2], a[:k]); r = a + 0",
    "spread and add": "k = len(a[::2]); a[::2] += a[:k]; np.multiply(a[:k], 2, out=a[::2])",
    "spread where": "k = len(a[::2]); np.copyto(a[::2], a[:k], where=a[:k] > 2); r = a + 0",
    "spread integers": "i = a.view('i8'); k = len(a[::2]); a[::2] = i[:k]; r = a + 0",
    "reverse": "a[:] = a[::-1]",
    "reverse add": "a += a[::-1]",
    "out": "r = np.add(a, b, out=a)",
    "out second": "r = np.add(a, b, out=b)",
    "out shifted": "r = np.add(a[1:], b[:-1], out=b[1:])",
    "out tuple": "r = np.subtract(a, b, out=(a,))",
    "out of two": "r = np.divmod(a, b + 1, out=(a, b))",
    "out of two, one": "r = np.modf(a, out=(None, b))",
    "out method": "r = a.sum(axis=0, out=b[..., 0]) if a.ndim > 1 else np.multiply(a, 2, out=b)",
    "where": "r = np.multiply(a, b, out=a, where=b > 2)",
    "where mask of itself": "r = np.add(a, 1, out=b, where=a > 3)",
    "cast": "r = np.add(a, b, out=a, casting='unsafe')",
    "clip": "r = np.clip(a, 2, 5, out=b)",
    "clip by": "r = np.clip(a, b, 5, out=a)",
    "copyto": "np.copyto(a, b)",
    "copyto where": "np.copyto(a, b, where=b > 2)",
    "cumsum": "r = np.cumsum(a, axis=0, out=b)",
    "cumsum in place": "r = np.add.accumulate(a, out=a)",
    "cumprod method": "r = a.cumprod(axis=0, out=a)",
    "reduce out": "r = np.add.reduce(a, axis=0, out=b[0]) if a.ndim > 1 else np.add.reduce(a, out=b[0:1].reshape(()))",
    "mask": "a[b > 3] = 0",
    "mask from": "a[a > 3] = b[a > 3]",
    "mask add": "a[b > 3] += b[b > 3]",
    "index add": "i = np.array([0, 0, 1]); a[i] += b[i]",
    "index assign": "i = np.array([1, 0]); a[i] = a[i[::-1]]",
    "ufunc.at": "np.add.at(a, [0, 0, 1], b[:1])",
    "sort": "a.sort(axis=0); r = b",
    "sort another": "r = np.sort(a); b[...] = 0",
    "partition": "a.partition(1, axis=0); r = b",
    "fill": "a.fill(b[0]) if b.ndim == 1 else a.fill(3); r = b + 0",
    "put": "np.put(a, [0, 2], b.ravel()[:2]); r = a.take([0, 1]) + 0",
    "swap": "a[0], a[-1] = a[-1], a[0]",
    "swap copies": "a[0], a[-1] = a[-1].copy(), a[0].copy()",
    "swap views": "t = a.copy(); a[...] = b; b[...] = t",
    "write then read": "v = a[1:]; v *= 10; r = a + b, v, a.sum(), b.sum()",
    "read then write": "s = b * 1; a += 1; r = s, b * 1, b.sum()",
    "write through reshaped": "v = a.reshape(-1); v[0] = 9; r = a + 1, v",
    "write, then what may be a view": "a += 1; r = a[::2].ravel(), a.T.reshape(-1), a[:1].ravel()",
    "write in part, then what may be a view": "a[:1] = 7; r = a[::2].ravel() + 1, a[:1].ravel()",
    "write through ravel": "v = a.ravel(); v += 1; r = a * 1, v",
    "write through T": "v = a.T; v += 1; r = a, v",
    "write through flipped": "v = a[::-1]; v[0] = 7; r = a * b, v",
    "write through both": "v = a[1:]; w = a[:-1]; v += 1; w += 1; r = a, v, w",
    "write twice": "a[0] = 1; a[0] = 2; r = b * 1",
    "returned": "r = a, a, b",
    "returned dict": "r = {'a': a, 'b': a, 'v': a[1:]}",
    "returned views": "r = a[1:], a[::-1], a.T, a[...], b[:0]",
    "made and views of it": "t = a * 2; r = t, t[1:], t.T, t",
    "made, written, returned": "t = a * 2; u = t; t += b; v = t[1:]; v[...] = 0; r = t, u, v, t is u",
    "written view of a sum": "t = a + b; t[0] = a[0]; t[1:] = t[:-1]; r = t",
    "reshape": "r = a.reshape(-1), a.reshape(a.shape[::-1]), a.ravel(), a.flatten()",
    "no copies": "r = a.astype(a.dtype, copy=False), np.asarray(a), a.reshape(a.shape), a.view(), a.squeeze()",
    "copies": "r = a.astype(a.dtype), a.copy(), np.array(a), +a, np.ascontiguousarray(a), np.asfortranarray(a)",
    "real": "v = a.real; v += 1; r = a * 1, v, a.real is a",
    "diagonal": "r = a.diagonal() if a.ndim > 1 else a; b += 1",
    "broadcast": "r = np.broadcast_to(a, (2, *a.shape)); a += 1",
    "expand": "v = a[None]; w = np.expand_dims(a, -1); a *= 2; r = v, w, v * 1",
    "swapaxes": "v = np.moveaxis(a, 0, -1); v += b; r = v, a",
    "concatenate": "t = np.concatenate([a, a]); a += 1; r = t",
    "stack written": "t = np.stack([a, b]) if np.shape(a) == np.shape(b) else a; t += 1; r = t, a",
    "split": "v, w = a[:1], a[1:2]; v += w; r = v, w, a",
    "attributes": "a += 1; r = a.shape, a.strides, a.flags.c_contiguous, a.flags.writeable, a.base is None, a.dtype",
    "shares": "r = np.shares_memory(a, b), np.may_share_memory(a, b), a is b; a += b",
    "loop": "for i in range(1, len(a)): a[i] += a[i - 1]",
    "loop over rows": "for row in a: row *= 2\nr = b + 0",
    "iterated": "r = [v + 1 for v in a[:3]]; a += 1",
    "try": "try:\n    a += b\nexcept ValueError as e:\n    r = str(e)",
    "with": "with np.errstate(all='ignore'):\n    a /= b - b[0]\nr = b * 1",
    "matmul": "r = a @ b; a += 1",
    "matmul out": "r = np.matmul(a, b, out=a)",
    "dot out": "r = np.dot(a, b, out=np.empty_like(a)) if a.ndim > 1 else np.dot(a, b); a *= 0",
    "where function": "a[...] = np.where(a > b, a, b)",
    "maximum": "np.maximum(a, b, out=b); np.minimum(a, b, out=a)",
    "power": "a **= 2; b -= a",
    "negative": "np.negative(a, out=a[::-1])",
    "shift": "a >>= 1; a |= b",
    "in place and new": "t = a; a = a + b; t += 1; r = a, t",
    "rebound": "a = a[::-1]; a += b; a = a * 2; r = a",
    "deleted": "t = a[1:]; del a; t += 1; r = t",
    "two views of one": "v = a[:2]; w = a[:2]; v += 1; r = v is w, w * 2",
    "diff": "r = np.diff(a, axis=0); a[1:] -= a[:-1]",
    "roll": "a[...] = np.roll(a, 1, axis=0)",
    "outer": "r = np.multiply.outer(a[:2], b[:2]); a += 1",
    "item": "x = a[0]; a += 1; r = x",
    "scalar item": "x = a.flat[0]; a += 1; y = a.item(0); r = x, y",
    "tensordot": "r = np.vdot(a, b); a += 1; s = a.ravel().dot(a.ravel()); r = r, s",
}


# Of three arrays.
TRIPLES: dict[str, str] = {
    "out": "r = np.add(a, b, out=c)",
    "chain": "c[...] = a * b + 1; a += c",
    "round": "a += b; b += c; c += a",
    "out of two": "r = np.divmod(a, b + 1, out=(c, b))",
    "shifted": "c[1:] = a[:-1] * b[1:]; r = a + 0",
    "rotated": "t = a.copy(); a[...] = b; b[...] = c; c[...] = t",
    "chosen": "c[...] = np.where(a > 2, a, b); r = a, b, c",
    "read between": "s = c.sum(); a *= 2; t = c.sum(); b[...] = a; r = s, t, c.sum()",
    "views of all": "v = a[1:]; w = b[::-1]; v += 1; w *= 2; c -= a; r = v, w, c",
    "assigned twice": "c[...] = a; c[...] = b; r = a + b",
    "in a loop": "for v in (a, b, c): v += 1\nr = a + b + c",
    "in a list": "r = [v * 2 for v in (a, b, c)]; c[...] = r[0]",
    "where": "np.add(a, b, out=c, where=c > 2); r = a * 1",
    "caught": "try:\n    c += a\n    c += b\nexcept (ValueError, TypeError) as e:\n    r = type(e)\nelse:\n    r = c",
}


def function_of(text: str, parameters: str = "a, b") -> Any:
    """``f(a, b)`` with this body; returns ``r`` if it is set."""
    body = text if "\n" in text else "\n".join(re.split(r"; ", text))
    lines = [f"def f({parameters}):", *(f"    {row}" for row in body.split("\n"))]
    if re.search(r"\br =", text):
        lines.append("    return r")
    names: dict[str, Any] = {"np": np}
    exec(compile("\n".join(lines) + "\n", f"<{text}>", "exec"), names)
    return names["f"]
