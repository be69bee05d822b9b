"""Trains the soft tokens and a LoRA for a language model: `python -m musclepose.learning.language.train_bridge`.

1. `bridge`: without the language model. Soft token k is drawn to the mean word embedding of the answer to fact k and
   must be nearest to it among the answers of that fact. Cheap, and the language model can already read words.
2. `align`: soft tokens and LoRA together, cross entropy of the answer to one question each. The questions of a clip
   share the prompt up to its soft tokens in one row and do not see each other.

Both stages resume from --state; SIGTERM-safe in that the last saved state is complete.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR

from musclepose.learning.language.bridge_data import (
    BridgeClip,
    bridge_clips,
    mirrored,
)
from musclepose.learning.language.soft_facts import CLASSES, FACTS, labels_of
from musclepose.learning.language.soft_questions import (
    question_of,
    rendered_question,
)
from musclepose.models.musclepose import N_SOFT_TOKENS
from musclepose.utils.cpu import trains_in_bf16
from musclepose.wave_llm.adapter import (
    LORA_WEIGHTS,
    SOFT_WEIGHTS,
    lora_targets,
)
from musclepose.wave_llm.language_model import load_base_model
from musclepose.wave_llm.models import EMBEDDED, LanguageModel
from musclepose.wave_llm.prompt import Rendered
from musclepose.wave_llm.soft_tokens import (
    SoftTokens,
    load_soft_tokens,
    padded,
)

FILMED_TIMES = 3  # they are few
VALIDATION = 250  # of the training clips; never of the test clips


@dataclass(frozen=True)
class BridgeConfig:
    """Everything that decides a run."""

    llm_name: str = EMBEDDED
    clips: int = 20000
    filmed: int = 0  # clips besides, seen through a camera, detector noise and the network
    epochs: float = 8.0
    batch: int = 32
    rate: float = 1e-3
    align_steps: int = 400
    align_batch: int = 8
    align_rate: float = 3e-4
    rank: int = 8
    seed: int = 0


def class_vectors(model: Any, tokenizer: Any) -> dict[str, Tensor]:
    """(classes, width) per fact: mean input embedding of the answer's tokens."""
    table = model.get_input_embeddings().weight.detach().float()

    def mean(word: str) -> Tensor:
        return table[
            tokenizer(word, add_special_tokens=False)["input_ids"]
        ].mean(0)

    return {
        fact: torch.stack([mean(w) for w in CLASSES[fact]]) for fact in FACTS
    }


