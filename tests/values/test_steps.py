"""Steps make the same object again and again."""

from graphlet.values.steps import step


def test_every_replay_makes_a_new_object() -> None:
    how = step(set.union, step(set, (8, 1)), step(frozenset, (2,)))
    one, other = how.replay(), how.replay()
    assert one == other == {1, 2, 8} and one is not other and how.n_steps == 3


def test_the_order_is_that_of_the_same_past() -> None:
    keys = tuple(range(0, 640, 64))
    assert list(step(set, keys).replay()) == list(set(keys))
