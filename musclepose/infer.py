"""Command line: analyse one clip.

    python -m musclepose.infer --input squat.mp4 --height_m 1.78 --mass_kg 75 --load_kg 60 --load_at shoulders --out out

`--input` is a video, a .pt sample (kxy, kconf, coaching_text), a clip JSON, or joint centres as .trc or
.c3d; without it a generated clip is analysed. A folder means all clips in it (musclepose.batch).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from musclepose import batch
from musclepose.api import analysis_of, is_sample
from musclepose.delivery import deliver
from musclepose.errors import InputError, MusclePoseError
from musclepose.models.checkpoint import DEFAULT_CHECKPOINT
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summarise import judged
from musclepose.pipeline import (
    KEYPOINTS,
    AnalyseOptions,
    Progress,
    analyse_track,
    follow,
)
from musclepose.pose.follow import list_people
from musclepose.records import Analysis, Athlete, ExternalLoad
from musclepose.report.analysis_json import Clip
from musclepose.report.out_folder import DISK_ERRORS, check_out, write_failed
from musclepose.report.people import line_of, write_thumbnails
from musclepose.video_limits import at_most_s
from musclepose.wave_llm.coach import Coach
from musclepose.wave_llm.translation import ENGLISH, LANGUAGES

Show = Callable[
    [Iterator[str], Coach], Iterator[str]
]  # the pieces of the text, passed on
LONGEST_S = 600.0  # of a video, unless MUSCLEPOSE_MAX_SECONDS says otherwise


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, read."""
    p = argparse.ArgumentParser(
        prog="musclepose.infer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument(
        "--input",
        type=Path,
        help="video, .pt sample, clip JSON, .trc or .c3d, or a folder; none: a generated clip",
    )
    p.add_argument(
        "--workers",
        type=int,
        default=1,
        help="processes for a folder; each holds all models",
    )
    p.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="spread the workers over a Ray cluster: HOST:PORT, auto, or local for one on this machine",
    )
    p.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT)
    p.add_argument(
        "--adapter_path", help="folder of a trained language adapter"
    )
    p.add_argument(
        "--llm_name",
        help="language model; default: the embedded one, Phi-3.5-mini on CUDA",
    )
    p.add_argument("--out", type=Path, default=Path("out"))
    p.add_argument("--height_m", type=float)
    p.add_argument("--mass_kg", type=float)
    p.add_argument("--age_years", type=float)
    p.add_argument(
        "--sex", default="unknown", choices=("female", "male", "unknown")
    )
    p.add_argument("--load_kg", type=float, default=0.0)
    p.add_argument("--load_at", default="hands", choices=("hands", "shoulders"))
    p.add_argument(
        "--keypoints",
        default="blazepose",
        choices=KEYPOINTS,
        help="who locates the joints: BlazePose on the person that YOLO follows, or YOLO alone",
    )
    p.add_argument(
        "--person",
        type=int,
        default=0,
        help="0 = who moves most like in an exercise, 1 = next, ...",
    )
    p.add_argument(
        "--list-people",
        action="store_true",
        help="only write a picture of everyone in the video to --out, and who is which number",
    )
    p.add_argument(
        "--exercise",
        choices=[
            name for name, exercise in EXERCISES.items() if exercise.is_named
        ],
        help="which exercise it is; without it the clip decides",
    )
    p.add_argument(
        "--slow_motion",
        type=float,
        default=1.0,
        help="how many times slower the file plays than real time",
    )
    p.add_argument(
        "--refine",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="fit the body closer to the keypoints and let standing feet stand (about a second for ten of video)",
    )
    p.add_argument(
        "--level",
        default="athlete",
        choices=("beginner", "athlete", "clinician"),
    )
    p.add_argument(
        "--language",
        default=ENGLISH,
        choices=LANGUAGES,
        help="of the text, where the model speaks it",
    )
    p.add_argument("--notes", default="", help="what the coach wants looked at")
    return p.parse_args(argv)


