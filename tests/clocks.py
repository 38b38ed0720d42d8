"""A clock for the cost model, so that what it finds does not depend on the machine's mood."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import graphlet
from graphlet import _evalframe, _work
from graphlet._dispatch import set_clock

LONG = 10**15  # ns


class Clock:
    """Each run of a region takes ``graph`` ns, and each time one stands back ``plain`` ns; nothing else takes time."""

    def __init__(self, graph: int, plain: int) -> None:
        self.graph, self.plain = graph, plain
        self.now = 1
        self._seen = (0, 0)

    def __call__(self) -> int:
        totals = _evalframe.totals()
        counts = totals["hits"], totals["declines"]
        if min(now - before for now, before in zip(counts, self._seen, strict=True)) < 0:
            self._seen = (0, 0)  # the totals were reset
        hits, declines = (now - before for now, before in zip(counts, self._seen, strict=True))
        self.now += hits * self.graph + declines * self.plain
        self._seen = counts
        return self.now

    def time(self, call: Callable[[], object], graph: int, plain: int) -> None:
        """A call that takes another time."""
        self()
        before, self.graph, self.plain = (self.graph, self.plain), graph, plain
        call()
        self()
        self.graph, self.plain = before


def forget_work() -> None:
    """Graphlet's own work has taken no time so far: the tests before this one took most of what there is."""
    _work.learned(-LONG)
    _work.added_stubs(-LONG)


@contextmanager
def clock(graph: int, plain: int) -> Iterator[Clock]:
    """In force for the block, in which trials need not wait for code that is being made."""
    _evalframe.reset_totals()
    forget_work()
    pretended = Clock(graph, plain)
    set_clock(pretended)
    try:
        with graphlet.config.patch(compile="at once"):
            yield pretended
    finally:
        set_clock(None)
