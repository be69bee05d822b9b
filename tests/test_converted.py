"""The converted language model is the same model, made once, and made again where its file is damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_language import tiny_phi3

from musclepose.wave_llm import converted
from musclepose.wave_llm.converted import (
    converted_folder,
    read_converted,
    write_converted,
)


def test_the_converted_model_gives_the_same_logits(tmp_path: Path) -> None:
    tiny = tiny_phi3()
    folder = tmp_path / "converted" / "tiny"
    assert read_converted(folder) is None
    write_converted(tiny, folder)
    again = read_converted(folder)
    assert (
        again is not None
        and again.bridge is None
        and not folder.with_suffix(".part").exists()
    )
    ids = torch.tensor(
        [
            tiny.tokenizer("Left knee 104°.", add_special_tokens=False)[
                "input_ids"
            ]
        ]
    )
    assert (
        again.tokenizer("Left knee 104°.", add_special_tokens=False)[
            "input_ids"
        ]
        == ids[0].tolist()
    )
    with torch.inference_mode():
        assert torch.equal(tiny.model(ids).logits, again.model(ids).logits)


def test_a_damaged_file_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    write_converted(tiny_phi3(), folder)
    (folder / "config.json").write_text("{")
    assert read_converted(folder) is None and not folder.exists()


def test_nothing_is_kept_where_nothing_can_be_written(tmp_path: Path) -> None:
    """A file stands where the folder should be: the model works, and nothing is left behind."""
    (tmp_path / "file").write_text("")
    write_converted(replace(tiny_phi3()), tmp_path / "file" / "tiny")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_other_weights_are_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "model.gguf"
    monkeypatch.setattr(converted, "asset_path", lambda _name: weights)
    weights.write_bytes(b"12345")
    first = converted_folder(tmp_path)
    assert converted_folder(tmp_path) == first
    weights.write_bytes(b"123456")
    assert converted_folder(tmp_path) != first
