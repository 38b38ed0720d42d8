"""The names users import, and how they are called: changing one of these is a decision, not an accident."""

import inspect
import subprocess
import sys
from importlib import metadata, resources

import pytest

import graphlet

NAMES = {
    "BackendError",
    "ConfigError",
    "ExplainReport",
    "Graph",
    "GraphBreakError",
    "GraphError",
    "GraphletError",
    "MismatchError",
    "Node",
    "Optimized",
    "PerformanceWarning",
    "Session",
    "__version__",
    "capture",
    "config",
    "counters",
    "disable",
    "enable",
    "explain",
    "graph_break",
    "is_compiling",
    "list_backends",
    "optimize",
    "register_backend",
    "reset",
    "set_stance",
}

OPTIONS = "backend=None, fullgraph=False, dynamic=None, mode=None, options=None"
SIGNATURES = {
    "optimize": f"(fn=None, /, *, {OPTIONS}, disable=False)",
    "enable": f"(*, include=(), exclude=(), {OPTIONS})",
    "disable": "(fn=None)",
    "explain": "(fn)",
    "reset": "(fn=None)",
    "counters": "()",
    "is_compiling": "()",
    "graph_break": "(reason='')",
    "capture": "(fn)",
    "register_backend": "(name=None)",
    "list_backends": "()",
}

ERRORS = {"BackendError", "ConfigError", "GraphBreakError", "GraphError"}


def test_names() -> None:
    assert set(graphlet.__all__) == NAMES
    assert set(dir(graphlet)) >= NAMES
    assert all(getattr(graphlet, name) is not None for name in NAMES)


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures(name: str) -> None:
    signature = inspect.signature(getattr(graphlet, name))
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    assert str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)) == SIGNATURES[name]


def test_every_name_says_what_it_is() -> None:
    described = NAMES - {"__version__", "config"}
    assert all(inspect.getdoc(getattr(graphlet, name)) for name in described)
    assert all(getattr(graphlet, name).__module__.partition(".")[0] == "graphlet" for name in described)


def test_errors_have_one_base() -> None:
    assert all(issubclass(getattr(graphlet, name), graphlet.GraphletError) for name in ERRORS)
    assert issubclass(graphlet.ConfigError, ValueError)
    assert issubclass(graphlet.PerformanceWarning, UserWarning)


def test_report_and_graph_have_what_is_promised() -> None:
    report = "graph_count graph_break_count break_reasons op_count ops_per_graph graphs guards compile_times"
    report += " native_share result to_text to_json to_html _repr_html_"
    assert set(report.split()) <= {*dir(graphlet.ExplainReport), *graphlet.ExplainReport.__slots__}
    graph = "nodes inputs outputs code forward print_tabular lint to_dot"
    assert set(graph.split()) <= {*dir(graphlet.Graph), "nodes"}
    assert {"op", "name", "target", "args", "kwargs", "users", "type", "loc"} <= set(graphlet.Node.__slots__)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="module 'graphlet' has no attribute 'optimise'"):
        graphlet.optimise  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    assert graphlet.__version__ == "0.1.0"
    try:
        installed = metadata.version("graphlet")
    except metadata.PackageNotFoundError:
        return
    assert installed == graphlet.__version__


def test_types_are_published() -> None:
    assert resources.files("graphlet").joinpath("py.typed").is_file()


def test_functions_keep_their_names_when_all_is_loaded() -> None:
    source = (
        "import graphlet, graphlet.capture.breaks, graphlet.report.explain\n"
        "assert callable(graphlet.capture) and callable(graphlet.explain)\n"
        "import graphlet.cli\n"
        "assert callable(graphlet.capture) and callable(graphlet.explain)\n"
    )
    subprocess.run([sys.executable, "-c", source], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_importing_prints_and_starts_nothing() -> None:
    source = "import sys, threading, graphlet; print(threading.active_count(), len(graphlet.counters()) > 0)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True, env=environment)
    assert (done.stdout, done.stderr) == ("1 True\n", "")
