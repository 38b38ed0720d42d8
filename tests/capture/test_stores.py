"""Lists and dicts that were there before the region are changed in it."""

import pytest

from tests.capture.programs import same, share, whole_and_same

LISTS = {
    "item": "l[0] = l[0] * 0.5 + x\n    l[-1] = l[1]\n    return l[0] + len(l), l[-1] is l[1]",
    "item, twice": "y = x * 2\n    l[0], l[1] = l[1], l[0]\n    l[0] = y\n    l[1] = y\n    return l[0] is l[1], y + 1",
    "extend": "y = l[0] + x\n    l.extend([y, y * 2])\n    del l[:2]\n    return l[-2] is y, l[-1] - 1",
    "pop and append": "y = l.pop(0) + x\n    l.append(y)\n    return y * 2, l[-1] is y",
    "pop the last": "y = l.pop() + x\n    l.insert(1, y)\n    return y * 2, l",
    "insert": "l.insert(0, x * 2)\n    l.pop()\n    return l[0] + 1",
    "clear": "y = l[0] + l[1]\n    l.clear()\n    l += [y, x, y]\n    return y * len(l)",
    "slice": "l[1:] = [x * 2, l[0] + 1]\n    return l[1] + l[2]",
    "all": "l[:] = [v * 0.5 for v in l]\n    return l[0] + l[1]",
    "steps": "l[::2] = [x + 1, x + 2]\n    return l[0] * l[2]",
    "delete": "y = l[0] + x\n    del l[0]\n    l.append(y)\n    return y + l[0]",
    "reverse": "l.reverse()\n    return l[0] + x",
    "sort": "l.sort(key=np.ndim, reverse=True)\n    l[:2] = sorted(l[:2], key=lambda v: v.ndim)\n    return l[0] + x",
    "repeat": "l *= 2\n    del l[3:]\n    return l[0] + x",
    "in place": "y = l[0] + 1\n    l += [x * 2]\n    l.pop(0)\n    return l[-1] + y",
    "handed back": "l[0] = x * 2\n    return l, l[0] + 1",
    "loop": "for i in range(3):\n        l[i] = l[i] * 0.5 + x\n    return l[0] + 1",
    "read before and behind": "a = l[0]\n    l[0] = x * 2\n    b = l[0]\n    return b, a + b",
    "changed in place behind the store": "y = x * 2\n    l[0] = y\n    y += 1\n    y[0] = 5\n    return y * 2",
    "nested": "l[0] = [x * 2]\n    l[0].append(x + 1)\n    l[0] = l[0][1] - 1\n    return l[0] + 1",
}
DICTS = {
    "pop": "y = d.pop('a') + x\n    d['a'] = y\n    return y * 2, list(d)",
    "pop, gone": "y = x * 2\n    z = d.pop('none', None)\n    return y + 1, z",
    "delete": "y = d['a'] + x\n    del d['a']\n    d['a'] = y * 2\n    return y + 1, list(d)",
    "popitem": "k, v = d.popitem()\n    d[k] = x * 2\n    return k, d[k] + 1",
    "clear": "y = d['a'] * 2\n    d.clear()\n    d['b'], d['a'] = 1, y\n    return y + x, list(d)",
    "update": "d.update(a=x * 2)\n    d.update({'b': x + 1})\n    return d['a'] + d['b']",
    "setdefault": "y = d.setdefault('a', x) + 1\n    z = d.setdefault('new', y)\n    del d['new']\n"
                  "    return y * 2, z is y",
    "or": "d |= {'a': x * 2}\n    return d['a'] + 1",
    "one more and one less": "d['c'] = x * 2\n    y = d['c'] + 1\n    del d['c']\n    return y",
    "set, deleted, set": "d['a'] = x + 1\n    del d['a']\n    d['b'] = x + 2\n    d['a'] = x + 3\n"
                         "    return d['a'] * 2, [*d]",
}
OF_LIST = "l = [X * 1, X * 2, X * 3]\nargs = (l, X)\ndef f(l, x):\n    "
OF_DICT = "d = {'a': X * 1, 'b': X * 2}\nargs = (d, X)\ndef f(d, x):\n    "


@pytest.mark.parametrize("name", LISTS)
def test_lists(name):
    whole_and_same(OF_LIST + LISTS[name])


def test_a_method_that_is_called_behind_the_region():
    """The region ends between looking the method up and calling it, of a list that it has not read."""
    source = (
        "def g(v):\n    print(1)\n    return v\nl = [X]\nargs = (l, X)\n"
        "def f(l, x):\n    l.append(g(x * 2))\n    return x + 1"
    )
    same(source, "class L:\n    def append(s, v): print('append')\nargs = (L(), X)")


@pytest.mark.parametrize("name", DICTS)
def test_dicts(name):
    whole_and_same(OF_DICT + DICTS[name])


CHANGES = (
    "l[0] = 1.0", "l.append(X)", "l.pop()", "l[1] = None", "l.clear()", "args = (tuple(l), X)",
    "class L(list):\n    def __setitem__(s, i, v): print('set', i)\n    def append(s, v): print('append')\n"
    "    def pop(s, i=0): return X\nargs = (L(l), X)",
    "class Loud:\n    def __mul__(s, o): return o\n    __add__ = __mul__\n    def __len__(s): return 3\n"
    "    def __del__(s): print('gone')\nl[0] = Loud()",
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["item", "pop and append", "all", "sort", "delete"])
def test_a_list_that_is_another(name, change):
    same(OF_LIST + LISTS[name], change)


