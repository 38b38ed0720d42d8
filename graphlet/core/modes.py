"""The modes of ``optimize``, each with what it is in a sentence."""

DEFAULT, REDUCE_OVERHEAD, MAX_AUTOTUNE, FAST = "default", "reduce-overhead", "max-autotune", "fast"
MODES = {
    DEFAULT: "results identical to NumPy; what NumPy does faster is left to it",
    REDUCE_OVERHEAD: "the same, but nothing is measured: each call that fits runs its graph",
    MAX_AUTOTUNE: "as default; block lengths, vector widths and threads are searched once for each kernel",
    FAST: "fused multiply-add, faster sin, cos and powers: results may differ within a stated bound",
}
OF_GENERATED_CODE = frozenset({MAX_AUTOTUNE, FAST})  # modes that say how code is generated
