"""Record batches of Parquet and Arrow files, bounded in rows and in bytes whatever a file of some hundred bytes claims to hold.

A column may say one long value in its dictionary and a thousand times "that one", or be packed a thousandfold. So what can be known before
it is unpacked is looked at first: of Arrow, the sizes that stand before the buffers of a message; of Parquet, the sizes of its columns. And
dictionaries stay dictionaries until a stretch of rows is known to be short enough. Each batch is then checked by pyarrow in full, since it
reads offsets that fall or point outside without a look.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any

from textclean.checks import check_column
from textclean.errors import SourceError
from textclean.files.packing import BOMB_BYTES, BOMB_RATIO
from textclean.files.sources import Format
from textclean.formats.ipc_sizes import unpacked_size
from textclean.formats.records import OVER_LIMIT, Stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Rows and bytes of strings that a batch holds at most; one row always fits.
ROWS, BYTES = 1024, 1 << 26
#: What a whole batch of an Arrow file, or one value of a Parquet file, may take at most.
MOST_BYTES = 1 << 31
#: Rows whose lengths are counted at once.
_WINDOW = 1 << 16
#: Columns of a Parquet file up to this size can't make a batch of `ROWS` rows large, however they are written.
_SMALL = BYTES // ROWS


def batches(arrow: Any, file: IO[bytes], format_: Format) -> Iterator[Any]:
    """Yields the record batches of a file.

    Raises:
        SourceError: the file claims to hold what memory does not hold; also while batches are read.
        pyarrow.ArrowException: it is no such file, or is damaged; likewise.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return _sliced(arrow, _parquet(arrow, file) if format_ is Format.PARQUET else _ipc(arrow, file), size)


