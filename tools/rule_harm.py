"""Measures what the rules would take of texts that are known to be content, and what rules are open.

    python tools/rule_harm.py                                # the open rules by place and judge
    python tools/rule_harm.py --write                        # the same into docs/rule-harm.md
    python tools/rule_harm.py news.jsonl books.jsonl         # and how many lines of 100,000 each rule takes, wherever they stand
    python tools/rule_harm.py --shortest 60 --show 3 news.jsonl

A corpus is JSONL with the key ``text`` (`--text` names another), each line of which is content. A line counts if a rule's pattern matches
it and it shows what the rule asks for besides; where on the page it stands is not asked, since content may stand anywhere. A rule that
takes one line in 100,000 that is content is to be mended, or goes.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from textclean import _native
from textclean.rules.ruleset import Rule, Ruleset, built_in_files, load, read_file

PAGE = Path(__file__).parent.parent / "docs" / "rule-harm.md"
MARK = "<!-- what follows is written by tools/rule_harm.py --write -->"


def main() -> None:
    """Prints tables for people."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="*", type=Path)
    parser.add_argument("--text", default="text", help="the key of the text")
    parser.add_argument("--shortest", type=int, default=60, help="code points of the shortest line that counts as a paragraph")
    parser.add_argument("--show", type=int, default=0, help="so many of the lines that each rule takes")
    parser.add_argument("--write", action="store_true", help="writes the table into docs/rule-harm.md")
    asked = parser.parse_args()
    rules = load(None, ())
    if asked.write:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), rules), encoding="utf-8")
    print(table(rules))
    for path in asked.corpora:
        print(fires(rules, path, asked.text, asked.shortest, asked.show))


def page(old: str, rules: Ruleset) -> str:
    """The page with the table as the rules are now."""
    return old.partition(MARK)[0] + MARK + "\n\n" + table(rules) + "\n"


def is_open(rule: Rule) -> bool:
    """Whether a pattern has room for ten or more of any letters."""
    return _native.rule_is_open(rule.pattern)


def table(rules: Ruleset) -> str:
    """The open rules, counted by where they may stand and by what judges how a line goes on."""
    files = [read_file(path) for path in built_in_files().values()]
    judged = {rule.name: rule.needs if language.voice or rule.names else "" for own, language in files for rule in own}
    why = {rule.name: rule.comment or "-" for own, _ in files for rule in own}
    judges = ("notice", "title", "names", "")
    count = Counter((rule.where, judged[rule.name]) for rule in rules.rules if is_open(rule))
    free = [f"- `{rule.name}`, {rule.where}: {why[rule.name]}" for rule in rules.rules if is_open(rule) and not judged[rule.name]]
    rows = [
        f"| {where} | " + " | ".join(str(count[where, judge]) for judge in judges) + " |" for where in ("any", "edges", "top", "bottom")
    ]
    head = ["| may stand | notice | title | names | not judged |", "|---" + "|--:" * len(judges) + "|"]
    return "\n".join([f"{sum(count.values())} of {len(rules.rules)} rules are open.", "", *head, *rows, "", "Not judged:", "", *free])


def lines(path: Path, key: str) -> Iterator[str]:
    """The lines of a corpus."""
    with path.open(encoding="utf-8") as records:
        for record in records:
            yield from filter(None, map(str.strip, json.loads(record)[key].splitlines()))


def fires(rules: Ruleset, path: Path, key: str, shortest: int, show: int) -> str:
    """How many lines of a corpus each rule takes, of 100,000."""
    seen, taken, found = Counter[str](), Counter[str](), defaultdict[str, list[str]](list)
    for line in lines(path, key):
        long = "paragraphs" if len(line) >= shortest else "shorter lines"
        seen[long] += 1
        numbers = rules.native.candidates(line)
        taken[long] += bool(numbers)
        for number in numbers if long == "paragraphs" else ():
            found[rules.rules[number].name].append(line)
    out = [f"\n{path.name}: " + "; ".join(f"{seen[k]:,} {k}, {taken[k]} taken, {rate(taken[k], seen[k])} of 100,000" for k in sorted(seen))]
    for name, examples in sorted(found.items(), key=lambda item: -len(item[1])):
        out.append(f"  {rate(len(examples), seen['paragraphs']):>7}  {name}")
        out += [f"           {line[:160]}" for line in examples[:show]]
    return "\n".join(out)


def rate(part: int, whole: int) -> str:
    """A share as so many of 100,000."""
    return f"{100_000 * part / max(1, whole):.1f}"


if __name__ == "__main__":
    main()
