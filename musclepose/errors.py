"""Expected failures. Each message says what came, what is allowed and what to do, in one sentence."""


class MusclePoseError(Exception):
    """Base of every expected failure; only the app and the command lines catch it."""


class InputError(MusclePoseError):
    """What the user gave cannot be used: a number out of range, an unknown option, an unreadable sample."""


class VideoError(InputError):
    """The uploaded video cannot be used."""


class DecoderError(VideoError):
    """The process that decodes a video died or was stopped; `kind` says by what, for counting."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class NoPersonError(VideoError):
    """No person, or too little of one, was found in the video."""


class AssetError(MusclePoseError):
    """A weight or example file is missing, or its checksum is not the one on the list."""


class CheckpointError(MusclePoseError):
    """A checkpoint is missing, damaged, or belongs to another model."""