def _progress(fraction: float, text: str) -> None:
    print(
        f"\r{100 * fraction:3.0f} %  {text:<48.48}",
        end="",
        file=sys.stderr,
        flush=True,
    )


def _analyse(
    args: argparse.Namespace, progress: Progress
) -> tuple[Analysis, bool]:
    """The analysis, and whether there is a video behind it."""
    athlete = Athlete(args.height_m, args.mass_kg, args.sex, args.age_years)
    load = ExternalLoad(args.load_kg, args.load_at)
    options = AnalyseOptions(
        args.checkpoint,
        args.slow_motion,
        refine=args.refine,
        keypoints=args.keypoints,
    )
    if args.input is None:
        from musclepose.synthesis.synthetic import synthetic_track

        print(
            "No --input: analysing a generated squat, not a measurement.",
            file=sys.stderr,
        )
        return analyse_track(
            synthetic_track(), athlete, load, options, progress
        ), False
    analysis = analysis_of(
        args.input, athlete, load, args.person, options, progress
    )
    return analysis, not is_sample(args.input)


def list_people_of(args: argparse.Namespace) -> list[Path]:
    """Write person_0.png, person_1.png, ... into --out and print a line for each."""
    if args.input is None or is_sample(args.input):
        raise InputError("--list-people needs a video as --input.")
    people = list_people(follow(args.input, _progress, args.keypoints))
    print(file=sys.stderr)
    print("\n".join(line_of(person) for person in people))
    return write_thumbnails(people, args.out)


def run(
    args: argparse.Namespace,
    coach: Coach | None = None,
    progress: Progress | None = None,
    show: Show | None = None,
) -> dict[str, Path]:
    """Analyse, write all files into --out and print the coaching text as it comes.

    progress, show: told what is done now, and given the pieces of the text; none: both are printed.
    """
    coach = coach or Coach(args.llm_name, args.adapter_path)
    coach.preload()
    report = progress or _progress
    analysis, is_video = _analyse(args, lambda f, text: report(0.7 * f, text))
    analysis, summary = judged(analysis, args.exercise)
    text = coach.told(analysis, summary, args.notes, args.level, args.language)
    return deliver(
        analysis,
        summary,
        (show or _printed)(text, coach),
        args.out,
        Clip("" if args.input is None else args.input.name),
        args.input if is_video else None,
        progress=lambda f, text: report(0.7 + 0.3 * f, text),
    )


def _printed(text: Iterator[str], coach: Coach) -> Iterator[str]:
    """The pieces as they come, shown below the progress line; then who wrote them."""
    print(file=sys.stderr)
    for piece in text:
        print(piece, end="", flush=True)
        yield piece
    print()
    print(
        " ".join(n for n in (coach.note, coach.soft_tokens_note) if n),
        file=sys.stderr,
    )


def run_and_write(
    args: argparse.Namespace, coach: Coach | None = None
) -> dict[str, Path]:
    """`run`, with a disk that fails, or memory that is not enough, told in one sentence."""
    try:
        return run(args, coach)
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        raise write_failed(args.out, error) from error
    except MemoryError as error:
        raise InputError(
            "The memory of this computer was not enough; close other programs, or give a shorter clip."
        ) from error


def main(argv: Sequence[str] | None = None) -> int:
    args = arguments(argv)
    try:
        with at_most_s(LONGEST_S):
            return _answer(args)
    except MusclePoseError as error:
        print(f"\n{error}", file=sys.stderr)
        return 2


def _answer(args: argparse.Namespace) -> int:
    check_out(args.out)
    if args.list_people:
        list_people_of(args)
        return 0
    if args.input is not None and args.input.is_dir():
        return batch.run(args, run_and_write)
    if args.ray:
        raise InputError(
            "--ray spreads the clips of a folder; give a folder as --input."
        )
    paths = run_and_write(args)
    print(f"Wrote {', '.join(sorted(paths))} to {args.out}.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
