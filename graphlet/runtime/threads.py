"""How many threads may share the work of a kernel: as many as this process may keep busy.

The setting ``num_threads`` comes first, then OMP_NUM_THREADS, which pools of processes set for their workers; both
count even where fewer processors are at hand. Else it is the number of processors that the process may use, by its
affinity, which is asked again for each work, and by the quota of its control group.
"""

import math
import os
from collections.abc import Mapping
from pathlib import Path

from graphlet.core.config import config
from graphlet.runtime._block import limit_threads, share_from

CGROUP = Path("/sys/fs/cgroup")
NS_PER_US = 1000


def wanted(environ: Mapping[str, str]) -> int | None:
    """What OMP_NUM_THREADS says (of a list, its first number); None if it says nothing."""
    text = environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(text) if text.isdecimal() and int(text) > 0 else None


def quota(root: Path = CGROUP) -> int | None:
    """Processors by the quota of the control group, rounded up; None if there is no quota."""
    try:
        limit, period = (root / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        limit, period = _first_version(root / "cpu")
    if not limit.isdecimal() or not period.isdecimal() or int(period) == 0:
        return None
    return max(1, math.ceil(int(limit) / int(period)))


def _first_version(folder: Path) -> tuple[str, str]:
    try:
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        limit, period = ((folder / name).read_text(encoding="ascii").strip() for name in names)
    except (OSError, ValueError):
        return "max", ""
    return limit, period


def _limit(num_threads: int) -> None:
    firm = num_threads if num_threads > 0 else wanted(os.environ)
    if firm is not None:
        limit_threads(firm, True)
    else:
        processors = os.cpu_count() or 1
        limit_threads(min(processors, quota() or processors), False)


def _share_from(microseconds: int) -> None:
    share_from(max(microseconds, 0) * NS_PER_US)


def follow_settings() -> None:
    """As the settings say, now and whenever they change."""
    _limit(config.num_threads)
    config.on_change("num_threads", _limit)
    config.on_change("share_from", _share_from)
