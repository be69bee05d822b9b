"""`python -m musclepose.evaluate coach`: what the language model reads in soft tokens, and whether its text is true.

`--questions` asks the natural questions of `coach_questions/` instead (coach_answers.py).

Held-out generated clips (seeds and question wordings apart from training). Tables: (a) facts that stand only in the
soft tokens, (b) repetitions counted, and faithfulness of every wording that can be shown, (c) texts against
true ones, (d) speed. Definitions are printed with the tables.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from musclepose.errors import CheckpointError
from musclepose.evaluation.coach_answers import print_table, question_table
from musclepose.evaluation.coach_clips import (
    print_clips,
    print_texts,
    print_wrong,
    read_texts,
    table,
)
from musclepose.evaluation.coach_filmed import (
    as_bridge_clips,
    filmed,
    filmed_counting,
)
from musclepose.evaluation.coach_parser import parser_table
from musclepose.evaluation.coach_text import (
    bertscore_like,
    common_sequence,
    word_match,
)
from musclepose.evaluation.question_clips import CACHE, GYM
from musclepose.learning.language.bridge_data import (
    FIRST_SEED,
    BridgeClip,
    bridge_clips,
    clip_arrays,
    drawn_clip,
)
from musclepose.learning.language.soft_facts import CLASSES, FACTS, labels_of
from musclepose.learning.language.soft_questions import (
    TEST,
    answer_index,
    rendered_question,
)
from musclepose.learning.language.soft_reader import ask, ask_all
from musclepose.models.musclepose import N_SOFT_TOKENS
from musclepose.movement.measure import Measure
from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.records import Analysis
from musclepose.synthesis.exercise import ExerciseClip
from musclepose.synthesis.made_clips import analysis_of_clip
from musclepose.wave_llm.checker import number_error
from musclepose.wave_llm.claims import claim_error
from musclepose.wave_llm.coach import SCRIPT_FACTS, Coach
from musclepose.wave_llm.language_model import load_language_model
from musclepose.wave_llm.models import EMBEDDED, LanguageModel
from musclepose.wave_llm.prompt import LEVELS
from musclepose.wave_llm.prompt_facts import fact_lines
from musclepose.wave_llm.script import script
from musclepose.wave_llm.soft_tokens import padded
from musclepose.wave_llm.writing import sentences_of

CONDITIONS = ("with", "without", "swapped")
VARIANTS = ("text_only", "soft_only", "both")
COUNT_ERROR_DEG = (0.0, 2.0, 4.0)  # angle noise of the counting clips, in turn
_SENTENCE = {
    "exercise": "The exercise was {}.", "count": "There were {} repetitions.", "side": "The stronger side was {}.",
    "hardest": "The {} worked hardest.", "depth": "Depth was {}.", "fault": "The fault was {}.",
}  # fmt: skip


@torch.inference_mode()
def soft_tokens_of(
    loaded: LanguageModel, clips: Sequence[BridgeClip]
) -> Tensor:
    """(n, 8, d) soft tokens of cached clips."""
    if loaded.bridge is None:
        raise CheckpointError(
            "no trained bridge for this language model; train one with wave_llm.train_bridge."
        )
    parts = [
        loaded.bridge(*padded([c.features for c in clips[i : i + 64]]))[0]
        for i in range(0, len(clips), 64)
    ]
    return torch.cat(parts)


def partners(clips: Sequence[BridgeClip]) -> list[int]:
    """For every clip another one, of another exercise: the next in the list that has one."""
    n = len(clips)
    return [
        next(
            j % n
            for j in range(i + 1, i + n)
            if clips[j % n].known.exercise != clips[i].known.exercise
        )
        for i in range(n)
    ]


def soft_token_table(
    loaded: LanguageModel,
    clips: Sequence[BridgeClip],
    soft: Tensor,
    adapted: Any = None,
) -> dict:
    """Accuracy per fact with, without and with swapped soft tokens; chance = the commonest answer always given."""
    labels, swapped, per_fact = (
        [labels_of(c.known) for c in clips],
        soft[partners(clips)],
        {},
    )
    for fact in FACTS:
        asked = [i for i, row in enumerate(labels) if row[fact] is not None]
        truth = [row[fact] for row in labels if row[fact] is not None]
        commonest = max(Counter(truth).values()) / len(truth)
        row: dict[str, float] = {
            "asked": float(len(asked)),
            "chance": commonest,
        }
        for name, tokens in zip(CONDITIONS, (soft, None, swapped), strict=True):
            right = []
            for number, question in enumerate(TEST[fact]):
                part = asked[number :: len(TEST[fact])]
                given = None if tokens is None else tokens[part]
                said = (
                    ask_all(loaded, question, given, len(part), adapted)
                    if part
                    else []
                )
                right += [
                    answer_index(fact, s) == labels[i][fact]
                    for s, i in zip(said, part, strict=True)
                ]
            row[name] = float(np.mean(right))
        per_fact[fact] = row
    means = {
        k: float(np.mean([r[k] for r in per_fact.values()]))
        for k in (*CONDITIONS, "chance")
    }
    return {**means, "clips": len(clips), "facts": per_fact}


def quick_analysis(clip: ExerciseClip, seed: int, noise_deg: float) -> Analysis:
    """Analysis of a generated clip with the cached clips' physics: forces without bands and root correction."""
    base = analysis_of_clip(
        clip, seed, noise_deg, yaw_deg=seed % 50 - 25.0, forces=False
    )
    q, qdot, tau, alpha, effort, force = clip_arrays(clip, seed, noise_deg)
    return replace(
        base,
        q=q,
        qdot=qdot,
        tau_nm=tau,
        activation=alpha,
        effort=effort,
        grf_world_n=force,
    )


