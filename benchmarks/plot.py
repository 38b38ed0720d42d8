"""Draws what ``benchmarks.compare`` measured: times as fast as NumPy, a panel for each size."""

import importlib
from pathlib import Path
from typing import Any


def draw(rows: list[Any], path: Path) -> None:
    """A picture, as the name's ending says. Raises ModuleNotFoundError without matplotlib."""
    matplotlib = importlib.import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot = importlib.import_module("matplotlib.pyplot")
    sizes = sorted({row.n for row in rows})
    cases = list(dict.fromkeys(row.case for row in rows))
    peers = [peer for peer in dict.fromkeys(row.peer for row in rows) if peer != "numpy"]
    figure, panels = pyplot.subplots(1, len(sizes), figsize=(4.2 * len(sizes), 0.32 * len(cases) + 1.5), sharey=True)
    panels = [panels] if len(sizes) == 1 else list(panels)
    for panel, n in zip(panels, sizes, strict=True):
        for peer in peers:
            here = [row for row in rows if row.n == n and row.peer == peer and not row.error]
            places = [cases.index(row.case) for row in here]
            panel.plot([row.ratio for row in here], places, "o" if peer == "graphlet" else ".", label=peer)
        panel.axvline(1.0, color="grey", linewidth=0.8)
        panel.set_xscale("log")
        panel.set_title(f"{n} elements")
        panel.set_xlabel("times as fast as NumPy")
        panel.set_yticks(range(len(cases)), cases)
    panels[-1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
