"""Places a value can be loaded from, one for each kind of source: put another value there, or take it away."""

import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graphlet import sources as s


class Nothing:
    """No guard of these tests holds for it."""

    area = 0

    def __init__(self) -> None:
        self.area = 0


NOTHING = Nothing()


@dataclass
class Place:
    """``put(value)`` changes what ``source`` finds; ``remove()``, where there is one, leaves nothing to find."""

    source: s.Source
    put: Callable[[Any], None]
    remove: Callable[[], None] | None = None
    live_ins: list[Any] = field(default_factory=list)
    globals: dict[str, Any] = field(default_factory=lambda: {"__builtins__": {}})


def live_in() -> Place:
    place = Place(s.LiveIn(0, "x"), lambda value: place.live_ins.__setitem__(0, value), live_ins=[None])
    return place


def global_name() -> Place:
    place = Place(s.Global("name"), lambda value: place.globals.__setitem__("name", value))
    place.remove = lambda: place.globals.pop("name")
    return place


def global_among_foreign_keys() -> Place:
    place = global_name()
    place.globals[1.5] = place.globals[b"name"] = "not a name"
    return place


def builtin_name() -> Place:
    place = Place(s.Global("name"), lambda value: place.globals["__builtins__"].__setitem__("name", value))
    place.remove = lambda: place.globals["__builtins__"].pop("name")
    return place


def builtin_of_a_module() -> Place:
    module = types.ModuleType("builtins_of_a_test")
    place = Place(s.Global("name"), lambda value: setattr(module, "name", value), lambda: delattr(module, "name"))
    place.globals["__builtins__"] = module
    return place


def shadowed_builtin() -> Place:
    """Puts a global in front of a builtin; taking it away uncovers the builtin, which is another object."""
    place = global_name()
    place.globals["__builtins__"]["name"] = NOTHING
    return place


def module_attribute() -> Place:
    module = types.ModuleType("module_of_a_test")
    return Place(
        s.ModuleAttr(s.Global("module"), "name"),
        lambda value: setattr(module, "name", value),
        lambda: delattr(module, "name"),
        globals={"module": module, "__builtins__": {}},
    )


def attribute_of_another_module() -> Place:
    """The module itself is replaced."""

    def put(value: Any) -> None:
        place.globals["module"] = types.ModuleType("module_of_a_test")
        place.globals["module"].name = value

    place = Place(s.ModuleAttr(s.Global("module"), "name"), put)
    return place


def function_global() -> Place:
    names: dict[str, Any] = {"__builtins__": {}}
    function = types.FunctionType((lambda: None).__code__, names)
    return Place(
        s.FunctionGlobal(s.LiveIn(0, "f"), "name"),
        lambda value: names.__setitem__("name", value),
        lambda: names.pop("name"),
        live_ins=[function],
    )


def function_builtin() -> Place:
    names: dict[str, Any] = {}
    function = types.FunctionType((lambda: None).__code__, {"__builtins__": names})
    return Place(
        s.FunctionGlobal(s.Global("f"), "name"),
        lambda value: names.__setitem__("name", value),
        lambda: names.pop("name"),
        globals={"f": function, "__builtins__": {}},
    )


def cell() -> Place:
    box = types.CellType()
    return Place(
        s.CellContents(s.LiveIn(0, "c")),
        lambda value: setattr(box, "cell_contents", value),
        lambda: delattr(box, "cell_contents"),
        live_ins=[box],
    )


def default_argument() -> Place:
    def function(a: Any = None) -> None: ...

    return Place(
        s.Item(s.FunctionSlot(s.LiveIn(0, "f"), "__defaults__"), 0),
        lambda value: setattr(function, "__defaults__", (value,)),
        lambda: setattr(function, "__defaults__", None),
        live_ins=[function],
    )


def keyword_default() -> Place:
    def function(*, a: Any = None) -> None: ...

    return Place(
        s.DictItem(s.FunctionSlot(s.LiveIn(0, "f"), "__kwdefaults__"), "a"),
        lambda value: setattr(function, "__kwdefaults__", {"a": value}),
        lambda: setattr(function, "__kwdefaults__", None),
        live_ins=[function],
    )


def documentation() -> Place:
    def function() -> None: ...

    source = s.FunctionSlot(s.LiveIn(0, "f"), "__doc__")  # it is always there, if only as None
    return Place(source, lambda value: setattr(function, "__doc__", value), live_ins=[function])


def closure() -> Place:
    value: Any = None

    def function() -> Any:
        return value

    def put(new: Any) -> None:
        nonlocal value
        value = new

    source = s.CellContents(s.Item(s.FunctionSlot(s.LiveIn(0, "f"), "__closure__"), 0))
    return Place(source, put, live_ins=[function])


def method_self() -> Place:
    def put(value: Any) -> None:
        place.live_ins[0] = types.MethodType(len, (value,))  # a method cannot be bound to None itself

    place = Place(s.Item(s.FunctionSlot(s.LiveIn(0, "m"), "__self__"), 0), put, live_ins=[None])
    return place


def static_method() -> Place:
    class Owner:
        pass

    return Place(
        s.FunctionSlot(s.TypeAttr(s.LiveIn(0, "cls"), "f"), "__func__"),
        lambda value: setattr(Owner, "f", staticmethod(value)),
        lambda: setattr(Owner, "f", None),
        live_ins=[Owner],
    )


class Plain:
    pass


class Slotted:
    __slots__ = ("name",)


class NamesOfItsOwn(dict):
    def __getitem__(self, key: str) -> Any:
        raise AssertionError("attribute look-up does not come here")