@dataclass
class Truth:
    """Counts of (b)."""

    numbers: int = 0
    numbers_true: int = 0
    claims: int = 0
    claims_true: int = 0
    options: int = 0
    dropped: int = 0
    reports: int = 0
    exact: int = 0
    near: int = 0
    counted: int = 0
    recognised: int = 0
    clips: int = 0


def _figures_hold(
    summary: PhysicsSummary, analysis: Analysis
) -> dict[str, bool]:
    """Every figure evaluated again from its formula on the arrays."""
    fresh = Measure(analysis)
    fresh.add_counted(counting_columns(summary, analysis.time_s))
    return {
        f.key: abs(fresh.evaluate(f.source) - f.value)
        <= 1e-6 * max(1.0, abs(f.value))
        for f in summary.figures
    }


def _is_claim(sentence: str) -> bool:
    """A sentence that says something about this clip beyond its numbers: side, fault, change or exercise."""
    low = sentence.lower()
    return any(
        w in low
        for w in (
            " left",
            " right",
            "hardest",
            "you did",
            "i counted",
            "this set has",
            "rose",
            "fell",
            "fault",
            "largest",
            "inward",
            "lean",
            "depth",
            "uneven",
            "sag",
            "swing",
        )
    )


def check_clip(
    clip: ExerciseClip, seed: int, noise_deg: float, total: Truth
) -> None:
    """Counts repetitions and checks every wording that a report of this clip can show, at one level."""
    analysis = quick_analysis(clip, seed, noise_deg)
    summary = summarise(analysis)
    total.clips += 1
    right_name = summary.exercise.name == clip.exercise
    total.recognised += right_name
    if clip.repetitions:
        off = abs(len(summary.repetitions) - len(clip.repetitions))
        total.counted, total.exact, total.near = (
            total.counted + 1,
            total.exact + (off == 0),
            total.near + (off <= 1),
        )
    holds = all(_figures_hold(summary, analysis).values())
    coach = Coach(language_model=_NO_MODEL)
    slots = script(summary, LEVELS[seed % 3])
    shown = coach._checked(slots, summary)
    total.dropped += coach.dropped
    total.reports += 1
    total.options += sum(len(s.options) for s in slots)
    for sentence in (
        s
        for slot in shown
        for option in slot.options
        for s in sentences_of(option)
    ):
        if any(c.isdigit() for c in sentence):
            total.numbers += 1
            total.numbers_true += holds and not number_error(sentence, summary)
        if _is_claim(sentence):
            total.claims += 1
            named = any(
                w in sentence for w in ("You did", "I counted", "This set has")
            )
            total.claims_true += not claim_error(sentence, summary) and (
                right_name or not named
            )


