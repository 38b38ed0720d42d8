"""Writing LLVM's language: one body of a loop, for one element at a time or for a vector of them."""

import struct

from graphlet.backends.llvm_spec import BOOL, bits_of


class Body:
    """Instructions that compute ``width`` elements. Names are unique by their prefix."""

    def __init__(self, prefix: str, width: int, declared: dict[str, str]) -> None:
        self.prefix = prefix
        self.width = width
        self.lines: list[str] = []
        self.declared = declared  # functions called: name -> how they are declared
        self.doubts: list[str] = []  # where a formula says nothing about its result
        self.block = ""  # the block that instructions go to, if it is not the one they began with
        self._n_names = 0

    def type(self, code: str) -> str:
        """How values of a type are written; a truth value is one bit here, though it is a byte in memory."""
        element = element_type(code)
        return element if self.width == 1 else f"<{self.width} x {element}>"

    def suffix(self, code: str) -> str:
        """The type as intrinsics have it in their names."""
        element = f"f{bits_of(code)}" if code[0] == "f" else element_type(code)
        return element if self.width == 1 else f"v{self.width}{element}"

    def let(self, instruction: str) -> str:
        """The name of an instruction's result."""
        self._n_names += 1
        name = f"%{self.prefix}{self._n_names}"
        self.lines.append(f"  {name} = {instruction}")
        return name

    def do(self, instruction: str) -> None:
        """An instruction without a result."""
        self.lines.append(f"  {instruction}")

    def begin(self, block: str) -> None:
        """Go on in another block."""
        self.lines.append(f"{block}:")
        self.block = block

    def call(self, name: str, result: str, operands: str) -> str:
        """A call of an intrinsic, which is declared with it."""
        if name not in self.declared:
            types = ", ".join(_type_in(operand) for operand in _split(operands))
            self.declared[name] = f"declare {result} @{name}({types})"
        strict = " #1" if "constrained" in name else ""
        return self.let(f"call {result} @{name}({operands}){strict}")

    def select(self, code: str, condition: str, yes: str, no: str) -> str:
        """One of two, element by element."""
        of = self.type(code)
        return self.let(f"select {self.type(BOOL)} {condition}, {of} {yes}, {of} {no}")

    def constant(self, code: str, value: float) -> str:
        """The same number in all elements."""
        text = _number(code, value)
        return text if self.width == 1 else f"splat ({element_type(code)} {text})"

    def splat(self, code: str, scalar: str) -> str:
        """A value that all elements have."""
        if self.width == 1:
            return scalar
        of = self.type(code)
        one = self.let(f"insertelement {of} poison, {element_type(code)} {scalar}, i64 0")
        return self.let(f"shufflevector {of} {one}, {of} poison, <{self.width} x i32> zeroinitializer")

    def load(self, code: str, pointer: str) -> str:
        """The elements that lie here one behind the other."""
        align = bits_of(code) // 8
        return self.from_memory(code, self.let(f"load {self.memory_type(code)}, ptr {pointer}, align {align}"))

    def from_memory(self, code: str, value: str) -> str:
        """Truth values are bytes in memory, and any byte but 0 is true."""
        if code != BOOL:
            return value
        zero = "0" if self.width == 1 else "zeroinitializer"
        return self.let(f"icmp ne {self.memory_type(code)} {value}, {zero}")

    def store(self, code: str, value: str, pointer: str) -> None:
        """Put the elements here one behind the other."""
        of = self.memory_type(code)
        if code == BOOL:
            value = self.let(f"zext {self.type(code)} {value} to {of}")
        self.do(f"store {of} {value}, ptr {pointer}, align {bits_of(code) // 8}")

    def memory_type(self, code: str) -> str:
        """How the elements are written when they are loaded or stored."""
        element = self.memory_element(code)
        return element if self.width == 1 else f"<{self.width} x {element}>"

    @staticmethod
    def memory_element(code: str) -> str:
        """How one element is written in memory."""
        return "i8" if code == BOOL else element_type(code)


def element_type(code: str) -> str:
    """How one value is written."""
    if code == BOOL:
        return "i1"
    return {"f32": "float", "f64": "double"}.get(code, f"i{bits_of(code)}")


def _number(code: str, value: float) -> str:
    if code[0] == "f":
        return f"0x{struct.pack('>d', float(value)).hex().upper()}"
    return ("true" if value else "false") if code == BOOL else str(value)


def _split(operands: str) -> list[str]:
    """Operands at their commas; none of the types written here has one."""
    return operands.split(", ")


def _type_in(operand: str) -> str:
    """The type of a typed operand: all of it but the last word."""
    if operand.startswith("metadata"):
        return "metadata"
    if " splat (" in operand:
        return operand[: operand.index(" splat (")]
    return operand.rsplit(" ", 1)[0]
