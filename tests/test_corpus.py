"""The coaching corpus and the adapter training: deterministic, apart from the test, resumable, used if it fits."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
import torch
from tiny_language import tiny_phi3

from musclepose.errors import CheckpointError
from musclepose.learning.language.corpus import faithful, samples
from musclepose.learning.language.train_adapter import (
    AdapterConfig,
    collate,
    rendered_sample,
    save_adapter,
    train,
)
from musclepose.wave_llm.adapter import attach_adapter
from musclepose.wave_llm.models import LanguageModel


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return tiny_phi3()


def templates(text: str) -> set[str]:
    """Sentences with every number replaced, and sides and joints masked."""
    plain = re.sub(r"\*\*[^*]+\*\*", "", text)
    masked = re.sub(r"\d+(?:\.\d+)?", "#", plain)
    return {s.strip() for s in re.split(r"(?<=[.!?])\s+", masked) if s.strip()}


def test_pairs_are_deterministic_true_and_apart() -> None:
    first, again = (
        list(samples("train", 12, forces=False)),
        list(samples("train", 12, forces=False)),
    )
    held = list(samples("test", 12, forces=False))
    assert [(s.messages, s.answer) for s in first] == [
        (s.messages, s.answer) for s in again
    ]
    assert {s.seed for s in first}.isdisjoint(s.seed for s in held)
    assert len({s.exercise for s in first}) == 12
    for s in (*first, *held):
        good, total = faithful(s.answer, s.summary)
        assert good == total > 0
        assert s.answer not in " ".join(m["content"] for m in s.messages)
    shared = set.union(*(templates(s.answer) for s in first)) & set.union(
        *(templates(s.answer) for s in held)
    )
    assert not shared


def test_labels_are_the_answer_only(tiny: LanguageModel) -> None:
    rows = [
        rendered_sample(s, tiny.tokenizer)
        for s in samples("train", 2, forces=False)
    ]
    ids, mask, labels = collate(rows, 0, 10_000)
    for row, r in enumerate(rows):
        assert mask[row].sum() == len(r.ids)
        assert (labels[row, : len(r.ids)] != -100).tolist() == r.answer_mask
        assert (labels[row, len(r.ids) :] == -100).all() and (
            ids[row, : len(r.ids)] == torch.tensor(r.ids)
        ).all()


def test_training_resumes_saves_and_is_used_only_where_it_fits(
    tiny: LanguageModel, tmp_path: Path
) -> None:
    config = AdapterConfig(
        llm_name="tiny-phi3",
        steps=3,
        batch_size=1,
        rank=4,
        clips=4,
        max_tokens=3000,
        warmup=1,
        forces=0,
    )

    def fresh() -> LanguageModel:
        return LanguageModel(
            tiny.name, copy.deepcopy(tiny.model), tiny.tokenizer, "cpu", "fp32"
        )

    _, straight = train(fresh(), config, tmp_path / "a.pt", save_every=10)
    short = AdapterConfig(**{**config.__dict__, "steps": 1})
    train(fresh(), short, tmp_path / "b.pt", save_every=1)
    loaded = fresh()
    model, resumed = train(loaded, config, tmp_path / "b.pt", save_every=1)
    assert len(resumed) == 3 and resumed[0] == straight[0]
    with pytest.raises(CheckpointError):
        train(
            fresh(),
            AdapterConfig(**{**config.__dict__, "rank": 8}),
            tmp_path / "b.pt",
        )
    out = tmp_path / "coach-tiny-phi3"
    save_adapter(model, loaded, config, out, resumed, {"sentences_true": 0.5})
    card = json.loads((out / "card.json").read_text())
    assert (
        (out / "adapter_model.safetensors").exists()
        and card["released"] is False
        and card["width"] == 32
    )
    assert attach_adapter(fresh(), str(out)).adapter == "coach-tiny-phi3"
    assert attach_adapter(fresh()).adapter == ""
    with pytest.raises(CheckpointError):
        attach_adapter(
            LanguageModel("another", tiny.model, tiny.tokenizer, "cpu", "fp32"),
            str(out),
        )
    with pytest.raises(CheckpointError):
        attach_adapter(fresh(), str(tmp_path))
