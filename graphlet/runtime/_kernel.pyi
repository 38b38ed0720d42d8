class Kernel:
    n_inputs: int
    n_outputs: int
    last_decline: str
