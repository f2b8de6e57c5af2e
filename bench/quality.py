"""The record checks beside a plain insert, in one run, into an index that is already large.

    python -m bench.quality [--index 20000] [--records 2000] [--page 500]

First a dataset is filled: its records, the first 200,000 of them, are stored and indexed as
the product does it, only without being checked. Beyond that the index gets the keys of
further texts, each put together of two halves, under the numbers of stored records: what is
asked of the index and of the records afterwards is the same.

Then pages of records are written by turns, one by a plain insert in a transaction, one
through every check of a run under the standard policy. A tenth of them repeat a record of the
dataset, as it was or nearly so. CPU is that of this process, and of its PostgreSQL backend
where that runs on this machine. SQLite in a temporary directory, or the database that
DATABASE_URL names (its tables are made and flushed: give an empty one).
"""

from __future__ import annotations

import argparse
import os
import tempfile

from bench.engine import prepare_database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=int, default=20_000)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--page", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="datamate-bench-") as folder:
        os.environ["DATAMATE_DATA_DIR"] = folder
        os.environ["DATAMATE_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "datamate.settings"
        prepare_database()
        from bench import writes  # reads the settings
        from synthesis.engine.garbage import seldom_collected

        with seldom_collected():  # as in the runner, which writes such pages
            writes.measure(options.index, options.records, options.page)


if __name__ == "__main__":
    main()
