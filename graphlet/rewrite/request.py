"""What capture is asked when control comes to an entry."""

from collections.abc import Callable
from typing import Any

from graphlet.cache import Entry, original_code
from graphlet.capture.capture import NOT_PASSED, CaptureRequest
from graphlet.capture.options import Observed
from graphlet.capture.options import Options as CaptureOptions
from graphlet.core.config import config
from graphlet.core.marks import BREAKING_CALLS, KNOWN_CALLS
from graphlet.opcodes.flow import Flow


def request_for(
    flow: Flow,
    entry: Entry,
    live_ins: tuple[Any, ...],
    namespace: dict[str, Any],
    observer: Callable[[Observed], None] | None = None,
    stops: frozenset[int] = frozenset(),
) -> CaptureRequest:
    """To follow a code object from an entry over these live-ins, to one of ``stops`` at most."""
    n_locals, n_cells = len(entry.locals_in), len(entry.cells_in)
    passed = dict(zip((*entry.stack_in, *entry.slots_in), live_ins[n_locals + n_cells :], strict=True))
    builtins = namespace.get("__builtins__", {})
    return CaptureRequest(
        code=flow.code,
        offset=entry.offset,
        locals=dict(zip(entry.locals_in, live_ins, strict=False)),
        cells=dict(zip(entry.cells_in, live_ins[n_locals:], strict=False)),
        stack=tuple(passed.get(depth, NOT_PASSED) for depth in range(len(flow.stack(entry.offset)))),
        unsure={name: value for name, value in passed.items() if isinstance(name, str)},
        globals=namespace,
        builtins=builtins if isinstance(builtins, dict) else vars(builtins),
        flow=flow,
        options=CaptureOptions(
            unroll_limit=config.unroll_limit,
            unpinned=frozenset(entry.unpinned),
            noticed=frozenset(map(flow.place_of, entry.region.noticed)),
            telling=frozenset(map(flow.place_of, entry.region.telling)),
            stops=frozenset(entry.stops) | stops,
            original_code=lambda function: original_code(function.__code__),
            constants=dict(KNOWN_CALLS),
            breaks=frozenset(BREAKING_CALLS),
            observer=observer,
        ),
    )
