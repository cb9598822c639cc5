"""Rules of the house that no linter knows. Each test lists the places that break its rule."""

import ast
import gc
import importlib
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

# They read the program, and run next to nothing of it.
pytestmark = pytest.mark.usefixtures("unmeasured", "unmeasured_children")

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "ibconsole"
# Modules that hold names and values only: there is nothing in them that could go wrong.
VALUES = {
    "errors.py",
    "services/runtime/status.py",
    "http1/message.py",
    "http1/trace.py",
    "archive/ledger/records.py",
    "archive/outbox/records.py",
    "archive/records.py",
    "team_archive/errors.py",
    "team_archive/tables/migrations.py",
    "services/diagnosis/catalogue/account_findings.py",
    "services/diagnosis/catalogue/answer_findings.py",
    "archive/tables/migrations.py",
    "services/diagnosis/catalogue/definition.py",
    "services/diagnosis/catalogue/intake_findings.py",
    "services/diagnosis/catalogue/network_findings.py",
    "services/diagnosis/catalogue/setup_findings.py",
    "services/diagnosis/catalogue/url_findings.py",
    "services/diagnosis/rules/facts.py",
    "services/setup/history/timeline_events.py",
    "services/watch/facts.py",
    "simulator/phrases.py",
    "ui/viewers/facts.py",
}
RIDDLES = {"How", "What", "Where", "Whether", "Who", "Whose", "Why"}
# Composition: tested by opening the window (tests/e2e) and by the command line's tests.
COMPOSITION = {"wiring"}
BELOW_QT = [
    "model",
    "http1",
    "api",
    "archive",
    "team_archive",
    "listener",
    "simulator",
    "services",
    "tasks",
    "cli",
]
# The engine: every public name is documented, also where name and types seem to say enough.
DOCUMENTED = (
    "model",
    "api",
    "archive",
    "team_archive",
    "listener",
    "simulator",
    "services",
    "http1",
)
# The platform's objects, once as the client reads them and once as the simulator holds them.
TWINS = {"Application", "Configuration"}
LARGEST_PACKAGE = 20
SMALL, MOST_SMALL = 50, 15
# Private dialect instead of standard terms (CONTRIBUTING.md, Names and prose).
BANNED = re.compile(
    r"\b(told|at work|so many|whoever|whatever comes|nobody|somebody|mend(?:s|ed|ing)?|papers"
    r"|the end of the road|strangers?|rivals?|caring|beside|had|so far)\b",
    re.IGNORECASE,
)
# Facts and states that are stored in archives under these names, and what a message may say.
STORED = {"archive/tables/migrations.py", "archive/intake.py", "simulator/phrases.py"}
VAGUE = {"utils", "helpers", "common", "misc", "base", "manager", "handler", "types"}

SOURCES = sorted(
    path.relative_to(PROGRAM)
    for path in PROGRAM.rglob("*.py")
    if "resources" not in path.relative_to(PROGRAM).parts
)
MODULES = [source for source in SOURCES if source.name != "__init__.py"]
PACKAGES = sorted({path.parent for path in SOURCES if path.name == "__init__.py"})
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Return the nodes of a file that a rule is about: a walk takes as long as parsing."""
    definitions = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    kinds = definitions | ast.Call | ast.ImportFrom
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, kinds)]


@pytest.fixture(autouse=True, scope="module")
def files_parsed_once() -> Iterator[None]:
    """Keep the trees of the files for this module's tests; the collector would visit them."""
    gc.disable()
    yield
    tree_of.cache_clear()
    nodes_of.cache_clear()
    gc.enable()


def test_every_module_has_its_tests() -> None:
    """A newcomer finds a module's tests by its path."""

    def test_of(source: Path) -> Path:
        name = f"test_{source.stem.strip('_')}.py"
        if source.parts[0] == "ui":
            return ROOT / "tests" / source.parent / name
        return ROOT / "tests" / "unit" / source.parent / name

    assert [
        source.as_posix()
        for source in MODULES
        if source.as_posix() not in VALUES
        and source.parts[0] not in COMPOSITION
        and not test_of(source).is_file()
    ] == []


def test_every_module_says_what_it_is() -> None:
    """The first thing in a module is a sentence about it."""
    assert [source for source in SOURCES if not ast.get_docstring(tree_of(PROGRAM / source))] == []


