"""The same job by datatrove, for dump.py to measure: repair by ftfy, C4's line rules, MinHash de-duplication of documents.

    .peers/bin/python benchmarks/dump_datatrove.py dump.jsonl.zst FOLDER

Run by an interpreter of its own (`pip install "datatrove[processing,io]" spacy zstandard`). It is the nearest that datatrove has, and less
than our job: its paragraph de-duplication compares exact sentences, its MinHash whole documents, and it verifies no pair. So a copy of a
document goes; a paragraph put into another one stays, unless the document around it goes. Of a cluster one document stays, not always the
first. Documents of fewer than five sentences go before that, by C4's rules: FOLDER/clean holds what is compared, FOLDER/out what stays.
"""

from __future__ import annotations

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import C4QualityFilter
from datatrove.pipeline.formatters import FTFYFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter


def main(dump: Path, folder: Path) -> None:
    """The stages, one after the other, each on both cores where it can be."""
    config = MinhashConfig(n_grams=5, num_buckets=14, hashes_per_bucket=8)

    def name(stage: str) -> str:
        return str(folder / stage)

    def run(*steps: object, tasks: int = 1) -> None:
        # Forked, so that the system counts what the workers take as ours.
        LocalPipelineExecutor(
            list(steps), tasks=tasks, workers=2, skip_completed=False, logging_dir=name("logs"), start_method="fork"
        ).run()

    folder.mkdir(exist_ok=True)
    (folder / "paths").write_text(f"{dump.name}\n", encoding="utf-8")
    reader = JsonlReader(str(dump.parent), paths_file=name("paths"), compression="zstd")
    run(reader, FTFYFormatter(), C4QualityFilter(filter_no_terminal_punct=False), JsonlWriter(name("clean"), compression="zstd"))
    run(JsonlReader(name("clean"), compression="zstd"), MinhashDedupSignature(name("signatures"), config=config))
    run(MinhashDedupBuckets(name("signatures"), name("buckets"), config=config), tasks=14)
    run(MinhashDedupCluster(name("buckets"), name("remove"), config=config))
    run(JsonlReader(name("clean"), compression="zstd"), MinhashDedupFilter(name("remove")), JsonlWriter(name("out"), compression="zstd"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
