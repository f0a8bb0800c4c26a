"""Rules of the architecture that no linter checks; each must find a planted fault. test_linters.py tests the rules of
ruff and import-linter."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import pytest

from infra import catalogue
from infra.catalogue import ROOT
from shared.web.logs import _EXTRA
from tests.architecture.product import HEAVY, Import, Module, product

CRYPTOGRAPHY = ("tink", "cryptography", "hashlib", "hmac", "Crypto", "nacl", "jwt", "bcrypt", "passlib")
CRYPTOGRAPHERS = {
    ("shared.vault.cipher", "tink"): "encrypts and decrypts fields",
    ("shared.vault.keyring", "tink"): "decrypts keysets; computes search tokens and MACs",
    ("shared.vault.keyring", "hashlib"): "stretches a keyed seed to the padding of search tokens",
    ("shared.vault.kms", "tink"): "adapts KMS to Tink",
    ("shared.vault.kms", "cryptography"): "verifies signatures of the signing key",
    ("shared.store.pagination", "tink"): "catches the error of a page token that cannot be decrypted",
    ("shared.store.integrity", "tink"): "catches the error of a record that cannot be decrypted",
    (
        "shared.workflows.visits.live.assembling",
        "hashlib",
    ): "the digests of pieces, and of the recording that they make",
    ("shared.workflows.visits.strange_objects", "hashlib"): "the digest of a strange object's name, for the log",
    ("shared.store.record_keys", "tink"): "annotates the type of the keys that it passes on; calls no method",
    ("shared.store.codec", "tink"): "annotates the type of the key that it passes on; calls no method",
    ("shared.records.reports.signed_payload", "hashlib"): "the digest that KMS signs",
    ("shared.records.billing.sums.book_day", "hashlib"): "the digest of an entry, without a name, to compare day books",
    ("shared.records.reports.findings", "hashlib"): "the id of a finding, a digest of what it is about",
    ("shared.records.messages.message", "hashlib"): "the id of a message, and its name in a mail, from ids alone",
    ("shared.web.request", "hashlib"): "compares the body of a request with its Content-Digest",
    ("shared.workflows.visits.live.receiving", "hashlib"): "the digest of a piece of audio, for its receipt",
    ("shared.records.clinic.logo", "hashlib"): "the digest of the clinic's logo, which names it",
    ("shared.records.patients.new_consent", "hashlib"): "the digest of the wording that was shown, which names it",
    (
        "shared.store.idempotency",
        "hashlib",
    ): "the id of a request's document; the digest of its body, stored encrypted",
    ("shared.store.audit", "hashlib"): "the digest of an audit entry, which contains ids alone, for the log",
    ("shared.gateways.tasks", "hashlib"): "the name of a task, from ids alone",
    ("shared.gateways.razorpay", "hashlib"): "verifies the signature of the payment provider's events",
    ("shared.gateways.razorpay", "hmac"): "verifies the signature of the payment provider's events",
    ("shared.web.link_pages.frame", "hashlib"): "the digest of a page's own style, for its security policy",
    ("shared.vault.certifying", "cryptography"): "builds certificates of the signing key",
    ("shared.vault.certifying", "hashlib"): "the digest that KMS signs",
    ("shared.vault.certificate_check", "cryptography"): "checks an uploaded certificate",
    ("shared.render.pades", "hashlib"): "the digest that KMS signs",
    ("shared.records.reports.signed_pdf", "hashlib"): "the digest of a PDF whose parts are joined, stored encrypted",
    ("shared.workflows.reports.export_job", "hashlib"): "the digest of an exported file",
}
"""The modules that may encrypt, decrypt or hash, with their package and purpose."""

SEALERS = {
    ("shared.store.codec", "shared.vault.cipher"),
    ("shared.store.idempotency", "shared.vault.cipher"),
    ("shared.store.pagination", "shared.vault.cipher"),
    ("shared.vault.keyring", "shared.vault.cipher"),
    ("shared.vault.keyring", "shared.vault.kms"),
    ("shared.workflows.reports.signers", "shared.vault.kms"),
    ("shared.workflows.reports.verification", "shared.vault.kms"),
    ("shared.workflows.clinic.certificates", "shared.vault.kms"),
    ("shared.workflows.clinic.own_certificate", "shared.vault.kms"),
    ("shared.vault.certifying", "shared.vault.kms"),
}
"""The modules that may use field encryption and KMS: codec, stored responses, page tokens, keyring, signed reports, and
certificates of the signing key."""

LONGEST_MODULE = 250
"""Lines."""
LONGER = {
    "tools/verify_report.py": "one file without imports of the product, for whoever verifies a signed report",
}
"""The modules that may be longer, with the reason."""
MEDIAN_BODY, LONG_BODY = 6, 16
"""Lines of a function's body: the median and the 90th percentile."""

