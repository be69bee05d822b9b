"""The checker of annotations: beartype with the numeric tower, so that an int is a float."""

from __future__ import annotations

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
