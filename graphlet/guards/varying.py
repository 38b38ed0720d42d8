"""What guards had fixed that turns out to differ from call to call."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphlet.core.pristine import np
from graphlet.guards.kinds import Guard, KeysAre, LengthIs, ValueIs


def varying(failing: Sequence[Guard | None], most_lengths: int) -> set[str]:
    """What they had fixed, in the words of ``Entry.unpinned``: numbers at once, lengths when there were several."""
    values = [guard for guard in failing if isinstance(guard, ValueIs)]
    found = {str(guard.source) for guard in values if is_number(guard.value)}
    lengths = Counter(f"len({guard.source})" for guard in failing if isinstance(guard, (LengthIs, KeysAre)))
    return found | {*lengths} | {f"any {length}" for length, count in lengths.items() if count >= most_lengths}


def is_number(value: Any) -> bool:
    """Python's or NumPy's; of truth values there are two, so they may be fixed."""
    return type(value) in (int, float, complex) or isinstance(value, np.number)
