"""Stages that reduce rows of fewer than eight elements: eight rows side by side, one in each lane of a vector.

NumPy adds such a row from left to right, and so does each lane. Called row by row, a stage would spend its time on
beginning and ending rows.
"""

from graphlet.backends.llvm_emit import DENSE, STILL, STRIDED, internal
from graphlet.backends.llvm_reduce import Reducer
from graphlet.backends.llvm_spec import BOOL, bits_of, neutral
from graphlet.backends.llvm_text import Body

LANES = 8


class ShortRows(Reducer):
    """The function for short rows. The last eight overlap the eight before where the rows are no multiple of eight."""

    def __init__(self, of: Reducer) -> None:
        super().__init__(of.spec, of.kinds, of.vector_bytes)
        self.declared = of.declared

    def function(self) -> list[str]:
        """All of it."""
        body, before, after = (Body(name, LANES, self.declared) for name in ("i", "b", "a"))
        found, values = self.step(body, [""] * len(self.kinds), "", "%nan")
        totals = [self.both(body, r, f"%acc{k}", values[r.value]) for k, r in enumerate(self.spec.reductions)]
        mask, back = body.type(BOOL), body.block or "element"
        accs = []
        for k, reduction in enumerate(self.spec.reductions):
            code = self.code_of(reduction)
            start = body.constant(code, neutral(reduction.kind, code))
            accs.append(f"  %acc{k} = phi {body.type(code)} [ {start}, %row ], [ {totals[k]}, %{back} ]")
        for i in range(len(self.kinds)):
            before.do(f"%begin{i} = getelementptr i8, ptr %first{i}, i64 {before.let(f'mul i64 %row.i, %step{i}')}")
            body.do(f"%next{i} = getelementptr i8, ptr %place{i}, i64 %apart{i}")
        return [
            internal("short"),
            "entry:",
            *self.beginning(),
            "  br label %row",
            "row:",
            "  %row.i = phi i64 [ 0, %entry ], [ %row.next, %row.end ]",
            f"  %row.nan = phi {mask} [ zeroinitializer, %entry ], [ %row.found, %row.end ]",
            *before.lines,
            "  br label %element",
            "element:",
            f"  %j = phi i64 [ 0, %row ], [ %j.next, %{back} ]",
            f"  %nan = phi {mask} [ %row.nan, %row ], [ {found}, %{back} ]",
            *(f"  %place{i} = phi ptr [ %begin{i}, %row ], [ %next{i}, %{back} ]" for i in range(len(self.kinds))),
            *accs,
            *body.lines,
            "  %j.next = add i64 %j, 1",
            "  %j.done = icmp eq i64 %j.next, %n",
            "  br i1 %j.done, label %row.end, label %element",
            "row.end:",
            *self.ending(after, totals, found),
            *self.next_rows(),
        ]

    def beginning(self) -> list[str]:
        """Where rows are, how far apart they and their elements lie, where results go."""
        body = Body("h", 1, self.declared)
        self.addresses(body, "first")
        self.own_strides(body)
        self.steps(body)
        self.results(body)
        for i, kind in enumerate(self.kinds):
            body.do(f"%apart{i} = add i64 {self.apart(i, kind)}, 0")
            for lane in range(1, LANES):
                body.do(f"%lane{i}.{lane} = mul i64 %step{i}, {lane}")
        body.do(f"%last = sub i64 %rows, {LANES}")
        return body.lines

    def apart(self, i: int, kind: str) -> str:
        """How many bytes it is from one element of a row to the next."""
        size = bits_of(self.spec.inputs[i]) // 8
        if kind == STRIDED:
            return f"%stride{i}"
        return str({STILL: 0, DENSE: size}.get(kind, -size))

    def ending(self, body: Body, totals: list[str], found: str) -> list[str]:
        """Store the results of eight rows; whether any of them is in doubt."""
        doubts = found
        for k, reduction in enumerate(self.spec.reductions):
            code = self.code_of(reduction)
            if code[0] == "f":
                doubts = body.let(f"or {body.type(BOOL)} {doubts}, {self.is_doubtful(body, reduction, totals[k])}")
            body.store(code, totals[k], self.address(body, f"%results{k}", code, "%row.i"))
        body.do(f"%row.found = or {body.type(BOOL)} {doubts}, {doubts}")
        return body.lines

    def next_rows(self) -> list[str]:
        """On to the next eight rows, or whether any is in doubt."""
        done = Body("d", 1, self.declared)
        some = done.call(f"llvm.vector.reduce.or.v{LANES}i1", "i1", f"<{LANES} x i1> %row.found")
        done.do(f"ret i64 {done.let(f'zext i1 {some} to i64')}")
        return [
            f"  %row.step = add i64 %row.i, {LANES}",
            "  %row.done = icmp eq i64 %row.i, %last",
            f"  %row.next = {self.umin('%row.step', '%last')}",
            "  br i1 %row.done, label %done, label %row",
            "done:",
            *done.lines,
            "}",
        ]

    def load(self, body: Body, i: int, still: str, index: str) -> str:
        """An element of each of eight rows."""
        return body.from_memory(self.spec.inputs[i], self.lanes(body, i, f"%place{i}"))

    def lanes(self, body: Body, i: int, place: str) -> str:
        """The elements that lie here in the first row, and in the others."""
        code, vector = self.spec.inputs[i], "poison"
        memory, element = body.memory_type(code), body.memory_element(code)
        for lane in range(LANES):
            at = body.let(f"getelementptr i8, ptr {place}, i64 %lane{i}.{lane}") if lane else place
            value = body.let(f"load {element}, ptr {at}, align {bits_of(code) // 8}")
            vector = body.let(f"insertelement {memory} {vector}, {element} {value}, i64 {lane}")
        return vector
