"""One peer in a process of its own: reads commands as JSON lines, answers each with one.

``{"do": "first", "case": "heat", "n": 1000}``  import, make ready and call once: seconds of the first call, likeness
``{"do": "burst", "seconds": 0.02}``            call for so long: seconds of a call, several times
``{"do": "memory"}``                            bytes above the process's own that a call needs at its peak
"""

import contextlib
import gc
import io
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import CASES
from benchmarks.peers import PEERS, NotForIt, likeness

SEED = 20240
# Calls that are not counted, at least, and for how many seconds: some peers learn in them, or compile beside them.
WARM_UP = 6, 0.25
_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Worker:
    """A peer, and the program it runs now."""

    def __init__(self, peer: str) -> None:
        self.peer = PEERS[peer]
        self.call: Callable[[], Any] = lambda: None
        self.loops = 1

    def first(self, case: str, n: int) -> dict[str, Any]:
        """Make a program ready. The answer has "error" if the peer cannot run it."""
        chosen = CASES[case]
        args = chosen.make(n, np.random.default_rng(SEED))
        expected = chosen.run(*args)
        try:
            run, given = self.peer.prepare(chosen, args)
            start = time.perf_counter()
            result = run(*given)
            took = time.perf_counter() - start
            least, end = WARM_UP[0], time.perf_counter() + WARM_UP[1]
            while least > 0 or time.perf_counter() < end:
                run(*given)
                least -= 1
        except NotForIt as reason:
            return {"error": str(reason)}
        except Exception as error:
            return {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[:1]}"}
        self.call = lambda: run(*given)
        self.loops = max(1, int(1e-4 / max(self._seconds(1), 1e-9)))
        return {"seconds": took, "likeness": likeness(result, expected)}

    def burst(self, seconds: float) -> dict[str, Any]:
        """Seconds of a call, as means of so many calls that the clock is exact."""
        taken, end = [], time.perf_counter() + seconds
        while not taken or time.perf_counter() < end:
            taken.append(self._seconds(self.loops) / self.loops)
        return {"seconds": taken}

    def memory(self) -> dict[str, Any]:
        """The peak of a call, where the system tells (Linux)."""
        if not _RESET.exists():
            return {"bytes": None}
        gc.collect()
        with contextlib.suppress(OSError):
            _RESET.write_text("5")  # the peak starts again from what there is
        before = _resident("VmRSS")
        self.call()
        return {"bytes": max(_resident("VmHWM") - before, 0)}

    def _seconds(self, loops: int) -> float:
        call = self.call
        start = time.perf_counter()
        for _ in range(loops):
            call()
        return time.perf_counter() - start


def _resident(field: str) -> int:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def main() -> int:
    """Answer commands until there are no more."""
    worker = Worker(sys.argv[1])
    answers = sys.stdout
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        command = json.loads(line)
        with contextlib.redirect_stdout(io.StringIO()):
            answer = getattr(worker, command.pop("do"))(**command)
        print(json.dumps(answer), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