QUERY = ("where", "order_by", "collection_group", "stream", "list_documents", "FieldFilter", "run_query", "Query")
"""The names that build and run queries."""

Rule = Callable[[Iterable[Module]], list[str]]


def imports_of(modules: Iterable[Module]) -> Iterator[tuple[Module, Import]]:
    return ((module, one) for module in modules for one in module.imports)


def queries_elsewhere(modules: Iterable[Module]) -> list[str]:
    """Queries outside shared.store.queries, the one module in which the required indexes are visible."""
    allowed = "shared.store.queries", "shared.store.firestore"
    return [place for module in modules if not module.name.startswith(allowed) for place in module.uses(*QUERY)]


def imports_by_name(modules: Iterable[Module]) -> list[str]:
    """Dynamic imports that no linter finds; ruff reports the other forms."""
    return [place for module in modules if module.name != "shared.lazily" for place in module.uses("__import__")]


def lazy_values(modules: Iterable[Module]) -> list[str]:
    """Lazily imported names that are used as values where nothing imports them: outside of handlers, which have a
    decorator, and of annotations. An attribute or a call of such a name imports it."""
    return [
        f"{module.name}:{node.lineno} uses {node.id}"
        for module in modules
        for lazy in [lazy_names(module)]
        if lazy
        for node in bare_names(module.tree)
        if node.id in lazy
    ]


@cache
def lazy_names(module: Module) -> set[str]:
    """The names that `with lazily(…)` imports."""
    blocks = [node for node in module.tree.body if isinstance(node, ast.With) and "lazily" in ast.dump(node.items[0])]
    imports = [one for block in blocks for one in block.body if isinstance(one, ast.ImportFrom)]
    return {alias.asname or alias.name for one in imports for alias in one.names}


def bare_names(node: ast.AST, *, postponed: bool = True) -> Iterator[ast.Name]:
    """The names that are used as values; not the owner of an attribute, a called name, an annotation, nor those in
    handlers.

    `postponed` is False in a model, whose annotations pydantic evaluates.
    """
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.ClassDef):
        postponed = bool(node.decorator_list)
    elif isinstance(node, ast.FunctionDef):
        postponed = True
        children = [*node.decorator_list, *node.args.defaults, *([] if node.decorator_list else node.body)]
    elif isinstance(node, ast.AnnAssign) and postponed:
        children = [node.value] if node.value else []
    for child in children:
        called = isinstance(node, ast.Call) and child is node.func
        if isinstance(child, ast.Name) and not called:
            yield child
        elif not (isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name)):
            yield from bare_names(child, postponed=postponed)


def heavy_when_loaded(modules: Iterable[Module]) -> list[str]:
    """Slow packages that a function imports, directly or indirectly, when it is loaded instead of when it uses them."""
    known = {module.name: module for module in modules}
    return [
        f"{function.name} loads {one.name} by {module.name}:{one.line}"
        for function in known.values()
        if function.layer == "functions"
        for module in loaded_with(function, known)
        for one in module.imports
        if one.eager and one.is_of(*HEAVY)
    ]


