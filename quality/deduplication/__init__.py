"""Repeats among the records that a dataset holds already.

buckets   which records share a fingerprint key, in arrays
search    one pass over the accepted records that yields what repeats what
clusters  what was found, as a page shows it
changes   marking repeats as duplicates, and putting them back
jobs      the background job
"""

from __future__ import annotations
