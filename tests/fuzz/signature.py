"""Random arguments of generated programs, as source text: arrays, views of each other, scalars, containers."""

from dataclasses import dataclass, replace
from random import Random

from tests.fuzz.arguments import DTYPES, LAYOUTS, RARE_DTYPES

_SHAPES = (("n",), ("n",), ("n", "m"), ("n", "m"), ("m",), (1, "m"), ("n", 1), (), ("k", "n", "m"), ("n", "n"))
_VIEWS = ("", "", "[1:]", "[:-1]", "[::-1]", ".T", "[...]", ".view()", "[1:2]", "[::2]", ".reshape(-1)")
_SCALARS = (
    "2", "0", "-3", "1", "5", "2.5", "-0.5", "0.0", "True", "1j", "np.float32(1.25)", "np.float64(3)", "np.int64(4)",
    "np.int8(-2)", "np.uint8(3)", "np.nan", "2**40", "None", "np.bool_(True)", "np.float16(0.5)", "'text'", "10**30",
)  # fmt: skip
_USUAL_SCALARS = 7  # so many of the first ones are taken most of the time
_USUAL_LAYOUTS = tuple(layout for layout in LAYOUTS if layout != "unaligned")
_LARGE = (65, 700, 3000, 9000, 20_000)  # beyond what fits a vector register, a block, a buffer of NumPy's
_MAX_SQUARE = 500_000
_SIZES = (2, 3, 3, 4, 4, 5, 7)


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: ``kind`` "array", "alias" (a view of an earlier array), "scalar" or "list" (of two arrays)."""

    kind: str
    dtype: str = "float64"
    dims: tuple[str | int, ...] = ("n",)
    layout: str = "C"
    seed: int = 0
    special: float = 0.0
    of: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """The arguments of one call; ``sizes`` gives n, m and k."""

    args: tuple[Arg, ...]
    sizes: dict[str, int]

    def source(self, name: str) -> str:
        """A function of this name that makes the arguments."""
        lines, values = [f"def {name}():"], []
        for i, arg in enumerate(self.args):
            if arg.kind == "array":
                lines.append(f"    b{i} = {self._array(arg)}")
            values.append(self._value(i, arg))
        return "\n".join([*lines, f"    return ({''.join(v + ', ' for v in values).rstrip()})"])

    def _array(self, arg: Arg, seed: int = 0) -> str:
        shape = tuple(self.sizes[d] if isinstance(d, str) else d for d in arg.dims)
        return f"arr({arg.dtype!r}, {shape}, {arg.layout!r}, {arg.seed + seed}, {arg.special})"

    def _value(self, i: int, arg: Arg) -> str:
        if arg.kind == "alias":
            return f"b{arg.of}{arg.text}"
        if arg.kind == "list":
            return f"[{self._array(arg)}, {self._array(arg, 1)}]"
        return arg.text if arg.kind == "scalar" else f"b{i}"


def _dtype(rng: Random, usual: bool) -> str:
    if rng.random() < 0.03 and not usual:
        return rng.choice(RARE_DTYPES)
    return "float64" if rng.random() < 0.6 else rng.choice(DTYPES)


def _layout(rng: Random, usual: bool) -> str:
    return rng.choice(_USUAL_LAYOUTS if usual else LAYOUTS)


def _array(rng: Random, usual: bool) -> Arg:
    layout = "C" if rng.random() < 0.6 else _layout(rng, usual)
    special = rng.choice((0.0, 0.0, 0.0, 0.1, 0.4))
    return Arg("array", _dtype(rng, usual), rng.choice(_SHAPES), layout, rng.randrange(1000), special)


def _scalar(rng: Random, usual: bool) -> Arg:
    usual = rng.random() < 0.6 or usual
    return Arg("scalar", text=rng.choice(_SCALARS[:_USUAL_SCALARS] if usual else _SCALARS))


def _alias(rng: Random, args: list[Arg]) -> Arg:
    arrays = [i for i, a in enumerate(args) if a.kind == "array"]
    return Arg("alias", of=rng.choice(arrays), text=rng.choice(_VIEWS))


def random_signature(rng: Random, usual: bool = False) -> Signature:
    """The arguments a program is written for; ``usual``: no odd dtypes and scalars, and no unaligned arrays."""
    args = [_array(rng, usual)]
    for _ in range(rng.randrange(3)):
        args.append(_alias(rng, args) if rng.random() < 0.15 else _array(rng, usual))
    args += [_scalar(rng, usual) for _ in range(rng.randrange(3))]
    if rng.random() < 0.12:
        args.append(replace(_array(rng, usual), kind="list"))
    return Signature(tuple(args), _sizes(rng))


def _sizes(rng: Random) -> dict[str, int]:
    return {"n": rng.choice(_SIZES), "m": rng.choice(_SIZES), "k": rng.choice((1, 2, 3))}


def other_signature(rng: Random, first: Signature, usual: bool = False) -> Signature:
    """Arguments for a further call: some of sizes, dtypes, layouts, scalars, overlaps changed."""
    sizes, args = dict(first.sizes), list(first.args)
    if rng.random() < 0.6:
        sizes = _sizes(rng)
    if rng.random() < 0.15:
        sizes[rng.choice("nm")] = rng.choice((0, 1, 1))
    if rng.random() < 0.12:
        sizes["n"] = rng.choice(_LARGE)
    for i in range(len(args)):
        if rng.random() < 0.4:
            args[i] = _changed(rng, args, i, usual)
    while sizes["n"] * sizes["n"] > _MAX_SQUARE and any(arg.dims.count("n") > 1 for arg in args):
        sizes["n"] //= 10
    return Signature(tuple(args), sizes)


def _changed(rng: Random, args: list[Arg], i: int, usual: bool) -> Arg:
    arg = args[i]
    if arg.kind == "scalar":
        return _scalar(rng, usual)
    if arg.kind == "alias":
        return replace(arg, text=rng.choice(_VIEWS))
    what = rng.randrange(6)
    if what == 0:
        return replace(arg, dtype=_dtype(rng, usual))
    if what == 1:
        return replace(arg, layout=_layout(rng, usual))
    if what == 2:
        return replace(arg, special=rng.choice((0.0, 0.5)))
    if what == 3 and arg.kind == "array" and any(a.kind == "array" for a in args[:i]) and _unused(args, i):
        return _alias(rng, args[:i])
    if what == 4 and rng.random() < 0.3 and arg.kind == "array" and _unused(args, i):
        return _scalar(rng, usual)
    return replace(arg, seed=rng.randrange(1000))


def _unused(args: list[Arg], i: int) -> bool:
    """Whether no argument is a view of this one."""
    return all(a.kind != "alias" or a.of != i for a in args)
