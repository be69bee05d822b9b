"""Everyone who was followed in a video, as pictures and lines to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from musclepose.pose.follow import Person


def line_of(person: Person) -> str:
    """Number, time and picture of one person."""
    return (
        f"person {person.person}: seen in {person.seen_frames} pictures from {person.from_s:.1f} s "
        f"to {person.to_s:.1f} s, person_{person.person}.png"
    )


def write_thumbnails(people: Sequence[Person], folder: Path) -> list[Path]:
    """person_0.png, person_1.png, ... in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"person_{person.person}.png" for person in people]
    for person, path in zip(people, paths, strict=True):
        Image.fromarray(person.thumbnail).save(path)
    return paths
