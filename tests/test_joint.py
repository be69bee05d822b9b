"""Physics and language in one backward pass: what a gradient reaches, what is frozen, what a user's text counts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_language import tiny_phi3
from torch import Tensor

from musclepose import train
from musclepose.data.tokens import Tokens
from musclepose.learning import motion_bank
from musclepose.learning.language import weights as language_weights
from musclepose.learning.language.bridge_data import bridge_clip
from musclepose.learning.language.clips import (
    USER_TEXT_WEIGHT,
    LanguageClips,
    generated_clip,
)
from musclepose.learning.language.joint import (
    JointConfig,
    JointTraining,
    clip_terms,
    default_rank,
)
from musclepose.learning.language.train_bridge import (
    fresh_soft_tokens,
    with_lora,
)
from musclepose.models.checkpoint import load_checkpoint
from musclepose.models.decode import Raw
from musclepose.models.forward import forward, forward_physics
from musclepose.models.musclepose import ModelConfig, MusclePoseCOCO
from musclepose.physics.constants import G_M_S2
from musclepose.physics.filters import low_pass
from musclepose.synthesis.exercise import generate_clip
from musclepose.synthesis.film import film
from musclepose.wave_llm.adapter import SOFT_WEIGHTS, attach_adapter
from musclepose.wave_llm.models import LanguageModel
from musclepose.wave_llm.soft_tokens import SoftTokens

SMALL = ModelConfig(width=32, layers=1, heads=2)


@pytest.fixture
def tiny() -> LanguageModel:
    loaded = tiny_phi3()
    loaded.model.requires_grad_(False)
    return loaded


@pytest.fixture
def soft(tiny: LanguageModel) -> SoftTokens:
    torch.manual_seed(1)
    return fresh_soft_tokens(tiny, [bridge_clip(6_000_000)])


class Motion(torch.nn.Module):
    """A small network where the training's own would be."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.network = MusclePoseCOCO(SMALL)


def joint(
    tiny: LanguageModel,
    soft: SoftTokens,
    clips: LanguageClips,
    **config: bool | int,
) -> JointTraining:
    settings = JointConfig(
        "tiny-phi3", rank=2, **{"steps": 2, "save_every": 1, **config}
    )  # type: ignore[arg-type]

    def motion_loss(
        model: torch.nn.Module, _batch: object, _progress: float
    ) -> dict[str, torch.Tensor]:
        return {
            "total": 1e-3
            * torch.stack([p.square().sum() for p in model.parameters()]).sum()
        }

    return JointTraining(
        Motion(),
        soft,
        with_lora(tiny.model, 2, 0),
        0,
        settings,
        motion_loss,
        lambda _: None,
        clips,
    )  # type: ignore[arg-type, return-value]


def norm(module: torch.nn.Module) -> float:
    return sum(
        float(p.grad.norm()) for p in module.parameters() if p.grad is not None
    )


def test_the_forward_pass_stands_on_the_floor_and_balances() -> None:
    model, _ = load_checkpoint()
    clip = generated_clip(0, tiny_phi3().tokenizer)
    with torch.no_grad():
        out = forward(model, clip.tokens, clip.athlete, clip.load)
    weight_n = (float(clip.athlete.mass_kg or 0) + clip.load.mass_kg) * G_M_S2
    assert float(out.foot_force_n[0, :, :, 1].sum(-1).mean()) == pytest.approx(
        weight_n, rel=0.1
    )
    frames = clip.tokens.features.shape[1]
    assert out.q.shape == (1, frames, 47) and out.tau_mtg.shape == (
        1,
        frames,
        41,
    )
    root = out.tau_q[0, :, :3].norm(dim=-1).mean()
    assert float(root) < 0.1 * weight_n, (
        "what the feet do not carry is left at the root"
    )


def test_text_reaches_network_bridge_and_adapter_and_can_be_stopped(
    tiny: LanguageModel, soft: SoftTokens
) -> None:
    network, clip = Motion().network, generated_clip(1, tiny.tokenizer)
    language = with_lora(tiny.model, 2, 0)
    for stop in (False, True):
        for module in (network, soft, language):
            module.zero_grad()
        clip_terms(network, soft, language, clip, 0, stop)[
            "language"
        ].backward()
        assert (norm(network) > 0) is not stop
        assert norm(soft) > 0 and norm(language) > 0
    assert not any(
        p.requires_grad
        for n, p in language.named_parameters()
        if "lora" not in n
    )


