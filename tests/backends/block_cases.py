"""Random arrays and random graphs of elementwise operations for the tests of the block machine."""

import random

import numpy as np
from numpy._core import umath

from graphlet.arrayops import catalogue
from graphlet.ir.build import Builder
from graphlet.ir.op import InferenceError
from graphlet.ir.types import ArrayType, ScalarType, Sym, order_of

DTYPES = "?bBhHiIlLefdgFDG"
SIZES = (0, 1, 2, 3, 7, 8, 9, 31, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1000, 1025, 4097)
UFUNCS = [u for u in vars(np).values() if isinstance(u, np.ufunc) and u.signature is None and u.nout == 1]
UFUNCS.append(umath.clip)
ARITHMETIC = (np.add, np.subtract, np.multiply, np.true_divide, np.negative)
COMMON = (*ARITHMETIC, np.maximum, np.minimum, np.less, np.sqrt, np.exp)


def values(rng, dtype, n):
    """``n`` numbers of a dtype, special ones among them."""
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, n).astype(dtype)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        large = rng.integers(info.min, info.max, n, dtype=dtype, endpoint=True)
        small = rng.integers(-3 if dtype.kind == "i" else 0, 9, n).astype(dtype)
        return np.where(rng.random(n) < 0.3, large, small)
    if dtype.kind == "c":
        part = np.dtype({"F": "f", "D": "d", "G": "g"}[dtype.char])
        result = np.empty(n, dtype)
        result.real, result.imag = values(rng, part, n), values(rng, part, n)
        return result
    special = np.array([0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 0.5, 2.0, 1e-3, 300.0], dtype)
    with np.errstate(all="ignore"):
        plain = (rng.standard_normal(n) * 4).astype(dtype)
    return np.where(rng.random(n) < 0.7, plain, special[rng.integers(0, len(special), n)])


def laid_out(rng, data, layout):
    """A view with the values of ``data`` and a memory layout."""
    shape = data.shape
    if layout == "C" or data.ndim == 0:
        return data.copy("C")
    if layout == "F":
        return data.copy("F")
    if layout == "sliced":
        base = np.zeros(tuple(2 * n + 1 for n in shape), data.dtype)
        view = base[tuple(slice(1, 2 * n + 1, 2) for n in shape)]
    elif layout == "inner":
        base = np.zeros((*shape[:-1], shape[-1] + 3), data.dtype)
        view = base[..., 2 : 2 + shape[-1]]
    elif layout == "negative":
        base = np.zeros(shape, data.dtype)
        view = base[tuple(slice(None, None, -1 if rng.random() < 0.6 else 1) for _ in shape)]
    elif layout == "permuted":
        perm = rng.permutation(data.ndim)
        base = np.zeros(tuple(shape[i] for i in perm), data.dtype)
        view = base.transpose(np.argsort(perm))
    elif layout == "repeated":
        index = tuple(slice(0, 1) if rng.random() < 0.5 else slice(None) for _ in shape)
        return np.broadcast_to(data[index].copy(), shape) if 0 not in shape else data.copy()
    else:  # unaligned
        raw = np.zeros(data.nbytes + 1, np.uint8)
        view = raw[1:].view(data.dtype).reshape(shape)
    view[...] = data
    return view


LAYOUTS = ("C", "C", "C", "F", "sliced", "inner", "negative", "permuted", "repeated", "unaligned")


