from __future__ import annotations

import csv
import io
import json
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthesis import export
from synthesis.export import columns, delimited, pages
from synthesis.models import Dataset, OutputFormat, Record
from tests import factories

pytestmark = pytest.mark.django_db

QA = [{"question": "茶是什么？", "answer": "一种饮料"}, {"question": "二", "answer": "2"}]
TEXTS = ("jsonl", "json", "csv")
NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


def written(contents, run=None, **fields):
    home = fields.pop("dataset", None) or (run.dataset if run else factories.dataset())
    rows = [Record(dataset=home, run=run, content=content, **fields) for content in contents]
    return Record.objects.write(rows, dataset=home, run=run)


def exported(rows, format, **options):
    records = Record.objects.filter(pk__in=[row.pk for row in rows])
    return b"".join(export.stream(records, format, **options))


def table(rows, **options):
    text = exported(rows, "csv", **options).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


class TestEveryFormat:
    def test_is_one_that_a_task_can_choose(self):
        assert set(export.CONTENT_TYPES) == set(OutputFormat.values)

    def test_unknown_one_is_refused_before_the_first_byte(self):
        with pytest.raises(export.UnknownFormatError) as caught:
            export.stream(Record.objects.all(), "pdf")
        assert str(caught.value) == (
            "There is no export format “pdf”; choose one of jsonl, json, csv, xlsx."
        )

    @pytest.mark.parametrize(
        ("format", "expected"), [("jsonl", b""), ("json", b"[]\n"), ("csv", b"\xef\xbb\xbf")]
    )
    def test_of_no_record_is_still_a_whole_file(self, format, expected):
        assert b"".join(export.stream(Record.objects.none(), format)) == expected

    @pytest.mark.parametrize("format", TEXTS)
    def test_follows_the_ids_whatever_the_order_asked(self, format):
        rows = written([{"n": number} for number in range(3)])
        backwards = Record.objects.filter(dataset=rows[0].dataset).order_by("-pk")
        text = b"".join(export.stream(backwards, format)).decode()
        assert text.index("0") < text.index("1") < text.index("2")

    @pytest.mark.parametrize("format", TEXTS)
    def test_replaces_what_utf_8_cannot_say(self, format, monkeypatch):
        monkeypatch.setattr(pages, "contents", lambda *_words: iter([[{"a": "x\ud800y"}]]))
        monkeypatch.setattr(columns, "of", lambda *_words: ["a"])
        assert b"x?y" in b"".join(export.stream(Record.objects.none(), format))


class TestJsonLines:
    def test_has_one_readable_object_a_line(self):
        assert exported(written(QA, factories.run()), "jsonl").decode() == (
            '{"question": "茶是什么？", "answer": "一种饮料"}\n{"question": "二", "answer": "2"}\n'
        )

    def test_keeps_line_breaks_inside_one_line(self):
        [line] = exported(written([{"a": "x\ny\u2028z"}]), "jsonl").split(b"\n")[:-1]
        assert json.loads(line) == {"a": "x\ny\u2028z"}

    def test_leaves_out_replies_that_were_no_record(self):
        rows = written([None, {"a": 1}], status="malformed")
        assert exported(rows, "jsonl") == b'{"a": 1}\n'

    def test_puts_keys_in_the_order_of_the_schema(self):
        run = factories.run()
        rows = written([{"extra": 1, "answer": "a", "question": "q"}], run=run)
        assert exported(rows, "jsonl") == b'{"question": "q", "answer": "a", "extra": 1}\n'


class TestJson:
    def test_round_trips_over_pages(self, monkeypatch):
        monkeypatch.setattr(pages, "PAGE_RECORDS", 2)
        contents = [{"n": number} for number in range(5)]
        assert json.loads(exported(written(contents), "json")) == contents

    def test_has_no_gap_where_a_page_holds_no_content(self, monkeypatch):
        monkeypatch.setattr(pages, "PAGE_RECORDS", 1)
        rows = written([None, {"n": 1}, None, {"n": 2}], status="malformed")
        assert json.loads(exported(rows, "json")) == [{"n": 1}, {"n": 2}]


