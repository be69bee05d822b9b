"""The folder for the results, proved before the work begins: a place that cannot be written to is one sentence."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from musclepose.errors import InputError

NEEDED_BYTES = 200_000_000  # a minute of overlay in full size, and everything else beside it

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)


def check_out(folder: Path) -> None:
    """Make the folder and write a file into it; InputError where that fails or little space is left."""
    advice = "give another folder with --out."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"\0" * 4096)
            probe.flush()
        free = shutil.disk_usage(folder).free
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} is no folder, or lies inside a file; {advice}"
        ) from error
    except OSError as error:
        raise InputError(
            f"Nothing can be written to {folder} ({error.strerror or type(error).__name__}); {advice}"
        ) from error
    if free < NEEDED_BYTES:
        raise InputError(
            f"{folder} has {free / 1e6:.0f} MB of space left and the results may need "
            f"{NEEDED_BYTES / 1e6:.0f} MB; free some, or {advice}"
        )


def write_failed(folder: Path, error: OSError) -> InputError:
    """The sentence for a disk that fails while the results are written."""
    return InputError(
        f"The results could not be written to {folder} ({error.strerror or type(error).__name__}); "
        "free some space, or give another folder with --out."
    )
