"""Rows of two, three or four elements, as points in the plane and in space have them: known before code is generated.

Eight rows side by side as other short rows, but with no loop over their elements. Rows that lie one behind the other
are read as whole vectors and sorted into lanes; a row that is the same for all is read once.
"""

from graphlet.backends.llvm_emit import DENSE, STILL, internal
from graphlet.backends.llvm_reduce import Reducer
from graphlet.backends.llvm_short import LANES, ShortRows
from graphlet.backends.llvm_spec import BOOL, bits_of
from graphlet.backends.llvm_text import Body

LENGTHS = (2, 3, 4)


class KnownRows(ShortRows):
    """The function for rows of as many elements as the spec says."""

    def __init__(self, of: Reducer) -> None:
        super().__init__(of)
        self.length = of.spec.length
        self.elements: list[list[str]] = []
        self.at = 0

    def function(self) -> list[str]:
        """All of it."""
        body = Body("k", LANES, self.declared)
        body.block = "row"
        for i in range(len(self.kinds)):
            body.do(f"%place{i} = getelementptr i8, ptr %first{i}, i64 {body.let(f'mul i64 %row.i, %step{i}')}")
        self.elements = [self.read(body, i) for i in range(len(self.kinds))]
        found, totals = "%row.nan", [""] * len(self.spec.reductions)
        for at in range(self.length):
            self.at = at
            found, values = self.step(body, [""] * len(self.kinds), "", found)
            for k, reduction in enumerate(self.spec.reductions):
                value = values[reduction.value]
                totals[k] = self.both(body, reduction, totals[k], value) if totals[k] else value
        lines = self.rows(body, totals, found)
        return [internal("known"), "entry:", *self.beginning(), "  br label %row", *lines]

    def rows(self, body: Body, totals: list[str], found: str) -> list[str]:
        """The loop over rows, and what follows it."""
        after = Body("a", LANES, self.declared)
        back = body.block
        return [
            "row:",
            f"  %row.i = phi i64 [ 0, %entry ], [ %row.next, %{back} ]",
            f"  %row.nan = phi {body.type(BOOL)} [ zeroinitializer, %entry ], [ %row.found, %{back} ]",
            *body.lines,
            *self.ending(after, totals, found),
            *self.next_rows(),
        ]

    def beginning(self) -> list[str]:
        """As for other short rows, and how the rows of each input lie."""
        body = Body("q", 1, self.declared)
        for i, kind in enumerate(self.kinds):
            body.do(f"%same{i} = icmp eq i64 %step{i}, 0")
            if kind == DENSE:
                body.do(f"%packed{i} = icmp eq i64 %step{i}, {self.length * bits_of(self.spec.inputs[i]) // 8}")
        return [*super().beginning(), *body.lines]

    def load(self, body: Body, i: int, still: str, index: str) -> str:
        """An element of each of eight rows, which has been read before."""
        return self.elements[i][self.at]

    def read(self, body: Body, i: int) -> list[str]:
        """All elements of eight rows, in as many vectors as a row has elements; goes on in another block."""
        code, kind = self.spec.inputs[i], self.kinds[i]
        ways = {"same": self.same_row, "packed": self.packed_rows, "lanes": self.lanes_of}
        if kind != DENSE:
            del ways["packed"]
        found: list[tuple[str, list[str]]] = []
        for way, read in ways.items():
            if way != "lanes":
                body.do(f"br i1 %{way}{i}, label %{way}.{i}, label %not.{way}.{i}")
                body.begin(f"{way}.{i}")
            found.append((body.block, read(body, i)))
            body.do(f"br label %all.{i}")
            if way != "lanes":
                body.begin(f"not.{way}.{i}")
        body.begin(f"all.{i}")
        n = 1 if kind == STILL else self.length
        choices = [", ".join(f"[ {values[at]}, %{block} ]" for block, values in found) for at in range(n)]
        chosen = [body.let(f"phi {body.memory_type(code)} {choice}") for choice in choices]
        elements = [body.from_memory(code, value) for value in chosen]
        return elements * self.length if kind == STILL else elements

    def same_row(self, body: Body, i: int) -> list[str]:
        """Each element in all lanes."""
        code = self.spec.inputs[i]
        memory, element, vectors = body.memory_type(code), body.memory_element(code), []
        for at in range(self.length):
            place = body.let(f"getelementptr i8, ptr %place{i}, i64 {body.let(f'mul i64 %apart{i}, {at}')}")
            value = body.let(f"load {element}, ptr {place}, align {bits_of(code) // 8}")
            one = body.let(f"insertelement {memory} poison, {element} {value}, i64 0")
            vectors.append(body.let(f"shufflevector {memory} {one}, {memory} poison, <{LANES} x i32> zeroinitializer"))
        return vectors

    def packed_rows(self, body: Body, i: int) -> list[str]:
        """All elements at once, every second, third or fourth of them in a vector."""
        code, n = self.spec.inputs[i], self.length
        of = f"<{n * LANES} x {body.memory_element(code)}>"
        rows = body.let(f"load {of}, ptr %place{i}, align {bits_of(code) // 8}")
        lanes = [", ".join(f"i32 {at + n * lane}" for lane in range(LANES)) for at in range(n)]
        return [body.let(f"shufflevector {of} {rows}, {of} poison, <{LANES} x i32> <{lane}>") for lane in lanes]

    def lanes_of(self, body: Body, i: int) -> list[str]:
        """Element by element."""
        vectors = []
        for at in range(self.length):
            place = body.let(f"getelementptr i8, ptr %place{i}, i64 {body.let(f'mul i64 %apart{i}, {at}')}")
            vectors.append(self.lanes(body, i, place))
        return vectors