class Case:
    """A random graph, with a way to make inputs of any size for it."""

    def __init__(self, seed, n_ops=6, dtypes=DTYPES, ndim=None, ufuncs=UFUNCS, reductions=0.0):
        self.reductions = reductions
        self.random = random.Random(seed)
        self.rng = np.random.default_rng(seed)
        self.ndim = self.random.choice((1, 1, 1, 2, 2, 3, 4)) if ndim is None else ndim
        self.syms = [Sym(f"s{i}", 8) for i in range(self.ndim)]
        self.makers = []
        self.builder = Builder()
        few = self.random.sample(dtypes, min(3, len(dtypes)))
        self.nodes = [self.array(few) for _ in range(self.random.randint(1, 3))]
        self.nodes += [self.scalar(few) for _ in range(self.random.randint(0, 2))]
        for _ in range(n_ops):
            self.grow(ufuncs)
        arrays = [node for node in self.nodes if node.op == "call_function"]
        keep = [node for node in arrays if not node.users or self.random.random() < 0.2]
        self.graph = self.builder.finish(keep[-8:])

    def array(self, dtypes):
        """An input array: full, or broadcast."""
        dtype = np.dtype(self.random.choice(dtypes))
        dims = list(self.syms)
        kind = self.random.random()
        if self.makers and kind < 0.35:
            dims = [1 if self.random.random() < 0.5 else dim for dim in dims][self.random.randint(0, self.ndim) :]
        layout = self.random.choice(LAYOUTS) if self.random.random() < 0.6 else "C"
        type_ = ArrayType(dtype, tuple(dims), "K")

        def make(sizes):
            shape = tuple(1 if dim == 1 else sizes[dim.root()] for dim in dims)
            data = values(self.rng, dtype, int(np.prod(shape, dtype=int))).reshape(shape)
            return laid_out(self.rng, data, layout)

        self.makers.append(make)
        return self.builder.placeholder(f"x{len(self.makers)}", type_)

    def scalar(self, dtypes):
        """An input scalar, of Python or of NumPy."""
        if self.random.random() < 0.6:
            value = self.random.choice((True, 3, -2, 0.5, 2.0, -1e3, 1 + 2j))
            type_ = ScalarType(type(value))
        else:
            value = values(self.rng, self.random.choice(dtypes), 1)[0]
            type_ = ScalarType(type(value), value.dtype)
        self.makers.append(lambda sizes: value)
        return self.builder.placeholder(f"c{len(self.makers)}", type_)

    def grow(self, ufuncs):
        """One more operation on what there is; nothing where NumPy has no such operation."""
        pick = self.random.random()
        arrays = [node for node in self.nodes if isinstance(node.type, ArrayType) and node.type.ndim]
        one = self.random.choice(arrays[-4:])
        try:
            if pick < 0.08:
                dtype = np.dtype(self.random.choice(DTYPES))
                node = self.builder.call(catalogue.method("astype"), (one, dtype))
            elif pick < 0.16:
                mask = self.builder.call(catalogue.lookup(np.isfinite), (one,))
                node = self.builder.call(catalogue.lookup(np.where), (mask, one, self.operand()))
            elif pick < 0.2 + self.reductions:
                name = self.random.choice(("sum", "mean", "prod", "max", "min", "any", "all", "argmin", "argmax"))
                axis = self.random.choice((None, 0, -1, self.random.randrange(one.type.ndim)))
                options = {"axis": axis, "keepdims": True} if self.random.random() < 0.5 else {"axis": axis}
                node = self.builder.call(catalogue.method(name), (one,), options)
            elif pick < 0.25 + self.reductions:
                node = self.builder.call(catalogue.operator("**"), (one, self.random.choice((2, 0.5, -1, 3, 1.5))))
            else:
                ufunc = self.random.choice(COMMON if self.random.random() < 0.5 else ufuncs)
                args = [one, *(self.operand() for _ in range(ufunc.nin - 1))]
                self.random.shuffle(args)
                node = self.builder.call(catalogue.lookup(ufunc), args)
        except (InferenceError, AttributeError, AssertionError):
            return
        self.nodes.append(node)

    def operand(self):
        """A node, or a literal."""
        if self.random.random() < 0.2:
            return self.random.choice((2, 0.5, -1, True, 1e-3, 255))
        return self.random.choice(self.nodes[-5:] if self.random.random() < 0.5 else self.nodes)

    def inputs(self, sizes):
        """Values for the inputs; ``sizes`` for the dimensions."""
        table = {}
        for sym, size in zip(self.syms, sizes, strict=True):
            table[sym.root()] = min(size, table.get(sym.root(), size))
        return [make(table) for make in self.makers]


def sizes_for(case, total):
    """Sizes of the dimensions with about ``total`` elements."""
    if case.ndim == 1:
        return (total,)
    sizes = [case.random.choice((1, 2, 3, 5)) for _ in range(case.ndim)]
    sizes[case.random.randrange(case.ndim)] = max(total // max(int(np.prod(sizes)), 1), 0)
    return tuple(sizes)


def bits(value):
    """The value as something that compares bit for bit; padding of long doubles is left out.

    Of two NaNs that meet, which one's sign survives depends in NumPy's loops on where a row ends. The machine cuts
    rows of more than one dimension elsewhere, so there all NaNs are alike.
    """
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        raw = np.ascontiguousarray(array)
        if array.ndim > 1 and array.dtype.kind in "fc":
            parts = raw.view(raw.real.dtype)
            raw = np.where(np.isnan(parts), np.nan, parts).astype(parts.dtype)
        if array.dtype.char in "gG":
            halves = raw.reshape(-1).view("g")
            raw = np.concatenate([np.frombuffer(x.tobytes()[:10], np.uint8) for x in halves] or [np.zeros(0, np.uint8)])
        strides = array.strides if isinstance(value, np.ndarray) else ()
        return type(value), array.dtype, array.shape, strides, raw.tobytes()
    return type(value), repr(value)


def describe(case):
    """The graph as code and its inputs, for a failing test."""
    return f"{case.graph.code}\n" + "\n".join(f"{n}: {n.type}" for n in case.graph.inputs)


__all__ = ["SIZES", "Case", "bits", "describe", "order_of", "sizes_for"]
