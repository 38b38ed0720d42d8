"""Kernels for small arrays: what may be compiled is arranged beside the program, once they have run for some time."""

import threading

import numpy as np
import pytest

import graphlet
from graphlet.backends import llvm, llvm_service
from graphlet.backends.llvm_host import can_compile
from graphlet.runtime.plan import Fused

pytestmark = pytest.mark.skipif(not can_compile(), reason="no llvmlite for this machine")
FEW = np.linspace(0.1, 1.0, 100)


@pytest.fixture(autouse=True)
def beside():
    with graphlet.config.patch(compile="background", cost_model=0):
        yield


def polynomial(x, y):
    a = x * y + 1.0
    return np.exp(a * a - x) * y + a.sum()


class Kernels:
    """The kernels that functions get."""

    def __init__(self):
        self.made = []

    def __call__(self, graph, inputs):
        self.made.append(llvm.llvm(graph, inputs))
        return self.made[-1]


def is_arranged(kernel):
    return any(step.stages for step in kernel.plan.steps if isinstance(step, Fused))


def compiled_kernel(x, *, runs):
    kernels = Kernels()
    fast = graphlet.optimize(polynomial, backend=kernels)
    for _ in range(runs):
        assert fast(x, x).tobytes() == polynomial(x, x).tobytes()
        llvm_service.wait()
    (kernel,) = kernels.made
    return kernel


def test_it_begins_with_what_the_block_machine_runs():
    kernel = compiled_kernel(FEW, runs=3)
    assert not is_arranged(kernel)
    assert kernel.n_interpreted > kernel.n_compiled == 0


def test_it_is_arranged_and_compiled_when_it_has_run_for_long():
    kernel = compiled_kernel(FEW, runs=40)
    assert is_arranged(kernel)
    assert kernel.n_compiled > 0


def test_what_runs_once_is_not_arranged_though_its_arrays_are_not_small():
    x = np.linspace(0.1, 1.0, 5_000)
    assert not is_arranged(compiled_kernel(x, runs=1))
    assert is_arranged(compiled_kernel(x, runs=2))


def test_large_work_is_arranged_at_once():
    assert is_arranged(compiled_kernel(np.linspace(0.1, 1.0, llvm.LARGE), runs=1))


def test_it_goes_on_as_it_is_where_it_cannot_be_arranged(monkeypatch):
    def fails(*_):
        tried.append(1)
        raise RuntimeError("no")

    tried = []
    monkeypatch.setattr(llvm, "arrange", fails)
    kernel = compiled_kernel(FEW, runs=60)
    assert not is_arranged(kernel)
    assert tried == [1]
    assert not kernel.awaits_code
    assert llvm_service.wishes.last_error == "RuntimeError: no"
    llvm_service.wishes.last_error = None


def test_how_many_threads_it_may_use_is_kept_and_it_is_arranged_once():
    kernel = compiled_kernel(FEW, runs=3)
    kernel.most_threads, kernel.exact_threads = 3, 2
    kernel.arrange(kernel.plan, None)
    assert (kernel.most_threads, kernel.exact_threads) == (3, 2)
    with pytest.raises(ValueError, match="has been arranged"):
        kernel.arrange(kernel.plan, None)


def test_threads_that_are_in_the_middle_of_a_run_go_on():
    """The interpreter may be given away in a run: half of these arrays are large."""
    fast = graphlet.optimize(polynomial)
    arrays = [np.random.default_rng(i).random(n) for i, n in enumerate((10, 1_000_000, 100, 1_000_000))]
    expected = [polynomial(x, x).tobytes() for x in arrays]
    fast(arrays[0], arrays[0])
    wrong = []

    def work(i):
        for _ in range(40):
            if fast(arrays[i], arrays[i]).tobytes() != expected[i]:
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(arrays))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    llvm_service.wait()
