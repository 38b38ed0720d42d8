"""Stages that reduce columns, in LLVM's language: rows are added to (or compared with) what is there, in order.

A result is there for each column before, and goes on. NumPy reduces an outer axis of an array in C order one row after
the other, so the bits are the same whatever part of the rows and columns one call goes through. Some columns are in
registers while some rows pass. The last vector overlaps the one before it; what is reduced already is left as it is.

In doubt (a NaN) the whole reduction has to be done again, for results have gone on.
"""

from typing import NamedTuple

from graphlet.backends import llvm_roots
from graphlet.backends.llvm_emit import SIGNATURE, STILL, STRIDED, Writer, internal
from graphlet.backends.llvm_formulas import formula
from graphlet.backends.llvm_spec import BOOL, PLACE, Reduction, Spec, neutral
from graphlet.backends.llvm_text import Body

COMBINED_BY = {
    "sum": "add",
    "product": "multiply",
    "maximum": "maximum",
    "minimum": "minimum",
    "any": "logical_or",
    "all": "logical_and",
}
BEYOND = {"arg_max": "greater", "arg_min": "less", "arg_max_root": "greater", "arg_min_root": "less"}
FEW = (4, 2)  # columns at a time where there are fewer than a vector


class State(NamedTuple):
    """What a reduction carries from row to row: where it is in memory, its name while rows pass, its type, what was
    there, and what the rows begin with."""

    at: str
    name: str
    code: str
    old: str
    begin: str


