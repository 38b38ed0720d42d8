"""Auto-partition: a function with parts graphlet does not support still gets graphs for the other parts.

Nobody marks anything. The parts between what cannot be captured become graphs; the rest runs as it always did, with the
same results.
"""

import numpy as np

import graphlet


class Journal:
    """A user's object: it is followed up to where it decides by a value that the graph has yet to compute."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def __call__(self, value: float) -> float:
        self.seen.append(value)
        return value if value > 1.0 else 1.0


def spectrum(signal: np.ndarray, window: np.ndarray, journal: Journal) -> tuple[np.ndarray, dict[str, float]]:
    """A scaled spectrum and a summary; an object of the user's decides on the scale."""
    centred = signal - signal.mean()
    shaped = centred * window
    energy = np.sqrt((shaped * shaped).sum())
    scale = journal(float(energy))
    normal = shaped / scale
    power = np.abs(np.fft.rfft(normal)) ** 2
    summary = {f"{key}": float(value) for key, value in zip(("low", "high"), (power.min(), power.max()), strict=True)}
    return np.log1p(power), summary


def main() -> None:
    rng = np.random.default_rng(4)
    signal, window = rng.normal(size=512), np.hanning(512)
    fast = graphlet.optimize(spectrum)
    journals = Journal(), Journal()
    for _ in range(3):
        plain, optimised = spectrum(signal, window, journals[0]), fast(signal, window, journals[1])
        assert optimised[0].tobytes() == plain[0].tobytes()
        assert optimised[1] == plain[1]
    assert journals[0].seen == journals[1].seen

    for record in fast.graphlet.specializations:
        print(f"{record.id}: array operations: {record.array_ops}, in lines {', '.join(map(str, record.lines))}")
    breaks = graphlet.explain(spectrum)(signal, window, Journal()).break_reasons
    print("\n".join(f"between them: {reason}" for reason in breaks))
    assert len(breaks) >= 1

    before = graphlet.counters()
    fast(signal, window, Journal())
    after = graphlet.counters()
    native, python = (after[key] - before[key] for key in ("array_ops_native", "array_ops_python"))
    assert len(fast.graphlet.specializations) >= 2
    assert native / (native + python) >= 0.5
    print(f"\n{len(fast.graphlet.specializations)} graphs; {native} of {native + python} array operations run in them.")
    print("The user's object was called as often, with the same values, as without graphlet.")


if __name__ == "__main__":
    main()
