"""Both stages of the bridge's training run, learn, and go on from their state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_language import tiny_phi3

from musclepose.learning.language import train_bridge as training
from musclepose.learning.language.bridge_data import (
    FIRST_SEED,
    BridgeClip,
    bridge_clip,
)
from musclepose.learning.language.train_bridge import (
    BridgeConfig,
    align,
    train_bridge,
)
from musclepose.wave_llm.adapter import SOFT_WEIGHTS, save_lora
from musclepose.wave_llm.models import LanguageModel
from musclepose.wave_llm.soft_tokens import save_soft_tokens

CONFIG = BridgeConfig(
    "tiny-phi3", epochs=1.0, batch=2, align_steps=2, align_batch=2, rank=2
)


@pytest.fixture(scope="module")
def clips() -> list[BridgeClip]:
    return [bridge_clip(FIRST_SEED["train"] + i) for i in range(4)]


@pytest.fixture
def frozen(
    monkeypatch: pytest.MonkeyPatch, clips: list[BridgeClip]
) -> LanguageModel:
    """A language model whose weights are held, and a training that draws from `clips`."""
    monkeypatch.setattr(training, "training_clips", lambda _: clips)
    monkeypatch.setattr(training, "bridge_clips", lambda *_: clips)
    loaded = tiny_phi3()
    loaded.model.requires_grad_(False)
    return loaded


def _step(state: Path) -> int:
    return int(torch.load(state, weights_only=True)["step"])


def test_the_bridge_learns_and_goes_on(
    frozen: LanguageModel, tmp_path: Path
) -> None:
    state = tmp_path / "new" / "bridge.pt"
    first = train_bridge(frozen, CONFIG, state).state_dict()
    assert _step(state) == 2
    again = train_bridge(frozen, CONFIG, state).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    warm = train_bridge(
        frozen, CONFIG, tmp_path / "warm.pt", state
    ).state_dict()
    assert any(
        not torch.equal(value, warm[name]) for name, value in first.items()
    )


def test_bridge_and_lora_learn_together_and_the_rest_is_held(
    frozen: LanguageModel, clips: list[BridgeClip], tmp_path: Path
) -> None:
    before = {
        name: value.clone() for name, value in frozen.model.state_dict().items()
    }
    soft = training.fresh_soft_tokens(frozen, clips)
    start = {name: value.clone() for name, value in soft.state_dict().items()}
    state = tmp_path / "align.pt"
    learnt, model = align(frozen, soft, CONFIG, state)
    assert _step(state) == 2
    assert any(
        not torch.equal(value, start[name])
        for name, value in learnt.state_dict().items()
    )
    lora = {n: p for n, p in model.named_parameters() if "lora_B" in n}
    assert lora and all(
        float(p.detach().abs().max()) > 0 for p in lora.values()
    )
    own = {
        n: p
        for n, p in model.get_base_model().named_parameters()
        if "lora_" not in n
    }
    held = {n.replace(".base_layer", ""): p for n, p in own.items()}
    assert held and all(
        torch.equal(p, before[name]) for name, p in held.items()
    )


def test_a_resumed_alignment_goes_on_from_its_step(
    frozen: LanguageModel,
    clips: list[BridgeClip],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = tmp_path / "align.pt"
    align(frozen, training.fresh_soft_tokens(frozen, clips), CONFIG, state)
    kept = torch.load(state, weights_only=True)
    other = tiny_phi3()
    other.model.requires_grad_(False)
    soft, model = align(
        other, training.fresh_soft_tokens(other, clips), CONFIG, state
    )
    assert all(
        torch.equal(value, kept["soft"][n])
        for n, value in soft.state_dict().items()
    )
    weights = dict(model.named_parameters())
    assert all(
        torch.equal(value, weights[name])
        for name, value in kept["lora"].items()
    )
    longer = replace(CONFIG, align_steps=10)
    last = tiny_phi3()
    last.model.requires_grad_(False)
    align(last, training.fresh_soft_tokens(last, clips), longer, state)
    assert _step(state) == 10 and "align 10/10" in capsys.readouterr().out


def test_a_run_goes_on_from_released_weights(
    frozen: LanguageModel, clips: list[BridgeClip], tmp_path: Path
) -> None:
    soft, model = align(
        frozen,
        training.fresh_soft_tokens(frozen, clips),
        CONFIG,
        tmp_path / "align.pt",
    )
    lora = {n: v.clone() for n, v in training.trainable(model).items()}
    folder = tmp_path / "released"
    save_lora(folder, model, "tiny-phi3")
    save_soft_tokens(folder / SOFT_WEIGHTS, soft, {})
    none = replace(CONFIG, epochs=0.0, align_steps=0)
    went_on = train_bridge(
        frozen, none, tmp_path / "none.pt", released=folder
    ).state_dict()
    for name, value in soft.state_dict().items():
        assert torch.allclose(went_on[name], value, atol=1e-3)  # float16
    fresh = training.with_lora(tiny_phi3().model, CONFIG.rank, seed=9)
    training.take_lora(fresh, folder)
    for name, value in training.trainable(fresh).items():
        assert torch.allclose(value, lora[name], atol=1e-3)


def test_bf16_is_used_only_where_the_processor_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for able in (True, False):
        monkeypatch.setattr(
            training, "trains_in_bf16", lambda _, able=able: able
        )
        with training._autocast():
            product = torch.ones(2, 2) @ torch.ones(2, 2)
        assert (product.dtype == torch.bfloat16) == able