def test_the_gradient_through_the_physics_is_the_derivative() -> None:
    """Along random changes of the joint angles: decode, filters, floor, dynamics, ground reaction."""
    model, _ = load_checkpoint()
    clip = generated_clip(1, tiny_phi3().tokenizer)
    with torch.no_grad():
        said = model(clip.tokens)
    raw = Raw(*(x.double() for x in said.raw))
    tokens = Tokens(
        *(x.double() if x.is_floating_point() else x for x in clip.tokens)
    )
    torch.manual_seed(3)
    direction = low_pass(torch.randn_like(raw.angle[0]), 1 / 30, 3.0)[None]

    def value(step: Tensor | float) -> Tensor:
        moved = replace(
            said, raw=raw._replace(angle=raw.angle + step * direction)
        )
        out = forward_physics(moved, tokens, clip.athlete, clip.load)
        return (out.tau_q / 70.0).square().mean() + (
            out.foot_force_n / 700.0
        ).square().mean()

    step = torch.zeros((), dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(value(step), step)
    with torch.no_grad():
        expected = float(value(1e-5) - value(-1e-5)) / 2e-5
    assert float(slope) == pytest.approx(expected, rel=1e-3)


def test_a_users_text_counts_more_and_alternates(
    tiny: LanguageModel, tmp_path: Path
) -> None:
    shot = film(generate_clip(5, "squat", seconds=4.0).motion, 0, "detector")
    fields = {
        "kxy": shot.keypoints_px,
        "kconf": shot.confidence,
        "coaching_text": "Sit back a little more.",
    }
    torch.save(fields, tmp_path / "mine.pt")
    torch.save({**fields, "coaching_text": ""}, tmp_path / "silent.pt")
    clips = LanguageClips(tmp_path, tiny.tokenizer, 0)
    assert len(clips.written) == 1
    mine, made = clips(0), clips(1)
    assert (mine.weight, made.weight) == (
        USER_TEXT_WEIGHT,
        1.0,
    ) and USER_TEXT_WEIGHT > 1
    answer = [
        i
        for i, a in zip(
            mine.rendered.ids, mine.rendered.answer_mask, strict=True
        )
        if a
    ]
    assert "Sit back a little more." in tiny.tokenizer.decode(answer)
    assert sum(mine.rendered.soft_mask) == sum(made.rendered.soft_mask) == 8


def test_total_is_the_weighted_sum(
    tiny: LanguageModel, soft: SoftTokens
) -> None:
    clips = LanguageClips(None, tiny.tokenizer, 0)
    heavy = joint(tiny, soft, lambda n: replace(clips(n), weight=3.0))  # type: ignore[arg-type, return-value]
    terms = heavy.losses(0)
    own = (
        terms["language"]
        + terms["torque"]
        + 0.01 * terms["activation"]
        + 10.0 * terms["reprojection"]
    )
    torch.testing.assert_close(
        terms["total"], (terms["motion"] + 3.0 * own).to(terms["total"])
    )


def test_a_resumed_run_is_the_same_run(
    tiny: LanguageModel, tmp_path: Path
) -> None:
    ends = []
    for name, parts in (("straight", (2,)), ("parts", (1, 2))):
        for steps in parts:
            loaded = tiny_phi3()
            loaded.model.requires_grad_(False)
            torch.manual_seed(1)
            soft = fresh_soft_tokens(loaded, [bridge_clip(6_000_000)])
            run = joint(
                loaded, soft, LanguageClips(None, loaded.tokenizer, 0), steps=2
            )
            run.config = replace(run.config, steps=2)
            if steps == 1:
                run.resume(tmp_path / f"{name}.pt")
                terms = run.losses(0)
                assert torch.isfinite(terms["total"])
            run.run(tmp_path / f"{name}.pt")
        ends.append(torch.load(tmp_path / f"{name}.pt", weights_only=True))
    for key in ("motion", "soft", "lora"):
        for name, value in ends[0][key].items():
            torch.testing.assert_close(value, ends[1][key][name])


def test_the_rank_of_the_adapter_fits_the_model(tiny: LanguageModel) -> None:
    assert (
        default_rank("microsoft/Phi-3.5-mini-instruct") == 32
        and default_rank("smollm2") == 8
    )
    lora = with_lora(tiny.model, default_rank(tiny.name), 0).peft_config[
        "default"
    ]
    assert (lora.r, lora.lora_alpha) == (32, 64)
    assert set(lora.target_modules) == {
        "qkv_proj",
        "o_proj",
        "gate_up_proj",
        "down_proj",
    }


def test_frozen_motion_stays(
    tiny: LanguageModel, soft: SoftTokens, tmp_path: Path
) -> None:
    run = joint(
        tiny,
        soft,
        LanguageClips(None, tiny.tokenizer, 0),
        freeze_motion=True,
        steps=1,
    )
    before = {k: v.clone() for k, v in run.motion.state_dict().items()}
    bridge = {k: v.clone() for k, v in soft.state_dict().items()}
    run.run(tmp_path / "state.pt")
    assert all(
        torch.equal(v, before[k]) for k, v in run.motion.state_dict().items()
    )
    assert any(
        not torch.equal(v, bridge[k]) for k, v in soft.state_dict().items()
    )


def test_the_command_leaves_an_adapter_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = [generate_clip(n, "squat", seconds=4.0).motion for n in range(2)]
    monkeypatch.setattr(motion_bank, "generated_motion", lambda: clips)
    monkeypatch.setattr(
        train, "validation_bank", lambda _: motion_bank.MotionBank(clips)
    )
    monkeypatch.setattr(
        "musclepose.wave_llm.language_model.load_base_model",
        lambda _: tiny_phi3(),
    )
    monkeypatch.setattr(language_weights, "CLIPS_TO_STANDARDISE", 1)
    arguments = [
        "--data_dir",
        str(tmp_path / "none"),
        "--save_dir",
        str(tmp_path / "run"),
        "--batch_size",
        "2",
        "--window",
        "8",
        "--epochs",
        "0.02",
        "--threads",
        "1",
        "--llm_name",
        "tiny-phi3",
        "--llm_steps",
        "1",
    ]
    assert train.main(arguments) == 0
    folder = tmp_path / "run" / "language"
    card = json.loads((folder / "card.json").read_text())
    assert card["steps_done"] == 1 and card["released"] is False
    assert (folder / SOFT_WEIGHTS).is_file() and (
        folder / "musclepose_coco.safetensors"
    ).is_file()
    attached = attach_adapter(tiny_phi3(), str(folder))
    assert attached.adapter == "language" and attached.bridge is not None
