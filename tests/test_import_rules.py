"""Who may import whom, and whose names `specs`, `keys`, `issuer` and `verifier` are.

The four top-level names are short and general. Another package of the same name in one environment would silently
replace ours, and a foreign `keys` would be handed private keys: these tests hold the guards against that.
"""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("specs", "keys", "issuer", "verifier")
DISTRIBUTION = "ho-chieu-vac-xin"
# the public half of keys: nothing here can hold or use a private key
KEYS_FOR_THE_VERIFIER = {
    "keys.eku",
    "keys.epoch_keys",
    "keys.errors",
    "keys.key_id",
    "keys.raw_signature",
    "keys.secret_files",  # the password of a device key, which opens mask keys and signs nothing
    "keys.trust_list",
}


def sources(folder: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> tuple[tuple[str, str | None], ...]:
    """(module, name) for every `from module import name`, (module, None) for every `import module`."""
    found: list[tuple[str, str | None]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [(node.module or "", alias.name) for alias in node.names]
    return tuple(found)


def module_file(name: str) -> Path | None:
    for candidate in (ROOT / (name.replace(".", "/") + ".py"), ROOT / name.replace(".", "/") / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def imported_modules(path: Path) -> set[str]:
    """Dotted names; `from keys import errors` counts as `keys.errors`."""
    return {
        f"{module}.{name}" if name and module_file(f"{module}.{name}") else module for module, name in imports(path)
    }


ALL_SOURCES = [path for folder in OURS for path in sources(folder)]


@pytest.mark.parametrize("name", OURS)
def test_name_is_ours_alone(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)
    assert name not in sys.stdlib_module_names
    owners = metadata.packages_distributions().get(name, [])
    assert {owner.lower() for owner in owners} <= {DISTRIBUTION}


@pytest.mark.parametrize("path", ALL_SOURCES, ids=module_name)
def test_ours_are_imported_by_full_name_only(path: Path) -> None:
    for module, name in imports(path):
        assert not (name is None and module.split(".")[0] in OURS), f"import {module}: write from {module} import ..."
        assert module not in OURS or module_file(f"{module}.{name}"), f"from {module} import {name}"


@pytest.mark.parametrize("path", ALL_SOURCES, ids=module_name)
def test_nothing_imports_a_command_or_a_web_application(path: Path) -> None:
    own = module_name(path).split(".")
    inside_web = "web" in own
    for module in imported_modules(path):
        parts = module.split(".")
        if parts[0] in OURS:
            assert "__main__" not in parts
            assert inside_web or "web" not in parts or own[-1] == "__main__" or "commands" in own
        assert parts[0] != "flask" or inside_web, "flask outside web"


@pytest.mark.parametrize("path", list(sources("specs")), ids=module_name)
def test_specs_need_nothing_but_cbor2(path: Path) -> None:
    allowed = sys.stdlib_module_names | {"specs", "cbor2"}
    assert {module.split(".")[0] for module in imported_modules(path)} <= allowed


@pytest.mark.parametrize("path", list(sources("verifier")), ids=module_name)
def test_verifier_sees_only_the_public_half_of_keys(path: Path) -> None:
    modules = imported_modules(path)
    assert not {m for m in modules if m.split(".")[0] == "issuer"}
    assert {m for m in modules if m.split(".")[0] == "keys"} <= KEYS_FOR_THE_VERIFIER


def verifier_closure() -> set[Path]:
    """Every source file that the verifier brings into its process."""
    todo, seen = list(sources("verifier")), set[Path]()
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        todo += [file for m in imported_modules(path) if m.split(".")[0] in OURS and (file := module_file(m))]
    return seen


def test_no_folder_of_tests_shadows_a_package_and_no_two_tests_share_a_name() -> None:
    names = [path.name for path in sources("tests")]
    assert "__init__.py" not in names
    tests = [name for name in names if name.startswith("test_")]
    assert len(tests) == len(set(tests))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> set[str]:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {normal(match) for match in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)}


def test_verifier_install_has_what_it_imports() -> None:
    owners = metadata.packages_distributions()
    third_party = {
        module.split(".")[0]
        for path in verifier_closure()
        for module in imported_modules(path)
        if module.split(".")[0] not in sys.stdlib_module_names | set(OURS)
    }
    for name in sorted(third_party):
        assert {normal(owner) for owner in owners[name]} & locked("verifier.txt"), name


@pytest.mark.parametrize(
    ("package", "extras"),
    [("specs", ()), ("keys", ("keys",)), ("issuer", ("issuer", "keys", "spark")), ("verifier", ("verifier",))],
)
def test_what_a_package_imports_is_asked_for_by_name(package: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in asked}  # type: ignore[index]
    owners = metadata.packages_distributions()
    third_party = {module.split(".")[0] for path in sources(package) for module in imported_modules(path)}
    for name in sorted(third_party - set(sys.stdlib_module_names) - set(OURS)):
        assert {normal(owner) for owner in owners.get(name, [name])} & names, (
            f"{name}: add it to pyproject.toml, then make lock"
        )


def test_verifier_install_brings_no_database_no_pdf_and_no_spreadsheet() -> None:
    unwanted = {"sqlalchemy", "alembic", "psycopg", "typst", "openpyxl", "python-calamine", "duckdb", "python-pkcs11"}
    assert not locked("verifier.txt") & unwanted


def test_locks_hold_what_the_project_asks_for_with_hashes_and_no_host() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    names = {normal(re.match(r"[A-Za-z0-9._-]+", requirement)[0]) for requirement in asked}  # type: ignore[index]
    assert names <= locked("lock.txt") | locked("spark.txt")
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|--(extra-)?index-url|--find-links", text), path
        for block in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]:
            assert "--hash=sha256:" in block, block.splitlines()[0]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it would be built, from a copy, since setuptools writes beside its sources."""
    copy = tmp_path_factory.mktemp("tree")
    for name in (*OURS, "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    build = "import setuptools.build_meta as backend; backend.build_wheel('dist')"
    subprocess.run([sys.executable, "-W", "ignore", "-c", build], cwd=copy, check=True, capture_output=True)
    return next((copy / "dist").glob("*.whl"))


def test_wheel_holds_the_four_packages_and_never_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(OURS)
    assert {"specs/valuesets/products.json", "issuer/refusals.toml"} <= set(names)
    assert all(f"{package}/py.typed" in names for package in OURS)


def test_wheel_may_not_be_uploaded_and_asks_little_of_a_checkpoint(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    assert "Classifier: Private :: Do Not Upload" in lines
    wanted = [line for line in lines if line.startswith("Requires-Dist:")]
    for_verifier = [
        line for line in wanted if "extra ==" not in line or "extra == 'verifier'" in line.replace('"', "'")
    ]
    names = {normal(re.match(r"Requires-Dist: ([A-Za-z0-9._-]+)", line)[1]) for line in for_verifier}  # type: ignore[index]
    assert names <= locked("verifier.txt")
    assert "sqlalchemy" not in names
