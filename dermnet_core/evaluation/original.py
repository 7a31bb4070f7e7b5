"""What the original report claims, as published; ``docs/ORIGINAL.md`` says what its figures are worth."""

from dataclasses import dataclass

from dermnet_core.i18n import significant

PHOTOS = 4002
"""Of the report's test split, over the same 23 classes."""


@dataclass(frozen=True)
class Claim:
    """The top-1 accuracy that the report states for one model, as a range from 0 to 1."""

    architecture: str
    low: float
    high: float

    @property
    def text(self) -> str:
        """Return the claim in per cent, as the report writes it."""
        low, high = significant(100 * self.low), significant(100 * self.high)
        return low if low == high else f"{low}–{high}"


CLAIMS = (Claim("separable_cnn", 0.0245, 0.0245), Claim("mobilenet_v2", 0.75, 0.80))
