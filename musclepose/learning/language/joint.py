"""Physics and language in one backward pass: network, soft tokens and LoRA trained together.

A step sums the losses of a motion batch and, over a clip with text, the losses of the seed with its weights: language
modelling 1.0, torque 1.0 (network's muscles against inverse dynamics, N m/kg), activation 0.01, reprojection 10.0.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from musclepose.data.tokens import Tokens
from musclepose.learning.language.clips import LanguageClip
from musclepose.learning.language.train_bridge import (
    collate_packed,
    pack,
    packed_loss,
    trainable,
)
from musclepose.learning.losses import Truth
from musclepose.models.decode import decode, picture_from_world
from musclepose.models.forward import forward_physics
from musclepose.models.musclepose import ForwardOut, MusclePoseCOCO
from musclepose.physics.anthropometrics import person_of
from musclepose.physics.kinematics import keypoints_coco, pose_from_rotations
from musclepose.physics.mtg import activation_from_torque, muscles_of
from musclepose.physics.skeleton47 import N_ROOT
from musclepose.physics.whole_body import RATE_HZ
from musclepose.records import Person
from musclepose.wave_llm.soft_features import physics_features, thinned_frames
from musclepose.wave_llm.soft_tokens import SoftTokens

WEIGHTS = {
    "language": 1.0,
    "torque": 1.0,
    "activation": 0.01,
    "reprojection": 10.0,
}
MotionLoss = Callable[
    [nn.Module, tuple[Tokens, Truth], float], dict[str, Tensor]
]


@dataclass(frozen=True)
class JointConfig:
    """Everything that decides a joint run."""

    llm_name: str
    steps: int = 200
    rank: int = 8  # of the LoRA; alpha is twice that
    motion_rate: float = 1e-4
    language_rate: float = 2e-4
    freeze_motion: bool = False  # train soft tokens and LoRA alone
    stop_language_gradient: bool = (
        False  # text does not reach the motion network
    )
    save_every: int = 20
    seed: int = 0


def features_of(out: ForwardOut, person: Person) -> Tensor:
    """(1, T15, 217) bridge features of a ForwardOut; activations are those that its torques need."""
    muscles = muscles_of(person, out.q.dtype)
    q, qdot, tau = out.q[0], out.qdot[0], out.tau_q[0]
    effort = activation_from_torque(
        tau[:, N_ROOT:], q[:, N_ROOT:], qdot[:, N_ROOT:], muscles
    )
    keep = thinned_frames(torch.arange(len(q)).numpy() / RATE_HZ)
    angle, rate, torque, active, force = (
        x[keep] for x in (q, qdot, tau, effort.alpha, out.foot_force_n[0])
    )
    return physics_features(
        angle, rate, torque, active, force, person.mass_kg
    ).unsqueeze(0)


def clip_terms(
    network: MusclePoseCOCO,
    soft: SoftTokens,
    language: Any,
    clip: LanguageClip,
    filler: int,
    stop: bool,
) -> dict[str, Tensor]:
    """Unweighted terms of one clip with text (the names of WEIGHTS); `stop` keeps text from the network."""
    said = network(clip.tokens)
    motion = decode(said.raw, clip.tokens.stature_m, clip.tokens.stature_known)
    pose = pose_from_rotations(
        motion.R_parent_seg, motion.p_world_root, motion.lengths_m[:, None]
    )
    uv = picture_from_world(
        keypoints_coco(pose, motion.lengths_m[:, None]), motion.camera
    )[0]
    off = (uv - clip.uv).abs().mean(-1).clamp(max=1.0) * clip.seen
    out = forward_physics(said, clip.tokens, clip.athlete, clip.load)
    person = person_of(clip.athlete, float(motion.stature_m[0].detach()))
    features = features_of(out, person)
    tokens, _ = soft(features.detach() if stop else features)
    loss, _ = packed_loss(
        language,
        collate_packed([pack([clip.rendered])], filler),
        tokens.flatten(0, 1),
    )
    return {
        "language": loss.cpu(),  # a language model on a GPU reads soft tokens that were made on the CPU
        "torque": nn.functional.smooth_l1_loss(
            out.tau_q[..., N_ROOT:] / person.mass_kg,
            out.tau_mtg / person.mass_kg,
        ).float(),
        "activation": out.alpha.mean(),
        "reprojection": off.sum() / clip.seen.sum().clamp(min=1),
    }


def default_rank(llm_name: str) -> int:
    """32 (alpha 64) for the Phi family, 8 (alpha 16) for the embedded model and other small ones."""
    return 32 if "phi" in llm_name.lower() else 8


class JointTraining:
    """Numbered steps over motion batches and clips with text; resumable to the step."""

    def __init__(
        self,
        motion: nn.Module,
        soft: SoftTokens,
        language: Any,
        filler: int,
        config: JointConfig,
        motion_loss: MotionLoss,
        batch: Callable[[int], tuple[Tokens, Truth]],
        clip: Callable[[int], LanguageClip],
    ) -> None:
        """motion: the network with its readout (`.network`); language: a model whose LoRA alone is trainable."""
        self.motion, self.soft, self.language, self.filler, self.config = (
            motion,
            soft,
            language,
            filler,
            config,
        )
        self.motion_loss, self.batch, self.clip = motion_loss, batch, clip
        self.motion.requires_grad_(not config.freeze_motion)
        self.lora = trainable(language)
        groups: list[dict[str, Any]] = [
            {
                "params": [*soft.parameters(), *self.lora.values()],
                "top": config.language_rate,
            }
        ]
        if not config.freeze_motion:
            groups.append(
                {"params": list(motion.parameters()), "top": config.motion_rate}
            )
        self.groups = groups
        self.optimizer = torch.optim.AdamW(
            groups, lr=config.language_rate, weight_decay=0.0
        )
        self.step = 0

    def losses(self, number: int) -> dict[str, Tensor]:
        """All terms of a step, and their weighted `total`."""
        clip, terms = self.clip(number), {}
        total = torch.zeros(())
        if not self.config.freeze_motion:
            motion = self.motion_loss(self.motion, self.batch(number), 1.0)
            terms["motion"] = total = motion["total"]
        stop = self.config.stop_language_gradient or self.config.freeze_motion
        network = self.motion.network
        assert isinstance(network, MusclePoseCOCO)
        own = clip_terms(
            network, self.soft, self.language, clip, self.filler, stop
        )
        weighted = torch.stack(
            [WEIGHTS[name] * value for name, value in own.items()]
        ).sum()
        return terms | own | {"total": total + clip.weight * weighted}

    def run(
        self,
        path: Path,
        report: Callable[[dict[str, float]], None] = lambda _: None,
    ) -> None:
        """Train to config.steps, saving to `path`."""
        self.resume(path)
        self.motion.train()
        self.soft.train()
        self.language.train()
        begun = time.monotonic()
        while self.step < self.config.steps:
            terms = self.losses(self.step)
            scale = min(1.0, (self.step + 1) / 10) * (
                1.0 - 0.95 * self.step / self.config.steps
            )
            for group in self.optimizer.param_groups:
                group["lr"] = group["top"] * scale
            self.optimizer.zero_grad(set_to_none=True)
            terms["total"].backward()
            norms = [
                nn.utils.clip_grad_norm_(g["params"], 1.0) for g in self.groups
            ]
            if all(bool(torch.isfinite(n)) for n in norms):
                self.optimizer.step()
            self.step += 1
            seconds = time.monotonic() - begun
            report(
                {"step": self.step, "seconds": seconds}
                | {k: float(v.detach()) for k, v in terms.items()}
            )
            if (
                self.step % self.config.save_every == 0
                or self.step == self.config.steps
            ):
                self.save(path)

    def save(self, path: Path) -> None:
        """Everything that a resumed run needs, atomically; the frozen language model is not part of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "motion": self.motion.state_dict(),
            "soft": self.soft.state_dict(),
            "lora": {k: v.detach() for k, v in self.lora.items()},
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "config": json.dumps(asdict(self.config)),
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> bool:
        """Continue from `path` if it exists."""
        if not path.exists():
            return False
        kept = torch.load(path, weights_only=True)
        self.motion.load_state_dict(kept["motion"])
        self.soft.load_state_dict(kept["soft"])
        with torch.no_grad():
            for name, value in kept["lora"].items():
                self.lora[name].copy_(value)
        self.optimizer.load_state_dict(kept["optimizer"])
        self.step = int(kept["step"])
        return True
