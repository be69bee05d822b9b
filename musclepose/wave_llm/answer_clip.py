"""What the topics of an answer share: the clip that is asked about, and its caveats."""

from __future__ import annotations

from musclepose.movement.exercises import EXERCISES
from musclepose.movement.query.figure_source import FigureSource
from musclepose.movement.query.look_up import LookUp
from musclepose.movement.query.quantities import QUANTITIES
from musclepose.movement.query.records import Query
from musclepose.wave_llm.answer_figures import sentences
from musclepose.wave_llm.script import Slot, trust

LOAD_BY_SIDE = "How left and right share the load cannot be seen by one camera."


def slot(name: str, *options: str) -> list[Slot]:
    return [Slot(name, tuple(options))] if options and options[0] else []


class Clip:
    """What a topic answers from."""

    def __init__(self, query: Query, source: FigureSource) -> None:
        self.query, self.source, self.summary = query, source, source.summary
        self.exercise = EXERCISES[source.summary.exercise.name]

    def lines(self, query: Query) -> list[Slot]:
        """Figures as slots."""
        found = LookUp(self.source).lines(query)
        return [s for line in found for s in slot("figure", sentences(line))]

    def caveats(self, quantity: str) -> list[Slot]:
        """What makes a force or torque rough: quality and assumed mass."""
        if (
            quantity not in QUANTITIES
            or not QUANTITIES[quantity].is_load
            or not self.source.made
        ):
            return []
        limited = self.summary.quality_level == "low"
        return [
            *(
                slot(
                    "hint",
                    "The data quality of this clip is limited, so read it as a hint.",
                )
                if limited
                else []
            ),
            *(
                s
                for s in trust(self.summary, "clinician")
                if s.name == "assumed"
            ),
        ]
