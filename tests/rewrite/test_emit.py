"""Putting values and NULLs in order with SWAP."""

from itertools import product

from graphlet.rewrite.emit import _swaps


def test_every_arrangement_of_up_to_six_slots() -> None:
    for pushes in (pattern for n in range(7) for pattern in product((True, False), repeat=n)):
        n_values = sum(pushes)
        now = [*reversed(range(n_values)), *([-1] * (len(pushes) - n_values))]
        numbers = iter(range(n_values))
        wanted = [next(numbers) if is_value else -1 for is_value in pushes]
        stack = list(now)
        for n_swaps, distance in enumerate(_swaps(now, wanted)):
            assert 2 <= distance <= len(stack)
            assert n_swaps <= 2 * len(stack)
            stack[-1], stack[-distance] = stack[-distance], stack[-1]
        assert stack == wanted
