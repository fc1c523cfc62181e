import pytest
from tests.unit.judgement.stories import *
from tests.build import make_plan, make_resource
from mrbot.decision.decide import Decision

def tell(name, d):
    print("\n##", name, verdict(d), [ (r.code, r.text[:150]) for r in reasons_of(d.verdict)], "files", [f.path for f in d.change.files], "res", [(r.address, str(r.action)) for r in d.assessment.reading.resources], "reqs", [s.requirement.name for s in d.standings])

BASE = {".mrbot.yml": LENIENT, "README.md": b"x"}
POL = b"version: 1\notherwise: approved\npolicies:\n- directory: policy\n"

def run(name, f):
    try: tell(name, f())
    except Exception as e: print("\n##", name, "CRASH", type(e).__name__, str(e)[:300])

def test_probe(story):
    s = story
    b = s.commit(BASE)
    run("benign", lambda: s.judged(b, s.commit({"a.md": b"y"}, b)))
    run("onboard rules+policy", lambda: s.judged(s.commit({"a": b"1"}), s.commit({".mrbot.yml": POL, "policy/a.rego": NOTHING_TO_SAY}, s.commit({"a": b"1"}, clock=1_700_000_001)), OWNER))
    p = s.commit({".mrbot.yml": POL, "policy/a.rego": NOTHING_TO_SAY})
    run("delete rules+policies", lambda: s.judged(p, s.commit({".mrbot.yml": None, "policy": None}, p), OWNER))
    run("delete policies only", lambda: s.judged(p, s.commit({"policy": None}, p), OWNER))
    run("move policies", lambda: s.judged(p, s.commit({".mrbot.yml": POL.replace(b"policy", b"pol2"), "policy": None, "pol2/a.rego": NOTHING_TO_SAY}, p), OWNER))
    run("policies symlink at head", lambda: s.judged(p, s.commit({"policy": None, "x/a.rego": NOTHING_TO_SAY}, p) and s.commit({"policy": "x"}, s.commit({"policy": None}, p)), OWNER))
    run("delete rule file", lambda: s.judged(p, s.commit({".mrbot.yml": None}, p), OWNER))
    run("delete rule file unapproved", lambda: s.judged(p, s.commit({".mrbot.yml": None}, p)))
    run("rename rule file", lambda: s.judged(p, s.commit({".mrbot.yml": None, "old.yml": POL}, p), ENGINEER))
    run("rule symlink", lambda: s.judged(p, s.commit({".mrbot.yml": "README.md"}, p), OWNER))
    run("rule huge", lambda: s.judged(p, s.commit({".mrbot.yml": b"# "*3_000_000}, p), OWNER))
    run("rule submodule", lambda: s.judged(p, s.commit({".mrbot.yml": "commit:"+p}, p), OWNER))
    run("case", lambda: s.judged(p, s.commit({".MRBOT.yml": LENIENT}, p)))
    br = s.commit({".mrbot.yml": b"version: 2\n", "a": b"1"})
    run("broken target, other change", lambda: s.judged(br, s.commit({"a": b"2"}, br), OWNER))
    run("broken target, repair", lambda: s.judged(br, s.commit({".mrbot.yml": LENIENT}, br), OWNER))
    run("broken target, repair no approval", lambda: s.judged(br, s.commit({".mrbot.yml": LENIENT}, br)))
    run("broken target, deletes", lambda: s.judged(br, s.commit({".mrbot.yml": None}, br), OWNER))
    ro = s.commit({".mrbot.yml": POL.replace(b"policy", b"."), "a.rego": NOTHING_TO_SAY})
    run("root policies head broken", lambda: s.judged(ro, s.commit({"a.rego": b"package main\nbroken"}, ro), OWNER))
    no = s.commit({".mrbot.yml": POL})
    run("policies dir missing", lambda: s.judged(no, s.commit({"a": b"2"}, no), OWNER))
    doc = s.commit({".mrbot.yml": POL + b"  input: document\n", "policy/a.rego": deny_when("input.evil")})
    run("doc toml", lambda: s.judged(doc, s.commit({"c.toml": b"evil = true\n"}, doc), OWNER))
    run("doc toml huge", lambda: s.judged(doc, s.commit({"c.toml": b"evil = true\n" + b"#"*(6<<20)}, doc), OWNER))
    run("doc toml symlink", lambda: s.judged(doc, s.commit({"c.toml": "/x"}, doc), OWNER))
    run("doc YAML upper", lambda: s.judged(doc, s.commit({"c.YAML": b"evil: true\n" + b"#"*(6<<20)}, doc), OWNER))
    pl = s.commit({".mrbot.yml": POL + b"  input: plan\nprojects:\n- {name: prod, directory: infra, kind: terraform, environment: production}\n", "policy/a.rego": deny_when("input.evil"), "infra/main.tf": b""})
    run("plan none, not planning", lambda: s.judged(pl, s.commit({"infra/main.tf": b'resource "a" "b" {}\n'}, pl), OWNER))
    s.planning = True
    run("plan none, planning", lambda: s.judged(pl, s.commit({"infra/main.tf": b'resource "a" "b" {}\n'}, pl), OWNER))
    s.plans = (make_plan("prod", resources=()),)
    run("plan says nothing of static", lambda: s.judged(pl, s.commit({"infra/main.tf": b'resource "a" "b" {\n count = plantimestamp() == "x" ? 1 : 0\n}\n', "infra/sub/x.tf": b'resource "c" "d" {}\n'}, pl), OWNER))
    s.plans = ()
    s.planning = False
    k = b"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
    kb = s.commit({".mrbot.yml": LENIENT + b"projects:\n- {name: prod, directory: k8s/prod, kind: kubernetes, environment: production}\napprovals:\n- {name: secrets, when: {resource_types: [v1/Secret], environments: [production]}, require: {count: 1, users: [owner]}}\n", "examples/a.yaml": k})
    run("k8s moved into prod", lambda: s.judged(kb, s.commit({"examples/a.yaml": None, "k8s/prod/a.yaml": k}, kb)))
    tl = s.commit({".mrbot.yml": LENIENT + b"projects:\n- {name: prod, directory: infra, kind: terraform, environment: production}\n", "infra/main.tf": b'module "m" {\n source = "./mods"\n}\n', "infra/mods": "../v1", "v2/a.tf": b""})
    run("module symlink", lambda: s.judged(tl, s.commit({"infra/mods": "../v2"}, tl)))
    run("module submodule", lambda: s.judged(tl, s.commit({"infra/mods2": "commit:"+tl}, tl)))
    s.rules = ORGANISATION_RULES + b"policies:\n- directory: policy\n"
    run("org policies key", lambda: s.judged(b, s.commit({"a.md": b"y"}, b)))
    s.rules = ORGANISATION_RULES
    # criss-cross
    r = s.commit({".mrbot.yml": LENIENT + b"approvals:\n- {name: fw, when: {paths: [fw.tf]}, require: {count: 1, users: [owner]}}\n", "fw.tf": b'resource "fw" "x" {\n open = true\n}\n', "z": b"0"})
    m1 = s.commit({"z": b"1"}, r, clock=1_700_900_000)
    d1 = s.commit({"fw.tf": b'resource "fw" "x" {\n open = false\n}\n'}, r, clock=1_700_100_000)
    m2 = s.commit({"fw.tf": b'resource "fw" "x" {\n open = false\n}\n'}, m1, d1, clock=1_700_950_000)
    d2 = s.commit({"a.md": b"hi"}, m1, d1, clock=1_700_960_000)  # keeps fw open
    print("bases", s.git("merge-base", "--all", m2, d2).split(), "m1", m1, "d1", d1)
    run("criss-cross", lambda: s.judged(m2, d2))
    tree = s.git("merge-tree", "--write-tree", m2, d2).split()[0]
    print("merged fw:", s.git("show", tree + ":fw.tf"))
