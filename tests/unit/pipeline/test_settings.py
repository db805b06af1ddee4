from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nbrefine.errors import InputError
from nbrefine.pipeline.model import Step
from nbrefine.pipeline.settings import CACHE_VARIABLE, read_settings


def step(name: str) -> Step:
    return Step(name, "notebook", Path(f"{name}.ipynb"), Path(f"{name}.html"))


def written(root: Path, text: str) -> Path:
    (root / "pyproject.toml").write_text(f"[tool.nbrefine]\n{text}\n")
    return root


def test_a_project_without_settings_keeps_its_cache_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    assert read_settings(tmp_path).cache == tmp_path / ".nbrefine/cache"


def test_settings_say_where_how_much_and_how_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    root = written(
        tmp_path,
        'ignore = ["NBR301"]\ncache = "../shared"\ncache-size = "1.5 GB"\ntimeout = 60\n'
        'product-roots = ["../out"]\n[tool.nbrefine.timeouts]\ntrain = 7200',
    )
    found = read_settings(root)
    assert found.cache == root / "../shared"
    assert found.cache_size == 1_500_000_000
    assert found.timeout_of(step("load")) == 60
    assert found.timeout_of(step("train")) == 7200
    assert found.product_roots == ((root / "../out").resolve(),)


def test_a_step_is_meant_by_its_name_before_a_pattern_and_a_sweeps_variant_by_its_steps(
    tmp_path: Path,
) -> None:
    found = read_settings(
        written(
            tmp_path,
            'timeouts = {"fit-*" = 7, fit-1 = 8}\nresources = {train = {gpu = 1}}',
        )
    )
    assert [found.timeout_of(step(name)) for name in ("fit-0", "fit-1", "fit")] == [7, 8, 3600]
    variant = replace(step("train@n=1"), variant_of="train")
    assert found.resources_of(variant) == {"gpu": 1}
    assert found.resources_of(step("load")) == {}


def test_the_environment_says_where_the_cache_is_before_the_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, "/mnt/team")
    assert str(read_settings(written(tmp_path, 'cache = "here"')).cache) == "/mnt/team"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cache-sise = 3", "cache-size"),
        ('cache-size = "big"', "'20 GB'"),
        ("timeout = 0", "number of seconds"),
        ("timeouts = 3", "table of seconds"),
        ('product-roots = "x"', "list of folders"),
        ("timeout = ", "cannot be read"),
    ],
)
def test_what_cannot_be_followed_is_said(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_settings(written(tmp_path, text))
    assert said in f"{caught.value} {caught.value.hint}"
