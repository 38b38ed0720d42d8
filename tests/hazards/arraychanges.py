"""More programs as in ``changes``: what an array, a date or an error state is."""

from tests.hazards.changes import program

ARRAYS = {
    "argument": program(
        "x = X * 1\nargs = (x, X * 2)\ndef f(x, y):\n    z = x + y\n    x += 1\n    return z, z.shape, x.dtype",
        "args = (x.astype('f'), X)", "args = (x.reshape(2, 3), X.reshape(2, 3))", "args = (x[::-1], X)",
        "args = (x[::2], X[:3])", "args = (x[:1], X[:1])", "args = (x[:1], X)", "args = (x, X[:1])", "args = (x, x)",
        "args = (x, x[::-1])", "args = (x[1:], x[:-1])", "x.setflags(write=False)", "args = (x.astype('>f8'), X)",
        "b = bytearray(49)\nargs = (np.frombuffer(b, 'f8', 6, 1), X)", "args = (x.view(np.matrix), X)",
        "args = (np.ma.array(x), X)", "args = (list(x), X)", "args = (np.broadcast_to(2.0, 6), X)",
        "x.resize(2, 3, refcheck=False)\nargs = (x, X.reshape(2, 3))", "x.shape = (3, 2)\nargs = (x, 1.0)",
        "x.dtype = 'i8'", "x.strides", "args = (x.astype(object), X)", "args = (np.float64(2), X)", "args = (2.0, X)",
        "args = (x, None)", "args = (np.asfortranarray(x.reshape(2, 3)), X.reshape(2, 3))",
        "args = (x.reshape(6, 1), X)", "args = (x.view('M8[s]'), X)", "args = (np.array(1.0), X)",
        "args = (x[:0], X[:0])",
    ),
    "read after a write": program(
        "x = X * 1\nargs = (x, X * 2)\ndef f(x, y):\n    x += 1\n    return y * 2 + x", "args = (x, x)",
        "args = (x, x[::-1])", "args = (x[1:], x[:-1])", "args = (x[:3], x[3:])", "args = (x, x[:])",
        "args = (x, x[2:3])", "args = (x, np.broadcast_to(x[2], 6))", "x.setflags(write=False)",
    ),
    "a date": program(
        "t = np.datetime64('2020-01-01')\nargs = (X.astype('m8[h]'), t)\ndef f(x, t): return t + x, t",
        "args = (args[0], np.datetime64('2021-01-01'))", "args = (args[0], np.datetime64('2020-01-01T00'))",
        "args = (args[0], np.datetime64('2020-01'))", "args = (args[0], np.timedelta64(3, 'D'))",
        "args = (args[0], np.datetime64('NaT', 'D'))", "args = (args[0], np.int64(5))", "args = (args[0], X)",
        "args = (X.astype('m8[s]'), t)", "args = (args[0], np.datetime64('2020-01-01', '2D'))",
    ),
    "error state": program(
        "args = (X - 1,)\ndef f(x): return np.abs(x) + 1.0 / (x + 1), np.sqrt(x)",
        "np.seterr(all='raise')\nargs = (X - 3,)",
        "np.seterr(all='ignore')\nargs = (X - 3,)", "args = (X - 2,)",
        "args = (X - 2,)\nnp.seterr(all='print')",
    ),
}
