"""Threads for tests."""

import concurrent.futures
from collections.abc import Callable


def together(work: Callable[[int], None], n: int) -> None:
    """Run ``work(number)`` on n threads at once; the first exception of any is raised."""
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        for done in [pool.submit(work, number) for number in range(n)]:
            done.result()
