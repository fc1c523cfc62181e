import pytest

from mrbot.plan.observed import drifted, failed_checks
from tests.unit.plan.plan_documents import plan, resource


def check(status, *instances, name="check.health"):
    return {"address": {"to_display": name}, "status": status, "instances": list(instances)}


def instance(status, name="check.health", *messages):
    problems = [{"message": message} for message in messages]
    return {"address": {"to_display": name}, "status": status, "problems": problems}


@pytest.mark.parametrize("nothing", [None, [], {}, {"resource_drift": {}, "checks": 3}, plan()])
def test_a_plan_without_either_has_neither(nothing):
    assert drifted(nothing) == ()
    assert failed_checks(nothing) == ()


def test_drift_is_named_by_address():
    document = plan(resource_drift=[resource("aws_x.a"), resource("aws_x.b"), {}])

    assert drifted(document) == ("aws_x.a", "aws_x.b", "?")


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        pytest.param([check("pass", instance("pass"))], (), id="passes"),
        pytest.param([check("unknown", instance("unknown"))], (), id="not known yet"),
        pytest.param(
            [check("fail", instance("pass", "a[0]"), instance("fail", "a[1]", "is down", "twice"))],
            ("a[1]: is down; twice",),
            id="one instance fails",
        ),
        pytest.param([check("error")], ("check.health",), id="an error without instances"),
        pytest.param([{"status": "fail"}], ("?",), id="nothing but the status"),
    ],
)
def test_checks_that_fail_are_told(checks, expected):
    assert failed_checks(plan(checks=checks)) == expected


@pytest.mark.parametrize("odd", [[], {}, None, 3])
def test_a_status_of_another_form_is_no_failure(odd):
    assert failed_checks(plan(checks=[check(odd), check("pass", {"status": odd})])) == ()
