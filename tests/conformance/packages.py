"""The packages whose own tests are run: which of their test modules, and what is left out of them.

The choices work with arrays a great deal and take some minutes for each package.
"""

import importlib.util
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Package:
    """A package and its test modules, as patterns of their names behind that of the package."""

    name: str
    tests: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def folder(self) -> Path | None:
        """Where it is installed; None if it is not."""
        spec = importlib.util.find_spec(self.name)
        return Path(spec.origin).parent if spec is not None and spec.origin is not None else None

    def modules(self) -> tuple[str, ...]:
        """The names of the test modules that are chosen and installed."""
        if self.folder is None:
            return ()
        names = (".".join(path.relative_to(self.folder).with_suffix("").parts) for path in _test_files(self.folder))
        return tuple(f"{self.name}.{name}" for name in sorted(names) if self.chooses(name))

    def chooses(self, name: str) -> bool:
        """Whether a test module, named from within the package, is run."""
        wanted = any(fnmatchcase(name, pattern) for pattern in self.tests)
        return wanted and not any(fnmatchcase(name, pattern) for pattern in self.left_out)


def _test_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("test_*.py") if "tests" in path.relative_to(folder).parts]


# What needs a compiler, much memory or a network, or is about a package's own build, says nothing about graphlet.
_BUILD = ("*.test_cython*", "*.test_limited_api", "*.test_extending", "*.test_numba", "*.test_c_api")

PACKAGES = {
    package.name: package
    for package in (
        Package(
            "numpy",
            tuple(
                f"{part}.tests.*"
                for part in ("_core", "lib", "linalg", "fft", "ma", "matrixlib", "polynomial", "random")
            ),
            (*_BUILD, "*.test_f2py", "*.test_simd", "*.test_mem_policy"),
        ),
        Package(
            "scipy",
            (
                "linalg.tests.test_decomp_[cl]*", "linalg.tests.test_matfuncs", "linalg.tests.test_special_matrices",
                "linalg.tests.test_procrustes", "linalg.tests.test_matmul_toeplitz",
                "signal.tests.test_savitzky_golay", "signal.tests.test_spectral", "signal.tests.test_wavelets",
                "signal.tests.test_peak_finding", "signal.tests.test_ltisys",
                "optimize.tests.test__numdiff", "optimize.tests.test_lsq_*", "optimize.tests.test_linesearch",
                "optimize.tests.test_minpack", "optimize.tests.test_nonlin", "optimize.tests.test_zeros",
                "interpolate.tests.test_polyint", "interpolate.tests.test_rgi", "interpolate.tests.test_pade",
                "stats.tests.test_variation", "stats.tests.test_binned_statistic", "stats.tests.test_mstats_basic",
                "integrate.tests.test_quadrature", "integrate.tests.test_bvp", "integrate.tests.test_integrate",
                "fft.tests.test_[fhr]*", "special.tests.test_logsumexp", "special.tests.test_orthogonal",
            ),
            _BUILD,
        ),
        Package(
            "pandas",
            (
                "tests.frame.test_arithmetic", "tests.frame.test_constructors", "tests.frame.test_reductions",
                "tests.frame.test_ufunc", "tests.frame.indexing.test_where", "tests.frame.indexing.test_setitem",
                "tests.series.test_arithmetic", "tests.series.test_ufunc", "tests.series.test_reductions",
                "tests.reductions.*", "tests.groupby.test_groupby", "tests.reshape.test_pivot", "tests.test_algos",
                "tests.internals.*",
            ),
            _BUILD,
        ),
        Package(
            "sklearn",
            (
                "preprocessing.tests.test_data", "preprocessing.tests.test_common", "preprocessing.tests.test_label",
                "preprocessing.tests.test_polynomial", "metrics.tests.test_regression",
                "metrics.tests.test_classification", "metrics.tests.test_ranking", "covariance.tests.*",
                "linear_model.tests.test_base", "linear_model.tests.test_linear_loss",
                "cluster.tests.test_bicluster", "cluster.tests.test_k_means",
            ),
            _BUILD,
        ),
        Package(
            "networkx",
            (
                "linalg.tests.*", "algorithms.tests.test_[a-m]*", "algorithms.link_analysis.tests.*",
                "algorithms.centrality.tests.*", "algorithms.bipartite.tests.*", "algorithms.assortativity.tests.*",
                "algorithms.shortest_paths.tests.*", "generators.tests.*", "drawing.tests.test_layout",
                "tests.test_convert_*",
            ),
            _BUILD,
        ),
        Package(
            "sympy",
            (
                "core.tests.test_arit", "core.tests.test_numbers", "core.tests.test_basic", "core.tests.test_sympify",
                "matrices.tests.test_immutable", "matrices.tests.test_determinant", "utilities.tests.test_lambdify",
                "utilities.tests.test_iterables", "tensor.array.tests.*", "polys.matrices.tests.*",
                "printing.tests.test_numpy", "plotting.tests.test_series",
            ),
            _BUILD,
        ),
    )
}  # fmt: skip
