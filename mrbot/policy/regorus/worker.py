"""The program in which regorus runs: one bundle, questions in, answers out, until stdin ends.

Run by path in a fresh interpreter (`python -I -S worker.py FOLDER...`, the folders where
regorus and mrbot are), never imported by mrbot. A load takes the place of the one before. Requests:

    {"load": {"modules": [[name, text, is_v0], ...], "data": "JSON", "seconds": s}}
    {"ask": "query", "watch": true or left out, "seconds": s, "bytes": n}
    {"rule": "data.package.rule", "seconds": s, "bytes": n}
    {"tree": [name, text, is_v0], "seconds": s}

where the `n` bytes after the line are the input as JSON (a large plan is not written twice), none
if `n` is 0. Answers: `{"loaded": {"packages": [...], "refused": [[name, line, message], ...]}}`,
`{"value": ...}`, `{"undefined": true}`, `{"tree": {...}}`, `{"error": "text"}`,
`{"memory": "text"}`. An answer that was watched also holds `"printed": [line, ...]` and
`"lines": {name: [[those that ran, ...], [those that did not, ...]]}`.

Source of the limits: an address space below 2 GiB breaks regorus's allocator on 1 MB of input.
"""

import json
import os
import resource
import sys
from typing import Any

MEMORY_BYTES = 2560 * 2**20
"""Address space."""
MAX_FILES = 32
"""Open files."""
_LENGTHS = {"max_col": 2**20, "max_file_bytes": 2**22, "max_lines": 2**20}
"""Beyond what a bundle may have: its own limits say so in better words."""
_UNDEFINED = "<undefined>"
"""What regorus says for the value of a rule that has none; mrbot asks for no rule that is a text."""
_SPARE_SECONDS = 2
"""CPU time beyond the deadline, after which the kernel ends a worker whose parent is gone."""


def main() -> int:
    """Serves until stdin ends."""
    sys.path.extend(sys.argv[1:])
    _limit()
    if os.getpid() == 1:  # the first process of a namespace would ignore SIGABRT and SIGXCPU
        return _as_child()
    return _serve()


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_FILES, MAX_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _as_child() -> int:
    child = os.fork()
    if child == 0:
        return _serve()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _serve() -> int:
    # What the engine or a policy prints must not be taken for an answer.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    engine: Any = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        document = sys.stdin.buffer.read(request["bytes"]).decode()
        asked, answer = None, dict[str, Any]()
        try:
            _spend(int(request["seconds"]))
            if "load" in request:
                engine, loaded = _load(**request["load"])
                answer = {"loaded": loaded}
            elif "tree" in request:
                answer = {"tree": _tree(*request["tree"])}
            else:
                asked = engine.clone()
                answer = _answer(asked, request, document)
        except MemoryError:
            answer = {"memory": "the engine ran out of memory"}
        except BaseException as error:  # noqa: BLE001  a panic of the engine is a BaseException
            answer = {"error": str(error).split("Stack backtrace", 1)[0]}
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()
        del asked, document, answer  # it takes a while to free a large input: nobody waits for it
    return 0


