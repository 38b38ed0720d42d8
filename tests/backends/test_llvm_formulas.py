"""Each formula against its ufunc, over all pairs of special values: bits, flags, layouts."""

import numpy as np
import pytest

import graphlet
from graphlet.arrayops import catalogue
from graphlet.backends.llvm import llvm
from graphlet.backends.llvm_formulas import BY_KIND, OTHERS, formula, name_of
from graphlet.backends.llvm_host import can_compile
from graphlet.ir.build import Builder
from graphlet.ir.types import ArrayType, ScalarType, Sym

needs_llvmlite = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
CASES = [(kind, name) for kind, table in BY_KIND.items() for name in sorted(table)]
CHARS = {"f": "fd", "i": "bhil", "u": "BHIL", "b": "?"}


def specials(char):
    """Values where arithmetic has corners."""
    dtype = np.dtype(char)
    if dtype.kind == "b":
        return np.array([False, True, True, False])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        size = 8 * dtype.itemsize
        near = [0, 1, 2, 3, 7, size - 1, size, size + 1, info.max, info.max - 1]
        return np.array([*near, *((-1, -2, info.min, info.min + 1) if dtype.kind == "i" else ())], dtype)
    info = np.finfo(dtype)
    plain = [0.0, 1.0, 0.5, 1.5, 2.5, 3.0, 1e-3, 255.7, 2.0**23 + 1, 2.0**31, 2.0**63, info.max, info.tiny]
    plain += [info.smallest_subnormal, np.inf, np.nan]
    raw = np.array(plain, dtype)
    unsigned = np.dtype(f"u{dtype.itemsize}")
    payload = (raw[-1:].view(unsigned) + 5).view(dtype)
    return np.concatenate([raw, payload, np.negative(raw), np.negative(payload)])


def kernel_of(ufunc, dtypes, still):
    """The ufunc twice, with operands in both orders, as one function; ``still`` operands are scalars."""
    b = Builder()
    types = [ScalarType(t.type, t) if s else ArrayType(t, (Sym("n", 8),)) for t, s in zip(dtypes, still, strict=True)]
    nodes = [b.placeholder(f"x{i}", type_) for i, type_ in enumerate(types)]
    row = catalogue.lookup(ufunc)
    results = [b.call(row, nodes), b.call(row, nodes[::-1])]
    return llvm(b.finish(results), ())


def bits(arrays):
    return [(a.dtype, a.shape, a.tobytes()) for a in arrays]


def expected(ufunc, args, mode):
    try:
        with np.errstate(all=mode):
            return bits([ufunc(*args), ufunc(*args[::-1])])
    except FloatingPointError:
        return None


def check(kernel, ufunc, args):
    for mode in ("ignore", "raise"):
        wanted = expected(ufunc, args, mode)
        with np.errstate(all=mode):
            got = kernel(*args)
        assert (None if got is None else bits(got)) == wanted, (ufunc, mode, kernel.last_decline)


def layouts(rng, values):
    """The same values in memory in several ways."""
    yield values
    wide = np.zeros(3 * len(values), values.dtype)
    wide[::3] = values
    yield wide[::3]
    yield values[::-1].copy()[::-1]


def without_nans(ufunc, pairs):
    """The places where no result is NaN: behind others a kernel leaves some blocks to NumPy's loops."""
    with np.errstate(all="ignore"):
        results = ufunc(*pairs), ufunc(*pairs[::-1])
    calm = np.ones(len(pairs[0]), bool)
    for result in results:
        calm &= result == result
    return [part[calm] for part in pairs]


@needs_llvmlite
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_bits_and_flags_are_those_of_numpy(kind, name):
    ufunc, rng = getattr(np, name), np.random.default_rng(5)
    with graphlet.config.patch(compile="at once"):
        for char in CHARS[kind]:
            values = specials(char)
            every = [part.ravel() for part in np.meshgrid(values, values)][: ufunc.nin]
            for pairs in (without_nans(ufunc, every), every):
                kernel = kernel_of(ufunc, [values.dtype] * ufunc.nin, [False] * ufunc.nin)
                for n in (1, 2, 7, 8, 9, 15, 16, 17, 31, 64, 67, len(pairs[0]), len(pairs[0])):
                    where = rng.permutation(len(pairs[0]))[:n]
                    for args in zip(*(layouts(rng, part[where]) for part in pairs), strict=True):
                        check(kernel, ufunc, args)
                assert kernel.n_compiled > kernel.n_interpreted or pairs is every


@needs_llvmlite
@pytest.mark.parametrize("name", ["add", "maximum", "less", "divide"])
def test_scalars_stand_still_in_either_place(name):
    ufunc = getattr(np, name)
    with graphlet.config.patch(compile="at once"):
        for char in "fd":
            values = specials(char)
            for still in ((True, False), (False, True)):
                kernel = kernel_of(ufunc, [values.dtype] * 2, still)
                for value in values:
                    args = [value if s else values for s in still]
                    check(kernel, ufunc, args)
                calm = values[np.isfinite(values) & (np.abs(values) < 1e4)]
                kernel = kernel_of(ufunc, [values.dtype] * 2, still)
                for value in (1.5, -2.0, 0.0, -0.0):
                    check(kernel, ufunc, [values.dtype.type(value) if s else calm for s in still])
                assert kernel.n_compiled > kernel.n_interpreted


@needs_llvmlite
@pytest.mark.parametrize("source", "?bBhHiIlLfd")
def test_casts(source):
    with graphlet.config.patch(compile="at once"):
        for target in "?bBhHiIlLfd":
            if np.dtype(source).kind == "f" and np.dtype(target).kind in "iu":
                continue
            b = Builder()
            x = b.placeholder("x", ArrayType(np.dtype(source), (Sym("n", 8),)))
            row = catalogue.method("astype")
            once = b.call(row, (x, np.dtype(target)))
            kernel = llvm(b.finish([once, b.call(row, (once, np.dtype("?")))]), ())
            values = np.tile(specials(source), 5)
            for _ in range(2):
                with np.errstate(all="ignore"):
                    got = kernel(values)
                    assert bits(got) == bits([values.astype(target), values.astype(target).astype("?")])


def test_only_plain_operands_have_a_formula():
    assert name_of(np.add, ("f64", "f64", "f64")) == "add"
    assert name_of(np.add, ("f64", "f32", "f64")) is None
    assert name_of(np.less, ("i8", "i8", "b8")) == "less"
    assert name_of(np.exp, ("f64", "f64")) is None
    assert name_of(np.subtract, ("b8", "b8", "b8")) is None
    assert name_of(np.frompyfunc(abs, 1, 1), ("f64", "f64")) is None
    assert formula("where", ("b8", "f64", "f64", "f64")) is OTHERS["where"]
