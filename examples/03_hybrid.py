"""Hybrid: graphs around what must stay Python, with one order of everything that can be seen.

A ``print``, a text that needs a number of this very turn: graphlet ends the graph there, the interpreter runs the
statement itself, and the next graph begins behind it. Nothing is put off or replayed.
"""

import contextlib
import io

import numpy as np

import graphlet

LOG: list[str] = []


def note(text: str) -> None:
    """Keeps a text, which is followed; what it is made of decides whether its call is."""
    LOG.append(text)


def relax(field: np.ndarray, rounds: int) -> np.ndarray:
    """Smooths a field and says how far it has come."""
    for i in range(rounds):
        smooth = field.copy()
        smooth[1:-1] = 0.25 * field[:-2] + 0.5 * field[1:-1] + 0.25 * field[2:]
        change = np.abs(smooth - field).max()
        print("round", i, "change", round(float(change), 6))
        field = 0.9 * smooth + 0.1 * field
        note(f"round {i} done")
    return field * 2.0


def run(fn, field: np.ndarray) -> tuple[np.ndarray, str, list[str]]:  # type: ignore[no-untyped-def]
    """Result, printed text and log of one run."""
    LOG.clear()
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        result = fn(field, 4)
    return result, text.getvalue(), list(LOG)


def main() -> None:
    field = np.random.default_rng(3).normal(size=2000)
    fast = graphlet.optimize(relax)
    plain = run(relax, field)
    for _ in range(3):
        hybrid = run(fast, field)
        assert hybrid[0].tobytes() == plain[0].tobytes()
        assert hybrid[1:] == plain[1:]
    print("What the function printed, the same plainly and optimised, in the same order:\n")
    print(hybrid[1])

    with contextlib.redirect_stdout(io.StringIO()):
        report = graphlet.explain(relax)(field, 4)
    print(report.to_text())
    assert report.graph_count >= 2
    assert report.graph_break_count >= 1
    assert report.native_share > 0.8
    native = f"{report.native_share:.0%} of the array operations in graphs"
    print(f"\n{report.graph_count} graphs around {report.graph_break_count} breaks, {native}.")


if __name__ == "__main__":
    main()
