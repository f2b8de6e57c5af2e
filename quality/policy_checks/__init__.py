"""What a policy would do to the records of a dataset, and doing it, and undoing it.

chains       ids by the keys that they share, in arrays
earlier      duplicates among the records of a pass, in memory
examination  the checks that every new record passes, on records that are stored
preview      the pass over a dataset; stores what would change
swap         the changes applied, or undone
jobs         entry points of the background jobs
words        the report as sentences
"""

from __future__ import annotations
