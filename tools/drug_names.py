"""`python tools/drug_names.py dictionary.pkl.bz2 > shared/records/drugs/data/drugs.txt`: make the list of drug names.

The dictionary is a file of the package drug-named-entity-recognition 2.0.9 (MIT); `drugs.md` beside the list has the
sources. Unpacking a pickle runs its code, so it is done here by hand once, never in the product.
"""

from __future__ import annotations

import bz2
import pickle
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_SHORTEST = 4
_SOURCES = ("medline_plus_id", "nhs_url")
"""A medicine is kept if MedlinePlus or the NHS describes it: one that only Wikipedia has (CC BY-SA) is not."""
_ORDINARY = """
    alcohol pain care balance complete advance ensure optimum imagine today natural vision simply thrive aware focus
    relief support calm sleep mineral gold silver oral cold soothe fleet children water salt sugar sodium potassium
    calcium iron zinc oxygen phosphate glucose protein blood plan plus cover head green shoulders secret rid thyroid
    """
"""Brands, salts and foods that are ordinary words."""


def medicines(dictionary: Mapping[str, Any]) -> dict[str, set[str]]:
    """By the name of a medicine: its other names of one word."""
    known = dictionary["drug_canonical_to_data"]
    found: dict[str, set[str]] = defaultdict(set)
    for name, canonicals in dictionary["drug_variant_to_canonical"].items():
        described = sorted(one for one in canonicals if any(known.get(one, {}).get(source) for source in _SOURCES))
        if described and _is_kept(name):
            found[min(described, key=len)].add(name)
    return found


def _is_kept(name: str) -> bool:
    return name.isascii() and name.isalpha() and len(name) >= _SHORTEST and name not in _ORDINARY.split()


def lines(found: Mapping[str, Iterable[str]]) -> list[str]:
    """One medicine a line: its name without spaces, and never an ordinary word, then its other names."""
    return sorted(" ".join([_key(name), *sorted(set(names) - {name})]) for name, names in found.items() if names)


def _key(name: str) -> str:
    return f"{name}_medicine" if name in _ORDINARY.split() else name.replace(" ", "_")


if __name__ == "__main__":
    content = pickle.loads(bz2.decompress(Path(sys.argv[1]).read_bytes()))  # noqa: S301 - see above
    print("\n".join(lines(medicines(content))))
