"""CPython's own test modules that are run: the interpreter, the object model, and what sits close to both."""

import importlib.util
import pkgutil

INTERPRETER = (
    "test_grammar", "test_generators", "test_generator_stop", "test_genexps", "test_coroutines", "test_asyncgen",
    "test_yield_from", "test_exceptions", "test_baseexception", "test_exception_group", "test_except_star",
    "test_exception_variations", "test_raise", "test_scope", "test_call", "test_extcall", "test_keywordonlyarg",
    "test_positional_only_arg", "test_with", "test_contextlib", "test_contextlib_async", "test_patma",
    "test_fstring", "test_named_expressions", "test_listcomps", "test_setcomps", "test_dictcomps", "test_unpack",
    "test_unpack_ex", "test_augassign", "test_decorators", "test_global", "test_lambda", "test_nested_scopes",
    "test_compile", "test_compare", "test_richcmp", "test_contains", "test_opcodes", "test_string_literals",
    "test_future_stmt", "test_funcattrs", "test_super", "test_class", "test_metaclass", "test_subclassinit",
    "test_pep646_syntax", "test_type_annotations", "test_type_params", "test_eof", "test_syntax",
)  # fmt: skip
OBJECTS = (
    "test_descr", "test_descrtut", "test_dataclasses", "test_enum", "test_property", "test_dynamicclassattribute",
    "test_abc", "test_typing", "test_genericclass", "test_genericalias", "test_types", "test_builtin", "test_int",
    "test_float", "test_complex", "test_bool", "test_list", "test_tuple", "test_dict", "test_set", "test_slice",
    "test_range", "test_iter", "test_enumerate", "test_operator", "test_isinstance", "test_copy",
    "test_collections", "test_deque", "test_weakref", "test_weakset", "test_gc", "test_finalization",
    "test_userdict", "test_userlist", "test_dictviews", "test_ordered_dict", "test_pow", "test_math",
)  # fmt: skip
LOOKING_IN = (
    "test_inspect", "test_dis", "test_peepholer", "test_traceback", "test_sys_settrace", "test_sys_setprofile",
    "test_monitoring", "test_frame", "test_code", "test_opcache", "test_bdb", "test_trace", "test_linecache",
    "test_symtable", "test_ast", "test_unparse", "test_pyclbr", "test_warnings", "test_type_cache",
    "test_tracemalloc",
)  # fmt: skip
NEIGHBOURS = (
    "test_functools", "test_itertools", "test_threading", "test_threading_local", "test_thread", "test_context",
    "test_queue", "test_asyncio.test_tasks", "test_asyncio.test_futures", "test_asyncio.test_locks",
    "test_asyncio.test_queues", "test_asyncio.test_taskgroups", "test_asyncio.test_timeouts",
    "test_asyncio.test_runners", "test_asyncio.test_base_events", "test_json", "test_textwrap", "test_argparse",
    "test_heapq", "test_bisect", "test_statistics", "test_fractions", "test_random", "test_pprint",
    "test_reprlib", "test_string", "test_re", "test_struct", "test_copyreg", "test_shlex", "test_graphlib",
    "test_configparser", "test_difflib", "test_doctest", "test_tokenize", "test_datetime", "test_sched",
    "test_timeit",
)  # fmt: skip
# Tests that skip themselves, or not, by the time something took.
TIMED = frozenset(
    {
        "test_int: test.test_int.IntStrDigitLimitsTests.test_denial_of_service_prevented_int_to_str",
        "test_int: test.test_int.IntStrDigitLimitsTests.test_denial_of_service_prevented_str_to_int",
        "test_int: test.test_int.IntSubclassStrDigitLimitsTests.test_denial_of_service_prevented_int_to_str",
        "test_int: test.test_int.IntSubclassStrDigitLimitsTests.test_denial_of_service_prevented_str_to_int",
    }
)
SMOKE = ("test_grammar", "test_generators", "test_scope", "test_with", "test_patma", "test_frame")


def available() -> tuple[str, ...]:
    """The modules of all lists that this CPython has."""
    return tuple(name for name in (*INTERPRETER, *OBJECTS, *LOOKING_IN, *NEIGHBOURS) if exists(name))


def everything() -> tuple[str, ...]:
    """Every test module there is, those of the lists first; of a package that lists name parts of, its parts."""
    listed = available()
    in_parts = {name.partition(".")[0] for name in listed if "." in name}
    whole = {name for name in _inside("test") if name not in in_parts}
    parts = {f"{package}.{name}" for package in in_parts for name in _inside(f"test.{package}")}
    return (*listed, *sorted((whole | parts) - set(listed)))


def _inside(package: str) -> tuple[str, ...]:
    """The test modules and packages in a package, by name."""
    found = importlib.util.find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    return tuple(one.name for one in pkgutil.iter_modules(places or ()) if one.name.startswith("test_"))


def exists(name: str) -> bool:
    """Whether this CPython has the test module (a Python without its tests has none)."""
    try:
        return importlib.util.find_spec(f"test.{name}") is not None
    except ModuleNotFoundError:
        return False
