"""Results, exceptions, crashes and endless loops of a child process are told apart."""

import os
import signal
import time

from tests.fuzz.isolate import isolated


def test_result_comes_back() -> None:
    answer = isolated(lambda: {"a": list(range(100_000))}, 30)
    assert answer.kind == "ok"
    assert len(answer.value["a"]) == 100_000


def test_exception_is_an_error_with_its_text() -> None:
    answer = isolated(lambda: 1 // 0, 30)
    assert answer.kind == "error"
    assert "ZeroDivisionError" in answer.text


def test_crash_names_the_signal() -> None:
    answer = isolated(lambda: os.kill(os.getpid(), signal.SIGKILL), 30)
    assert answer.kind == "crash"
    assert "SIGKILL" in answer.text


def test_early_end_is_a_crash() -> None:
    assert isolated(lambda: os._exit(3), 30).text == "ended with code 3 and no answer"


def test_endless_loop_is_a_timeout() -> None:
    assert isolated(lambda: time.sleep(60), 0.2).kind == "timeout"
