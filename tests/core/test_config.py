"""Settings: defaults, environment, checks."""

import pytest

from graphlet.core.config import SETTINGS, Config, warn_unknown_variables
from graphlet.core.errors import ConfigError


def test_defaults_without_environment() -> None:
    config = Config({})
    assert {name: getattr(config, name) for name in SETTINGS} == {n: s.default for n, s in SETTINGS.items()}


def test_environment_sets_and_converts() -> None:
    config = Config({"GRAPHLET_RECOMPILE_LIMIT": "3", "GRAPHLET": "0"})
    assert config.recompile_limit == 3
    assert config.enabled == "0"


def test_bad_environment_value_is_ignored_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="GRAPHLET='maybe' is ignored"):
        config = Config({"GRAPHLET": "maybe"})
    assert config.enabled == "1"


def test_wrong_values_are_refused_by_name() -> None:
    config = Config({})
    with pytest.raises(ConfigError, match="recompile_limit takes int, got str"):
        config.recompile_limit = "many"
    with pytest.raises(ConfigError, match="enabled takes one of"):
        config.enabled = "2"
    with pytest.raises(ConfigError, match="no setting 'recompilelimit'"):
        config.recompilelimit = 1


def test_patch_restores_even_after_an_error() -> None:
    config = Config({})
    with pytest.raises(RuntimeError), config.patch(recompile_limit=2):
        assert config.recompile_limit == 2
        raise RuntimeError
    assert config.recompile_limit == SETTINGS["recompile_limit"].default


def test_patch_checks_before_it_changes_anything() -> None:
    config = Config({})
    with pytest.raises(ConfigError), config.patch(recompile_limit=2, enabled="no"):
        pass
    assert config.recompile_limit == SETTINGS["recompile_limit"].default


def test_unknown_variable_is_named_with_the_nearest_setting() -> None:
    with pytest.warns(UserWarning, match="did you mean GRAPHLET_BACKEND"):
        warn_unknown_variables({"GRAPHLET_BACKENDS": "eager"})


@pytest.mark.parametrize(
    ("variable", "meant"), [("ENABLED", "GRAPHLET"), ("STANCE", "GRAPHLET"), ("CACHEDIR", "GRAPHLET_CACHE_DIR")]
)
def test_what_was_meant_by_another_name(variable: str, meant: str) -> None:
    with pytest.warns(UserWarning, match=rf"did you mean {meant}\?"):
        warn_unknown_variables({f"GRAPHLET_{variable}": "1"})


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("GRAPHLET_DEBUG", "true", "it takes a whole number"),
        ("GRAPHLET_NUM_THREADS", "-3", "GRAPHLET_NUM_THREADS takes 0 or more, got -3"),
        ("GRAPHLET_RECOMPILE_LIMIT", "0", "GRAPHLET_RECOMPILE_LIMIT takes 1 or more, got 0"),
        ("GRAPHLET", "yes", "GRAPHLET takes one of '0', '1', 'check', got 'yes'"),
    ],
)
def test_the_warning_names_the_variable_and_what_it_takes(variable: str, text: str, problem: str) -> None:
    with pytest.warns(UserWarning, match=f"{variable}='{text}' is ignored: {problem}"):
        Config({variable: text})