def test_docstrings_are_no_riddles() -> None:
    """A docstring begins with an imperative or a noun phrase, not with a question word."""

    def first_word(node: ast.AST) -> str:
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            return ""
        return (ast.get_docstring(node) or "").partition(" ")[0]

    assert [
        f"{source}: {getattr(node, 'name', 'module')}"
        for source in SOURCES
        for node in nodes_of(PROGRAM / source)
        if first_word(node) in RIDDLES
    ] == []


def test_the_engine_is_documented() -> None:
    """Every public class, function and method below the window has a docstring."""

    def undocumented(body: list[ast.stmt]) -> Iterator[str]:
        for node in body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("_"):
                continue
            is_overload = any(getattr(one, "id", "") == "overload" for one in node.decorator_list)
            if not ast.get_docstring(node) and not is_overload:
                yield node.name
            if isinstance(node, ast.ClassDef) and not is_protocol(node):
                yield from undocumented(node.body)

    def is_protocol(node: ast.ClassDef) -> bool:
        return any(getattr(base, "id", "") == "Protocol" for base in node.bases)

    found = {
        source.as_posix(): names
        for source in SOURCES
        if len(source.parts) == 1 or source.parts[0] in DOCUMENTED
        if (names := list(undocumented(tree_of(PROGRAM / source).body)))
    }
    assert found == {}


@pytest.mark.parametrize("call", ["exec", "processEvents"])
def test_no_nested_event_loops(call: str) -> None:
    """A nested loop silently stops the tasks of the outer one."""
    assert [
        f"{source}:{node.lineno}"
        for source in SOURCES
        for node in nodes_of(PROGRAM / source)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == call
    ] == []


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_what_a_room_offers_is_there(package: Path) -> None:
    """Every name in a package's __all__ exists, in order, and none is left out."""
    dotted = ".".join(["ibconsole", *package.parts])
    module = importlib.import_module(dotted)

    imported = {name for name, _ in imported_names(package)}
    offered = getattr(module, "__all__", [])
    assert set(offered) == imported
    assert all(hasattr(module, name) for name in offered)


@pytest.mark.parametrize("package", PACKAGES, ids=str)
def test_lazy_names_are_those_that_type_checkers_see(package: Path) -> None:
    """A package offers the same objects at run time as to the type checker, in any order."""
    module = importlib.import_module(".".join(["ibconsole", *package.parts]))
    sources = imported_names(package)

    behind = {name: importlib.import_module(source) for name, source in sources}

    assert all(getattr(module, name) is getattr(behind[name], name) for name, _ in sources)


def imported_names(package: Path) -> list[tuple[str, str]]:
    """Return the names that a package's __init__ imports, for type checkers too, and from where."""
    body = tree_of(PROGRAM / package / "__init__.py").body
    conditional = [one for node in body if isinstance(node, ast.If) for one in node.body]
    return [
        (alias.asname or alias.name, node.module or "")
        for node in (*body, *conditional)
        if isinstance(node, ast.ImportFrom) and not is_machinery(node)
        for alias in node.names
    ]


def is_machinery(node: ast.ImportFrom) -> bool:
    return node.module in {"typing", "ibconsole.lazy"}


def test_rooms_are_entered_by_their_doors() -> None:
    """Another package imports from a package's __init__, never from a module behind it."""

    def package_of(module: str) -> str:
        return (
            module if (PROGRAM / Path(*module.split("."))).is_dir() else module.rpartition(".")[0]
        )

    found = []
    for source in MODULES:
        own = ".".join(source.parent.parts)
        for node in nodes_of(PROGRAM / source):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            if not node.module.startswith("ibconsole."):
                continue
            module = node.module.removeprefix("ibconsole.")
            package = package_of(module)
            if package and package not in {own, module}:
                found.append(f"{source}:{node.lineno}: {node.module}")
    assert found == []


def test_the_program_records_what_it_sends() -> None:
    """A gate that admits everything without a record is for tests alone."""
    assert [
        source.as_posix()
        for source in SOURCES
        if source.parts[0] != "api"
        and re.search(r"admit_all|UnrecordedGate", (PROGRAM / source).read_text(encoding="utf-8"))
    ] == []


