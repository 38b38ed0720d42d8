"""Bytecode regions: what GRAPHLET_DEBUG=1 shows, from the first instruction to the spliced code.

The function keeps its own bytecode. At the entry of a region a stub is inserted that calls the compiled graph; if the
graph cannot be used, the stub falls through into the original instructions.
"""

import dis
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import graphlet

CHILD = "DEMO_CHILD"


def blend(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Two arrays mixed, with a line to the reader in between."""
    mixed = a * (1.0 - t) + b * t
    print("mixed", mixed.shape)
    return np.clip(mixed, 0.0, 1.0)


def traced() -> None:
    """What runs under GRAPHLET_DEBUG=1."""
    fast = graphlet.optimize(blend)
    for _ in range(3):
        fast(np.zeros(4), np.ones(4), 0.25)


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "GRAPHLET_DEBUG": "1", CHILD: "1", "PYTHONPATH": path}
    done = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, text=True, check=True)
    print("The trace of three calls (GRAPHLET_DEBUG=1):\n")
    print(done.stderr)
    for word in ("CAPTURE", "guard", "GRAPH", "EXEC", "FALLBACK", "GL101"):
        assert word in done.stderr, f"the trace has no {word}"
    assert done.stdout == "mixed (4,)\n" * 3

    fast = graphlet.optimize(blend)
    before = list(dis.get_instructions(blend))
    after = list(dis.get_instructions(fast))
    names = [i.opname for i in after if i.opname not in ("EXTENDED_ARG", "CACHE")]
    rest = iter(names)
    assert len(after) > len(before)
    assert all(i.opname in rest for i in before if not i.opname.startswith("JUMP"))
    print(f"The original {len(before)} instructions are all still there, in order, among {len(after)}.")


if __name__ == "__main__":
    traced() if os.environ.get(CHILD) else main()