def loaded_with(start: Module, known: dict[str, Module]) -> list[Module]:
    """The product's modules that are imported together with this one."""
    loaded, waiting = {start.name: start}, [start]
    while waiting:
        for one in waiting.pop().imports:
            found = known.get(one.name) or known.get(one.name.rpartition(".")[0])
            if one.eager and found and found.name not in loaded:
                loaded[found.name] = found
                waiting.append(found)
    return list(loaded.values())


def functions_with_rules(modules: Iterable[Module]) -> list[str]:
    """Decisions in functions, which may only parse, authorise, call one use case and respond."""
    decides = (ast.If, ast.IfExp, ast.Match, ast.While, ast.For, ast.Try, ast.comprehension, ast.Compare)
    functions = [module for module in modules if module.layer == "functions"]
    return [
        f"{module.name}:{getattr(node, 'lineno', '?')} decides"
        for module in functions
        for node in module.nodes
        if isinstance(node, decides)
    ]


def imports_of_other_functions(modules: Iterable[Module]) -> list[str]:
    """Imports of a function from outside of its folder, and of any main.py. Functions share code through shared/."""
    return [
        f"{module.name}:{one.line} imports {one.name}"
        for module, one in imports_of(modules)
        for own in [module.name.rpartition(".")[0]]
        if one.is_of("functions") and (one.is_of(f"{own}.main") or not one.is_of(own))
    ]


def logged_but_not_written(modules: Iterable[Module]) -> list[str]:
    """Keys in `extra` of a log call that the log formatter does not write."""
    return [
        f"{module.name}:{key.lineno} logs {key.value!r}"
        for module in modules
        for key in logged_keys(module)
        if key.value not in _EXTRA
    ]


def logged_keys(module: Module) -> Iterator[ast.Constant]:
    """The keys of dictionaries in `extra` of log calls, written there or assigned to a name that is used there."""
    extras = [
        one.value for call in module.nodes if isinstance(call, ast.Call) for one in call.keywords if one.arg == "extra"
    ]
    inner = [node for value in extras for node in ast.walk(value)]
    named = {node.id for node in inner if isinstance(node, ast.Name)}
    assigned = [node for node in module.nodes if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in named]
    dictionaries = [*inner, *(node.value for node in assigned)]
    keys = [key for node in dictionaries if isinstance(node, ast.Dict) for key in node.keys]
    return (key for key in keys if isinstance(key, ast.Constant))


def unlisted_cryptography(modules: Iterable[Module]) -> list[str]:
    """Encryption and hashing outside `CRYPTOGRAPHERS`."""
    found = {
        (module.name, one.name.partition(".")[0]) for module, one in imports_of(modules) if one.is_of(*CRYPTOGRAPHY)
    }
    return [f"{name} imports {package}" for name, package in sorted(found - CRYPTOGRAPHERS.keys())]


def unlisted_sealing(modules: Iterable[Module]) -> list[str]:
    """Uses of field encryption and KMS outside `SEALERS`."""
    return [f"{name} uses {used}" for name, used in sorted(sealing(modules) - SEALERS)]


def sealing(modules: Iterable[Module]) -> set[tuple[str, str]]:
    return {
        (module.name, vault)
        for module, one in imports_of(modules)
        for vault in ("shared.vault.cipher", "shared.vault.kms")
        if one.is_of(vault)
    }