class TestCsv:
    def test_starts_with_the_mark_that_excel_needs(self):
        assert exported(written(QA, factories.run()), "csv").startswith(
            b"\xef\xbb\xbfquestion,answer\r\n"
        )

    def test_has_a_column_for_each_key_of_any_record(self):
        rows = written([{"a": 1}, {"b": 2}])
        assert table(rows) == [["a", "b"], ["1", ""], ["", "2"]]

    def test_follows_the_schema_of_the_template(self):
        rows = written([{"answer": "a", "question": "q"}], run=factories.run())
        assert table(rows)[0] == ["question", "answer"]

    def test_writes_nested_values_as_json(self):
        rows = written([{"turns": [{"role": "用户"}], "ok": True, "none": None}])
        found = dict(zip(*table(rows), strict=True))
        assert found == {"turns": '[{"role": "用户"}]', "ok": "true", "none": ""}

    def test_gives_contents_that_are_no_objects_a_column(self):
        assert table(written([["a"], "b"])) == [["content"], ['["a"]'], ["b"]]

    def test_refuses_more_columns_than_a_table_can_have(self):
        written([{f"k{number}": 1 for number in range(columns.MAX_COLUMNS + 1)}])
        with pytest.raises(export.TooManyColumnsError) as caught:
            export.stream(Record.objects.all(), "csv")
        assert str(caught.value) == (
            "The records have more than 1000 different keys, too many for a table."
            " Export them as JSONL."
        )

    def test_reads_records_once_when_the_schema_allows_no_other_keys(self):
        assert passes_over(closed_run()) == 1

    def test_reads_records_twice_when_one_was_edited(self):
        run = closed_run()
        row = Record.objects.first()
        row.content = {"a": "x", "b": "y"}
        row.save()
        assert passes_over(run) == 2

    def test_breaks_off_rather_than_losing_a_key_given_meanwhile(self):
        written([{"a": 1}])
        chunks = export.stream(Record.objects.all(), "csv")
        Record.objects.update(content={"b": 1})
        with pytest.raises(columns.ColumnsChangedError):
            list(chunks)

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(st.dictionaries(NO_SURROGATES, NO_SURROGATES, min_size=1), min_size=1))
    def test_round_trips_any_texts_when_raw(self, contents):
        Record.objects.all().delete()
        home = Dataset.named_after("texts")
        rows = Record.objects.bulk_create(Record(dataset=home, content=c) for c in contents)
        names, *cells = table(rows, safe=False)
        assert [dict(zip(names, row, strict=True)) for row in cells] == [
            {name: content.get(name, "") for name in names} for content in contents
        ]

    @given(NO_SURROGATES)
    def test_never_writes_a_text_that_begins_like_a_formula(self, text):
        assert not delimited.cell(text).lstrip().startswith(tuple("=+-@＝＋－＠"))

    @given(NO_SURROGATES)
    def test_changes_a_text_by_one_apostrophe_at_most(self, text):
        assert delimited.cell(text) in (text, f"'{text}")


def closed_run():
    schema = {"type": "object", "properties": {"a": {}}, "additionalProperties": False}
    run = factories.run(factories.task(template=factories.template(output_schema=schema)))
    written([{"a": "1"}], run=run)
    return run


def passes_over(run):
    """Count the page queries of one CSV export of one page, less those that find its end."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        list(export.stream(Record.objects.filter(run=run), "csv"))
    return sum("content" in query["sql"] and "LIMIT 500" in query["sql"] for query in queries) // 2


INJECTIONS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\u3000=1+1",
    "＝1+1",
    '=HYPERLINK("http://example.invalid","x")',
    "=cmd|' /C calc'!A0",
    "\ttext",
    "\rtext",
]


class TestFormulas:
    @pytest.mark.parametrize("text", INJECTIONS)
    def test_are_neutral_in_cells(self, text):
        assert table(written([{"a": text}]))[1] == [f"'{text}"]

    @pytest.mark.parametrize("text", INJECTIONS)
    def test_are_neutral_in_headings(self, text):
        assert table(written([{text: 1}]))[0] == [f"'{text}"]

    @pytest.mark.parametrize("text", INJECTIONS)
    def test_stay_as_they_are_when_raw(self, text):
        assert table(written([{"a": text}]), safe=False)[1] == [text]

    @pytest.mark.parametrize(
        ("value", "expected"), [(-5, "-5"), (-0.5, "-0.5"), ("a=b", "a=b"), ("a-b", "a-b")]
    )
    def test_are_not_seen_in_numbers_and_plain_texts(self, value, expected):
        assert table(written([{"a": value}]))[1] == [expected]

    def test_stay_as_they_are_in_json_lines(self):
        assert exported(written([{"a": "=1+1"}]), "jsonl") == b'{"a": "=1+1"}\n'


class TestStreaming:
    def test_ends_although_records_keep_coming(self, monkeypatch):
        monkeypatch.setattr(pages, "PAGE_RECORDS", 1)
        home = written([{"n": 0}, {"n": 1}])[0].dataset
        chunks = export.stream(Record.objects.filter(dataset=home), "jsonl")
        first = next(chunks)
        written([{"n": 2}], dataset=home)
        assert first + b"".join(chunks) == b'{"n": 0}\n{"n": 1}\n'

    @pytest.mark.parametrize("format", list(export.CONTENT_TYPES))
    def test_takes_no_more_memory_for_more_records(self, format, monkeypatch):
        monkeypatch.setattr(pages, "PAGE_RECORDS", 100)
        small, large = (peak_of_export(format, count) for count in (200, 1_600))
        assert large < small * 1.5

    def test_asks_one_query_a_page(self, monkeypatch, django_assert_max_num_queries):
        monkeypatch.setattr(pages, "PAGE_RECORDS", 10)
        factories.records(50)
        with django_assert_max_num_queries(9):
            list(export.stream(Record.objects.all(), "jsonl"))


def peak_of_export(format, count):
    home = Dataset.named_after("large")
    Record.objects.bulk_create(
        (Record(dataset=home, content={"n": n, "text": "x" * 1000}) for n in range(count)), 500
    )
    tracemalloc.start()
    try:
        for _chunk in export.stream(Record.objects.filter(dataset=home), format):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("茶 问答", "茶_问答.jsonl"),
        ("../../etc/passwd", "etc_passwd.jsonl"),
        ('a"b\r\nSet-Cookie: x', "a_bSet-Cookie_x.jsonl"),
        ("a\u202eb", "ab.jsonl"),
        ("...", "dataset.jsonl"),
        ("x" * 200, "x" * 100 + ".jsonl"),
    ],
)
def test_file_name_holds_nothing_that_a_file_system_refuses(name, expected):
    assert export.file_name(Dataset(name=name), "jsonl") == expected
