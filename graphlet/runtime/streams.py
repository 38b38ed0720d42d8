"""Drawing random numbers inside a graph: what is drawn can be taken back until the region has published.

Where a generator keeps its state is found by trying: bytes are copied, numbers drawn, and the bytes put back; a kind of
generator for which that does not bring back the very same state is not drawn from.
"""

import functools
import struct
from typing import Any

from numpy.random import MT19937, PCG64, PCG64DXSM, SFC64, BitGenerator, Generator, Philox, RandomState

from graphlet.core.pristine import np
from graphlet.runtime._streams import read, remember, write

BIT_GENERATORS = (MT19937, PCG64, PCG64DXSM, Philox, SFC64)
GENERATORS = (Generator, RandomState)
_RLOCK = "RLock"  # its holder may take it again, as a draw does
_GAUSS = 0.8414709848078965

Place = tuple[int, int]  # offset in an object, number of bytes


def draw(name: str, generator: Any, *args: Any, **kwargs: Any) -> Any:
    """``generator.name(*args, **kwargs)``, which is taken back if the region at work declines."""
    keep(generator)
    return getattr(type(generator), name)(generator, *args, **kwargs)


def shuffled(generator: Any, array: Any, *args: Any, **kwargs: Any) -> Any:
    """What an array is after ``generator.shuffle(array, ...)``."""
    new = np.copy(array)
    draw("shuffle", generator, new, *args, **kwargs)
    return new


def bits_of(generator: Any) -> Any:
    """The bit generator that a generator draws from."""
    return generator.bit_generator if type(generator) is Generator else generator._bit_generator


def keep(generator: Any) -> None:
    """Note how the stream of a generator is before it is drawn from. Raises TypeError for kinds that are not known."""
    bits = bits_of(generator)
    place = state_of(type(bits))
    if place is None:
        raise TypeError(f"numbers drawn from {type(bits).__name__} cannot be taken back")
    remember(bits, *place, bits.lock)
    if type(generator) is RandomState:
        left_over = gauss_of()
        if left_over is None:
            raise TypeError("a second normal number left over cannot be taken back")
        remember(generator, *left_over, None)


def why_not(generator: Any) -> str | None:
    """Why numbers drawn from a generator could not be taken back, or None."""
    if type(generator) not in GENERATORS:
        return "it is of a class of its own"
    bits = bits_of(generator)
    if state_of(type(bits)) is None or gauss_of() is None:
        return f"a {type(bits).__name__} cannot take back what was drawn"
    return None


def state_of(kind: type) -> Place | None:
    """Where a bit generator of this kind has its state, or None."""
    return _state_of(BIT_GENERATORS.index(kind)) if kind in BIT_GENERATORS else None


@functools.cache
def _state_of(number: int) -> Place | None:
    """It lies behind what all of them have."""
    kind = BIT_GENERATORS[number]
    start = BitGenerator.__basicsize__
    place = start, kind.__basicsize__ - start
    trial = kind(7)
    if type(trial.lock).__name__ != _RLOCK:
        return None
    before, data = trial.state, read(trial, *place)
    first = drawn(trial)
    after = trial.state
    write(trial, start, data)
    back = same_state(trial.state, before) and drawn(trial) == first and same_state(trial.state, after)
    return place if back and not same_state(before, after) else None


def drawn(bits: Any) -> tuple[Any, ...]:
    """Numbers of all sorts, more than a block of any generator's, in an odd number of halves."""
    generator = Generator(bits)
    halves = generator.integers(0, 1 << 20, 5, dtype=np.uint32).tolist()
    return (*halves, *generator.random(700).tolist(), *generator.normal(size=3).tolist())


def same_state(left: Any, right: Any) -> bool:
    """Whether two states are equal, with the arrays in them."""
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same_state(left[key], right[key]) for key in left)
    return bool(np.array_equal(left, right))


@functools.cache
def gauss_of() -> Place | None:
    """Where a RandomState has the second of two normal numbers, and before it whether there is one."""
    trial = RandomState(7)
    state = trial.get_state(legacy=False)
    trial.set_state({**state, "has_gauss": 1, "gauss": _GAUSS})
    whole = read(trial, 0, RandomState.__basicsize__)
    number = whole.find(struct.pack("d", _GAUSS))
    if number < 0 or whole.count(struct.pack("d", _GAUSS)) != 1:
        return None
    place = number - 8, 16
    data = read(trial, *place)
    there = trial.get_state(legacy=False)
    trial.standard_normal(3)
    write(trial, place[0], data)
    now = trial.get_state(legacy=False)
    same = now["has_gauss"] == there["has_gauss"] == 1 and now["gauss"] == there["gauss"] == _GAUSS
    return place if same else None


def same_stream(left: Any, right: Any) -> bool:
    """Whether two generators are of one kind and will give the same numbers."""
    if type(left) is not type(right) or type(bits_of(left)) is not type(bits_of(right)):
        return False
    if type(left) is RandomState and not same_state(left.get_state(legacy=False), right.get_state(legacy=False)):
        return False
    return same_state(bits_of(left).state, bits_of(right).state)