_NO_MODEL: Any = LanguageModel("none", None, None, "cpu", "fp32")


def faithfulness_table(clips: int) -> tuple[dict[str, float], dict[str, float]]:
    """(b): faithfulness, and counting."""
    total, first = Truth(), FIRST_SEED["test"] + 1_000_000
    for i in range(clips):
        clip, _ = drawn_clip(first + i)
        check_clip(
            clip, first + i, COUNT_ERROR_DEG[i % len(COUNT_ERROR_DEG)], total
        )
    faithful = {
        "numbers": total.numbers_true / max(total.numbers, 1),
        "claims": total.claims_true / max(total.claims, 1),
        "dropped": total.dropped / max(total.options, 1),
        "number_sentences": float(total.numbers),
        "claim_sentences": float(total.claims),
        "wordings": float(total.options),
        "clips": float(total.clips),
    }
    counting = {
        "exact": total.exact / max(total.counted, 1),
        "within_one": total.near / max(total.counted, 1),
        "clips": float(total.counted),
        "exercise_recognised": total.recognised / max(total.clips, 1),
    }
    return faithful, counting


def _report(answers: dict[str, str]) -> str:
    return " ".join(
        _SENTENCE[f].format(a.strip(" .")) for f, a in answers.items()
    )


def text_table(
    loaded: LanguageModel, clips: int
) -> dict[str, dict[str, float]]:
    """(c): six short answers as one text, from the facts of the short prompt, from soft tokens, and from both."""
    pairs: dict[str, list[tuple[str, str]]] = {v: [] for v in VARIANTS}
    first, made = FIRST_SEED["test"], bridge_clips("test", clips)
    soft = soft_tokens_of(loaded, made)
    for i, bridge_clip in enumerate(made):
        clip, noise = drawn_clip(first + i)
        lines = "\n".join(
            fact_lines(summarise(quick_analysis(clip, first + i, noise)))[
                :SCRIPT_FACTS
            ]
        )
        labels = labels_of(bridge_clip.known)
        reference = _report(
            {f: CLASSES[f][v] for f, v in labels.items() if v is not None}
        )
        for variant in VARIANTS:
            said = {}
            for fact in (f for f, v in labels.items() if v is not None):
                question = TEST[fact][i % 2]
                content = (
                    question
                    if variant == "soft_only"
                    else f"Facts:\n{lines}\n{question}"
                )
                use = variant != "text_only"
                rendered = rendered_question(
                    content, loaded.tokenizer, soft=use
                )
                said[fact] = ask(loaded, rendered, soft[i] if use else None)
            pairs[variant].append((_report(said), reference))
    return {
        v: {
            "word_match": float(np.mean([word_match(*pair) for pair in rows])),
            "common_sequence": float(
                np.mean([common_sequence(*pair) for pair in rows])
            ),
            "bertscore_like": float(
                np.mean(bertscore_like(loaded.model, loaded.tokenizer, rows))
            ),
        }
        for v, rows in pairs.items()
    }


