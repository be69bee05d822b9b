"""What the reader is told about a file that was read: thinned, damaged, cut off, changed in shape."""

from __future__ import annotations

from dataclasses import dataclass, field

from musclepose.errors import VideoError
from musclepose.video_limits import VideoLimits

_SEVERAL = 3  # packets at the end that give no picture: fewer is the delay of an ordinary decoder
_CUT_OFF_SHARE = 0.9  # headers are wrong by a little; less of the promised time than this is a cut


@dataclass
class FileReport:
    """Counts that decoding fills in; complete once all frames were read."""

    rate_hz: float = 0.0  # as stored
    thinned_to_hz: float = 0.0  # 0: every picture was taken
    decoded: int = 0
    damaged_s: list[float] = field(
        default_factory=list
    )  # times of pictures that were left out
    lost_at_end: int = 0  # packets after the last good picture
    last_good_s: float = 0.0
    promised_s: float = (
        0.0  # by a header that also counts its pictures; 0: it does not
    )
    is_short_of_packets: bool = False
    shape_changes_s: list[float] = field(default_factory=list)

    def good(self, time_s: float) -> None:
        """A picture came out whole at that time."""
        self.decoded += 1
        self.last_good_s = max(
            self.last_good_s, time_s
        )  # stamps of damaged files go back too
        self.lost_at_end = 0

    def damaged(self) -> None:
        """The next picture was left out. Its own time stamp is as doubtful as the picture."""
        self.damaged_s.append(self.last_good_s)
        self.lost_at_end += 1

    @property
    def damaged_before_end(self) -> int:
        """Pictures left out that a good one follows."""
        return len(self.damaged_s) - self.lost_at_end

    @property
    def ended_early(self) -> bool:
        """True if the file stops giving pictures before its end."""
        if not self.promised_s:
            return self.lost_at_end >= _SEVERAL
        is_early = self.last_good_s < _CUT_OFF_SHARE * self.promised_s
        return self.lost_at_end >= _SEVERAL or (
            self.is_short_of_packets and is_early
        )

    def check(self, limits: VideoLimits) -> None:
        """Refuse what is damaged beyond the limits; call it after the last picture."""
        expected_s = self.promised_s or self._expected_s()
        if (
            self.ended_early
            and self.last_good_s < limits.min_readable_share * expected_s
        ):
            raise VideoError(
                f"The video is cut off: {self.last_good_s:.1f} s of {expected_s:.1f} s are there; upload it again."
            )
        pictures = self.decoded + self.damaged_before_end
        if self.damaged_before_end > limits.max_damaged_share * pictures:
            raise VideoError(
                f"The video is damaged: {self.damaged_before_end} of {pictures} pictures cannot be read; "
                "export it again."
            )

    def _expected_s(self) -> float:
        """Length if every lost packet at the end were a picture."""
        share = self.decoded / max(1, self.decoded + self.lost_at_end)
        return self.last_good_s / share if share else 0.0

    def sentences(self) -> tuple[str, ...]:
        """One sentence for each thing that a reader must know."""
        said = []
        if self.thinned_to_hz:
            said.append(
                f"The file has {self.rate_hz:.0f} pictures a second; {self.thinned_to_hz:.0f} of them were analysed."
            )
        if self.damaged_before_end:
            said.append(
                f"{self.damaged_before_end} damaged picture{'s' if self.damaged_before_end > 1 else ''} (the first "
                f"at {self.damaged_s[0]:.1f} s) left out; what follows may be smeared."
            )
        if self.ended_early:
            said.append(
                f"The file is damaged or cut off after {self.last_good_s:.1f} s; it was analysed up to there."
            )
        if self.shape_changes_s:
            said.append(
                f"The picture changes its shape at {self.shape_changes_s[0]:.1f} s; "
                "there it is shown with black borders."
            )
        return tuple(said)