LAZY = "with lazily(globals()):\n    from a import B\n"
FAULTS: list[tuple[Rule, str, str]] = [
    (queries_elsewhere, "shared.store.x", "def f(c):\n    return c.where('a', '==', 1)"),
    (queries_elsewhere, "shared.store.x", "def f(c):\n    return c.collection('a').order_by('b')"),
    (queries_elsewhere, "shared.workflows.x", "def f(c):\n    return c.collection_group('reports').get()"),
    (queries_elsewhere, "shared.workflows.x", "def f(c):\n    return list(c.collection('a').stream())"),
    (queries_elsewhere, "functions.x.main", "from google.cloud.firestore import FieldFilter"),
    (queries_elsewhere, "shared.store.x", "def f(c):\n    return c.query(Query('a'))"),
    (imports_by_name, "shared.web.x", "__import__('local')"),
    (lazy_values, "functions.x.main", f"{LAZY}x = frozenset({{B}})"),
    (lazy_values, "functions.x.main", f"{LAZY}def f():\n    return [B]"),
    (lazy_values, "functions.x.main", f"{LAZY}@get(B)\ndef f():\n    return 1"),
    (lazy_values, "shared.records.x", f"{LAZY}class A(Value):\n    b: list[B]"),
    (heavy_when_loaded, "functions.x.main", "from shared.render.page import build"),
    (heavy_when_loaded, "functions.x.main", "from shared.render import bill_layout"),
    (functions_with_rules, "functions.x.main", "def f(a):\n    if a:\n        return 1"),
    (functions_with_rules, "functions.x.main", "f = lambda a: 1 if a else 2"),
    (functions_with_rules, "functions.x.a", "def f(a):\n    return a == 1"),
    (imports_of_other_functions, "functions.x.main", "from functions.patients.main import api"),
    (imports_of_other_functions, "functions.x.main", "from functions.patients import consents"),
    (imports_of_other_functions, "functions.x.main", "def f():\n    import functions.xy.consents"),
    (imports_of_other_functions, "functions.x.a", "from functions.x.main import api"),
    (imports_of_other_functions, "shared.web.x", "from functions.x import a"),
    (logged_but_not_written, "shared.workflows.x", "_log.info('a', extra={'status': 1, 'name': 'x'})"),
    (logged_but_not_written, "shared.workflows.x", "job = {'name': 'x'}\n_log.info('a', extra={**job, 'status': 1})"),
    (logged_but_not_written, "functions.x.main", "extra = {'name': 'x'}\n_log.info('a', extra=extra)"),
    (unlisted_cryptography, "shared.workflows.x", "from hashlib import sha256"),
    (unlisted_cryptography, "shared.store.clinic", "def f():\n    from tink import aead"),
    (unlisted_cryptography, "shared.records.x", "import hmac"),
    (unlisted_sealing, "shared.workflows.x", "from shared.vault.cipher import unseal"),
    (unlisted_sealing, "shared.workflows.billing.bills", "from shared.vault import kms"),
]
HARMLESS: list[tuple[Rule, str, str]] = [
    (queries_elsewhere, "shared.store.queries", "def f(c):\n    return c.where('a', '==', 1)"),
    (queries_elsewhere, "shared.store.x", "def f(c):\n    return c.document('a').get()"),
    (heavy_when_loaded, "functions.x.main", "from shared.render.pdf import bill_pdf"),
    (lazy_values, "functions.x.main", f"{LAZY}def f(b: B) -> B:\n    return B.c(b)"),
    (lazy_values, "functions.x.main", f"{LAZY}@get('/')\ndef f():\n    return B()"),
    (lazy_values, "shared.workflows.x", f"{LAZY}@dataclass\nclass A:\n    b: B\ndef f():\n    b: list[B] = []"),
    (functions_with_rules, "functions.x.main", "def f(a: int) -> int:\n    return a"),
    (imports_of_other_functions, "functions.x.main", "from functions.x import a, b"),
    (imports_of_other_functions, "functions.x.a", "from functions.x.b import CONSTANT"),
    (logged_but_not_written, "shared.x.y", "body = {'name': 'x'}\n_log.info('a', extra={'user_id': user.id})"),
    (unlisted_cryptography, "shared.vault.kms", "from tink import aead"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in FAULTS))


