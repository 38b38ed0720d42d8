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
                "linalg.tests.test_decomp_[clp]*", "linalg.tests.test_matfuncs", "linalg.tests.test_sol*",
                "linalg.tests.test_special_matrices", "linalg.tests.test_procrustes", "linalg.tests.test_sketches",
                "linalg.tests.test_matmul_toeplitz",
                "signal.tests.test_[bcf]*", "signal.tests.test_savitzky_golay", "signal.tests.test_spectral",
                "signal.tests.test_w*", "signal.tests.test_ltisys", "signal.tests.test_peak_finding",
                "optimize.tests.test__numdiff", "optimize.tests.test_least_squares", "optimize.tests.test_lsq_*",
                "optimize.tests.test_linesearch", "optimize.tests.test_minpack", "optimize.tests.test_nonlin",
                "optimize.tests.test_optimize", "optimize.tests.test_zeros", "optimize.tests.test_trustregion",
                "interpolate.tests.test_interpolate", "interpolate.tests.test_polyint", "interpolate.tests.test_rgi",
                "interpolate.tests.test_fitpack2", "interpolate.tests.test_ndgriddata", "interpolate.tests.test_pade",
                "stats.tests.test_stats", "stats.tests.test_variation", "stats.tests.test_binned_statistic",
                "stats.tests.test_mstats_basic", "stats.tests.test_contingency", "stats.tests.test_rank",
                "integrate.tests.test_quadrature", "integrate.tests.test_bvp", "integrate.tests.test_integrate",
                "fft.tests.test_[bfhr]*",
                "spatial.tests.test_slerp", "spatial.tests.test__procrustes", "spatial.tests.test_spherical_voronoi",
                "special.tests.test_logsumexp", "special.tests.test_orthogonal",
                "sparse.tests.test_construct", "sparse.tests.test_coo", "sparse.tests.test_sputils",
            ),
            _BUILD,
        ),
        Package(
            "pandas",
            (
                "tests.frame.test_*", "tests.frame.indexing.*", "tests.frame.methods.test_[a-f]*",
                "tests.series.test_*", "tests.series.indexing.*", "tests.series.methods.test_[a-f]*",
                "tests.groupby.test_groupby*", "tests.groupby.aggregate.*", "tests.groupby.transform.*",
                "tests.reductions.*", "tests.arithmetic.test_numeric", "tests.arithmetic.test_array_ops",
                "tests.reshape.test_*", "tests.window.test_ewm", "tests.test_algos", "tests.internals.*",
            ),
            _BUILD,
        ),
        Package(
            "sklearn",
            (
                "preprocessing.tests.*", "metrics.tests.test_regression", "metrics.tests.test_classification",
                "metrics.tests.test_ranking", "metrics.cluster.tests.*", "linear_model.tests.test_[bho]*",
                "linear_model.tests.test_ridge", "linear_model.tests.test_linear_loss",
                "linear_model.tests.test_least_angle", "cluster.tests.test_[abds]*", "cluster.tests.test_k_means",
                "cluster.tests.test_mean_shift", "decomposition.tests.test_[fit]*", "decomposition.tests.test_pca",
                "covariance.tests.*", "mixture.tests.*", "utils.tests.test_extmath", "utils.tests.test_validation",
                "utils.tests.test_multiclass",
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
                "core.tests.test_arit", "core.tests.test_expr", "core.tests.test_numbers", "core.tests.test_function",
                "core.tests.test_evalf", "core.tests.test_basic", "core.tests.test_sympify", "core.tests.test_power",
                "matrices.tests.test_[cdi]*", "utilities.tests.test_lambdify", "utilities.tests.test_iterables",
                "tensor.tests.test_indexed", "tensor.array.tests.*", "polys.matrices.tests.*",
                "printing.tests.test_numpy", "printing.tests.test_pycode", "plotting.tests.test_series",
                "physics.quantum.tests.test_matrixutils", "stats.tests.test_matrix_distributions",
            ),
            _BUILD,
        ),
    )
}  # fmt: skip