def test_changes_are_made_through_the_recorded_setup() -> None:
    """A plain platform, which records no history, is made only where no setup is changed."""
    makers = [
        source.as_posix()
        for source in SOURCES
        if any(
            isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Platform"
            for node in nodes_of(PROGRAM / source)
        )
    ]
    assert makers == [
        "services/connections/connection_check.py",  # lists applications
        "services/console/console.py",  # pulls
        "services/console/remote_comparison.py",  # reads
        "services/diagnosis/accounts.py",  # reads
        "services/team/collector/collector.py",  # pulls
    ]


def test_no_flat_rooms() -> None:
    """A package has so few files that its listing can be read at a glance."""
    sizes = Counter(source.parent.as_posix() for source in SOURCES)

    assert {room: size for room, size in sizes.items() if size > LARGEST_PACKAGE} == {}


def test_few_small_modules() -> None:
    """Halves of one subject stand in one module."""
    small = [
        source.as_posix()
        for source in MODULES
        if len((PROGRAM / source).read_text(encoding="utf-8").splitlines()) < SMALL
    ]

    assert len(small) <= MOST_SMALL, small


def test_no_vague_names() -> None:
    """A module's name says what is in it."""
    assert [source for source in MODULES if source.stem in VAGUE] == []


def test_no_class_name_twice() -> None:
    """One name has one meaning in the whole program."""
    places = defaultdict(list)
    for source in SOURCES:
        for node in nodes_of(PROGRAM / source):
            if isinstance(node, ast.ClassDef) and node.name not in TWINS:
                places[node.name].append(source.as_posix())

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_plain_words() -> None:
    """Names, comments, messages and documents are in plain technical English."""
    texts = [PROGRAM / source for source in SOURCES if source.as_posix() not in STORED]
    for folder in ("packaging", "benchmarks", "requirements", "tests"):
        texts += (ROOT / folder).rglob("*.py")
    texts += [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "packaging").glob("*.md"),
    ]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if BANNED.search(line)
    ]

    assert found == []


def test_large_libraries_are_loaded_where_their_contract_says() -> None:
    """A lazy import counts as an import: it is no way round a contract."""
    allowed = {"httpx": "api/transport.py", "keyring": "services/connections/vault.py"}
    found = []
    for source in SOURCES:
        for node in nodes_of(PROGRAM / source):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "LazyModule":
                continue
            name = ast.literal_eval(node.args[0]).partition(".")[0]
            if allowed.get(name, source.as_posix()) != source.as_posix():
                found.append(f"{source}: {name}")
    assert found == []


def test_tests_import_no_tests() -> None:
    """What tests share is in a conftest or in a module of its own."""
    found = []
    for path in TESTS:
        for node in nodes_of(path):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
                modules = [node.module or "", *(f"{node.module}.{one.name}" for one in node.names)]
                if any(name.rpartition(".")[2].startswith("test_") for name in modules):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_tests_patch_nothing_private() -> None:
    """What a test has to change of the program is a parameter."""
    found = []
    for path in TESTS:
        for node in nodes_of(path):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "setattr"
                and node.args
            ):
                texts = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                if any(str(text).startswith(("_", "ibconsole.")) for text in texts):
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_documents_name_files_that_exist() -> None:
    """A path in ARCHITECTURE.md, CONTRIBUTING.md or a decision leads somewhere."""
    rooms = {source.parts[0].removesuffix(".py") for source in SOURCES}
    documents = [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]
    documents += sorted((ROOT / "docs" / "decisions").glob("*.md"))
    missing = []
    for document in documents:
        for name in re.findall(r"`([\w./-]+\.\w+)`", document.read_text(encoding="utf-8")):
            base = PROGRAM if name.split("/")[0] in rooms and "/" in name else ROOT
            if "/" in name and not (base / name).exists() and not (ROOT / name).exists():
                missing.append(f"{document.name}: {name}")
    assert missing == []


@pytest.mark.slow
@pytest.mark.parametrize("room", BELOW_QT)
def test_rooms_below_the_window_leave_qt_out(room: str) -> None:
    """The engine and the terminal run on machines that have no Qt at all."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import ibconsole.{room}, sys; sys.exit('PySide6' in sys.modules)",
        ],
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0
