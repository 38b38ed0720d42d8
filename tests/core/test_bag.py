"""A bag of weak references: a set without ownership, safe to look through while other threads change it."""

from graphlet.core.bag import WeakBag
from tests.threads import together


def made():
    def function():
        pass

    return function


def test_it_is_a_set_of_what_still_lives():
    bag, one, two = WeakBag(), made(), made()
    for function in (one, two, two):
        bag.add(function)
    assert set(bag) == {one, two} and len(bag) == 2
    bag.discard(one)
    bag.discard(one)
    assert one not in bag and two in bag
    del two, function
    assert list(bag) == [] and len(bag) == 0
    bag.add(one)
    bag.clear()
    assert list(bag) == []


def test_what_is_added_while_one_looks_is_not_seen():
    bag, kept = WeakBag(), [made() for _ in range(4)]
    bag.add(kept[0])
    for _ in bag:
        for function in kept[1:]:
            bag.add(function)
    assert set(bag) == set(kept)


def test_threads_may_change_it_while_others_look(hurried):
    bag, kept = WeakBag(), [made() for _ in range(20)]
    for function in kept:
        bag.add(function)

    def work(number):
        for _ in range(300):
            short = [made() for _ in range(20)]
            for function in short:
                bag.add(function)
            assert set(kept) <= set(bag)
            for function in short[::2]:
                bag.discard(function)

    together(work, 4)
    assert set(bag) == set(kept)