class ColumnWriter(Writer):
    """The module of a spec that reduces columns."""

    def __init__(self, spec: Spec, kinds: str, vector_bytes: int) -> None:
        super().__init__(spec, kinds, vector_bytes)
        self.widest = self.width

    def functions(self) -> list[str]:
        """The function for each width, and the one that chooses."""
        widths = [self.widest, *(width for width in FEW if width < self.widest)]
        lines: list[str] = []
        for self.width in widths:
            lines += self.columns()
        lines += [SIGNATURE, "entry:"]
        for width in widths[:-1]:
            lines += [f"  %is{width} = icmp uge i64 %n, {width}"]
            lines += [f"  br i1 %is{width}, label %do{width}, label %no{width}"]
            lines += [f"do{width}:", *self.call(width), f"no{width}:"]
        return [*lines, *self.call(widths[-1]), "}"]

    @staticmethod
    def call(width: int) -> list[str]:
        """Leave it to the function for so many columns at a time."""
        args = "ptr %data, ptr %strides, i64 %n, i64 %rows, ptr %steps"
        return [f"  %result{width} = call i64 @columns{width}({args})", f"  ret i64 %result{width}"]

    def columns(self) -> list[str]:
        """The function for so many columns at a time, or more."""
        entry, begin = Body("vb", self.width, self.declared), Body("c", self.width, self.declared)
        row, end = Body("v", self.width, self.declared), Body("e", self.width, self.declared)
        self.where_things_are(entry)
        fresh = self.fresh(begin)
        states = self.begin(begin, fresh)
        row.block = "row"
        totals, nan = self.one_row(row)
        mask, back = row.type(BOOL), row.block
        phis = [
            f"  {state.name} = phi {row.type(state.code)} [ {state.begin}, %col ], [ {total}, %{back} ]"
            for state, total in zip(states, totals, strict=True)
        ]
        found = self.end(end, states, totals, nan, fresh)
        some = end.call(f"llvm.vector.reduce.or.v{self.width}i1", "i1", f"{mask} {found}")
        end.do(f"%j.end = add i64 %j, {self.width}")
        end.do(f"%j.next = {self.umin('%j.end', '%last')}")
        end.do("%is.last = icmp eq i64 %j, %last")
        end.do(f"%doubt = or i1 %doubt.before, {some}")
        n = range(self.n_values)
        return [
            internal(f"columns{self.width}"),
            "entry:",
            *entry.lines,
            "  br label %group",
            "group:",
            "  %group.row = phi i64 [ 0, %entry ], [ %group.end, %group.done ]",
            *(f"  %group{i} = phi ptr [ %first{i}, %entry ], [ %next{i}, %group.done ]" for i in n),
            "  %group.doubt = phi i1 [ false, %entry ], [ %doubt, %group.done ]",
            "  %group.after = add i64 %group.row, %together",
            f"  %group.end = {self.umin('%group.after', '%rows')}",
            "  br label %col",
            "col:",
            "  %j = phi i64 [ 0, %group ], [ %j.next, %col.end ]",
            "  %covered = phi i64 [ 0, %group ], [ %j.end, %col.end ]",
            "  %doubt.before = phi i1 [ %group.doubt, %group ], [ %doubt, %col.end ]",
            *begin.lines,
            "  br label %row",
            "row:",
            f"  %r = phi i64 [ %group.row, %col ], [ %r.next, %{back} ]",
            *(f"  %p{i} = phi ptr [ %group{i}, %col ], [ %next{i}, %{back} ]" for i in n),
            *phis,
            f"  %nan = phi {mask} [ zeroinitializer, %col ], [ {nan}, %{back} ]",
            *row.lines,
            *(f"  %next{i} = getelementptr i8, ptr %p{i}, i64 %step{i}" for i in n),
            "  %r.next = add i64 %r, 1",
            "  %r.done = icmp eq i64 %r.next, %group.end",
            "  br i1 %r.done, label %col.end, label %row",
            "col.end:",
            *end.lines,
            "  br i1 %is.last, label %group.done, label %col",
            "group.done:",
            "  %all.done = icmp eq i64 %group.end, %rows",
            "  br i1 %all.done, label %done, label %group",
            "done:",
            "  %result = zext i1 %doubt to i64",
            "  ret i64 %result",
            "}",
        ]

    def where_things_are(self, body: Body) -> None:
        """Addresses, steps, strides, and the columns the last vector begins with."""
        body.lines += self.entry()[:-2]
        body.do(f"%last = sub i64 %n, {self.width}")
        for k, reduction in enumerate(self.spec.reductions):
            self.pointer(body, f"%result.at{k}", self.n_values + k)
            if reduction.kind in BEYOND:
                self.pointer(body, f"%best.at{k}", self.n_values + len(self.spec.reductions) + k)
        for k, name in enumerate(("first.row", "together")):
            body.do(f"%{name}.at = getelementptr i64, ptr %steps, i64 {len(self.spec.inputs) + k}")
            body.do(f"%{name} = load i64, ptr %{name}.at")
        for i, kind in enumerate(self.kinds):
            if kind == STRIDED:
                self.before_loop(body, i)

    @staticmethod
    def pointer(body: Body, name: str, place: int) -> None:
        body.do(f"{name} = load ptr, ptr {body.let(f'getelementptr ptr, ptr %data, i64 {place}')}")

    def fresh(self, body: Body) -> str:
        """Which columns of a vector are not reduced yet."""
        of = f"<{self.width} x i64>"
        numbers = ", ".join(f"i64 {lane}" for lane in range(self.width))
        behind = body.splat(PLACE, body.let("sub i64 %covered, %j"))
        return body.let(f"icmp uge {of} <{numbers}>, {behind}")

    # ---- what a reduction carries from row to row: a value, or the best one and its place ----

    def parts(self, k: int) -> list[tuple[str, str, str, float]]:
        """Of each part: the name of its address, its name, its type and what it begins with."""
        reduction = self.spec.reductions[k]
        code = self.spec.type_of(reduction.value)
        if reduction.kind not in BEYOND:
            return [(f"%result.at{k}", f"%acc{k}", code, neutral(reduction.kind, code))]
        best = (f"%best.at{k}", f"%best{k}", code, neutral(reduction.kind, code))
        return [best, (f"%result.at{k}", f"%place{k}", PLACE, 0)]

    def begin(self, body: Body, fresh: str) -> list[State]:
        """Reads all states."""
        result = []
        for at, name, code, start in (part for k in range(len(self.spec.reductions)) for part in self.parts(k)):
            old = body.load(code, self.address(body, at, code, "%j"))
            begin = body.select(code, fresh, old, body.constant(code, start))
            result.append(State(at, name, code, old, begin))
        return result

    def one_row(self, body: Body) -> tuple[list[str], str]:
        """What a row makes of all states, and of the mask of doubts."""
        inputs = []
        for i, kind in enumerate(self.kinds):
            code = self.spec.inputs[i]
            if kind == STILL:
                one = Body(f"o{i}.", 1, self.declared)
                value = one.load(code, f"%p{i}")
                body.lines += one.lines
                inputs.append(body.splat(code, value))
            else:
                inputs.append(self.load(body, i, "", "%j"))
        found, values = self.compute(body, inputs, "%j")
        doubts = [found] if found else []
        totals: list[str] = []
        for k, reduction in enumerate(self.spec.reductions):
            totals += self.go_on(body, k, reduction, values[reduction.value], doubts)
        nan = "%nan"
        for doubt in doubts:
            nan = body.let(f"or {body.type(BOOL)} {nan}, {doubt}")
        return totals, nan if doubts else body.let(f"or {body.type(BOOL)} {nan}, {nan}")

    def go_on(self, body: Body, k: int, reduction: Reduction, value: str, doubts: list[str]) -> list[str]:
        code = self.spec.type_of(reduction.value)
        if reduction.kind not in BEYOND:
            types = (code, code, code)
            return [formula(COMBINED_BY[reduction.kind], types)(body, [f"%acc{k}", value], types)]
        order, types = BEYOND[reduction.kind], (code, code, BOOL)
        if reduction.kind in llvm_roots.OF_ROOTS.values():
            doubts.append(llvm_roots.is_doubtful(body, code, value))
            beyond = llvm_roots.beyond(body, order, code, value, f"%best{k}")
        else:
            if code[0] == "f":
                doubts.append(formula("isnan", (code, BOOL))(body, [value], (code, BOOL)))
            beyond = formula(order, types)(body, [value, f"%best{k}"], types)
        number = body.splat(PLACE, body.let("add i64 %first.row, %r"))
        best = body.select(code, beyond, value, f"%best{k}")
        return [best, body.select(PLACE, beyond, number, f"%place{k}")]

    def end(self, body: Body, states: list[State], totals: list[str], nan: str, fresh: str) -> str:
        """Stores all states; returns the mask of doubts."""
        for state, total in zip(states, totals, strict=True):
            code = state.code
            place = self.address(body, state.at, code, "%j")
            body.store(code, body.select(code, fresh, total, state.old), place)
            if code[0] == "f":
                is_nan = formula("isnan", (code, BOOL))(body, [total], (code, BOOL))
                nan = body.let(f"or {body.type(BOOL)} {nan}, {is_nan}")
        return nan
