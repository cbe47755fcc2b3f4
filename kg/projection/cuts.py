"""Cuts: the part of a projection that a reader asked for, and in words what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.errors import InputError, UnknownNameError
from kg.projection.links import Mask
from kg.projection.model import Projection
from kg.projection.steps import steps_from
from kg.terms import local_name
from kg.words import counted

STANDINGS = ("asserted", "reported", "quoted", "alleged", "confessed", "implied", "retracted")


@dataclass(frozen=True, slots=True)
class Cut:
    """What to keep: the surroundings of some things, some years, and what does not rest on some standings."""

    around: tuple[str, ...] = ()
    """IRIs of things."""
    hops: int = 1
    first_year: int | None = None
    last_year: int | None = None
    hide: tuple[str, ...] = ()
    """Standings in words: an edge goes whose passages all have one of them."""

    def __post_init__(self) -> None:
        for standing in self.hide:
            if standing not in STANDINGS:
                raise UnknownNameError("standing", standing, STANDINGS)
        if self.first_year is not None and self.last_year is not None and self.first_year > self.last_year:
            raise InputError(f"The years {self.first_year} to {self.last_year} hold no day; turn them round.")


def cut(projection: Projection, wanted: Cut) -> Projection:
    """Return the wanted part of a projection, with notes of what is gone.

    Raises `InputError` where a thing to stay around has no edge in what is left.
    """
    if wanted.hide:
        projection = _hide(projection, wanted.hide)
    if wanted.first_year is not None or wanted.last_year is not None:
        projection = _years(projection, wanted.first_year, wanted.last_year)
    if wanted.around:
        projection = _around(projection, wanted.around, wanted.hops)
    return projection


def _hide(projection: Projection, standings: Sequence[str]) -> Projection:
    """Drop the edges that rest on passages of these standings alone."""
    hidden = [
        bool(said) and all(local_name(passage.standing).lower() in standings for passage in said)
        for _, _, said in projection.supports
    ]
    mask = ~np.array(hidden, bool)
    words = " or ".join(standings)
    return projection.kept(mask, f"{_count(projection, mask)} hidden: only {words}")


def _years(projection: Projection, first: int | None, last: int | None) -> Projection:
    """Drop the edges whose dates lie outside of these years; those without a date stay, and it is said."""
    start, end = f"{first or 0:04d}-01-01", f"{9999 if last is None else last:04d}-12-31"
    inside = [
        (when.latest or "9999") >= start and (when.earliest or "0000") <= end for when in projection.dates
    ]
    undated = sum(not (when.earliest or when.latest) for when in projection.dates)
    mask = np.array(inside, bool)
    years = f"from {first}" if last is None else f"until {last}" if first is None else f"{first} to {last}"
    kept = projection.kept(mask, f"{_count(projection, mask)} outside of the years {years}")
    if undated:
        kept.notes.append(f"{counted(undated, 'relation')} without a date kept")
    return kept


def _around(projection: Projection, centres: Sequence[str], hops: int) -> Projection:
    """Keep the edges between things that are at most so many steps from one of the centres."""
    links = projection.links
    place = {thing: number for number, thing in enumerate(links.things)}
    for centre in centres:
        if centre not in place:
            name = projection.about.name(centre)
            raise InputError(
                f"{name} has no relation in this view; see what has one with another projection."
            )
    near = steps_from(links, [place[centre] for centre in centres]) <= hops
    mask: Mask = near[links.source] & near[links.target]
    steps = counted(hops, "step")
    names = " or ".join(projection.about.name(centre) for centre in centres)
    return projection.kept(mask, f"{_count(projection, mask)} further than {steps} from {names}")


def best_connected(projection: Projection, things: int, relations: int) -> Projection:
    """Return the part that a picture has room for: the best connected things, and relations among them."""
    links = projection.links
    if len(links.things) <= things and len(links) <= relations:
        return projection
    degrees = np.array(projection.degrees)
    kept = np.zeros(len(degrees), bool)
    kept[np.argsort(-degrees, kind="stable")[:things]] = True
    inside = np.flatnonzero(kept[links.source] & kept[links.target])
    weight = np.minimum(degrees[links.source[inside]], degrees[links.target[inside]])
    mask = np.zeros(len(links), bool)
    mask[inside[np.argsort(-weight, kind="stable")[:relations]]] = True
    shown = projection.kept(mask)
    gone = len(links.things) - len(shown.links.things)
    words = f"{gone:,} of {len(links.things):,} things and {_count(projection, mask)} left out"
    shown.notes.append(f"{words}, the least connected: a picture has no room for them")
    return shown


def _count(projection: Projection, mask: Mask) -> str:
    """Say how many relations go, of how many."""
    gone = len(mask) - int(mask.sum())
    return f"{gone:,} of {counted(len(projection), 'relation')}"
