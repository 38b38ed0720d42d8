"""Stages that reduce rows, in LLVM's language: the operations, and sums in NumPy's own order.

NumPy's sum of a row of floats is a tree, split at half (rounded down to a multiple of 8) until at most 128 elements are
left; those are added in eight strands, and what is beyond a multiple of 8 one by one. A leaf here is all operations on
so many elements, so that nothing of a row that is only summed is ever stored. Everything else goes along in the same
leaves. Results lie one behind the other, one a row, for the caller to add to where NumPy starts from.

In doubt (a NaN; an extreme that is zero, whose sign depends on how NumPy cuts the row) the caller does it again.
"""

from graphlet.backends.llvm_emit import SIGNATURE, Writer
from graphlet.backends.llvm_formulas import formula
from graphlet.backends.llvm_spec import BOOL, Reduction, Spec, neutral
from graphlet.backends.llvm_text import Body, element_type

LEAF, STRANDS = 128, 8
TREE = "define internal i64 @tree(ptr %data, ptr %strides, i64 %from, i64 %n, ptr %out) #0 {"


class Reducer(Writer):
    """The module of a spec with reductions."""

    def __init__(self, spec: Spec, kinds: str, vector_bytes: int) -> None:
        super().__init__(spec, kinds, vector_bytes)
        self.width = STRANDS

    def functions(self) -> list[str]:
        """The tree of a row, and the function for rows."""
        return [*self.tree(), *self.stage()]

    def code_of(self, reduction: Reduction) -> str:
        """The type of a reduction's value and result."""
        return self.spec.type_of(reduction.value)

    # ---- a node of the tree ----

    def tree(self) -> list[str]:
        """What reduces a stretch of a row: a leaf, or two halves."""
        leaf = Body("f", 1, self.declared)
        self.addresses(leaf, "p")
        self.own_strides(leaf)
        before = {name: Body(f"{name}b", width, self.declared) for name, width in (("v", STRANDS), ("s", 1))}
        stills = self.stills()
        values = {
            name: [self.before_loop(body, i) for i in range(len(self.spec.inputs))] for name, body in before.items()
        }
        return [
            TREE,
            "entry:",
            f"  %right = alloca [{len(self.spec.reductions)} x i64], align 16",
            f"  %small = icmp ule i64 %n, {LEAF}",
            "  br i1 %small, label %leaf, label %split",
            "split:",
            *self.halves(),
            "leaf:",
            *leaf.lines,
            *stills,
            *before["v"].lines,
            *before["s"].lines,
            f"  %full = and i64 %n, -{STRANDS}",
            "  %stop = add i64 %from, %full",
            "  %end = add i64 %from, %n",
            "  %short = icmp eq i64 %full, 0",
            "  br i1 %short, label %s.begin, label %v.loop",
            *self.strands(values["v"]),
            *self.rest(values["s"]),
            "}",
        ]

    def halves(self) -> list[str]:
        """The two halves, and what they are together."""
        body = Body("t2.", 1, self.declared)
        body.do("%by.two = lshr i64 %n, 1")
        body.do(f"%half = and i64 %by.two, -{STRANDS}")
        body.do("%other.half = sub i64 %n, %half")
        body.do("%middle = add i64 %from, %half")
        body.do("%doubt1 = call i64 @tree(ptr %data, ptr %strides, i64 %from, i64 %half, ptr %out)")
        body.do("%doubt2 = call i64 @tree(ptr %data, ptr %strides, i64 %middle, i64 %other.half, ptr %right)")
        for k, reduction in enumerate(self.spec.reductions):
            code = self.code_of(reduction)
            place = self.cell(body, "%out", k)
            left, right = body.load(code, place), body.load(code, self.cell(body, "%right", k))
            body.store(code, self.both(body, reduction, left, right), place)
        body.do("%doubts = or i64 %doubt1, %doubt2")
        body.do("ret i64 %doubts")
        return body.lines

    @staticmethod
    def cell(body: Body, cells: str, k: int) -> str:
        """Where the result of a reduction is."""
        return body.let(f"getelementptr i64, ptr {cells}, i64 {k}")

    def strands(self, stills: list[str]) -> list[str]:
        """Eight elements at a time."""
        body, after = Body("v", STRANDS, self.declared), Body("va", 1, self.declared)
        mask = body.type(BOOL)
        found, values = self.step(body, stills, "%v.i", "%v.nan")
        back = body.block or "v.loop"
        totals = [self.both(body, r, f"%v.acc{k}", values[r.value]) for k, r in enumerate(self.spec.reductions)]
        accs = [
            f"  %v.acc{k} = phi {body.type(self.code_of(r))} "
            f"[ {body.constant(self.code_of(r), neutral(r.kind, self.code_of(r)))}, %leaf ], [ {totals[k]}, %{back} ]"
            for k, r in enumerate(self.spec.reductions)
        ]
        across = [self.across(totals[k], k, r, after) for k, r in enumerate(self.spec.reductions)]
        some = after.call(f"llvm.vector.reduce.or.v{STRANDS}i1", "i1", f"{mask} {found}")
        self.across_results, self.across_nan = across, some
        return [
            "v.loop:",
            f"  %v.i = phi i64 [ %from, %leaf ], [ %v.next, %{back} ]",
            f"  %v.nan = phi {mask} [ zeroinitializer, %leaf ], [ {found}, %{back} ]",
            *accs,
            *body.lines,
            f"  %v.next = add i64 %v.i, {STRANDS}",
            "  %v.done = icmp eq i64 %v.next, %stop",
            "  br i1 %v.done, label %v.end, label %v.loop",
            "v.end:",
            *after.lines,
            "  br label %s.begin",
        ]

    def rest(self, stills: list[str]) -> list[str]:
        """What is left, one by one."""
        body, end = Body("s", 1, self.declared), Body("e", 1, self.declared)
        found, values = self.step(body, stills, "%s.i", "%s.nan")
        begins, accs, results = [], [], []
        for k, r in enumerate(self.spec.reductions):
            code = self.code_of(r)
            of = element_type(code)
            total = self.both(body, r, f"%s.acc{k}", values[r.value])
            start = body.constant(code, neutral(r.kind, self.code_of(r)))
            begins.append(f"  %begin{k} = phi {of} [ {start}, %leaf ], [ {self.across_results[k]}, %v.end ]")
            accs.append(f"  %s.acc{k} = phi {of} [ %begin{k}, %s.begin ], [ {total}, %s.loop ]")
            results.append(f"  %total{k} = phi {of} [ %begin{k}, %s.begin ], [ {total}, %s.loop ]")
            end.store(code, f"%total{k}", self.cell(end, "%out", k))
        return [
            "s.begin:",
            *begins,
            f"  %begin.nan = phi i1 [ false, %leaf ], [ {self.across_nan}, %v.end ]",
            "  %even = icmp eq i64 %stop, %end",
            "  br i1 %even, label %s.end, label %s.loop",
            "s.loop:",
            "  %s.i = phi i64 [ %stop, %s.begin ], [ %s.next, %s.loop ]",
            f"  %s.nan = phi i1 [ %begin.nan, %s.begin ], [ {found}, %s.loop ]",
            *accs,
            *body.lines,
            "  %s.next = add i64 %s.i, 1",
            "  %s.done = icmp eq i64 %s.next, %end",
            "  br i1 %s.done, label %s.end, label %s.loop",
            "s.end:",
            *results,
            f"  %some.nan = phi i1 [ %begin.nan, %s.begin ], [ {found}, %s.loop ]",
            *end.lines,
            "  %doubt = zext i1 %some.nan to i64",
            "  ret i64 %doubt",
        ]

    def step(self, body: Body, stills: list[str], index: str, nan: str) -> tuple[str, list[str]]:
        """All operations from ``index`` on: what says where a NaN may not be NumPy's, and all values."""
        inputs = [self.load(body, i, stills[i], index) for i in range(len(self.spec.inputs))]
        found, values = self.compute(body, inputs, index)
        doubts = [nan, found] if found else [nan]
        for reduction in self.spec.reductions:
            code = self.code_of(reduction)
            if code[0] == "f" and reduction.kind != "sum":
                doubts.append(formula("isnan", (code, BOOL))(body, [values[reduction.value]], (code, BOOL)))
        while len(doubts) > 1:
            doubts[:2] = [body.let(f"or {body.type(BOOL)} {doubts[0]}, {doubts[1]}")]
        return (doubts[0] if doubts[0] != nan else self.same_mask(body, nan)), values

    @staticmethod
    def same_mask(body: Body, nan: str) -> str:
        """What gives the mask another name."""
        return body.let(f"or {body.type(BOOL)} {nan}, {nan}")

    # ---- the kinds of reductions ----

    def both(self, body: Body, reduction: Reduction, left: str, right: str) -> str:
        """What two parts are together."""
        code, kind = self.code_of(reduction), reduction.kind
        types = (code, code, code)
        if kind in ("any", "all"):
            return body.let(f"{'or' if kind == 'any' else 'and'} {body.type(BOOL)} {left}, {right}")
        if kind in ("sum", "product"):
            return formula("add" if kind == "sum" else "multiply", types)(body, [left, right], types)
        if code[0] != "f":
            return formula(kind, types)(body, [left, right], types)
        # Not constrained, so that it is one instruction: what that raises for a NaN is dropped, for there is doubt.
        beyond = body.let(f"fcmp {'ogt' if kind == 'maximum' else 'olt'} {body.type(code)} {right}, {left}")
        return body.select(code, beyond, right, left)

    def across(self, vector: str, k: int, reduction: Reduction, after: Body) -> str:
        """Neighbours, then neighbours among those, then the last two."""
        code, width = self.code_of(reduction), STRANDS
        while width > 1:
            whole, half = Body("", width, self.declared), Body(f"a{k}.{width}.", width // 2, self.declared)
            of, parts = whole.type(code), []
            for odd in (0, 1):
                lanes = ", ".join(f"i32 {lane}" for lane in range(odd, width, 2))
                if width == 2:
                    parts.append(half.let(f"extractelement {of} {vector}, i64 {odd}"))
                else:
                    parts.append(half.let(f"shufflevector {of} {vector}, {of} poison, <{width // 2} x i32> <{lanes}>"))
            vector = self.both(half, reduction, *parts)
            after.lines.extend(half.lines)
            width //= 2
        return vector

    # ---- rows ----

    def stage(self) -> list[str]:
        """Row by row: where it is, its tree, its results."""
        entry, row = Body("h", 1, self.declared), Body("r", 1, self.declared)
        n_inputs, n_reductions = len(self.spec.inputs), len(self.spec.reductions)
        entry.do(f"%cells = alloca [{n_reductions} x i64], align 16")
        entry.do(f"%row.data = alloca [{self.n_values} x ptr], align 16")
        entry.lines.extend(self.entry())
        self.results(entry)
        for i in range(self.n_values):
            row.do(f"store ptr %p{i}, ptr {row.let(f'getelementptr ptr, ptr %row.data, i64 {i}')}")
        row.do("%v.result = call i64 @tree(ptr %row.data, ptr %strides, i64 0, i64 %n, ptr %cells)")
        doubts = "%v.result"
        for k, reduction in enumerate(self.spec.reductions):
            code = self.code_of(reduction)
            value = row.load(code, self.cell(row, "%cells", k))
            row.store(code, value, self.address(row, f"%results{k}", code, "%row.i"))
            if code[0] == "f":
                wide = row.let(f"zext i1 {self.is_doubtful(row, reduction, value)} to i64")
                doubts = row.let(f"or i64 {doubts}, {wide}")
        row.do(f"%row.result = or i64 {doubts}, 0")
        row.do("br label %row.end")
        end = [line for line in self.row_end() if not line.startswith("  %row.result = phi")]
        assert n_inputs == len(self.kinds)
        return [
            SIGNATURE,
            "entry:",
            *entry.lines,
            "  br label %row",
            "row:",
            *self.row_pointers(),
            *row.lines,
            *end,
            "}",
        ]

    def results(self, body: Body) -> None:
        """Read where results go."""
        for k in range(len(self.spec.reductions)):
            body.do(f"%results.at{k} = getelementptr ptr, ptr %data, i64 {self.n_values + k}")
            body.do(f"%results{k} = load ptr, ptr %results.at{k}")

    def is_doubtful(self, body: Body, reduction: Reduction, value: str) -> str:
        """Whether a result may not be NumPy's: a NaN that was summed, an extreme of zero."""
        code = self.code_of(reduction)
        if reduction.kind == "sum":
            return formula("isnan", (code, BOOL))(body, [value], (code, BOOL))
        return formula("equal", (code, code, BOOL))(body, [value, body.constant(code, 0)], (code, code, BOOL))
