"""The Python call: one clip in, everything that was computed about it out.

import musclepose
result = musclepose.analyse("squat.mp4", height_m=1.78, mass_kg=75, load_kg=60, load_at="shoulders")
table = result.to_dataframe()
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musclepose.data.loader import SUFFIXES, load_sample
from musclepose.delivery import hand_over
from musclepose.errors import InputError
from musclepose.movement.columns import Column, columns_of
from musclepose.movement.exercises import EXERCISES
from musclepose.movement.summarise import judged
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.pipeline import (
    AnalyseOptions,
    Progress,
    analyse_measured,
    analyse_track,
)
from musclepose.pipeline import analyse as analyse_video
from musclepose.records import (
    Analysis,
    Athlete,
    ExternalLoad,
    LoadSite,
    PoseTrack,
    Sex,
)
from musclepose.report.analysis_json import Clip, analysis_record
from musclepose.report.dictionary import unit_of
from musclepose.report.timeseries import all_columns

if TYPE_CHECKING:
    import pandas

MARKER_SUFFIXES = (".trc", ".c3d")
Source = str | Path | PoseTrack


@dataclass(frozen=True)
class Result:
    """What is known about one clip: the arrays (`analysis`), and what they say (`summary`)."""

    analysis: Analysis
    summary: PhysicsSummary
    clip: Clip

    def to_dataframe(self) -> pandas.DataFrame:
        """The table of timeseries.csv at full precision: one row a picture, one column a quantity.

        The unit ends the name of a column, and stands in `attrs["units"]` too; NaN where a value is not defined.
        Raises InputError where pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise InputError(
                "to_dataframe() needs pandas: pip install pandas."
            ) from error
        columns = all_columns(
            self.analysis, counting_columns(self.summary, self.analysis.time_s)
        )
        table = pandas.DataFrame(columns)
        table.attrs["units"] = {name: unit_of(name) for name in columns}
        return table

    def columns(self) -> dict[str, Column]:
        """The quantities over which figures are formulas, each with its words, joint, side and 90 % band."""
        return columns_of(self.analysis)

    def figure(self, key: str) -> float:
        """One number of the summary by its key. Raises KeyError with the keys that there are."""
        found = self.summary.figure(key)
        if found is None:
            raise KeyError(
                f"{key!r}; there are {', '.join(f.key for f in self.summary.figures)}"
            )
        return found.value

    def to_dict(self) -> dict[str, Any]:
        """What analysis.json holds."""
        return analysis_record(self.analysis, self.summary, self.clip)

    def write(
        self, folder: str | Path, coaching_text: str = ""
    ) -> dict[str, Path]:
        """Write the result files and return {file name: path}; without overlay, plots and the coach's text."""
        return hand_over(
            self.analysis, self.summary, coaching_text, Path(folder), self.clip
        )


def told_first(told: Athlete, other: Athlete) -> Athlete:
    """The athlete as told, and where something was not told, as the other says."""
    return replace(
        told,
        height_m=other.height_m if told.height_m is None else told.height_m,
        mass_kg=other.mass_kg if told.mass_kg is None else told.mass_kg,
        age_years=other.age_years if told.age_years is None else told.age_years,
        sex=other.sex if told.sex == "unknown" else told.sex,
    )


def is_sample(path: Path) -> bool:
    """Whether a file holds keypoints or markers, not pictures."""
    return path.suffix.lower() in (*SUFFIXES, *MARKER_SUFFIXES)


def _analysis_of_markers(
    path: Path, athlete: Athlete, load: ExternalLoad
) -> Analysis:
    from musclepose.fitting.marker_motion import read_motion

    return analyse_measured(read_motion(path), athlete, load, "markers")


def analysis_of(
    source: Source,
    athlete: Athlete,
    load: ExternalLoad,
    person: int = 0,
    options: AnalyseOptions | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """The arrays of a video, of a file of keypoints, or of a track; what the file says of the athlete counts last."""
    options = options or AnalyseOptions()
    if isinstance(source, PoseTrack):
        return analyse_track(source, athlete, load, options, progress)
    path = Path(source)
    if path.suffix.lower() in MARKER_SUFFIXES:
        return _analysis_of_markers(path, athlete, load)
    if not is_sample(path):
        return analyse_video(path, athlete, load, person, options, progress)
    sample = load_sample(path)
    return analyse_track(
        sample.track,
        told_first(athlete, sample.athlete),
        load,
        options,
        progress,
    )


def analyse(
    source: Source,
    *,
    height_m: float | None = None,
    mass_kg: float | None = None,
    sex: Sex = "unknown",
    age_years: float | None = None,
    load_kg: float = 0.0,
    load_at: LoadSite = "hands",
    person: int = 0,
    exercise: str | None = None,
    options: AnalyseOptions | None = None,
    progress: Progress | None = None,
) -> Result:
    """Motion, forces, torques and what they say, of one person in one clip.

    source: a video, a `.pt` or `.json` file of keypoints, a `.trc` or `.c3d` file of joint centres, or a PoseTrack.
    height_m in m, mass_kg and load_kg in kg, age_years in years: what is not told is estimated and marked. person: 0 is
    the likeliest athlete. exercise: its name where it is known. Raises MusclePoseError with one sentence where the clip
    or a word cannot be used.
    """
    names = [name for name, known in EXERCISES.items() if known.is_named]
    if exercise is not None and exercise not in names:
        raise InputError(
            f"exercise is {exercise!r}; there are {', '.join(names)}."
        )
    athlete = Athlete(height_m, mass_kg, sex, age_years)
    load = ExternalLoad(load_kg, load_at)
    analysis = analysis_of(source, athlete, load, person, options, progress)
    name = "" if isinstance(source, PoseTrack) else Path(source).name
    return Result(*judged(analysis, exercise), Clip(name))
