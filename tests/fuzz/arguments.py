"""Arrays of every dtype and layout, the same for the same description: the arguments of generated programs."""

import numpy as np

DTYPES = (
    "float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8", "bool",
    "complex128", "complex64",
)  # fmt: skip
RARE_DTYPES = ("longdouble", ">f8", ">i4", "datetime64[D]", "timedelta64[s]", "object", "U3")
LAYOUTS = ("C", "F", "strided", "negative", "transposed", "broadcast", "readonly", "offset", "unaligned")

_SPECIAL = {
    "f": (0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 0.5, 1e-310),
    "c": (0, 1, -1j, complex(np.nan, 1), complex(np.inf, -0.0), 1e-310),
    "i": (0, 1, -1, 2, 3),
    "u": (0, 1, 2, 255),
}
GROWTH = {"times": 1}  # how many times as long as they say axes of more than one element are


def arr(dtype: str, shape: tuple[int, ...], layout: str = "C", seed: int = 0, special: float = 0.0) -> np.ndarray:
    """An array; ``special`` is the share of elements that are NaN, -0.0, limits and such."""
    rng = np.random.default_rng(seed)
    shape = tuple(n if n < 2 else n * GROWTH["times"] for n in shape)
    values = _values(np.dtype(dtype), shape, rng, special)
    return _LAYOUTS[layout if shape else _LAYOUTS_0D.get(layout, layout)](values)


def _values(dtype: np.dtype, shape: tuple[int, ...], rng: np.random.Generator, special: float) -> np.ndarray:
    count = int(np.prod(shape))
    if dtype.kind in "fc":
        flat = np.round(rng.normal(0, 4, count), 3).astype(dtype)
        if dtype.kind == "c":
            flat = (flat + 1j * np.round(rng.normal(0, 4, count), 3)).astype(dtype)
    elif dtype.kind in "iu":
        flat = rng.integers(0 if dtype.kind == "u" else -9, 12, count).astype(dtype)
    elif dtype.kind == "b":
        flat = rng.integers(0, 2, count).astype(dtype)
    elif dtype.kind == "O":
        flat = np.array([int(v) for v in rng.integers(-5, 6, count)], dtype=object)
    elif dtype.kind == "U":
        flat = rng.integers(0, 1000, count).astype(dtype)
    else:
        flat = rng.integers(0, 5000, count).astype(dtype)
    _put_special(flat, rng, special)
    return flat.reshape(shape)


def _put_special(flat: np.ndarray, rng: np.random.Generator, share: float) -> None:
    choices = list(_SPECIAL.get(flat.dtype.kind, ()))
    if flat.dtype.kind in "iu":
        limits = np.iinfo(flat.dtype)
        choices += [limits.min, limits.max]
    if not choices:
        return
    places = np.flatnonzero(rng.random(flat.size) < share)
    table = np.empty(len(choices), flat.dtype)
    for i, choice in enumerate(choices):
        table[i] = choice
    flat[places] = table[rng.integers(len(choices), size=len(places))]


def _strided(values: np.ndarray) -> np.ndarray:
    if values.ndim == 0:
        return values
    big = np.zeros((*values.shape[:-1], values.shape[-1] * 2 + 1), values.dtype)
    view = big[..., 1::2]
    view[...] = values
    return view


def _negative(values: np.ndarray) -> np.ndarray:
    return values[(slice(None, None, -1),) * values.ndim].copy()[(slice(None, None, -1),) * values.ndim]


def _broadcast(values: np.ndarray) -> np.ndarray:
    return np.broadcast_to(values[:1], values.shape) if values.ndim and len(values) else values


def _readonly(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def _offset(values: np.ndarray) -> np.ndarray:
    big = np.zeros(tuple(n + 2 for n in values.shape), values.dtype)
    view = big[(..., *(slice(1, n + 1) for n in values.shape))]
    view[...] = values
    return view


def _unaligned(values: np.ndarray) -> np.ndarray:
    if values.dtype.hasobject or not values.itemsize:
        return values
    raw = np.zeros(values.nbytes + 1, np.uint8)
    view = np.ndarray(values.shape, values.dtype, buffer=raw, offset=1)
    view[...] = values
    return view


_LAYOUTS_0D = {"F": "C", "negative": "C", "transposed": "C"}
_LAYOUTS = {
    "C": lambda values: values,
    "F": np.asfortranarray,
    "strided": _strided,
    "negative": _negative,
    "transposed": lambda values: values.T.copy().T,
    "broadcast": _broadcast,
    "readonly": _readonly,
    "offset": _offset,
    "unaligned": _unaligned,
}
