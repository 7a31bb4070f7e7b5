"""Which photos may not show skin at all? Suspects by their colours, to be looked at: not errors."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dermnet_core.data.facts import PhotoFacts, Suspect
from dermnet_core.i18n import _, percent

_FEWEST = 50  # photos from which on the usual colours of a folder can be told
_MOST = 0.01  # of the photos
_FAR = 4.0
_LITTLE_SKIN = 0.15
_GREY = 6.0
_USUAL = 0.75
_LEAST_VARIANCE = 1.0  # of 255 squared: photos of one colour do not make every other colour infinitely odd


def suspects(photos: Sequence[PhotoFacts]) -> tuple[Suspect, ...]:
    """Return photos that hold hardly any tone of skin and whose colours are far from those of the others.

    The distance is Mahalanobis's in lightness and two opponent colours, by the mean and covariance of the middle three
    quarters of the photos: one concentration step of FAST-MCD (Rousseeuw and Van Driessen, 1999). At most 1 % of the
    photos are named, the oddest first. Limbs on blue cloth and pictures of tissue under the microscope are among them
    as well as landscapes: a person has to look.
    """
    if len(photos) < _FEWEST:
        return ()
    colours = _colours(photos)
    skin = np.array([photo.skin for photo in photos])
    distance = _distance(colours)
    score = distance * (1 - skin)
    odd = np.flatnonzero((distance > _FAR) & (skin < _LITTLE_SKIN))
    odd = odd[np.argsort(-score[odd], kind="stable")][: max(1, int(_MOST * len(photos)))]
    return tuple(Suspect(photos[i].file, _reason(photos[i]), round(float(score[i]), 2)) for i in odd.tolist())


def _colours(photos: Sequence[PhotoFacts]) -> NDArray[np.float64]:
    """Return lightness and the two opponent colours of each photo's mean, (n, 3)."""
    rgb = np.array([(photo.red, photo.green, photo.blue) for photo in photos], dtype=np.float64)
    red, green, blue = rgb.T
    return np.stack([rgb.mean(axis=1), red - green, (red + green) / 2 - blue], axis=1)


def _distance(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each row lies from the usual ones, in standard deviations of those."""
    away = np.abs(colours - np.median(colours, axis=0))
    rank = (away / np.median(away, axis=0).clip(_LEAST_VARIANCE)).max(axis=1)
    usual = colours[rank <= np.quantile(rank, _USUAL)]
    off = colours - usual.mean(axis=0)
    inverse = np.linalg.inv(np.cov(usual.T) + _LEAST_VARIANCE * np.eye(colours.shape[1]))
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", off, inverse, off)))


def _reason(photo: PhotoFacts) -> str:
    red, green, blue = photo.red, photo.green, photo.blue
    if max(red, green, blue) - min(red, green, blue) < _GREY:
        colour = _("almost no colour")
    elif green >= max(red, blue):
        colour = _("mostly green")
    elif blue >= max(red, green):
        colour = _("mostly blue")
    elif blue > green + 10:
        colour = _("mostly purple or pink")
    else:
        colour = _("unusual colours")
    return _("{colour}, {share} in the tones of skin").format(colour=colour, share=percent(photo.skin, 0))
