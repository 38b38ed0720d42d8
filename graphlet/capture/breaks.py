"""The table of GL codes: every reason why graphlet leaves something to the interpreter, with cause and cure.

GL1xx graph breaks, GL2xx limits and fallbacks, GL9xx graphlet's own failures.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One code: what happened, why that is, what to do about it (at most two things)."""

    title: str
    cause: str
    fix: str


CODES: dict[str, Entry] = {
    "GL101": Entry(
        "side effect in the middle of a graph",
        "the call does something besides computing its result (it prints, reads a file, asks for input ...), so it has "
        "to happen at its own place in the program",
        "move the call behind the array work, or remove it from the hot path",
    ),
    "GL102": Entry(
        "call of a function that cannot be followed",
        "graphlet follows Python functions and knows NumPy's and some of Python's own; this one is neither",
        "write it with NumPy functions, or call it behind the array work",
    ),
    "GL103": Entry(
        "instruction that is not followed",
        "the statement uses something the symbolic interpreter leaves to Python (import, class, some with blocks ...)",
        "move the statement out of the array code",
    ),
    "GL104": Entry(
        "effect on an object that existed before",
        "a global, list or other object that others may see is changed, or what is replaced in it may do something "
        "when it goes, which has to happen at its own place in the program",
        "collect the results in new objects and store them at the end",
    ),
    "GL105": Entry(
        "read after a write to memory that existed before",
        "the array may share memory with one that was just written, and writes become visible at the end of a graph",
        "write the result at the end, or work on a copy: y = x.copy()",
    ),
    "GL106": Entry(
        "array of a kind that is not followed",
        "subclasses of ndarray and arrays of objects or strings are left to NumPy; of arrays of records, fields, parts "
        "and single records are followed",
        "use a plain numeric array: np.asarray(x, dtype=float)",
    ),
    "GL107": Entry(
        "result type or shape cannot be known",
        "what the operation returns depends on the data, or NumPy would raise here",
        "use an operation whose result has a fixed type and shape, such as np.where for a boolean mask; nothing, if "
        "NumPy raises here",
    ),
    "GL108": Entry(
        "loop that stays a loop",
        "the loop is long or its length is not known, so it runs in Python and its body is a region of its own",
        "replace the loop by whole-array operations if you can",
    ),
    "GL109": Entry(
        "generator or coroutine",
        "the frame may be suspended here; graphlet works between suspensions only",
        "compute arrays in a plain function, and yield or return what it gives",
    ),
    "GL110": Entry(
        "object of a class that is not followed",
        "the operation may run code of the class, or its result cannot be described",
        "pass the arrays and numbers the object holds instead of the object",
    ),
    "GL111": Entry(
        "exception raised or handled",
        "an exception is raised that nobody in the graph catches, or one is handled that came from elsewhere",
        "keep raise and except out of the array code",
    ),
    "GL112": Entry(
        "data-dependent branch",
        "which way the program goes depends on a value that exists only after the graph has run",
        "use np.where(condition, a, b); nothing in a loop that ends by what it has computed: its body is a graph",
    ),
    "GL113": Entry("explicit graph break", "graphlet.graph_break() was called", "remove the call"),
    "GL114": Entry(
        "value needed while capturing",
        "a number decides a shape, an axis or an index, and it is computed by the graph itself or differs from call to "
        "call",
        "pass the number as an argument or make it a constant",
    ),
    "GL115": Entry(
        "callee that is not inlined",
        "the function recurses too deeply, is a generator or coroutine, is to be left alone, or a break lies inside it",
        "call it behind the array work; where a break lies inside it, see the reason given for the statement there",
    ),
    "GL116": Entry(
        "limit of one region",
        "so many instructions were followed that the region ends here and the next one begins",
        "nothing: this costs little",
    ),
    "GL117": Entry(
        "name without a value",
        "the variable, attribute or item read here does not exist, so Python will raise",
        "give it a value before it is read",
    ),
    "GL118": Entry(
        "object that cannot leave a region",
        "a function, generator, iterator or exception made here is still needed behind the region, which cannot hand "
        "it over",
        "make it before the array code, or use a list",
    ),
    "GL119": Entry(
        "operation that warns or fails every time",
        "NumPy warned or raised here in the calls before, which only it can do; so the graph ends in front",
        "put np.errstate(...) around it if the warning is not wanted",
    ),
    "GL202": Entry(
        "limit of specialisations reached",
        "the same place was compiled for so many kinds of values that it stays with what it has",
        "keep dtypes, ranks and types the same, or raise GRAPHLET_RECOMPILE_LIMIT",
    ),
    "GL203": Entry(
        "backend failed",
        "the backend raised or returned something that is no kernel",
        "use another backend, and report the failure to whoever wrote this one",
    ),
    "GL204": Entry(
        "region not worth compiling",
        "there is too little array work in it to pay for entering it",
        "nothing: plain Python is faster here",
    ),
    "GL208": Entry(
        "kind of function that is left alone",
        "the code object cannot hold regions (a class body, a module, generated code, an unknown version of CPython)",
        "call graphlet.optimize on a plain function",
    ),
    "GL901": Entry(
        "internal failure in capture",
        "graphlet met something its authors did not think of; the original code runs",
        "report this with the function's source",
    ),
}


class Break(Exception):
    """The instruction at hand cannot be taken: why, in one sentence; ``variable`` names the user's value if known.

    ``before``: the region ends no later than where this byte offset of the outermost frame was first reached.
    """

    def __init__(self, code: str, detail: str, variable: str = "", before: int | None = None) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
        self.variable = variable
        self.before = before


class RegionEnd(Exception):
    """The region is over, and nothing is in the way: the back edge of the loop it lies in, or a return."""
