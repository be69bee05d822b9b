"""Writes trained soft tokens and LoRA with card and README: `python -m musclepose.evaluation.export_bridge`.

The state of `train_bridge` is evaluated on held-out clips (other seeds, other question wordings). The card says
`released` where the mean accuracy is at least RELEASE_MEAN; a fact below FACT_GOAL is listed as not read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from musclepose.evaluation.coach import soft_token_table, soft_tokens_of
from musclepose.learning.language.bridge_data import bridge_clips
from musclepose.learning.language.train_bridge import trainable, with_lora
from musclepose.wave_llm.adapter import (
    CARD,
    LORA_WEIGHTS,
    SOFT_FOLDER,
    SOFT_WEIGHTS,
    save_lora,
)
from musclepose.wave_llm.language_model import load_base_model
from musclepose.wave_llm.soft_tokens import SoftTokens, save_soft_tokens

RELEASE_MEAN = 0.75
FACT_GOAL = 0.9


def _readme(card: dict[str, Any]) -> str:
    rows = [
        f"| {name} | {r['asked']:.0f} | {100 * r['with']:.1f} % | {100 * r['without']:.1f} % | "
        f"{100 * r['swapped']:.1f} % | {100 * r['chance']:.1f} % |"
        for name, r in card["metrics"]["facts"].items()
    ]
    means = " | ".join(
        f"{100 * card['metrics'][k]:.1f} %"
        for k in ("with", "without", "swapped", "chance")
    )
    unread = ", ".join(card["not_read"]) or "none"
    return "\n".join(
        [
            "# Soft tokens for SmolLM2-135M-Instruct",
            "",
            f"`{SOFT_WEIGHTS}`: reader over time and PhysicsBridge (physics of a clip to 8 soft tokens).",
            f"`{LORA_WEIGHTS}`: LoRA that answers short questions from them. Both float16.",
            "phi, the pose network's features, is masked: the bridge reads angles, rates, torques,",
            "activations and ground reaction.",
            "",
            f"Data: {card['data']}",
            "",
            f"Seed {card['config']['seed']}; command: `{card['command']}`",
            "",
            f"{card['metrics']['clips']} held-out clips, greedy answers, exact match; chance is the commonest answer.",
            "",
            "| fact | asked | with | without | swapped | chance |",
            "|---|---|---|---|---|---|",
            *rows,
            f"| mean | | {means} |",
            "",
            f"Facts below {100 * FACT_GOAL:.0f} %: {unread}.",
            "",
            "Generated clips with their true motion: from a film through one camera the facts are read much worse",
            "(docs/coach.md), and on real video it was not measured. Licence of the language model: Apache-2.0; these",
            "weights: as the repository.",
            "",
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m musclepose.evaluation.export_bridge",
        description=__doc__.splitlines()[0],
    )
    p.add_argument(
        "--state", type=Path, default=Path("runs") / "coach" / "align.pt"
    )
    p.add_argument("--out", type=Path, default=SOFT_FOLDER)
    p.add_argument("--clips", type=int, default=250)
    p.add_argument(
        "--command",
        default="python -m musclepose.learning.language.train_bridge",
        help="what made the state",
    )
    return export(p.parse_args(argv))


def export(args: argparse.Namespace) -> int:
    """Evaluate the state, write weights and card, print the table."""
    kept = torch.load(args.state, weights_only=True)
    config = kept["config"]
    loaded = load_base_model(config["llm_name"])
    model = with_lora(loaded.model, config["rank"], config["seed"])
    lora = trainable(model)
    with torch.no_grad():
        for name, value in kept["lora"].items():
            lora[name].copy_(value)
    soft = SoftTokens(loaded.width)
    soft.load_state_dict(kept["soft"])
    model.eval()
    held = bridge_clips("test", args.clips)
    loaded = replace(loaded, bridge=soft.eval())
    table = soft_token_table(loaded, held, soft_tokens_of(loaded, held), model)
    save_lora(args.out, model, loaded.name)
    save_soft_tokens(args.out / SOFT_WEIGHTS, soft, {"config": config})
    card = {
        "language_model": loaded.name,
        "width": loaded.width,
        "soft_tokens": True,
        "config": config,
        "data": f"{config['clips']} generated exercise clips (musclepose.learning.language.bridge_data), "
        "physics at 15 Hz with 0 to 4 deg of angle noise, one fault of severity 0.5 to 1 in 70 %",
        "command": args.command,
        "align_steps_done": kept["step"],
        "metrics": table,
        "not_read": [
            f for f, r in table["facts"].items() if r["with"] < FACT_GOAL
        ],
        "released": table["with"] >= RELEASE_MEAN,
    }
    (args.out / CARD).write_text(json.dumps(card, indent=1) + "\n")
    (args.out / "README.md").write_text(_readme(card))
    print(json.dumps(table, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
