"""``heapq``, ``bisect`` and the counting of ``Counter``, which are written in C, in their Python form."""

import bisect
import collections
import heapq
from typing import Any

from graphlet.capture import heaps
from graphlet.capture.breaks import Break
from graphlet.capture.callees.arguments import Args, Kwargs
from graphlet.capture.callees.sequences import Rule, polyfill
from graphlet.capture.machine import Machine, describe, name_of
from graphlet.values.base import Sequence, Value


def of_list(fn: Any, count: int) -> Rule:
    """A function of a list, in which it does not ask the methods of a class derived from ``list``."""
    followed = polyfill(fn, count, count)

    def rule(m: Machine, args: Args, kwargs: Kwargs) -> Value:
        heap = m.read(args[0]) if args else None
        if type(heap) is not Sequence or heap.kind != "list" or kwargs:
            what = "it" if heap is None else describe(heap)
            raise Break("GL102", f"{fn.__name__} of {what}", "" if heap is None else name_of(heap))
        return followed(m, args, kwargs)

    return rule


RULES: dict[Any, Rule] = {
    heapq.heappush: of_list(heaps.heappush, 2),
    heapq.heappop: of_list(heaps.heappop, 1),
    heapq.heapify: of_list(heaps.heapify, 1),
    heapq.heapreplace: of_list(heaps.heapreplace, 2),
    heapq.heappushpop: of_list(heaps.heappushpop, 2),
    bisect.bisect_right: polyfill(heaps.bisect_right, 2, 4),
    bisect.bisect_left: polyfill(heaps.bisect_left, 2, 4),
    bisect.insort_right: polyfill(heaps.insort_right, 2, 4),
    bisect.insort_left: polyfill(heaps.insort_left, 2, 4),
    vars(collections)["_count_elements"]: polyfill(heaps.count_elements, 2, 2),
}
