"""Soft tokens: features free of place and heading, packed questions, wordings apart, no answer in a prompt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_language import tiny_phi3

from musclepose.errors import CheckpointError
from musclepose.evaluation.coach import partners, quick_analysis
from musclepose.evaluation.coach_text import common_sequence, word_match
from musclepose.learning.language.bridge_data import (
    BridgeClip,
    bridge_clip,
    drawn_clip,
)
from musclepose.learning.language.soft_facts import (
    CLASSES,
    DEPTH_GAP_DEG,
    FACTS,
    Known,
    labels_of,
)
from musclepose.learning.language.soft_questions import (
    TEST,
    TRAIN,
    answer_index,
    rendered_question,
)
from musclepose.learning.language.train_bridge import (
    collate_packed,
    pack,
    packed_loss,
)
from musclepose.physics.mtg import activation_from_torque, mtg_parameters
from musclepose.physics.skeleton47 import mirror_index
from musclepose.records import Array
from musclepose.utils.rot import rot_x, rot_y, rot_z, zxy_from_matrix
from musclepose.wave_llm.adapter import attach_soft_tokens
from musclepose.wave_llm.models import LanguageModel
from musclepose.wave_llm.soft_features import (
    features_of_analysis,
    mirror_features,
    physics_features,
)
from musclepose.wave_llm.soft_tokens import (
    SoftTokens,
    load_soft_tokens,
    padded,
    save_soft_tokens,
)


@pytest.fixture(scope="module")
def made() -> BridgeClip:
    return bridge_clip(6_000_000)


def features(*arrays: Array) -> torch.Tensor:
    """Of a person of 70 kg."""
    return physics_features(
        *(torch.from_numpy(np.ascontiguousarray(a)) for a in arrays), 70.0
    )


def test_features_do_not_depend_on_place_or_heading() -> None:
    rng = np.random.default_rng(0)
    q, qdot = rng.normal(size=(5, 47)) * 0.4, np.zeros((5, 47))
    tau, alpha, grf = (
        rng.normal(size=(5, 47)),
        rng.random((5, 82)),
        rng.normal(size=(5, 2, 3)),
    )
    turn = rot_y(torch.tensor(1.1, dtype=torch.float64))
    R = (
        rot_z(torch.from_numpy(q[:, 3]))
        @ rot_x(torch.from_numpy(q[:, 4]))
        @ rot_y(torch.from_numpy(q[:, 5]))
    )
    turned = q.copy()
    turned[:, 3:6] = zxy_from_matrix(turn @ R).numpy()
    turned[:, :3] += 2.0
    before = features(q, qdot, tau, alpha, grf)
    after = features(turned, qdot, tau, alpha, grf @ turn.numpy().T)
    torch.testing.assert_close(before, after, atol=1e-5, rtol=1e-5)


def test_features_of_an_analysis_are_those_of_training(
    made: BridgeClip,
) -> None:
    clip, noise = drawn_clip(6_000_000)
    found = features_of_analysis(quick_analysis(clip, 6_000_000, noise))
    torch.testing.assert_close(found, made.features, atol=1e-3, rtol=1e-3)


def test_a_mirrored_clip_is_the_clip_of_the_mirrored_motion() -> None:
    rng = np.random.default_rng(1)
    index, sign = mirror_index()
    q, qdot, tau = (rng.normal(size=(5, 47)) * 0.4 for _ in range(3))
    muscles = mtg_parameters(dtype=torch.float64)
    twice = [
        tuple(torch.from_numpy(x) for x in (q, qdot, tau)),
        tuple(torch.from_numpy(sign * x[:, index]) for x in (q, qdot, tau)),
    ]
    alpha, other = (
        activation_from_torque(
            30 * t[:, 6:], a[:, 6:], v[:, 6:], muscles
        ).alpha.numpy()
        for a, v, t in twice
    )
    grf = rng.normal(size=(5, 2, 3))
    before = features(q, qdot, tau, alpha, grf)
    after = features(
        *(x.numpy() for x in twice[1]), other, grf[:, ::-1] * [1.0, 1.0, -1.0]
    )
    torch.testing.assert_close(
        mirror_features(before), after, atol=1e-5, rtol=1e-5
    )
    torch.testing.assert_close(mirror_features(mirror_features(before)), before)


def test_labels_leave_out_what_is_near_a_border() -> None:
    known = Known(
        "squat", 5, "none", 0.10, (0.5, 0.9, 0.1, 0.2, 0.0, 0.0), 100.0
    )
    said = {
        f: None if (v := labels_of(known)[f]) is None else CLASSES[f][v]
        for f in FACTS
    }
    assert said == {
        "exercise": "squat",
        "count": "5",
        "side": "right",
        "hardest": "knee",
        "depth": "shallow",
        "fault": "none",
    }
    assert labels_of(replace(known, side_index=0.045))["side"] is None
    assert (
        labels_of(replace(known, depth_deg=105.0 + 0.5 * DEPTH_GAP_DEG))[
            "depth"
        ]
        is None
    )
    assert labels_of(replace(known, exercise="plank", count=0))["count"] is None


def test_question_wordings_of_train_and_test_are_disjoint() -> None:
    train, test = (
        {q.lower() for qs in bank.values() for q in qs}
        for bank in (TRAIN, TEST)
    )
    assert not train & test and set(TRAIN) == set(TEST) == set(FACTS)


def test_the_answer_is_not_in_the_prompt_except_as_an_option() -> None:
    for fact, questions in TEST.items():
        if fact != "side":  # names both sides alike
            assert not [
                a
                for a in CLASSES[fact]
                for q in questions
                if a in q.lower().replace("how far", "")
            ]


def test_only_a_whole_answer_counts() -> None:
    assert answer_index("exercise", " Squat.") == CLASSES["exercise"].index(
        "squat"
    )
    assert (
        answer_index("count", "12") == 11
        and answer_index("count", "1 or 2") is None
    )


@pytest.fixture(scope="module")
def tiny() -> LanguageModel:
    return tiny_phi3()


def test_packed_questions_are_what_each_would_be_alone(
    tiny: LanguageModel,
) -> None:
    asked = [
        ("Which exercise is this?", "squat"),
        ("How many repetitions?", "4"),
        ("Depth?", "deep"),
    ]
    branches = [rendered_question(q, tiny.tokenizer, a) for q, a in asked]
    soft = torch.randn(1, 8, tiny.width)
    filler = int(tiny.tokenizer.pad_token_id)
    answered = [sum(b.answer_mask) for b in branches]
    with torch.no_grad():
        together = float(
            packed_loss(
                tiny.model,
                collate_packed([pack(branches)], filler),
                soft.flatten(0, 1),
            )[0]
        )
        alone = [
            float(
                packed_loss(
                    tiny.model,
                    collate_packed([pack([b])], filler),
                    soft.flatten(0, 1),
                )[0]
            )
            for b in branches
        ]
    assert together == pytest.approx(
        sum(n * x for n, x in zip(answered, alone, strict=True))
        / sum(answered),
        abs=1e-4,
    )


def test_padding_does_not_change_soft_tokens(made: BridgeClip) -> None:
    model = SoftTokens(32).eval()
    x, real = padded(
        [
            made.features,
            torch.zeros(len(made.features) + 40, made.features.shape[1]),
        ]
    )
    with torch.no_grad():
        alone, padded_in = (
            model(made.features.float().unsqueeze(0))[0][0],
            model(x, real)[0][0],
        )
    torch.testing.assert_close(alone, padded_in, atol=1e-4, rtol=1e-4)


def test_soft_tokens_survive_the_file(tmp_path: Path, made: BridgeClip) -> None:
    torch.manual_seed(1)
    model = SoftTokens(32).eval()
    save_soft_tokens(tmp_path / "bridge.safetensors", model, {"step": 1})
    again = load_soft_tokens(tmp_path / "bridge.safetensors")
    with torch.no_grad():
        torch.testing.assert_close(
            again(made.features.float()[None])[0],
            model(made.features.float()[None])[0],
            atol=2e-2,
            rtol=2e-2,
        )
    (tmp_path / "other.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError):
        load_soft_tokens(tmp_path / "other.safetensors")


def test_no_bridge_is_attached_to_another_model(
    tmp_path: Path, tiny: LanguageModel
) -> None:
    (tmp_path / "card.json").write_text(
        '{"language_model": "smollm2", "width": 576, "released": true}'
    )
    assert attach_soft_tokens(tiny, tmp_path) is tiny
    (tmp_path / "card.json").write_text(
        '{"language_model": "tiny-phi3", "width": 32, "released": false}'
    )
    assert attach_soft_tokens(tiny, tmp_path) is tiny


def test_swapped_soft_tokens_are_of_another_exercise(made: BridgeClip) -> None:
    names = ("squat", "squat", "curl", "row")
    clips: list[Any] = [
        BridgeClip(made.features, replace(made.known, exercise=n))
        for n in names
    ]
    assert all(names[i] != names[j] for i, j in enumerate(partners(clips)))


def test_text_scores() -> None:
    assert word_match(
        "the knee worked hardest", "the knee worked hardest"
    ) == pytest.approx(1 - 0.5 / 64)
    assert common_sequence("a b c d", "a c d") == pytest.approx(6 / 7)
    assert (
        word_match("knees", "knee") == pytest.approx(0.5)
        and word_match("hip", "knee") == 0.0
    )
    assert word_match("", "knee") == 0.0
