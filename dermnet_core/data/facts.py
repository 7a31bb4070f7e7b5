"""What a scan finds out about each photo of a folder."""

from dataclasses import dataclass
from typing import Literal

from dermnet_core.data.scan import ImageRecord

NearKind = Literal["copy", "crop", "mirrored"]


@dataclass(frozen=True, kw_only=True)
class PhotoFacts(ImageRecord):
    """One photo that could be read, and what can be measured of it."""

    bytes: int
    """Size of the file."""
    format: str
    """JPEG, PNG, WebP or HEIC, by content."""
    width: int
    """Of the file as stored, upright, in pixels."""
    height: int
    brightness: float
    """Mean luma, 0 to 255."""
    contrast: float
    """Standard deviation of the luma."""
    sharpness: float
    """Variance of the Laplacian of the luma."""
    red: float
    """Mean of the channel, 0 to 255."""
    green: float
    blue: float
    skin: float
    """Share of pixels in the tones of skin, 0 to 1."""


@dataclass(frozen=True)
class Unreadable:
    """A file that could not be used, and why, in one sentence."""

    file: str
    split: str
    label: str
    reason: str


@dataclass(frozen=True)
class NearPair:
    """Two files of different content that show the same picture; ``first`` comes before ``second`` by name.

    ``kind`` is "copy" for the same view (rescaled, re-encoded or taken a moment later), "crop" for a part of the other,
    "mirrored" for its mirror image.
    """

    first: str
    second: str
    kind: NearKind
    similarity: float
    """Correlation of the two pictures after one is laid on the other, 0 to 1."""


@dataclass(frozen=True)
class Suspect:
    """A photo that may not belong into the atlas, and why, in a few words; the higher the score, the odder."""

    file: str
    reason: str
    score: float
