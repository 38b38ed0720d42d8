"""From wishes to functions: what was compiled before is used again, the rest is compiled, one at a time."""

import atexit
import os
from collections.abc import Sequence
from time import monotonic, sleep

from graphlet.backends import llvm_cache
from graphlet.backends.llvm_compile import compiled, piece_of, text_of
from graphlet.backends.llvm_spec import Spec
from graphlet.core.config import config
from graphlet.runtime._code import Code, Piece, Wishes, run_apart
from graphlet.runtime.objectfile import BadObjectError

PATIENCE = 10_000  # operations times elements that run before a function is wanted
FORK_SECONDS, GONE_SECONDS = 10.0, 0.1
THREADS = "/proc/self/task"

MAX_PIECES = 1000

_pieces: dict[str, Piece] = {}  # by text; those in use live on without it


def code_for(spec: Spec, patience: int = PATIENCE) -> Code:
    """A table of functions for a spec, empty as yet; ``patience``: what runs before one is wanted."""
    return Code(spec, 0 if wishes.at_once else patience)


def make(code: Code, kinds: str) -> None:
    """Give a table the function for these kinds of strides."""
    text = text_of(code.stage, kinds)
    piece = _pieces.get(text)
    if piece is None:
        if len(_pieces) >= MAX_PIECES:
            _pieces.clear()
        piece = _pieces[text] = _loaded(text) or _compiled(text)
    code.add(kinds, piece)


def _loaded(text: str) -> Piece | None:
    data = llvm_cache.load(text)
    if data is None:
        return None
    try:
        return piece_of(data)
    except BadObjectError:
        return None


def _compiled(text: str) -> Piece:
    data = compiled(text)
    piece = piece_of(data)
    llvm_cache.save(text, data)
    return piece


wishes = Wishes(make)


def make_now(codes: Sequence[Code]) -> None:
    """Make what these would like in this thread, unseen by tools that look at the program."""

    def work() -> None:
        for code in codes:
            kinds = code.take_wanted()
            if kinds is not None:
                make(code, kinds)

    run_apart(work)


def wait() -> None:
    """Until everything wished for so far is there."""
    wishes.wait()


def _set_mode(mode: str) -> None:
    wishes.at_once = mode == "at once"


def _before_fork() -> None:
    if wishes.hold(FORK_SECONDS) and wishes.last_thread is not None:
        _wait_for_end(wishes.last_thread)
        wishes.last_thread = None


def _wait_for_end(thread: int) -> None:
    """Until the system has no such thread: CPython counts them behind a fork, and warns of more than one."""
    end = monotonic() + GONE_SECONDS
    while os.path.exists(f"{THREADS}/{thread}") and monotonic() < end:
        sleep(0)


config.on_change("compile", _set_mode)
atexit.register(wishes.hold)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=wishes.release, after_in_child=wishes.release_in_child
    )
