from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthesis.engine import planner
from synthesis.models import Run
from tests import factories


@given(st.integers(0, 5000), st.integers(1, 200))
def test_cuts_records_into_batches_that_add_up(records, size):
    sizes = planner.batch_sizes(records, size)
    assert sum(sizes) == records
    assert all(0 < batch <= size for batch in sizes)


@pytest.mark.django_db
class TestTopUp:
    def test_plans_batches_for_the_whole_target(self):
        run = factories.run(factories.task(target_count=25, batch_size=10))
        assert planner.top_up(run) == 3
        assert list(run.batches.values_list("index", "requested")) == [(1, 10), (2, 10), (3, 5)]

    def test_plans_nothing_while_open_batches_cover_what_is_missing(self):
        run = factories.run(factories.task(target_count=25))
        planner.top_up(run)
        assert planner.top_up(run) == 0

    def test_asks_for_more_when_half_of_the_records_were_refused(self):
        run = factories.run(factories.task(target_count=100))
        Run.objects.filter(pk=run.pk).update(accepted=50, duplicate=50)
        run.refresh_from_db()
        planner.top_up(run)
        # 50 are missing and every second one is accepted: 100 are asked for
        assert sum(run.batches.values_list("requested", flat=True)) == 100

    def test_plans_only_so_far_ahead(self):
        run = factories.run(factories.task(target_count=1_000_000))
        assert planner.top_up(run) == planner.PLAN_AHEAD_BATCHES

    def test_trusts_a_yield_only_after_a_sample(self):
        run = factories.run(accepted=1, duplicate=20)
        assert planner.expected_yield(run) == 1.0

    def test_gives_the_prompt_its_built_in_variables(self):
        run = factories.run(factories.task(target_count=3))
        values = planner.draw(run, 1, 3, {"topic": "tea"}).values
        assert (values["count"], values["index"], values["topic"]) == (3, 1, "tea")
        assert len(values["random_id"]) == 16
        assert {"seed", "current_date", "current_time"} <= values.keys()

    def test_draws_from_lists_what_the_template_declares(self):
        run = factories.run()
        run.template_version.variables = [{"name": "topic", "type": "list"}]
        drawn = {
            planner.draw(run, n, 1, {"topic": ["tea", "rice"]}).values["topic"] for n in range(20)
        }
        assert drawn == {"tea", "rice"}

    def test_draws_another_seed_for_every_batch(self):
        run = factories.run()
        seeds = {planner.draw(run, index, 1, {}).seed for index in range(100)}
        assert len(seeds) == 100