def _parquet(arrow: Any, file: IO[bytes]) -> Iterator[Any]:
    found = arrow.parquet.ParquetFile(file)
    told, rows, named = found.schema_arrow, ROWS, set()
    for group in range(found.metadata.num_row_groups):
        for number in range(found.metadata.num_columns):
            column = found.metadata.row_group(group).column(number)
            packed, size = column.total_compressed_size, column.total_uncompressed_size
            if size > BOMB_BYTES and size > BOMB_RATIO * packed:
                raise _bomb(f"column {column.path_in_schema!r}", packed, size)
            if size <= _SMALL or column.physical_type not in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"):
                continue
            if "DELTA_BYTE_ARRAY" in column.encodings:
                # Each value may repeat all of the one before it.
                rows = min(rows, max(1, BYTES // size))
            elif any("DICTIONARY" in encoding for encoding in column.encodings):
                named.add(column.path_in_schema)
    # Columns of types whose length is not known here are read row by row.
    if not all(_is_measured(arrow, told.field(at).type) for at in {told.get_field_index(name.split(".")[0]) for name in named} if at >= 0):
        rows = 1
    if named:
        found = arrow.parquet.ParquetFile(file, read_dictionary=sorted(named))
    for batch in found.iter_batches(batch_size=rows):
        for part, _ in _short_enough(arrow, batch):
            columns = [_as_told(arrow, column, field.type) for column, field in zip(part.columns, told, strict=True)]
            yield arrow.RecordBatch.from_arrays(columns, schema=told)


def _as_told(arrow: Any, column: Any, type_: Any) -> Any:
    """Returns a column that was read as a dictionary with the type that the file says."""
    if column.type == type_:
        return column
    column = column.dictionary_decode() if arrow.types.is_dictionary(column.type) else column
    return column if column.type == type_ else column.cast(type_)


def _is_measured(arrow: Any, type_: Any) -> bool:
    types = arrow.types
    if types.is_list(type_) or types.is_large_list(type_):
        return _is_measured(arrow, type_.value_type)
    return all(_is_measured(arrow, field.type) for field in type_) if types.is_struct(type_) else not types.is_nested(type_)


def _ipc(arrow: Any, file: IO[bytes]) -> Iterator[Any]:
    """Reads the messages of either form of file: a file is the stream with a mark before it and an index behind."""
    if file.read(8)[:6] != b"ARROW1":
        file.seek(0)

    def messages() -> Iterator[memoryview]:
        for message in arrow.ipc.MessageReader.open_stream(file):
            packed, size = message.body.size if message.body else 0, unpacked_size(message)
            if size > MOST_BYTES or (size > BOMB_BYTES and size > BOMB_RATIO * packed):
                raise _bomb(f"a {message.type}", packed, size)
            yield memoryview(message.serialize()).cast("B")

    return iter(arrow.ipc.open_stream(io.BufferedReader(Stream(messages()), 1 << 18)))


def _bomb(what: str, packed: int, size: int) -> SourceError:
    return SourceError(
        f"given up: {what} of {packed:,} bytes unpacks to {size:,}, over {BOMB_RATIO} times as many or over the limit of {MOST_BYTES:,}:"
        " write it in smaller batches, without compression, if it is meant to be read",
        "bomb",
    )


def _sliced(arrow: Any, found: Iterable[Any], packed: int) -> Iterator[Any]:
    unpacked = 0
    for batch in found:
        for column in batch.columns:
            check_column(arrow, column)
        for part, size in _short_enough(arrow, batch):
            unpacked += size
            if unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * packed:
                raise _bomb("a file", packed, unpacked)
            yield part


def _short_enough(arrow: Any, batch: Any) -> Iterator[tuple[Any, int]]:
    """Yields the stretches of a batch that are within `ROWS` and `BYTES`, each with the bytes of its strings."""
    # Lengths of many rows take more than rows that are nearly empty, and those of a dictionary are counted again for each window.
    named = [len(column.dictionary) for column in batch.columns if arrow.types.is_dictionary(column.type)]
    window = max(_WINDOW, *named, 0)
    for start in range(0, batch.num_rows, window):
        yield from _stretches(arrow, batch.slice(start, window))


def _stretches(arrow: Any, batch: Any) -> Iterator[tuple[Any, int]]:
    import numpy as np

    ends = np.cumsum(sum((_lengths(arrow, column) for column in batch.columns), np.zeros(batch.num_rows, np.int64)))
    start = 0
    while start < batch.num_rows:
        before = int(ends[start - 1]) if start else 0
        if int(ends[start]) - before > MOST_BYTES:
            raise SourceError(f"a row of {int(ends[start]) - before:,} bytes is over the limit of {MOST_BYTES:,}", OVER_LIMIT)
        stop = max(min(int(np.searchsorted(ends, before + BYTES, "right")), start + ROWS), start + 1)
        yield batch.slice(start, stop - start), int(ends[stop - 1]) - before
        start = stop


def _lengths(arrow: Any, column: Any) -> NDArray[np.int64]:
    """Returns how many bytes of strings each row has, 0 for columns of other types."""
    import numpy as np

    types, type_ = arrow.types, column.type
    found: NDArray[np.int64]
    if types.is_dictionary(type_):
        values = np.append(_lengths(arrow, column.dictionary), 0)
        # What is null has the last of them.
        found = values[column.indices.cast(arrow.int64()).fill_null(len(values) - 1).to_numpy(zero_copy_only=False)]
        return found
    if types.is_struct(type_):
        return sum((_lengths(arrow, each) for each in column.flatten()), np.zeros(len(column), np.int64))
    if types.is_list(type_) or types.is_large_list(type_):
        ends = np.append(0, np.cumsum(_lengths(arrow, column.values)))
        found = np.diff(ends[column.offsets.to_numpy(zero_copy_only=False)])
        return found
    if type_ in (arrow.string_view(), arrow.binary_view()):
        column = column.view(arrow.binary_view()).cast(arrow.large_binary())
    elif not (types.is_string(type_) or types.is_large_string(type_) or types.is_binary(type_) or types.is_large_binary(type_)):
        return np.zeros(len(column), np.int64)
    found = arrow.compute.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return found
