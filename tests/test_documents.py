"""The documents tell the truth about the tree: files that they name are there, and their links lead somewhere."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = ["README.md", "SECURITY.md", "DESIGN.md", "CONTRIBUTING.md", "training/README.md", "benchmarks/README.md"]
DOCUMENTS = [ROOT / name for name in NAMES] + sorted(ROOT.glob("docs/*.md"))
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
#: Where a name may begin, beside the folder of the document: DESIGN.md names rooms without what stands above them.
BASES = (ROOT, ROOT / "src" / "textclean", ROOT / "rust" / "src", ROOT / "rust")
#: What a file of the tree may end in; data has other names too, which are examples unless they begin with a folder of the tree.
SOURCE = ("py", "pyi", "rs", "toml", "md", "css", "js")
DATA = ("json", "jsonl", "txt", "html")
FOLDERS = {path.name for base in BASES for path in base.iterdir() if path.is_dir()} - {"target"}
a_file = re.compile(rf"(?<![\w./:*…-])((?:\.\./)*[\w.-]+(?:/[\w.*-]+)*/[\w.*-]+\.({'|'.join(SOURCE + DATA)}))(?![\w/])")
a_folder = re.compile(r"`((?:\.\./)*[\w.-]+(?:/[\w.-]+)*/)`")
#: A name that stands for another: `src/textclean/formats/NAME.py`, `rules/xx.toml`.
stand_in = re.compile(r"(?<![a-zA-Z])[A-Z]+(?![a-zA-Z])(?=[./]|$)|(?<![a-z])xx\.")
a_link = re.compile(r"\]\(([^()\s]+)\)")
a_heading = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
a_block = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)


def stands(name: str, beside: Path) -> bool:
    """Whether there is such a file, or one that fits a name with an asterisk."""
    return any((base / name).exists() or ("*" in name and any(base.glob(name))) for base in (beside, *BASES))


def named(text: str) -> set[str]:
    """The files and folders of the tree that a document names."""
    files = {name for name, suffix in a_file.findall(text) if suffix in SOURCE or name.split("/")[0] in FOLDERS}
    folders = {name for name in a_folder.findall(text) if name.split("/")[0] in FOLDERS}
    return {name for name in files | folders if not stand_in.search(name.replace("README.md", ""))}


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a document."""
    found: set[str] = set()
    for heading in a_heading.findall(a_block.sub("", text)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
        copies = (f"{plain}-{number}" if number else plain for number in range(len(found) + 1))
        found.add(next(copy for copy in copies if copy not in found))
    return found


@every_document
def test_what_is_named_is_there(path: Path) -> None:
    """Each path with a slash in it leads to a file or folder of the tree."""
    found = named(path.read_text(encoding="utf-8"))
    assert sorted(name for name in found if not stands(name, path.parent)) == []


@every_document
def test_links_lead_somewhere(path: Path) -> None:
    """A link within the tree leads to a file, and to a heading of it if it says which."""
    broken = []
    for link in a_link.findall(a_block.sub("", path.read_text(encoding="utf-8"))):
        target = urllib.parse.urlsplit(link)
        if target.scheme:
            continue
        other = path.parent / target.path if target.path else path
        if not other.exists() or (target.fragment and target.fragment not in anchors(other.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_each_room_says_where_it_stands() -> None:
    """In DESIGN.md a file's name without a folder is that of a file in one of the folders which the paragraph names."""
    missing, seen = [], 0
    for paragraph in re.findall(r"\*\*Where it stands\.\*\*.*?(?=\n\n|\Z)", (ROOT / "DESIGN.md").read_text(encoding="utf-8"), re.DOTALL):
        folders = [ROOT / name for name in a_folder.findall(paragraph) if (ROOT / name).is_dir()]
        files = [path.name for folder in folders for path in folder.rglob("*")]
        alone = re.findall(rf"`(\w+\.(?:{'|'.join(SOURCE + DATA)}))`", paragraph)
        missing += [name for name in alone if name not in files]
        seen += len(alone)
    assert missing == []
    assert seen > 100


def test_what_is_not_there_would_be_seen(tmp_path: Path) -> None:
    """The tests above would find a file that is gone, a wrong link and a wrong heading."""
    text = "See `src/textclean/gone.py`, `corpus/gone.json`, `rust/src/gone/`, src/textclean/formats/NAME.py and `out/mine.json`."
    assert {name for name in named(text) if not stands(name, tmp_path)} == {"src/textclean/gone.py", "corpus/gone.json", "rust/src/gone/"}
    assert {"a-rule", "a-rule-1", "the-walls"} == anchors("# A rule\n\n## A `rule`\n\n```sh\n# no heading\n```\n\n### [The walls](x.md)\n")


def held_by(page: str) -> list[tuple[str, str]]:
    """The tests that a page names: a file, a colon and names in backticks."""
    lines = re.findall(r"^- `(tests/\w+\.py)`:((?:[^`\n]*`test_\w+`[^`\n]*|\n  (?=`))+)", page, re.MULTILINE)
    return [(file, name) for file, names in lines for name in re.findall(r"`(test_\w+)`", names)]


def missing_tests(page: str) -> list[tuple[str, str]]:
    """The tests that a page names and that are not there."""
    files = {file for file, _ in held_by(page)}
    there = {file: set(re.findall(r"^def (test_\w+)\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)) for file in files}
    return [(file, name) for file, name in held_by(page) if name not in there[file]]


def test_each_contract_is_held_by_tests_that_are_there() -> None:
    """docs/contracts.md has the contracts of DESIGN.md under their names, and each names tests that exist."""
    page = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    design = (ROOT / "DESIGN.md").read_text(encoding="utf-8").partition("## The contracts")[2].partition("\n## ")[0]
    contracts = re.findall(r"^## (\d+)\. (.+)$", page, re.MULTILINE)
    assert contracts == re.findall(r"^(\d+)\. \*\*(.+?)\.\*\*", design, re.MULTILINE)
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1 : len(contracts) + 1]:
        assert held_by(part), part.partition("\n")[0]
        heads = re.findall(r"^\*\*(.+?)\.\*\*", part, re.MULTILINE)
        assert heads == ["What it says", "Why", "Tests", "Searched", "Where it ends"], part.partition("\n")[0]
        # Every name that looks like one is read, so that none is passed over.
        assert len(held_by(part)) == len(re.findall(r"`test_\w+`", part))
    assert missing_tests(page) == []


def test_a_test_that_is_gone_would_be_seen() -> None:
    """A page that names a test which is not there is found out."""
    page = "- `tests/test_documents.py`: `test_links_lead_somewhere`,\n  `test_that_nobody_wrote`\n"
    assert missing_tests(page) == [("tests/test_documents.py", "test_that_nobody_wrote")]
