"""Trains a LoRA adapter of a language model on the coaching corpus.

    python -m musclepose.learning.language.train_adapter

Resumable: state is kept in --state every --save_every steps and the same command continues from there. The adapter goes
to --out as safetensors with card.json. The coach uses it by itself only where the card says `released`: at least
98 % of the sentences that it writes for held-out clips pass the checker.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from musclepose.errors import CheckpointError, MusclePoseError
from musclepose.learning.language.corpus import Sample, faithful, samples
from musclepose.utils.cpu import trains_in_bf16
from musclepose.wave_llm.adapter import CARD, adapter_folder, lora_targets
from musclepose.wave_llm.language_model import generate_stream, load_base_model
from musclepose.wave_llm.models import EMBEDDED, LanguageModel
from musclepose.wave_llm.prompt import Message, Rendered, render
from musclepose.wave_llm.writing import padding_token

RELEASE_SHARE = 0.98
IGNORED = -100


@dataclass(frozen=True)
class AdapterConfig:
    """Everything that decides a run; it travels in the card."""

    llm_name: str = EMBEDDED
    steps: int = 200
    batch_size: int = 4
    rank: int = 16
    alpha: int = 32
    learning_rate: float = 3e-4
    warmup: int = 10
    clips: int = 600
    max_tokens: int = 900
    seed: int = 0
    forces: int = (
        1  # 0: pairs without torques, which are made many times faster
    )


def collate(
    rendered: Sequence[Rendered], filler: int, limit: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, attention mask and labels (B, n), padded on the right; labels only where the answer is."""
    length = min(max(len(r.ids) for r in rendered), limit)
    ids = torch.full((len(rendered), length), filler)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, IGNORED)
    for row, r in enumerate(rendered):
        n = min(len(r.ids), length)
        ids[row, :n], mask[row, :n] = torch.tensor(r.ids[:n]), 1
        answer = torch.tensor(r.answer_mask[:n])
        labels[row, :n] = torch.where(answer, ids[row, :n], IGNORED)
    return ids, mask, labels


def answer_loss(
    model: Any, ids: Tensor, mask: Tensor, labels: Tensor
) -> Tensor:
    """Mean cross entropy over answer tokens; the head, whose output is the largest tensor, runs only on those."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = base.model(
        input_ids=ids, attention_mask=mask, use_cache=False
    ).last_hidden_state
    wanted = labels[:, 1:] != IGNORED
    logits = base.get_output_embeddings()(hidden[:, :-1][wanted])
    return torch.nn.functional.cross_entropy(
        logits.float(), labels[:, 1:][wanted]
    )


def rendered_sample(sample: Sample, tokenizer: Any) -> Rendered:
    """Ids of a pair; no soft tokens."""
    answer: Message = {"role": "assistant", "content": sample.answer}
    return render([*sample.messages, answer], tokenizer)


def with_lora(model: Any, config: AdapterConfig) -> Any:
    """The model with a fresh LoRA on all linear layers of its blocks."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(config.seed)
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=0.0,
        target_modules=lora_targets(model),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, lora)


