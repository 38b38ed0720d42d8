"""A spec as a module in LLVM's language: one function that goes through rows of a block, vector by vector.

``i64 stage(data, strides, n, rows, steps)``: pointers and strides of the inputs, then of the outputs, which are dense;
``n`` elements a row, and how far apart the rows of the inputs are. The last vector of a row overlaps the one before it
where ``n`` is no multiple of the width: what is computed twice is the same twice, since outputs overlap no inputs.
Fewer than a vector are done one by one. The result is not 0 where some stored NaN may be another one than NumPy's.
"""

from graphlet.backends.llvm_divide import Divisor, divisor_in, prepare, quotient
from graphlet.backends.llvm_formulas import DOUBTS_NANS, formula
from graphlet.backends.llvm_spec import BOOL, Spec, bits_of
from graphlet.backends.llvm_text import Body, element_type

ENTRY = "stage"
STILL, DENSE, STRIDED, REVERSED = "0", "d", "s", "r"
MAX_LANES_STRIDED = 8  # lanes that are loaded one by one


SIGNATURE = f"define i64 @{ENTRY}(ptr %data, ptr %strides, i64 %n, i64 %rows, ptr %steps) #0 {{"


def internal(name: str) -> str:
    """The head of a function like the stage itself, which others of its module call."""
    return SIGNATURE.replace(f"define i64 @{ENTRY}", f"define internal i64 @{name}")


