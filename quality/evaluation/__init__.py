"""What a dataset is like: a report whose every number a query would give as well.

counts       what became of each record, step by step
contents     what the accepted records hold: lengths, languages, categories, variety, scores
repeats      which accepted records repeat one another
judged       what judges said
reports      the whole, built in one pass over the records
advice       what the numbers mean, as codes
words        codes as sentences, in the reader's language
tables       the report as tables that pages and files show alike
exports      the report as HTML, JSON and XLSX
comparison   two reports side by side
jobs         the background job
"""

from __future__ import annotations