def _rate(step: int, config: AdapterConfig) -> float:
    """Linear warm-up, then linear decay to a tenth."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    return 1.0 - 0.9 * (step - config.warmup) / max(
        config.steps - config.warmup, 1
    )


def _trainable(model: Any) -> dict[str, Tensor]:
    return {n: p for n, p in model.named_parameters() if p.requires_grad}


def _save_state(
    path: Path,
    model: Any,
    optimizer: Any,
    step: int,
    losses: list[float],
    config: AdapterConfig,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        "weights": {n: p.detach() for n, p in _trainable(model).items()},
        "optimizer": optimizer.state_dict(),
        "step": step,
        "losses": losses,
        "config": asdict(config),
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def _resume(
    path: Path, model: Any, optimizer: Any, config: AdapterConfig
) -> tuple[int, list[float]]:
    if not path.exists():
        return 0, []
    state = torch.load(path, weights_only=True)
    if {**state["config"], "steps": config.steps} != asdict(config):
        raise CheckpointError(
            f"{path.name} belongs to a run with other settings; give another --state or the same ones."
        )
    parameters = _trainable(model)
    with torch.no_grad():
        for name, weights in state["weights"].items():
            parameters[name].copy_(weights)
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), list(state["losses"])


def _drawn(
    rows: Sequence[Rendered], config: AdapterConfig, step: int
) -> list[Rendered]:
    """The batch of a step, the same at every run."""
    generator = torch.Generator().manual_seed(config.seed + 7919 * step)
    order = torch.randperm(len(rows), generator=generator)
    return [rows[int(i)] for i in order[: config.batch_size]]


def train(
    loaded: LanguageModel,
    config: AdapterConfig,
    state: Path,
    save_every: int = 20,
) -> tuple[Any, list[float]]:
    """The model with a trained adapter, and the loss of every step."""
    tokenizer = loaded.tokenizer
    rows = [
        rendered_sample(s, tokenizer)
        for s in samples(
            "train", config.clips, config.seed, bool(config.forces)
        )
    ]
    model = with_lora(loaded.model, config)
    optimizer = torch.optim.AdamW(
        _trainable(model).values(), lr=config.learning_rate, weight_decay=0.0
    )
    first, losses = _resume(state, model, optimizer, config)
    model.train()
    for step in range(first, config.steps):
        begun = time.perf_counter()
        batch = _drawn(rows, config, step)
        ids, mask, labels = (
            t.to(model.device)
            for t in collate(batch, padding_token(tokenizer), config.max_tokens)
        )
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * _rate(step, config)
        able = trains_in_bf16(torch.device(model.device.type))
        with torch.autocast(
            model.device.type, dtype=torch.bfloat16, enabled=able
        ):
            loss = answer_loss(model, ids, mask, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(_trainable(model).values(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        print(
            f"step {step + 1}/{config.steps} loss {losses[-1]:.3f} {time.perf_counter() - begun:.1f} s",
            flush=True,
        )
        if (step + 1) % save_every == 0 or step + 1 == config.steps:
            _save_state(state, model, optimizer, step + 1, losses, config)
    return model.eval(), losses


def evaluate(
    loaded: LanguageModel, model: Any, clips: int, seed: int
) -> dict[str, float]:
    """On held-out clips and wordings: loss of the reference, and the share of written sentences that pass."""
    good = total = 0
    losses = []
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    written_by = LanguageModel(
        loaded.name, base, loaded.tokenizer, loaded.device, loaded.precision
    )
    for sample in samples("test", clips, seed):
        row = rendered_sample(sample, loaded.tokenizer)
        with torch.inference_mode():
            losses.append(
                float(
                    answer_loss(
                        model,
                        *collate(
                            [row], padding_token(loaded.tokenizer), len(row.ids)
                        ),
                    )
                )
            )
        text = "".join(
            generate_stream(
                written_by, render(list(sample.messages), loaded.tokenizer)
            )
        )
        passed, count = faithful(text, sample.summary)
        good, total = good + passed, total + count
    return {
        "test_loss": sum(losses) / max(len(losses), 1),
        "sentences_true": good / max(total, 1),
        "sentences": float(total),
    }


def save_adapter(
    model: Any,
    loaded: LanguageModel,
    config: AdapterConfig,
    out: Path,
    losses: list[float],
    metrics: dict[str, float],
) -> None:
    """Adapter (bf16 safetensors) and card."""
    from peft import get_peft_model_state_dict

    weights = {
        n: p.detach().to(torch.bfloat16)
        for n, p in get_peft_model_state_dict(model).items()
    }
    model.save_pretrained(str(out), state_dict=weights, safe_serialization=True)
    card = {
        "language_model": loaded.name,
        "width": loaded.width,
        "config": asdict(config),
        "data": "generated exercise clips, texts by rules (musclepose.learning.language.corpus); "
        "test seeds and wordings apart",
        "command": "python -m musclepose.learning.language.train_adapter "
        + " ".join(sys.argv[1:]),
        "steps_done": len(losses),
        "train_loss_last": sum(losses[-10:]) / max(len(losses[-10:]), 1),
        **metrics,
        "released": metrics.get("sentences_true", 0.0) >= RELEASE_SHARE,
        "soft_tokens": False,
    }
    (out / CARD).write_text(json.dumps(card, indent=2) + "\n")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="python -m musclepose.learning.language.train_adapter",
        description=__doc__.splitlines()[0],
    )
    defaults = AdapterConfig()
    for name, value in asdict(defaults).items():
        p.add_argument(f"--{name}", type=type(value), default=value)
    p.add_argument(
        "--out",
        type=Path,
        default=None,
        help="adapter folder; default checkpoints/coach-<model>",
    )
    p.add_argument(
        "--state",
        type=Path,
        default=None,
        help="resumable state; default runs/coach-<model>/state.pt",
    )
    p.add_argument("--save_every", type=int, default=20)
    p.add_argument(
        "--evaluate",
        type=int,
        default=24,
        help="held-out clips written and checked at the end",
    )
    return p.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    args = _arguments(argv)
    config = AdapterConfig(
        **{name: getattr(args, name) for name in asdict(AdapterConfig())}
    )
    try:
        loaded = load_base_model(config.llm_name)
        out = args.out or adapter_folder(loaded.name)
        state = args.state or Path("runs") / out.name / "state.pt"
        model, losses = train(loaded, config, state, args.save_every)
        metrics = (
            evaluate(loaded, model, args.evaluate, config.seed)
            if args.evaluate
            else {}
        )
        save_adapter(model, loaded, config, out, losses, metrics)
    except MusclePoseError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(metrics))
    return 0


if __name__ == "__main__":
    sys.exit(main())