class Writer:
    """The module of a spec without reductions; ``kinds`` says of each input how it lies in memory."""

    def __init__(self, spec: Spec, kinds: str, vector_bytes: int) -> None:
        self.spec, self.kinds, self.vector_bytes = spec, kinds, vector_bytes
        self.declared: dict[str, str] = {}
        self.divisors: dict[int, Divisor] = {}  # inputs, of which that is known in loops of vectors
        widest = max(bits_of(code) for code in (*spec.inputs, *(code for op in spec.ops for code in op.types)))
        self.width = vector_bytes * 8 // widest  # at least 2
        if STRIDED in kinds:
            self.width = min(self.width, MAX_LANES_STRIDED)
        doubts = any(op.formula in DOUBTS_NANS and op.result[0] == "f" for op in spec.ops)
        self.doubted = [value for value in spec.outputs if doubts and spec.type_of(value)[0] == "f"]

    def module(self) -> str:
        """All of it as text."""
        functions = self.functions()
        bits = 8 * self.vector_bytes
        attributes = f'nounwind strictfp "prefer-vector-width"="{bits}" "min-legal-vector-width"="{bits}"'
        return "\n".join(
            [
                *sorted(self.declared.values()),
                *functions,
                f"attributes #0 = {{ {attributes} }}",
                "attributes #1 = { strictfp }",
                "",
            ]
        )

    def functions(self) -> list[str]:
        """The function, in a list of lines."""
        entry, loops = self.entry(), [*self.loop("v", self.width), *self.loop("s", 1)]
        row = [*self.row_pointers(), *self.stills(), "  br i1 %long, label %v.begin, label %s.begin"]
        return [SIGNATURE, "entry:", *entry, "  br label %row", "row:", *row, *loops, *self.row_end(), "}"]

    @property
    def n_values(self) -> int:
        return len(self.spec.inputs) + len(self.spec.outputs)

    def entry(self) -> list[str]:
        """Where the first row is, and how far it is to the next."""
        body = Body("h", 1, self.declared)
        self.addresses(body, "first")
        self.own_strides(body)
        self.steps(body)
        for i, value in enumerate(self.spec.outputs, len(self.spec.inputs)):
            body.do(f"%step{i} = mul i64 %n, {bits_of(self.spec.type_of(value)) // 8}")
        body.do(f"%last = sub i64 %n, {self.width}")
        body.do(f"%long = icmp uge i64 %n, {self.width}")
        return body.lines

    def addresses(self, body: Body, name: str) -> None:
        """Read where inputs and outputs are."""
        for i in range(self.n_values):
            body.do(f"%at{i} = getelementptr ptr, ptr %data, i64 {i}")
            body.do(f"%{name}{i} = load ptr, ptr %at{i}")

    def own_strides(self, body: Body) -> None:
        """Read the strides that are not known."""
        for i, kind in enumerate(self.kinds):
            if kind == STRIDED:
                body.do(f"%stride.at{i} = getelementptr i64, ptr %strides, i64 {i}")
                body.do(f"%stride{i} = load i64, ptr %stride.at{i}")

    def steps(self, body: Body) -> None:
        """Read how far the rows of inputs are apart."""
        for i in range(len(self.spec.inputs)):
            body.do(f"%step.at{i} = getelementptr i64, ptr %steps, i64 {i}")
            body.do(f"%step{i} = load i64, ptr %step.at{i}")

    def row_pointers(self) -> list[str]:
        """What changes from row to row."""
        return [
            "  %row.i = phi i64 [ 0, %entry ], [ %row.next, %row.end ]",
            "  %row.nan = phi i64 [ 0, %entry ], [ %row.found, %row.end ]",
            *(f"  %p{i} = phi ptr [ %first{i}, %entry ], [ %next{i}, %row.end ]" for i in range(self.n_values)),
        ]

    def row_end(self) -> list[str]:
        """On to the next row."""
        return [
            "row.end:",
            "  %row.result = phi i64 [ %v.result, %v.end ], [ %s.result, %s.end ]",
            "  %row.found = or i64 %row.nan, %row.result",
            *(f"  %next{i} = getelementptr i8, ptr %p{i}, i64 %step{i}" for i in range(self.n_values)),
            "  %row.next = add i64 %row.i, 1",
            "  %row.done = icmp eq i64 %row.next, %rows",
            "  br i1 %row.done, label %done, label %row",
            "done:",
            "  ret i64 %row.found",
        ]

    def stills(self) -> list[str]:
        """What stands still in a row."""
        body = Body("t", 1, self.declared)
        for i, kind in enumerate(self.kinds):
            if kind == STILL:
                code = self.spec.inputs[i]
                body.do(f"%still{i} = {self.same(code, body.load(code, f'%p{i}'))}")
        return body.lines

    @staticmethod
    def same(code: str, value: str) -> str:
        """What gives a value another name."""
        of = element_type(code)
        return f"select i1 true, {of} {value}, {of} {value}"

    def loop(self, name: str, width: int) -> list[str]:
        """A loop over all elements, ``width`` at a time."""
        before, body = Body(f"{name}b", width, self.declared), Body(name, width, self.declared)
        values = [self.before_loop(before, i) for i in range(len(self.spec.inputs))]
        inputs = [self.load(body, i, values[i], f"%{name}.i") for i in range(len(self.spec.inputs))]
        found, _ = self.compute(body, inputs, f"%{name}.i")
        mask, back = body.type(BOOL), body.block or f"{name}.loop"
        none = "false" if width == 1 else "zeroinitializer"
        nan = body.let(f"or {mask} %{name}.nan, {found}") if found else f"%{name}.nan"
        after = Body(f"{name}a", width, self.declared)
        some = nan if width == 1 else after.call(f"llvm.vector.reduce.or.v{width}i1", "i1", f"{mask} {nan}")
        body.do(f"%{name}.step = add i64 %{name}.i, {width}")
        if width == 1:
            body.do(f"%{name}.done = icmp eq i64 %{name}.step, %n")
            body.do(f"%{name}.next = add i64 %{name}.step, 0")
        else:
            body.do(f"%{name}.done = icmp eq i64 %{name}.i, %last")
            body.do(f"%{name}.next = {self.umin(f'%{name}.step', '%last')}")
        return [
            f"{name}.begin:",
            *before.lines,
            f"  br label %{name}.loop",
            f"{name}.loop:",
            f"  %{name}.i = phi i64 [ 0, %{name}.begin ], [ %{name}.next, %{back} ]",
            f"  %{name}.nan = phi {mask} [ {none}, %{name}.begin ], [ {nan}, %{back} ]",
            *body.lines,
            f"  br i1 %{name}.done, label %{name}.end, label %{name}.loop",
            f"{name}.end:",
            *after.lines,
            f"  %{name}.result = zext i1 {some} to i64",
            "  br label %row.end",
        ]

    def umin(self, left: str, right: str) -> str:
        """What gives the smaller of two numbers."""
        self.declared["llvm.umin.i64"] = "declare i64 @llvm.umin.i64(i64, i64)"
        return f"call i64 @llvm.umin.i64(i64 {left}, i64 {right})"

    def before_loop(self, before: Body, i: int) -> str:
        """What stands still is spread over a vector once; how far apart lanes are is known once."""
        code = self.spec.inputs[i]
        if self.kinds[i] == STILL:
            if before.width > 1 and any(divisor_in(op) == i for op in self.spec.ops):
                self.divisors[i] = prepare(before, f"%still{i}")
            return before.splat(code, f"%still{i}")
        if self.kinds[i] == STRIDED:
            for lane in range(1, before.width):
                before.do(f"%{before.prefix}.lane{i}.{lane} = mul i64 %stride{i}, {lane}")
        return ""

    def load(self, body: Body, i: int, still: str, index: str) -> str:
        """An input's elements from ``index`` on."""
        code, kind = self.spec.inputs[i], self.kinds[i]
        if kind == STILL:
            return still
        if kind == DENSE:
            return body.load(code, self.address(body, f"%p{i}", code, index))
        return self.load_reversed(body, i, index) if kind == REVERSED else self.load_lanes(body, i, index)

    def load_reversed(self, body: Body, i: int, index: str) -> str:
        """Elements that lie one before the other."""
        code = self.spec.inputs[i]
        last = body.let(f"add i64 {index}, {body.width - 1}")
        value = body.load(code, self.address(body, f"%p{i}", code, body.let(f"sub i64 0, {last}")))
        if body.width == 1:
            return value
        of, lanes = body.type(code), ", ".join(f"i32 {lane}" for lane in reversed(range(body.width)))
        return body.let(f"shufflevector {of} {value}, {of} poison, <{body.width} x i32> <{lanes}>")

    def load_lanes(self, body: Body, i: int, index: str) -> str:
        """Elements one by one."""
        code = self.spec.inputs[i]
        place = body.let(f"getelementptr i8, ptr %p{i}, i64 {body.let(f'mul i64 {index}, %stride{i}')}")
        if body.width == 1:
            return body.load(code, place)
        memory, element, vector = body.memory_type(code), body.memory_element(code), "poison"
        for lane in range(body.width):
            at = body.let(f"getelementptr i8, ptr {place}, i64 %{body.prefix}b.lane{i}.{lane}") if lane else place
            value = body.let(f"load {element}, ptr {at}, align {bits_of(code) // 8}")
            vector = body.let(f"insertelement {memory} {vector}, {element} {value}, i64 {lane}")
        return body.from_memory(code, vector)

    @staticmethod
    def address(body: Body, pointer: str, code: str, index: str) -> str:
        of = "i8" if code == BOOL else element_type(code)
        return body.let(f"getelementptr {of}, ptr {pointer}, i64 {index}")

    def compute(self, body: Body, inputs: list[str], index: str) -> tuple[str, list[str]]:
        """All operations, and stores; the name of what says where a doubtful NaN is stored, or nothing; all values."""
        values = list(inputs)
        for op in self.spec.ops:
            args, divisor = [values[arg] for arg in op.args], divisor_in(op)
            if body.width > 1 and divisor is not None and divisor in self.divisors:
                values.append(quotient(body, args[0], args[1], self.divisors[divisor]))
            else:
                values.append(formula(op.formula, op.types)(body, args, op.types))
        found = ""
        for value in self.doubted:
            types = (self.spec.type_of(value), BOOL)
            body.doubts.append(formula("isnan", types)(body, [values[value]], types))
        for doubt in body.doubts:
            found = body.let(f"or {body.type(BOOL)} {found}, {doubt}") if found else doubt
        for k, value in enumerate(self.spec.outputs):
            code = self.spec.type_of(value)
            self.store(body, code, values[value], self.address(body, f"%p{len(inputs) + k}", code, index))
        return found, values

    def store(self, body: Body, code: str, value: str, place: str) -> None:
        """Puts elements of a result into memory."""
        body.store(code, value, place)


class StreamWriter(Writer):
    """The same with results that go past the cache, for arrays that do not fit in it: memory need not be read before it
    is written. Vectors are whole, and lie at multiples of their size."""

    def module(self) -> str:
        return super().module() + "!0 = !{i32 1}\n"

    def store(self, body: Body, code: str, value: str, place: str) -> None:
        body.store(code, value, place)
        if body.width > 1:
            line = body.lines.pop()
            body.do(f"{line[: line.rindex(',')].strip()}, align {body.width * bits_of(code) // 8}, !nontemporal !0")