def instance(prepare: Callable[[Any], None]) -> Callable[[], Place]:
    def make() -> Place:
        holder = Plain()
        prepare(holder)
        return _attribute(holder)

    return make


def _attribute(holder: Any) -> Place:
    return Place(
        s.InstanceAttr(s.LiveIn(0, "x"), "name"),
        lambda value: setattr(holder, "name", value),
        lambda: delattr(holder, "name"),
        live_ins=[holder],
    )


def _many_attributes(holder: Any) -> None:
    for number in range(200):
        setattr(holder, f"other{number}", number)


def exception_instance() -> Place:
    return _attribute(ValueError())


def instance_of_deep_class() -> Place:
    class Deep(Plain, list):
        pass

    return _attribute(Deep())


def replaced_dictionary() -> Place:
    """Each value comes with a new ``__dict__``."""
    holder = Plain()

    def put(value: Any) -> None:
        holder.__dict__ = {"name": value}

    return Place(s.InstanceAttr(s.LiveIn(0, "x"), "name"), put, lambda: setattr(holder, "__dict__", {}), [holder])


def slot() -> Place:
    holder = Slotted()
    place = _attribute(holder)
    place.source = s.SlotAttr(s.LiveIn(0, "x"), "name")
    return place


def property_getter() -> Place:
    def put(value: Any) -> None:
        place.live_ins[0] = property(value)

    place = Place(s.SlotAttr(s.LiveIn(0, "p"), "fget"), put, live_ins=[None])
    return place


def class_attribute() -> Place:
    class Owner:
        pass

    return Place(
        s.TypeAttr(s.LiveIn(0, "cls"), "name"),
        lambda value: setattr(Owner, "name", value),
        lambda: delattr(Owner, "name"),
        live_ins=[Owner],
    )


def inherited_attribute() -> Place:
    class Base:
        pass

    class Owner(Base):
        pass

    return Place(
        s.TypeAttr(s.TypeOf(s.LiveIn(0, "x")), "name"),
        lambda value: setattr(Base, "name", value),
        lambda: delattr(Base, "name"),
        live_ins=[Owner()],
    )


def overridden_attribute() -> Place:
    """Puts an attribute in front of the one of the base; taking it away uncovers that."""

    class Base:
        name = NOTHING

    class Owner(Base):
        pass

    return Place(
        s.TypeAttr(s.LiveIn(0, "cls"), "name"),
        lambda value: setattr(Owner, "name", value),
        lambda: delattr(Owner, "name"),
        live_ins=[Owner],
    )


def tuple_item() -> Place:
    place = Place(
        s.Item(s.LiveIn(0, "t"), 1),
        lambda value: place.live_ins.__setitem__(0, (None, value)),
        lambda: place.live_ins.__setitem__(0, (None,)),
        live_ins=[None],
    )
    return place


def list_item() -> Place:
    items: list[Any] = [None, None]

    def put(value: Any) -> None:
        items[:] = [None, value]

    return Place(s.Item(s.LiveIn(0, "xs"), 1), put, items.pop, live_ins=[items])


def dict_item(key: Any, *others: Any) -> Callable[[], Place]:
    def make() -> Place:
        entries: dict[Any, Any] = dict.fromkeys(others)
        return Place(
            s.DictItem(s.LiveIn(0, "d"), key),
            lambda value: entries.__setitem__(key, value),
            lambda: entries.pop(key),
            live_ins=[entries],
        )

    return make


def dictionary_of_an_instance() -> Place:
    """The dictionary shares its storage with the instance."""
    holder = Plain()
    place = _attribute(holder)
    place.source = s.DictItem(s.LiveIn(0, "d"), "name")
    place.live_ins = [holder.__dict__]
    return place


def globals_of_an_instance() -> Place:
    """A namespace whose values are an instance's attributes: on 3.13 it changes without a new version number."""
    holder = Plain()
    holder.__builtins__ = {}
    place = _attribute(holder)
    place.source = s.Global("name")
    place.globals = holder.__dict__
    return place


PLACES: dict[str, Callable[[], Place]] = {
    "live-in": live_in,
    "global": global_name,
    "global among foreign keys": global_among_foreign_keys,
    "builtin": builtin_name,
    "builtin of a module": builtin_of_a_module,
    "shadowed builtin": shadowed_builtin,
    "module attribute": module_attribute,
    "attribute of another module": attribute_of_another_module,
    "function global": function_global,
    "function builtin": function_builtin,
    "cell": cell,
    "default argument": default_argument,
    "keyword default": keyword_default,
    "documentation": documentation,
    "closure": closure,
    "method self": method_self,
    "static method": static_method,
    "instance attribute": instance(lambda holder: None),
    "instance attribute, dictionary made": instance(vars),
    "instance attribute, subclass of dict": instance(lambda holder: setattr(holder, "__dict__", NamesOfItsOwn())),
    "instance attribute among many": instance(_many_attributes),
    "instance of a deep class": instance_of_deep_class,
    "exception instance": exception_instance,
    "replaced dictionary": replaced_dictionary,
    "slot": slot,
    "property getter": property_getter,
    "class attribute": class_attribute,
    "inherited attribute": inherited_attribute,
    "overridden attribute": overridden_attribute,
    "tuple item": tuple_item,
    "list item": list_item,
    "dict item str": dict_item("k"),
    "dict item among many": dict_item("k", *range(300), *map(str, range(300))),
    "dict item int": dict_item(7, 0.5, None),
    "dict item negative": dict_item(-1, -2),
    "dict item tuple": dict_item((1, ("a", 2.5)), (1, 2)),
    "dict item None": dict_item(None, False),
    "dictionary of an instance": dictionary_of_an_instance,
    "globals of an instance": globals_of_an_instance,
}