def name(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_product_follows_the_rule(rule: Rule) -> None:
    assert rule(product()) == []


@pytest.mark.parametrize(("rule", "module", "source"), FAULTS, ids=name)
def test_rule_finds_a_planted_fault(rule: Rule, module: str, source: str) -> None:
    others = [one for one in product() if one.name != module]

    (found,) = {place.partition(":")[0].partition(" ")[0] for place in rule([*others, Module(module, source)])}

    assert found == module


@pytest.mark.parametrize(("rule", "module", "source"), HARMLESS, ids=name)
def test_rule_accepts_correct_source(rule: Rule, module: str, source: str) -> None:
    others = [one for one in product() if one.name != module]

    assert rule([*others, Module(module, source)]) == []


def test_cryptographers_and_sealers_list_only_existing_uses() -> None:
    modules = product()

    found = {
        (module.name, one.name.partition(".")[0]) for module, one in imports_of(modules) if one.is_of(*CRYPTOGRAPHY)
    }
    assert found == CRYPTOGRAPHERS.keys()
    assert sealing(modules) == SEALERS


def test_no_module_is_long() -> None:
    folders = ("bench", "functions", "infra", "local", "shared", "tools")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]

    long = {str(file.relative_to(ROOT)) for file in files if len(file.read_text().splitlines()) > LONGEST_MODULE}

    assert long == LONGER.keys()


def test_functions_are_short() -> None:
    lengths = sorted(length for module in product() for length in body_lengths(module))

    assert lengths[len(lengths) // 2] <= MEDIAN_BODY
    assert lengths[len(lengths) * 9 // 10] <= LONG_BODY


def body_lengths(module: Module) -> Iterator[int]:
    """The lines of each function's body, without its docstring."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            if body:
                yield (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_functions_import_only_the_clinic_from_the_store() -> None:
    taken = {
        one.name for module, one in imports_of(product()) if module.layer == "functions" and one.is_of("shared.store")
    }

    assert taken == {"shared.store.clinic.Clinic"}


def test_only_the_sweep_queries_across_clinics() -> None:
    querying = {module.name for module in product() if module.uses("unchanged_since")}

    assert querying == {"shared.workflows.sweep"}


SIGNING_IN = ("accounts", "certificates", "identity_platform", "sign_in_tokens", "signed_tokens")


@pytest.mark.parametrize(("function", "tables"), [("patients", {"tasks"}), ("profile", {"speech_models"})])
def test_a_function_does_not_load_adapters_that_it_never_uses(function: str, tables: set[str]) -> None:
    known = {module.name: module for module in product()}

    loaded = loaded_with(known[f"functions.{function}.main"], known)
    adapters = {module.name for module in loaded if module.layer in ("gateways", "render")}

    used = {f"shared.gateways.{name}" for name in {*SIGNING_IN, *tables}}
    assert adapters == used, "every resource verifies the caller's token and looks up the account, and no more"
    assert "vault" in {module.layer for module in loaded}, "indirect imports must be followed"


def test_the_catalogue_lists_exactly_the_functions() -> None:
    folders = {folder.name for folder in (ROOT / "functions").iterdir() if any(folder.glob("*.py"))}

    assert set(catalogue.load().functions) == folders


@pytest.mark.parametrize("function", catalogue.load().functions)
def test_a_function_is_main_and_the_modules_that_it_loads(function: str) -> None:
    known = {module.name: module for module in product()}
    loaded = {module.name for module in loaded_with(known[f"functions.{function}.main"], known)}
    entries = {entry.name for entry in (ROOT / "functions" / function).iterdir()}

    own = {"requirements.in", "requirements.txt"}
    others = {
        "api_docs": {"openapi.json"},
        "on_audio_uploaded": own,
        "join_recording": own,
        "split_recording": own,
        "send_message": own,
        "export_report": own,
        "reports": own,
        "appointments": own,
        "links": own,
        "notify_patient": own,
    }
    modules = {f"{name.rpartition('.')[2]}.py" for name in loaded if name.startswith(f"functions.{function}.")}
    assert entries - {"__pycache__"} == modules | others.get(function, set())
