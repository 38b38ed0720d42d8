"""The report as text, JSON and HTML."""

import json
import re

import numpy as np

import graphlet
from tests.report.programs import program

X = np.linspace(0.0, 1.0, 9)


def report_of(source: str, *args) -> graphlet.ExplainReport:
    return graphlet.explain(program(source)["f"])(*args)


def test_json_has_the_figures() -> None:
    report = report_of("def f(x, k):\n    y = x * k\n    graphlet.graph_break()\n    return y + 1.0\n", X, 2.0)
    found = json.loads(report.to_json())
    assert (found["graph_count"], found["graph_break_count"], found["op_count"]) == (2, 1, 2)
    assert found["ops_per_graph"] == [1, 1]
    assert found["native_share"] == 1.0
    assert found["call"] == "x float64[9] C   k 2.0  ->  float64[9] C"
    assert [line["native_ops"] for line in found["lines"]] == [0, 1, 0, 1]
    assert len(found["compile_times"]) == 2
    assert found["verdict"] == report.verdict


def test_html_escapes_what_the_user_wrote() -> None:
    report = report_of('def f(x, s):\n    return x + 1.0, "</pre><script>"\n', X, "<b>")
    for page in (report.to_html(), report._repr_html_()):
        assert "<script>" not in page
        assert "&lt;/pre&gt;&lt;script&gt;" in page
        assert "<b>" not in page
    assert report.to_html().startswith("<!doctype html>")
    assert "#e6f4ea" in report._repr_html_()


def test_verdict_counts_in_words() -> None:
    one = report_of("def f(x):\n    return x + 1.0\n", X)
    assert one.verdict == "1 graph, 0 breaks. 1 of 1 array ops native (100 %)."


def test_share_is_rounded_honestly() -> None:
    source = "def f(x):\n    for k in range(300):\n        x = x + 1.0\n    return x.astype(object)\n"
    report = report_of(source, X)
    assert (report.native_ops, report.python_ops) == (300, 1)
    assert "300 of 301 array ops native (99 %)" in report.verdict
    assert "First to look at: GL107 at line 4" in report.verdict


def test_lines_say_what_runs_together() -> None:
    report = report_of("def f(x):\n    y = x * 2.0\n    z = y + 1.0\n    return np.sort(z)\n", X)
    assert report.lines[1].fused == (3,)
    assert re.search(r"    2  N       y = x \* 2\.0 +fused with 3\n", report.to_text())


def test_with_a_backend_that_does_not_fuse_nothing_is_fused() -> None:
    fn = graphlet.optimize(program("def f(x):\n    y = x * 2.0\n    return y + 1.0\n")["f"], backend="eager")
    assert all(line.fused == () for line in graphlet.explain(fn)(X).lines)


def test_repr_and_reasons() -> None:
    report = report_of('def f(x):\n    print(end="")\n    return x + 1.0\n', X)
    assert repr(report) == f"<ExplainReport of f: {report.verdict}>"
    assert report.break_reasons == ("GL101 line 2: print(...): side effect",)