@pytest.mark.parametrize(
    "change", ["d['a'] = 1.0", "d['z'] = X", "del d['a']", "d.clear()", "args = ({'b': X, 'a': X}, X)",
               "class D(dict):\n    def __delitem__(s, k): print('del', k)\nargs = (D(d), X)",
               "class Loud:\n    def __add__(s, o): return o\n    __mul__ = __add__\n"
               "    def __del__(s): print('gone')\nd['a'] = Loud()"]
)
@pytest.mark.parametrize("name", ["pop", "delete", "clear", "setdefault"])
def test_a_dict_that_is_another(name, change):
    same(OF_DICT + DICTS[name], change)


TWO = "a, b = [X * 1, X * 2], [X * 3, X * 4]\nargs = (a, b, X)\ndef f(a, b, x):\n    "


@pytest.mark.parametrize("change", ["args = (a, a, X)", "args = (b, a, X)", "args = (a, [a[1]] * 2, X)"])
@pytest.mark.parametrize(
    "body",
    [
        "a[0] = x * 2\n    b[0] = b[0] + a[0]\n    return a[0] + 1",
        "before = b[0]\n    a[0] = x * 2\n    return before + b[0], b[0] is a[0]",
        "a[0] = x * 2\n    b.append(x + 1)\n    b.pop()\n    return len(a), len(b), a[0] + 1",
        "b.append(x + 1)\n    a[0] = x * 2\n    return a[0] + 1",
    ],
)
def test_two_lists_that_may_be_one(body, change):
    same(TWO + body, change)


@pytest.mark.parametrize(
    "body", ["return len(a), x * 2 + 1, a[-1] is y", "a = a[5]\n    return a, y * 2", "return y * 2, sum(a[400:])"]
)
def test_a_long_list_that_is_the_one_that_grows(body):
    source = "a, b = [0] * 400, [0]\nargs = (a, b, X)\ndef f(a, b, x):\n    y = x + 1\n    b.append(1)\n    " + body
    same(source, "args = (a, a, X)")


def test_a_dict_that_is_the_namespace_in_which_a_name_is_not_found():
    source = (
        "class Model:\n    v = 3.0\nargs = (Model(), {}, X)\nmade = 0\n"
        "def f(m, d, x):\n    y = x * 2\n    d.pop('v', None)\n    d['v'] = y\n    return m.v, y + 1"
    )
    same(source, "m = Model()\nargs = (m, m.__dict__, X)")
    same(source.replace("    d.pop('v', None)\n", ""), "m = Model()\nargs = (m, m.__dict__, X)")


def test_iterating_a_dict_that_the_callee_changes():
    same(
        "d = {k: X * i for i, k in enumerate('abcdef')}\nargs = (X,)\n"
        "def g(k, x):\n    y = d.pop(k) + x\n    d[k] = y * 2\n    return y\n"
        "def f(x):\n    seen = []\n    for k in d:\n        seen.append(k)\n        if len(seen) > 9: break\n"
        "        g(k, x)\n"
        "    return seen, d"
    )


def test_the_rest_is_done_when_a_later_statement_raises():
    same(
        OF_LIST + "l[0] = x * 2\n    l.append(x + 1)\n    y = l[1] + 1\n    l[7] = y\n    return y"
    )
    same(OF_DICT + "d['a'] = x * 2\n    del d['b']\n    y = x + 1\n    return d['b'] + y")


def test_objects_that_do_something_when_they_go_end_the_region():
    source = (
        "class Loud:\n    def __del__(s): print('gone')\nl = [Loud(), X, X]\nargs = (l, X)\n"
        "def f(l, x):\n    y = x * 2\n    l[0] = Loud()\n    print('behind')\n    return y + l[1]"
    )
    same(source)


def test_a_list_used_as_a_stack_does_not_make_a_specialisation_for_every_length():
    source = (
        "args = (X,)\ndef f(x):\n    work = [x * i for i in range(40)]\n    return g(work)\n"
        "def g(work):\n    r = 0\n    while len(work) > 2:\n        y = work.pop()\n        r = r + y * 2 + 1\n"
        "    return r"
    )
    same(source)


def test_one_of_growing_length_is_one_graph_until_it_is_looked_at():
    source = (
        "l = []\nargs = (l, X)\ndef f(l, x):\n    y = x * 2\n    l.append(y)\n    l.extend((y + 1, y))\n    l += [1]\n"
        "    return y"
    )
    same(source)
    assert share(source) == ([], 1.0)


def test_what_was_made_longer_unread_is_read_by_the_next_region():
    source = "l = []\nargs = (l, X)\ndef f(l, x):\n    y = x * 2\n    l.append(y)\n    return y + 1, l[-1] is y"
    same(source)
    assert share(source) == (["GL104 `l` is read after it was changed"], 1.0)


def test_what_is_not_there_and_what_holds_itself():
    same(
        OF_DICT + "y = x * 2\n    try:\n        del d['none']\n    except KeyError as e:\n        y = y + len(e.args)\n"
        "    return y * 2"
    )
    same(OF_LIST + "y = x * 2\n    l[0] = l\n    return l[0] is l, y + 1")
