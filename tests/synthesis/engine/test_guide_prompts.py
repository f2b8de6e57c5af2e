"""The user guide's own prompts, JSON blocks and all, as templates in a run."""

from __future__ import annotations

import pytest

from tests import factories, guide
from tests.stub_vendor import StubVendor
from tests.synthesis.engine.serving import serve_until_ended

pytestmark = pytest.mark.django_db(transaction=True)

VALUES = {
    guide.FIRST: {"topic": "医疗健康", "difficulty": "中等"},
    guide.SECOND: {"subject": "数学", "grade": "三年级"},
}


@pytest.mark.parametrize("prompt", VALUES)
def test_runs_the_guides_prompt(prompt: str) -> None:
    template = factories.template(prompt=prompt, variables=[], output_schema={})
    with StubVendor() as server:
        model = factories.language_model(server.openai_url, capabilities=["json_schema"])
        task = factories.task(model, template=template, values=VALUES[prompt], target_count=30)
        run = serve_until_ended(task.start())
        sent = server.requests[-1].json["messages"][-1]["content"]
    assert (run.status, run.accepted) == ("completed", 30)
    assert all(value in sent for value in VALUES[prompt].values())
    assert "数量：10" in sent
    assert '"question":' in sent
    names = list(template.output_schema["properties"])
    assert list(run.records.accepted().first().content) == names
