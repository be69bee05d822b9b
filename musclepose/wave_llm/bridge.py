"""The bridge in words: what was computed of a clip, and the chat messages that hold it.

`summarise` and `PhysicsSummary` are the movement's; `build_messages` and `render` are the prompt's.
"""

from musclepose.movement.summarise import summarise
from musclepose.movement.summary import PhysicsSummary, counting_columns
from musclepose.wave_llm.prompt import build_messages, render

__all__ = [
    "PhysicsSummary",
    "build_messages",
    "counting_columns",
    "render",
    "summarise",
]