def _spend(seconds: int) -> None:
    """From now on the process may use so much CPU time, and a little more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + _SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answer(asked: Any, request: dict[str, Any], document: str) -> dict[str, Any]:  # noqa: ANN401
    watch = request.get("watch", False)
    if watch:
        asked.set_enable_coverage(True)
        asked.set_gather_prints(True)
    if document:
        asked.set_input_json(document)
    if "rule" in request:  # a query of one rule, which need not be parsed and analysed
        value = json.loads(asked.eval_rule_as_json(request["rule"]))
        return {"undefined": True} if value == _UNDEFINED else {"value": value}
    found = json.loads(asked.eval_query_as_json(request["ask"])).get("result") or []
    seen = _seen(asked) if watch else {}
    if not found:
        return {"undefined": True, **seen}
    ((expression,),) = (one["expressions"] for one in found)
    return {"value": expression["value"], **seen}


def _seen(engine: Any) -> dict[str, Any]:  # noqa: ANN401
    files = json.loads(engine.get_coverage_report_as_json())["files"]
    lines = {one["path"]: [one["covered"], one["not_covered"]] for one in files}
    return {"lines": lines, "printed": engine.take_prints()}


def _tree(name: str, text: str, is_v0: bool) -> Any:  # noqa: ANN401
    """The syntax tree of one module, which is not loaded."""
    import regorus

    engine = regorus.Engine()
    engine.set_rego_v0(is_v0)
    engine.add_policy(name, text)
    (module,) = json.loads(engine.get_ast_as_json())
    return module["ast"]


_Modules = list[tuple[str, str, bool]]


def _load(modules: _Modules, data: str) -> tuple[Any, dict[str, Any]]:
    """An engine with the modules as they mean what they mean in OPA, and what is refused in them."""
    from mrbot.policy.regorus.annotations import RULE, annotated
    from mrbot.policy.regorus.builtins import functions
    from mrbot.policy.regorus.builtins.calls import MODULE, library, replaced, turned
    from mrbot.policy.regorus.builtins.deprecated import EXPECT, expect
    from mrbot.policy.regorus.preflight import calls, refusals
    from mrbot.policy.regorus.rewriting import rewritten
    from mrbot.policy.regorus.walks import walked

    parsed = _engine(modules)
    packages, tree = parsed.get_packages(), json.loads(parsed.get_ast_as_json())
    texts = walked(tree)
    if any(texts[name] != text for name, text, _ in modules):
        modules = [(name, texts[name], is_v0) for name, _, is_v0 in modules]
        tree = _parsed_again(modules, texts)
    refused = refusals(tree, _builtins())
    called = () if refused else calls(tree)
    if any(call.name == RULE for call in called):
        texts, refused = annotated(tree, called)
        modules = [(name, texts[name], is_v0) for name, _, is_v0 in modules]
        tree = _parsed_again(modules, texts)
        called = calls(tree)
    if not refused:
        ours = functions(call.name for call in called)
        mocked = replaced(called)
        texts = {
            name: turned(text, (one for one in called if one.module == name), ours, mocked)
            for name, text, _ in modules
        }
        if any(texts[name] != text for name, text, _ in modules):
            tree = _parsed_again(modules, texts)
        texts, refused = rewritten(tree)
        written = [(name, texts[name], is_v0) for name, _, is_v0 in modules]
        parsed = _engine([*written, (MODULE, library(ours), True)] if called else written)
        parsed.add_extension(EXPECT, 3, expect)
        for name, (parameters, function) in ours.items():
            parsed.add_extension(name, parameters, function)
        parsed.add_data_json(data)
    if not refused:
        # Rules are analysed at the first question, whichever it is; clones know it then.
        parsed.eval_query_as_json("1")
    return parsed, {
        "packages": packages,
        "refused": [[one.path, one.line, one.message] for one in refused],
    }


def _parsed_again(modules: _Modules, texts: dict[str, str]) -> Any:  # noqa: ANN401
    parsed = _engine([(name, texts[name], is_v0) for name, _, is_v0 in modules])
    return json.loads(parsed.get_ast_as_json())


def _engine(modules: _Modules) -> Any:  # noqa: ANN401  regorus has no types
    import regorus

    engine = regorus.Engine()
    engine.set_policy_length_config(**_LENGTHS)
    for name, text, is_v0 in modules:
        engine.set_rego_v0(is_v0)
        engine.add_policy(name, text)
    engine.set_rego_v0(False)
    return engine


def _builtins() -> frozenset[str]:
    import regorus

    answer = json.loads(regorus.Engine().eval_query_as_json("opa.runtime().builtins"))
    return frozenset(answer["result"][0]["expressions"][0]["value"])


if __name__ == "__main__":
    sys.exit(main())
