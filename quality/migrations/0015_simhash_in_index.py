from django.db import migrations, models


def make_it_one_tree(apps, schema_editor):
    """On SQLite the table is its own primary key, without a second tree of row numbers."""
    if schema_editor.connection.vendor != "sqlite":
        return
    schema_editor.execute("DROP TABLE quality_band")
    schema_editor.execute(
        "CREATE TABLE quality_band (dataset_id bigint NOT NULL, key bigint NOT NULL,"
        " record bigint NOT NULL, simhash bigint NOT NULL,"
        " PRIMARY KEY (dataset_id, key, record, simhash)) WITHOUT ROWID"
    )


class Migration(migrations.Migration):
    """Make the index anew: its keys are made in another way now, and tell simhashes."""

    dependencies = [
        ("quality", "0014_policies_that_ship"),
    ]

    operations = [
        migrations.DeleteModel(name="Band"),
        migrations.CreateModel(
            name="Band",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "dataset_id", "key", "record", "simhash",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("key", models.BigIntegerField(verbose_name="key")),
                ("record", models.BigIntegerField(verbose_name="record")),
                ("simhash", models.BigIntegerField(verbose_name="simhash")),
                (
                    "dataset",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.deletion.CASCADE,
                        related_name="+",
                        to="synthesis.dataset",
                        verbose_name="dataset",
                    ),
                ),
            ],
            options={
                "verbose_name": "place in the index",
                "verbose_name_plural": "places in the index",
                "default_permissions": (),
            },
        ),
        migrations.RunPython(make_it_one_tree, migrations.RunPython.noop),
    ]