def speed_table(loaded: LanguageModel, texts: int = 3) -> dict[str, float]:
    """(d): the report as the app asks for it, soft tokens made within the time to the first words."""
    import time

    coach, first, rate = Coach(language_model=loaded), [], []
    for i in range(texts + 1):
        seed = FIRST_SEED["test"] + i
        clip, noise = drawn_clip(seed)
        analysis = quick_analysis(clip, seed, noise)
        summary = summarise(analysis)
        begun = time.perf_counter()
        soft = coach.soft_tokens_of(analysis)
        before = time.perf_counter() - begun
        for _ in coach.stream(summary, soft_tokens=soft):
            pass
        if i:  # the first one warms up
            first.append(before + coach.speed.first_words_s)
            rate.append(coach.speed.tokens_per_s)
    return {
        "first_token_s": float(np.median(first)),
        "tokens_per_s": float(np.median(rate)),
        "threads": float(torch.get_num_threads()),
        "texts": float(texts),
    }


def _print_soft(table: dict) -> None:
    print(
        f"    {'fact':10s}{'asked':>7s}"
        + "".join(f"{c:>9s}" for c in (*CONDITIONS, "chance"))
    )
    for fact, row in table["facts"].items():
        print(
            f"    {fact:10s}{row['asked']:7.0f}"
            + "".join(f"{100 * row[c]:8.1f}%" for c in (*CONDITIONS, "chance"))
        )
    print(
        f"    {'mean':17s}"
        + "".join(f"{100 * table[c]:8.1f}%" for c in (*CONDITIONS, "chance"))
    )