def fact_logits(soft: Tensor, vectors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Per fact -|token - class|^2, in units in which the classes are about 20 apart."""
    out = {}
    for k, fact in enumerate(FACTS):
        c = vectors[fact]
        spread = (c - c.mean(0)).square().sum(-1).mean()
        out[fact] = -(soft[:, k, None] - c).square().sum(-1) * 10.0 / spread
    return out


def label_tensor(clips: Sequence[BridgeClip]) -> Tensor:
    """(n, 6) class indices, -100 where a fact is not asked."""
    rows = [labels_of(c.known) for c in clips]
    return torch.tensor(
        [[-100 if (v := row[f]) is None else v for f in FACTS] for row in rows]
    )


def bridge_loss(
    soft: Tensor, sums: Tensor, labels: Tensor, vectors: dict[str, Tensor]
) -> Tensor:
    """Classification, attraction to the class, and one sum that counts."""
    loss = soft.new_zeros(())
    for k, (_, logits) in enumerate(fact_logits(soft, vectors).items()):
        wanted = labels[:, k]
        if (wanted >= 0).any():
            loss = loss + torch.nn.functional.cross_entropy(
                logits, wanted, ignore_index=-100
            )
            chosen = logits[wanted >= 0].gather(1, wanted[wanted >= 0, None])
            loss = loss - 0.02 * chosen.mean()
    count = labels[:, FACTS.index("count")]
    known = count >= 0
    return loss + torch.nn.functional.smooth_l1_loss(
        sums[known, 0], count[known].float() + 1.0
    )


def _saved(
    path: Path, parts: Mapping[str, Any], step: int, config: BridgeConfig
) -> None:
    """The state of a run, from which `_resumed` goes on; the old file stays whole until the new one is."""
    state = {name: part.state_dict() for name, part in parts.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        state | {"step": step, "config": asdict(config)},
        path.with_suffix(".part"),
    )
    path.with_suffix(".part").replace(path)


@torch.no_grad()
def head_accuracy(
    model: SoftTokens, clips: Sequence[BridgeClip], vectors: dict[str, Tensor]
) -> dict[str, float]:
    """Share of clips whose soft token is nearest to the right answer."""
    model.eval()
    labels, logits = label_tensor(clips), []
    for i in range(0, len(clips), 64):
        logits.append(
            fact_logits(
                model(*padded([c.features for c in clips[i : i + 64]]))[0],
                vectors,
            )
        )
    out = {}
    for k, fact in enumerate(FACTS):
        asked = labels[:, k] >= 0
        said = torch.cat([x[fact] for x in logits]).argmax(-1)
        out[fact] = float((said == labels[:, k])[asked].float().mean())
    model.train()
    return out


def _shifted(features: Tensor, rng: random.Random) -> Tensor:
    """Augmentation that leaves the facts: small noise on the physics."""
    return features.float() + 0.02 * rng.random() * torch.randn_like(
        features, dtype=torch.float32
    )


def drawn(
    clips: Sequence[BridgeClip], picks: Sequence[int], rng: random.Random
) -> list[BridgeClip]:
    """The picked clips, each in a mirror or not."""
    return [
        mirrored(clips[i]) if rng.random() < 0.5 else clips[i] for i in picks
    ]


def training_clips(config: BridgeConfig) -> list[BridgeClip]:
    """Clips of a run: generated ones after the held-out VALIDATION, and filmed ones, FILMED_TIMES times each."""
    clips = bridge_clips("train", config.clips)[VALIDATION:]
    if not config.filmed:
        return clips
    from musclepose.learning.language.filmed_clips import filmed_bridge_clips

    return clips + FILMED_TIMES * filmed_bridge_clips(config.filmed)


def fresh_soft_tokens(
    loaded: LanguageModel, clips: Sequence[BridgeClip]
) -> SoftTokens:
    """Untrained soft tokens among the word embeddings of the answers, standardised by the features of `clips`."""
    vectors = class_vectors(loaded.model, loaded.tokenizer)
    model = SoftTokens(loaded.width)
    frames = torch.cat([c.features.float() for c in clips])
    model.mean.copy_(frames.mean(0))
    model.scale.copy_(frames.std(0).clamp(min=0.02))
    spreads = [
        (c - c.mean(0)).square().sum(-1).mean() for c in vectors.values()
    ]
    model.start_at(
        torch.stack([c.mean(0) for c in vectors.values()]), torch.stack(spreads)
    )
    return model


def _of_like_length(
    by_length: Sequence[int], count: int, rng: random.Random
) -> list[int]:
    """Clips for a batch: those of like length share one, which saves padding."""
    start = rng.randrange(max(len(by_length) - 8 * count, 1))
    return rng.sample(by_length[start : start + 8 * count], count)


def _resumed(state: Path, parts: Mapping[str, Any]) -> int:
    """Step of an earlier run, whose state the parts take over; 0 where there is none."""
    if not state.exists():
        return 0
    kept = torch.load(state, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(kept[name])
    return int(kept["step"])


def _autocast() -> torch.autocast:
    """bf16 where the processor has it; others take ten times as long with it."""
    able = trains_in_bf16(torch.device("cpu"))
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=able)


def _step(
    optimizer: torch.optim.Optimizer, loss: Tensor, parameters: Sequence[Tensor]
) -> None:
    """One step down the gradient, whose norm is at most 1."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


def train_bridge(
    loaded: LanguageModel,
    config: BridgeConfig,
    state: Path,
    warm: Path | None = None,
    released: Path | None = None,
) -> SoftTokens:
    """Stage 1; `warm`: state of an earlier run whose weights to start from; `released`: folder of released ones.

    One piece because it is one training run: a loop, and before it what every step of it needs.
    """
    torch.manual_seed(config.seed)
    train, held = training_clips(config), bridge_clips("train", VALIDATION)
    vectors = class_vectors(loaded.model, loaded.tokenizer)
    model = (
        fresh_soft_tokens(loaded, train[::10])
        if released is None
        else load_soft_tokens(released / SOFT_WEIGHTS).train()
    )
    total = int(config.epochs * len(train) / config.batch)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=config.rate, weight_decay=0.02
    )
    rate = OneCycleLR(
        optimizer, config.rate, total_steps=total + 1, pct_start=0.1
    )
    if warm is not None:
        model.load_state_dict(torch.load(warm, weights_only=True)["model"])
    parts = {"model": model, "optimizer": optimizer, "rate": rate}
    step = _resumed(state, parts)
    rng, begun, running = (
        random.Random(config.seed + step),
        time.perf_counter(),
        0.0,
    )
    by_length = sorted(range(len(train)), key=lambda i: len(train[i].features))
    while step < total:
        batch = drawn(train, _of_like_length(by_length, config.batch, rng), rng)
        x, real = padded([_shifted(c.features, rng) for c in batch])
        with _autocast():
            soft, sums = model(x, real)
        loss = bridge_loss(soft.float(), sums, label_tensor(batch), vectors)
        _step(optimizer, loss, list(model.parameters()))
        rate.step()
        step, running = step + 1, 0.98 * running + 0.02 * float(loss.detach())
        if step % 150 == 0 or step == total:
            said = {
                k: round(v, 3)
                for k, v in head_accuracy(model, held, vectors).items()
            }
            seconds = time.perf_counter() - begun
            print(
                f"bridge {step}/{total} loss {running:.3f} {seconds:.0f} s {said}",
                flush=True,
            )
            _saved(state, parts, step, config)
    return model


