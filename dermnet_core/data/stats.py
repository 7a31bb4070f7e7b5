"""How the measured properties are spread over the photos, and which photos stick out."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.facts import PhotoFacts
from dermnet_core.data.scan import series_of
from dermnet_core.data.summary import QUANTILES, Distribution
from dermnet_core.i18n import N_

_BINS = 30
_TAIL = 0.005
_FAR = 3.5
_MAD_TO_SIGMA = 0.6745
_MEAN_DEVIATION_TO_SIGMA = 1.253314


@dataclass(frozen=True)
class Property:
    """Something that is measured of every photo; title and meaning are in English, translated where they are shown."""

    title: str
    unit: str
    meaning: str
    """One sentence for people who do not work with pixels."""
    value: Callable[[PhotoFacts], float]


PROPERTIES: Mapping[str, Property] = {
    "brightness": Property(
        N_("Brightness"),
        "",
        N_("How light the photo is on average, from 0 (black) to 255 (white)."),
        lambda p: p.brightness,
    ),
    "contrast": Property(
        N_("Contrast"),
        "",
        N_("How far light and dark parts differ: the standard deviation of the luma."),
        lambda p: p.contrast,
    ),
    "sharpness": Property(
        N_("Sharpness"),
        "",
        N_("How many fine edges there are: the variance of the Laplacian. Low means blurred or plain."),
        lambda p: p.sharpness,
    ),
    "redness": Property(
        N_("Redness"),
        "",
        N_("By how much the mean of red exceeds that of green and blue, on the scale of 0 to 255."),
        lambda p: p.red - (p.green + p.blue) / 2,
    ),
    "blueness": Property(
        N_("Blueness"),
        "",
        N_("By how much the mean of blue exceeds that of red and green, on the scale of 0 to 255."),
        lambda p: p.blue - (p.red + p.green) / 2,
    ),
    "skin": Property(
        N_("Skin tones"),
        "%",
        N_("Share of the photo in the tones of skin: little of it means nail, hair, cloth, or no skin."),
        lambda p: 100 * p.skin,
    ),
    "width": Property(N_("Width"), "px", N_("Width of the stored photo."), lambda p: p.width),
    "height": Property(N_("Height"), "px", N_("Height of the stored photo."), lambda p: p.height),
    "aspect": Property(
        N_("Aspect ratio"),
        "",
        N_("Width over height: 1 is square, more is landscape, less is portrait."),
        lambda p: p.width / p.height,
    ),
    "kilobytes": Property(
        N_("File size"),
        "kB",
        N_("Size of the file: small for its pixels means strongly compressed, or little to see."),
        lambda p: p.bytes / 1000,
    ),
}


def values(photos: Sequence[PhotoFacts], key: str) -> NDArray[np.float64]:
    """Return one property of all photos, float64 (n,)."""
    return np.fromiter(map(PROPERTIES[key].value, photos), np.float64, len(photos))


def distributions(photos: Sequence[PhotoFacts]) -> dict[str, Distribution]:
    """Return the distribution of every property; nothing for no photos.

    The bins span the middle 99 % of the photos; the few beyond are counted in the first and the last bin.
    """
    if not photos:
        return {}
    splits = np.array([photo.split for photo in photos])
    return {key: _distribution(values(photos, key), splits) for key in PROPERTIES}


def outliers(photos: Sequence[PhotoFacts], key: str) -> tuple[list[PhotoFacts], list[PhotoFacts]]:
    """Return the photos with unusually low and high values of a property, the farthest first.

    Unusual is a modified z score beyond 3.5: from the median, in median absolute deviations (Iglewicz and Hoaglin, How
    to Detect and Handle Outliers, 1993; with the mean absolute deviation where more than half of the values agree).
    """
    if not photos:
        return [], []
    found = values(photos, key)
    away = found - np.median(found)
    spread = float(np.median(np.abs(away))) / _MAD_TO_SIGMA
    spread = spread or float(np.abs(away).mean()) * _MEAN_DEVIATION_TO_SIGMA
    if spread == 0:
        return [], []
    order = np.argsort(away, kind="stable")
    low = [photos[i] for i in order if away[i] < -_FAR * spread]
    high = [photos[i] for i in order[::-1] if away[i] > _FAR * spread]
    return low, high


def series_counts(photos: Sequence[PhotoFacts]) -> dict[str, dict[str, int]]:
    """Return class folder -> series of the file names -> photos, both sorted by name."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for photo in photos:
        found[photo.label][series_of(photo.file)[0]] += 1
    return {label: dict(sorted(found[label].items())) for label in sorted(found)}


def _distribution(found: NDArray[np.float64], splits: NDArray[np.str_]) -> Distribution:
    low, high = np.quantile(found, [_TAIL, 1 - _TAIL])
    if high <= low:  # one value, or nearly: a bin about it on either side
        low, high = found.min(), found.max()
    edges = np.linspace(low, high, _BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
    clipped = found.clip(edges[0], edges[-1])
    return Distribution(
        tuple(round(float(edge), 4) for edge in edges),
        {
            str(split): tuple(int(count) for count in np.histogram(clipped[splits == split], edges)[0])
            for split in sorted(set(splits.tolist()), reverse=True)
        },
        tuple(round(float(value), 4) for value in np.quantile(found, QUANTILES)),
    )
