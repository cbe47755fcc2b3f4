"""ForceAtlas2 in NumPy: forces from a grid and a fast Fourier transform, so that 50,000 things take seconds.

Jacomy, Venturini, Heymann and Bastian, "ForceAtlas2, a Continuous Graph Layout Algorithm" (2014),
doi:10.1371/journal.pone.0098679, for the forces and the speeds. Repulsion is a convolution over a grid, as in
Linderman et al., "Fast interpolation-based t-SNE" (2019), doi:10.1038/s41592-018-0308-4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Repulsion = Callable[[Floats, Floats], Floats]

EXACT = 400
"""Up to so many things every pair is reckoned."""
STEPS = 200
GRAVITY = 1.0
SCALING = 2.0
TOLERANCE = 1.0


def force_atlas(count: int, ends: Integers, weights: Floats, start: Floats, steps: int = STEPS) -> Floats:
    """Return positions of `count` things tied by weighted pairs of `ends`, moved `steps` times from `start`.

    The same input gives the same bytes: nothing is drawn by lot.
    """
    import numpy as np
    from scipy.sparse import coo_matrix

    sources, targets = ends
    tied = coo_matrix(
        (np.r_[weights, weights], (np.r_[sources, targets], np.r_[targets, sources])), (count, count)
    )
    tied = tied.tocsr()
    pull = np.asarray(tied.sum(axis=1))
    mass: Floats = np.bincount(ends.ravel(), minlength=count).astype(np.float64) + 1.0
    grid, fine = (64, 64) if count <= 2000 else (64, 256)
    repulse = _every_pair if count <= EXACT else _on_grid(grid)
    at: Floats = start.astype(np.float64)
    before, speed = np.zeros((count, 2)), 1.0
    for step in range(steps):
        if step == steps // 2 and fine != grid:
            repulse = _on_grid(fine)
        force = tied @ at - pull.reshape(-1, 1) * at + SCALING * mass[:, None] * repulse(at, mass)
        centre = at.mean(axis=0)
        away = at - centre
        far = np.maximum(np.hypot(*away.T), 0.01)
        force -= GRAVITY * (mass / far)[:, None] * away
        swing = mass * np.hypot(*(force - before).T)
        traction = 0.5 * mass * np.hypot(*(force + before).T)
        ideal = TOLERANCE * traction.sum() / max(float(swing.sum()), 1e-9)
        speed = min(float(ideal), speed * 1.5)
        at = at + force * (speed / (1 + np.sqrt(speed * swing)))[:, None]
        before = force
    return at


def _every_pair(at: Floats, mass: Floats) -> Floats:
    """The push of every thing on every other, as mass over distance."""
    import numpy as np

    x, y = (axis[:, None] - axis[None, :] for axis in at.T)
    inverse = mass / np.maximum(x * x + y * y, 1e-4)
    return np.stack([(x * inverse).sum(axis=1), (y * inverse).sum(axis=1)], axis=1)


def _on_grid(size: int) -> Repulsion:
    """Return the push reckoned on a grid of `size` cells a side: masses spread, convolved, read back."""
    import numpy as np
    from scipy.fft import irfft2, rfft2

    steps = np.fft.fftfreq(2 * size, 1 / (2 * size))
    y, x = np.meshgrid(steps, steps, indexing="ij")
    square = x * x + y * y
    square[0, 0] = np.inf
    kernels = rfft2(np.stack([x / square, y / square]))

    def push(at: Floats, mass: Floats) -> Floats:
        low = at.min(axis=0)
        cell = max(float((at.max(axis=0) - low).max()), 1e-9) / (size - 2)
        places = (at - low) / cell
        whole = places.astype(np.int64)
        part = places - whole
        corners = [
            (
                (whole[:, 1] + dy) * size + whole[:, 0] + dx,
                abs(1 - dx - part[:, 0]) * abs(1 - dy - part[:, 1]),
            )
            for dy in (0, 1)
            for dx in (0, 1)
        ]
        spread = np.zeros(size * size)
        for cells, share in corners:
            spread += np.bincount(cells, mass * share, minlength=size * size)
        padded = rfft2(spread.reshape(size, size), (2 * size, 2 * size))
        fields = irfft2(padded[None] * kernels, (2 * size, 2 * size))[:, :size, :size].reshape(2, -1)
        found = np.zeros_like(at)
        for cells, share in corners:
            found += fields[:, cells].T * share[:, None]
        return np.asarray(found / cell)

    return push
