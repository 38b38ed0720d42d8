"""``heapq``, ``bisect`` and counting in their Python form, comparison by comparison: followed like callees."""

from collections.abc import Iterable
from typing import Any


def count_elements(mapping: Any, items: Iterable[Any]) -> None:
    get = mapping.get
    for item in items:
        mapping[item] = get(item, 0) + 1


def sift_down(heap: list[Any], start: int, at: int) -> None:
    item = heap[at]
    while at > start:
        above = (at - 1) >> 1
        parent = heap[above]
        if not item < parent:
            break
        heap[at] = parent
        at = above
    heap[at] = item


def sift_up(heap: list[Any], at: int) -> None:
    end, start, item = len(heap), at, heap[at]
    child = 2 * at + 1
    while child < end:
        right = child + 1
        if right < end and not heap[child] < heap[right]:
            child = right
        heap[at] = heap[child]
        at = child
        child = 2 * at + 1
    heap[at] = item
    sift_down(heap, start, at)


def heappush(heap: list[Any], item: Any) -> None:
    heap.append(item)
    sift_down(heap, 0, len(heap) - 1)


def heappop(heap: list[Any]) -> Any:
    last = heap.pop()
    if not heap:
        return last
    first = heap[0]
    heap[0] = last
    sift_up(heap, 0)
    return first


def heapreplace(heap: list[Any], item: Any) -> Any:
    first = heap[0]
    heap[0] = item
    sift_up(heap, 0)
    return first


def heappushpop(heap: list[Any], item: Any) -> Any:
    if heap and heap[0] < item:
        first = heap[0]
        heap[0] = item
        sift_up(heap, 0)
        return first
    return item


def heapify(heap: list[Any]) -> None:
    for at in reversed(range(len(heap) // 2)):
        sift_up(heap, at)


def bisect_right(items: Any, x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> int:
    if lo < 0:
        raise ValueError("lo must be non-negative")
    if hi is None or hi == -1:
        hi = len(items)
    while lo < hi:
        mid = (lo + hi) // 2
        if x < (items[mid] if key is None else key(items[mid])):
            hi = mid
        else:
            lo = mid + 1
    return lo


def bisect_left(items: Any, x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> int:
    if lo < 0:
        raise ValueError("lo must be non-negative")
    if hi is None or hi == -1:
        hi = len(items)
    while lo < hi:
        mid = (lo + hi) // 2
        if (items[mid] if key is None else key(items[mid])) < x:
            lo = mid + 1
        else:
            hi = mid
    return lo


def insort_right(items: Any, x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> None:
    items.insert(bisect_right(items, x if key is None else key(x), lo, hi, key=key), x)


def insort_left(items: Any, x: Any, lo: int = 0, hi: Any = None, *, key: Any = None) -> None:
    items.insert(bisect_left(items, x if key is None else key(x), lo, hi, key=key), x)
