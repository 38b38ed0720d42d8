"""docs/breaks.md: the table of GL codes as a page."""

from collections.abc import Iterator

from graphlet.capture.breaks import CODES, Entry

_FAMILIES = {
    "GL1": ("Graph breaks", "A graph ends, the interpreter runs the statement, and the next graph begins behind it."),
    "GL2": ("Limits and fallbacks", "Something runs in plain Python although it could be compiled."),
    "GL9": ("graphlet's own failures", "The original code runs, and one warning says so."),
}


def page() -> str:
    """The page, ending in a newline."""
    return "\n".join([*_head(), *(line for family in _FAMILIES for line in _family(family))]) + "\n"


def _head() -> list[str]:
    return [
        "# Codes",
        "",
        "Whatever graphlet leaves to the interpreter has a code. `python -m graphlet help GL101` prints one,",
        "`graphlet.explain(f)(x)` says where they apply. This page is made by `python -m graphlet help --markdown`.",
    ]


def _family(prefix: str) -> Iterator[str]:
    title, meaning = _FAMILIES[prefix]
    yield from ("", f"## {title}", "", meaning)
    for code, entry in CODES.items():
        if code.startswith(prefix):
            yield from _entry(code, entry)


def _entry(code: str, entry: Entry) -> list[str]:
    return ["", f"**{code}** {entry.title}  ", f"why: {entry.cause}  ", f"fix: {entry.fix}"]
