"""Tokens keep what the root trajectory needs and survive missing joints."""

import torch

from musclepose.data.tokens import TOKEN_DIM, make_tokens_from_coco


def _clip(frames: int = 20) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(1)
    body = torch.rand(17, 2, generator=g) * torch.tensor([80.0, 200.0])
    walk = torch.stack(
        (torch.linspace(100, 500, frames), torch.full((frames,), 150.0)), -1
    )
    return (
        (body + walk[:, None])[None],
        torch.full((1, frames, 17), 0.9),
        torch.tensor([[640.0, 480.0]]),
    )


def test_a_moved_person_gives_other_tokens_but_the_same_arrangement() -> None:
    px, confidence, size = _clip()
    here, there = (
        make_tokens_from_coco(px + shift, confidence, size)
        for shift in (0.0, 40.0)
    )
    arrangement = slice(0, 34)
    assert torch.allclose(
        here.features[..., arrangement],
        there.features[..., arrangement],
        atol=1e-5,
    )
    assert (here.centre - there.centre).abs().min() > 0.05
    assert not torch.allclose(here.features, there.features)


def test_size_and_picture_scale_together() -> None:
    px, confidence, size = _clip()
    small, large = (
        make_tokens_from_coco(px, confidence, size),
        make_tokens_from_coco(2 * px, confidence, 2 * size),
    )
    assert torch.allclose(small.features, large.features, atol=1e-5)
    assert torch.allclose(small.size, large.size)


def test_missing_joints_are_zero_and_flagged_and_leave_no_nan() -> None:
    px, confidence, size = _clip()
    px[:, 5:9, 3] = torch.nan
    confidence[:, 5:9, 3] = 0.0
    px[:, 12] = torch.nan  # nobody seen at all
    confidence[:, 12] = 0.0
    tokens = make_tokens_from_coco(px, confidence, size)
    assert tokens.features.shape[-1] == TOKEN_DIM
    assert torch.isfinite(tokens.features).all()
    seen = tokens.features[..., 85:102]
    assert (seen[0, 5:9, 3] == 0).all() and seen[0, 0, 3] == 1
    assert (tokens.features[0, 5:9, 6:8] == 0).all()
    assert torch.equal(tokens.centre[0, 12], tokens.centre[0, 11])


def test_stature_counts_only_where_told() -> None:
    px, confidence, size = _clip()
    untold = make_tokens_from_coco(
        px, confidence, size, torch.tensor([torch.nan])
    )
    told = make_tokens_from_coco(px, confidence, size, torch.tensor([1.9]))
    assert not untold.stature_known.item() and told.stature_known.item()
    assert (
        told.stature_m.item() == torch.tensor(1.9).item()
        and untold.stature_m.item() < 1.8
    )
    assert not torch.allclose(untold.features, told.features)
