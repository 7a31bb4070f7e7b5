"""Find hashes that differ in few bits without comparing all pairs: buckets, probed where a bit is in doubt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KEY_BITS = 16
_PROBED = 4
# Combinations of the doubtful bits to flip: none, one, ... all.
_FLIPS = np.array([[(combination >> bit) & 1 for bit in range(_PROBED)] for combination in range(1 << _PROBED)], bool)
# In a crowded bucket only the first hashes are looked at: thousands of variants of one picture must not cost the square
# of their number, and what is linked to the same first ones still ends up in one group.
_CROWDED = 64


@dataclass(frozen=True, eq=False)
class HashTable:
    """Hashes sorted into buckets by their lowest bits.

    The number of those bits grows with the number of hashes, so that a bucket of evenly spread hashes holds about one
    quarter of a hash, and the time of a query does not depend on how many there are.
    """

    codes: NDArray[np.uint64]
    """In the order of the buckets, so that those of one bucket lie together in memory."""
    bits: int
    order: NDArray[np.int32]
    """The hash that stands at each place of ``codes``."""
    starts: NDArray[np.int32]
    """Where each bucket begins, and where the last ends."""

    @classmethod
    def build(cls, codes: NDArray[np.uint64]) -> "HashTable":
        """Sort hashes (n,) into buckets."""
        bits = max(KEY_BITS, len(codes).bit_length() + 1)
        keys = (codes & np.uint64((1 << bits) - 1)).astype(np.int64)
        order = np.argsort(keys, kind="stable").astype(np.int32)
        starts = np.zeros((1 << bits) + 1, np.int32)
        np.cumsum(np.bincount(keys, minlength=1 << bits), out=starts[1:])
        return cls(codes[order], bits, order, starts)

    def query(
        self, codes: NDArray[np.uint64], doubt: NDArray[np.float32], distance: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (query, hash) positions whose codes differ in at most ``distance`` bits, among those probed.

        Probed are the bucket of the query and those that differ from it in its most doubtful bits (query-directed
        probing: Lv et al., Multi-Probe LSH, VLDB 2007).

        Args:
            codes: (q,) the queries.
            doubt: (q, 64), the smaller, the more likely is a bit of the query wrong; bit 0 is the lowest.
            distance: in bits.
        """
        keys = self._probes(codes, doubt)
        starts = self.starts[keys]
        counts = np.minimum(self.starts[keys + 1] - starts, _CROWDED)
        filled = np.flatnonzero(counts)
        counts, starts = counts.ravel()[filled], starts.ravel()[filled]
        total = int(counts.sum())
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        queries = np.repeat(filled // keys.shape[1], counts)
        places = np.repeat(starts, counts) + within
        close = np.bitwise_count(codes[queries] ^ self.codes[places]) <= distance
        return queries[close], self.order[places[close]].astype(np.int64)

    def _probes(self, codes: NDArray[np.uint64], doubt: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return the buckets to look into, (q, 16)."""
        keys = (codes & np.uint64((1 << self.bits) - 1)).astype(np.int64)
        doubtful = np.argpartition(doubt[:, : self.bits], _PROBED, axis=1)[:, :_PROBED]
        masks: NDArray[np.int64] = (np.int64(1) << doubtful) @ _FLIPS.T.astype(np.int64)
        return keys[:, None] ^ masks