def pack(
    branches: Sequence[Rendered],
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Questions of one clip in one row: the prompt up to the soft tokens once, then branches blind to each other.

    Returns ids, positions, sees (n, n), soft mask, labels; each branch gets what it would get alone.
    """
    shared = max(i for i, s in enumerate(branches[0].soft_mask) if s) + 1
    prefix = branches[0].ids[:shared]
    ids, position, group, labels = (
        list(prefix),
        list(range(shared)),
        [0] * shared,
        [-100] * shared,
    )
    for number, b in enumerate(branches, 1):
        assert b.ids[:shared] == prefix, (
            "questions of one clip must share the prompt up to the soft tokens"
        )
        ids += b.ids[shared:]
        position += range(shared, len(b.ids))
        group += [number] * (len(b.ids) - shared)
        labels += [
            t if a else -100
            for t, a in zip(b.ids[shared:], b.answer_mask[shared:], strict=True)
        ]
    g, n = torch.tensor(group), len(ids)
    sees = torch.ones(n, n).tril().bool() & (
        (g[None, :] == 0) | (g[None, :] == g[:, None])
    )
    soft = torch.tensor(branches[0].soft_mask[:shared] + [False] * (n - shared))
    return (
        torch.tensor(ids),
        torch.tensor(position),
        sees,
        soft,
        torch.tensor(labels),
    )


def collate_packed(
    rows: Sequence[tuple[Tensor, ...]], filler: int
) -> tuple[Tensor, ...]:
    """Rows of `pack` to one batch; padding sees only itself."""
    n = max(len(r[0]) for r in rows)
    ids, position = (
        torch.full((len(rows), n), filler),
        torch.zeros(len(rows), n, dtype=torch.long),
    )
    sees = torch.eye(n).bool().repeat(len(rows), 1, 1)
    soft, labels = (
        torch.zeros(len(rows), n, dtype=torch.bool),
        torch.full((len(rows), n), -100),
    )
    for i, row in enumerate(rows):
        m = len(row[0])
        (
            ids[i, :m],
            position[i, :m],
            sees[i, :m, :m],
            soft[i, :m],
            labels[i, :m],
        ) = row
    return ids, position, sees, soft, labels


def packed_loss(
    model: Any, batch: tuple[Tensor, ...], soft_tokens: Tensor
) -> tuple[Tensor, Tensor]:
    """Mean cross entropy of the answer tokens, and the share of them that is right."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    table = base.get_input_embeddings()
    ids, position, sees, soft, labels = (
        x.to(table.weight.device) for x in batch
    )
    embeddings = table(ids)
    embeddings = embeddings.masked_scatter(
        soft.unsqueeze(-1), soft_tokens.to(embeddings)
    )
    least = torch.finfo(embeddings.dtype).min
    mask = (
        torch.zeros(sees.shape, dtype=embeddings.dtype, device=ids.device)
        .masked_fill(~sees, least)
        .unsqueeze(1)
    )
    hidden = base.model(
        inputs_embeds=embeddings,
        attention_mask=mask,
        position_ids=position,
        use_cache=False,
    ).last_hidden_state
    # an answer's first token is predicted by the last token of its own branch, which stands right before it
    wanted = labels[:, 1:] != -100
    logits = base.get_output_embeddings()(hidden[:, :-1][wanted]).float()
    target = labels[:, 1:][wanted]
    return torch.nn.functional.cross_entropy(logits, target), (
        logits.argmax(-1) == target
    ).float().mean()


def with_lora(model: Any, rank: int, seed: int) -> Any:
    """The model with a fresh LoRA on all linear layers of its blocks, embeddings frozen."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    lora = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=0.0,
        target_modules=lora_targets(model),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, lora)


def trainable(model: Any) -> dict[str, Tensor]:
    return {n: p for n, p in model.named_parameters() if p.requires_grad}


def take_lora(model: Any, folder: Path) -> None:
    """The released LoRA of a folder, in place of the model's fresh one."""
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    kept = {n: w.float() for n, w in load_file(folder / LORA_WEIGHTS).items()}
    set_peft_model_state_dict(model, kept)


def questions_of(
    clip: BridgeClip, tokenizer: Any, rng: random.Random
) -> list[Rendered]:
    """One training question of every fact that is asked of a clip, in random order."""
    asked = [(f, v) for f, v in labels_of(clip.known).items() if v is not None]
    rng.shuffle(asked)
    return [
        rendered_question(
            question_of(f, "train", rng), tokenizer, CLASSES[f][v]
        )
        for f, v in asked
    ]


@dataclass(frozen=True)
class _Weights:
    """Parameters by name, kept and taken over like a module's."""

    named: Mapping[str, Tensor]

    def state_dict(self) -> dict[str, Tensor]:
        return {name: value.detach() for name, value in self.named.items()}

    def load_state_dict(self, kept: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, value in kept.items():
                self.named[name].copy_(value)


def _set_rates(optimizer: torch.optim.Optimizer, step: int, steps: int) -> None:
    """Each group's learning rate: up to its top in 20 steps, down to a twentieth at the end."""
    scale = min(1.0, (step + 1) / 20) * (1.0 - 0.95 * step / steps)
    for group in optimizer.param_groups:
        group["lr"] = group["top"] * scale


def _follow(
    means: dict[str, float], values: Mapping[str, Tensor], share: float
) -> None:
    """Running means, of which the new values are a share."""
    for name, value in values.items():
        means[name] += share * (float(value.detach()) - means[name])


def align(
    loaded: LanguageModel,
    soft_model: SoftTokens,
    config: BridgeConfig,
    state: Path,
    released: Path | None = None,
) -> tuple[SoftTokens, Any]:
    """Stage 2: the language model's LoRA and the soft tokens together; `released`: folder of a LoRA to start from.

    One piece because it is one training run: a loop, and before it what every step of it needs.
    """
    clips = training_clips(config)
    model = with_lora(loaded.model, config.rank, config.seed)
    if released is not None:
        take_lora(model, released)
    lora, vectors = (
        trainable(model),
        class_vectors(loaded.model, loaded.tokenizer),
    )
    groups: list[dict[str, Any]] = [
        {"params": list(lora.values()), "top": config.align_rate},
        {
            "params": list(soft_model.parameters()),
            "top": 0.3 * config.align_rate,
        },
    ]
    optimizer = torch.optim.AdamW(
        groups, lr=config.align_rate, weight_decay=0.0
    )
    parts = {"soft": soft_model, "lora": _Weights(lora), "optimizer": optimizer}
    step = _resumed(state, parts)
    model.train()
    soft_model.train()
    begun, ema = time.perf_counter(), {"loss": 0.0, "right": 0.0}
    filler = int(loaded.tokenizer.pad_token_id or loaded.tokenizer.eos_token_id)
    while step < config.align_steps:
        rng = random.Random(config.seed * 1_000_003 + step)
        picked = drawn(
            clips, rng.sample(range(len(clips)), config.align_batch), rng
        )
        rows = [pack(questions_of(c, loaded.tokenizer, rng)) for c in picked]
        _set_rates(optimizer, step, config.align_steps)
        soft, sums = soft_model(*padded([c.features for c in picked]))
        assert soft.shape[1] == N_SOFT_TOKENS
        with _autocast():
            loss, right = packed_loss(
                model, collate_packed(rows, filler), soft.flatten(0, 1)
            )
        whole = loss + 0.1 * bridge_loss(
            soft, sums, label_tensor(picked), vectors
        )
        _step(optimizer, whole, [p for g in groups for p in g["params"]])
        step += 1
        _follow(ema, {"loss": loss, "right": right}, 1.0 if step == 1 else 0.05)
        if step % 10 == 0:
            seconds = time.perf_counter() - begun
            print(
                f"align {step}/{config.align_steps} loss {ema['loss']:.3f} right {ema['right']:.3f} {seconds:.0f} s",
                flush=True,
            )
        if step % 50 == 0 or step == config.align_steps:
            _saved(state, parts, step, config)
    return soft_model.eval(), model.eval()


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m musclepose.learning.language.train_bridge",
        description=__doc__.splitlines()[0],
    )
    for name, value in asdict(BridgeConfig()).items():
        p.add_argument(f"--{name}", type=type(value), default=value)
    p.add_argument(
        "--state",
        type=Path,
        default=Path("runs") / "coach",
        help="folder of the resumable states",
    )
    p.add_argument(
        "--warm",
        type=Path,
        default=None,
        help="state of an earlier bridge stage to start from",
    )
    p.add_argument(
        "--released",
        type=Path,
        default=None,
        help="folder of released soft tokens and LoRA to go on from",
    )
    args = p.parse_args(argv)
    config = BridgeConfig(
        **{name: getattr(args, name) for name in asdict(BridgeConfig())}
    )
    print(json.dumps(asdict(config)), flush=True)
    loaded = load_base_model(config.llm_name)
    for parameter in loaded.model.parameters():
        parameter.requires_grad_(False)
    soft = train_bridge(
        loaded, config, args.state / "bridge.pt", args.warm, args.released
    )
    if config.align_steps:
        align(loaded, soft, config, args.state / "align.pt", args.released)
    return 0


if __name__ == "__main__":
    sys.exit(main())
