"""European option prices by the formula of Black and Scholes."""

from typing import Any

import numpy as np


def normal_cdf(x: np.ndarray) -> np.ndarray:
    """The normal distribution function, by the approximation of Abramowitz and Stegun (26.2.17)."""
    k = 1.0 / (1.0 + 0.2316419 * np.abs(x))
    tail = k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))))
    w = 1.0 - 0.3989422804014327 * np.exp(-0.5 * x * x) * tail
    return np.where(x < 0, 1.0 - w, w)


def black_scholes(
    spot: np.ndarray, strike: np.ndarray, years: np.ndarray, rate: float, volatility: float
) -> tuple[np.ndarray, np.ndarray]:
    """Prices of calls and puts."""
    root = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / root
    d2 = d1 - root
    discounted = strike * np.exp(-rate * years)
    call = spot * normal_cdf(d1) - discounted * normal_cdf(d2)
    put = call - spot + discounted
    return call, put


def make_inputs(n: int, rng: np.random.Generator) -> tuple[Any, ...]:
    """``n`` options."""
    return rng.uniform(10, 200, n), rng.uniform(10, 200, n), rng.uniform(0.1, 3, n), 0.03, 0.25


PROGRAM = black_scholes