def _print_rest(result: dict) -> None:
    f, c = result["faithfulness"], result["counting"]
    print(
        f"\n(b) {f['clips']:.0f} held-out clips with 0, 2 or 4 deg of angle noise; every wording a report may show."
    )
    print(
        f"    numbers  {100 * f['numbers']:6.2f}%  of {f['number_sentences']:.0f} sentences with numbers: equal to "
        "a figure within rounding, all figures recomputed from the arrays"
    )
    print(
        f"    claims   {100 * f['claims']:6.2f}%  of {f['claim_sentences']:.0f} sentences with a side, comparison, "
        "change, fault or exercise: true by the arrays; the exercise named is the generator's"
    )
    print(
        f"    dropped  {100 * f['dropped']:6.2f}%  of {f['wordings']:.0f} wordings kept back by the checker"
    )
    print(
        f"    repetitions exact {100 * c['exact']:.1f}%, within one {100 * c['within_one']:.1f}% of {c['clips']:.0f} "
        f"clips; exercise recognised by rules {100 * c['exercise_recognised']:.1f}%"
    )
    w = result["counting_filmed"]
    print(
        f"    the whole way from keypoints (virtual camera, detector noise, network): repetitions exact "
        f"{100 * w['exact']:.1f}%, within one {100 * w['within_one']:.1f}% of {w['clips']:.0f} clips; exercise "
        f"{100 * w['exercise_recognised']:.1f}%"
    )
    if "text" in result:
        print(
            "\n(c) Six short answers as one text against the true one. text_only: the six fact lines of the short"
        )
        print(
            "    prompt, no soft tokens. Word match: METEOR's formula over words and stems, no synonyms;"
        )
        print(
            "    common sequence: F1 of the longest common subsequence of words, ROUGE-L's formula;"
        )
        print(
            "    BERTScore-like: greedy cosine F1 of the language model's own centred hidden states."
        )
        for variant, row in result["text"].items():
            print(
                f"    {variant:10s} word match {row['word_match']:.3f}  "
                f"common sequence {row['common_sequence']:.3f}  "
                f"BERTScore-like {row['bertscore_like']:.3f}"
            )
    if "speed" in result:
        s = result["speed"]
        print(
            f"\n(d) First words {s['first_token_s']:.2f} s after the analysis, soft tokens included; "
            f"{s['tokens_per_s']:.0f} tokens/s; {s['threads']:.0f} thread(s), "
            f"median of {s['texts']:.0f} texts"
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the subcommand."""
    parser.add_argument(
        "--questions",
        action="store_true",
        help="only natural questions and their answers",
    )
    parser.add_argument(
        "--parser",
        type=int,
        default=0,
        metavar="N",
        help="only topics found by the model, each Nth",
    )
    parser.add_argument(
        "--real", action="store_true", help="only the texts of real clips"
    )
    parser.add_argument(
        "--show",
        default="",
        help="with --real: clips whose texts are printed, a,b",
    )
    parser.add_argument(
        "--data", type=Path, default=GYM, help="folder of real tracks"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=CACHE,
        help="where their analyses are kept",
    )
    parser.add_argument(
        "--missed",
        action="store_true",
        help="print what was missed of seen.tsv, or is false of --real",
    )
    parser.add_argument(
        "--clips", type=int, default=300, help="held-out clips of (a) and (b)"
    )
    parser.add_argument(
        "--filmed",
        type=int,
        default=100,
        help="clips of (b) that are filmed; 1 s each",
    )
    parser.add_argument("--texts", type=int, default=24, help="clips of (c)")
    parser.add_argument(
        "--model",
        default=EMBEDDED,
        help="language model; default the embedded one",
    )
    parser.add_argument("--json", type=Path, help="write the figures there")


def evaluate(
    loaded: LanguageModel, clips: int, texts: int, films: int
) -> dict[str, Any]:
    """All tables. Without a trained bridge only (b) is made."""
    random.seed(0)
    faithful, counting = faithfulness_table(clips)
    result: dict[str, Any] = {"faithfulness": faithful, "counting": counting}
    shot = filmed(films)
    result["counting_filmed"] = filmed_counting(shot)
    if loaded.bridge is not None:
        held = bridge_clips("test", clips)
        result = {
            "soft_tokens": soft_token_table(
                loaded, held, soft_tokens_of(loaded, held)
            ),
            **result,
        }
        seen = as_bridge_clips(shot)
        result["soft_tokens_filmed"] = soft_token_table(
            loaded, seen, soft_tokens_of(loaded, seen)
        )
        result["text"] = text_table(loaded, texts)
    result["speed"] = speed_table(loaded)
    return result


def _questions(args: argparse.Namespace) -> dict[str, Any]:
    asked = question_table(args.data, args.missed, args.cache)
    print_table(asked)
    return asked


def _real(args: argparse.Namespace) -> dict[str, Any]:
    """The texts of the real clips; none where the folder is not there."""
    if not args.data.is_dir():
        print(f"(e) left out: no real clips lie in {args.data}.")
        return {}
    texts = read_texts(args.data, args.cache)
    figures = table(texts)
    print(
        f"(e) Texts of the real clips in {args.data}, against what a person saw; by rules."
    )
    print_clips(figures)
    if args.missed:
        print_wrong(texts)
    print_texts(texts, args.show.split(","))
    return figures


def run(args: argparse.Namespace) -> int:
    """Evaluate, print, write."""
    if args.parser:
        row = parser_table(load_language_model(args.model), args.parser)
        print(
            f"{row['asked']:.0f} questions: the model finds the grammar's topic in {100 * row['model']:.0f}%; "
            f"the commonest topic alone {100 * row['chance']:.0f}%."
        )
        return 0
    if args.questions or args.real:
        figures = _questions(args) if args.questions else _real(args)
        if args.json:
            args.json.write_text(json.dumps(figures, indent=1))
        return 0
    result = evaluate(
        load_language_model(args.model), args.clips, args.texts, args.filmed
    )
    if "soft_tokens" in result:
        print(
            f"(a) Facts that stand only in the soft tokens, {args.clips} held-out clips and question wordings."
        )
        print(
            "    Share of greedy answers that are exactly the right class. swapped: soft tokens of a clip of another"
        )
        print(
            "    exercise, scored against this clip. chance: the commonest answer always given."
        )
        _print_soft(result["soft_tokens"])
        print(
            f"    The same for {args.filmed} clips that go the whole way from noisy keypoints of a virtual camera:"
        )
        _print_soft(result["soft_tokens_filmed"])
    else:
        print(
            f"(a), (c) left out: no trained bridge ({N_SOFT_TOKENS} soft tokens) exists for {args.model}."
        )
    _print_rest(result)
    result["real_clips"] = _real(args)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    return 0
