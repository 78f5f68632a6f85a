"""How large a message of an Arrow file is once it is unpacked: asked before pyarrow unpacks it, which it does without a limit.

Before each packed buffer stands its size. Where the buffers are, says the head of the message, a flatbuffer ("Encapsulated message format"
and "Compression" in the Arrow specification; `Message.fbs`). No library that reads Arrow shows it, so the few fields are read here.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Any

#: Numbers of fields in the tables of `Message.fbs`, and of the kinds of messages.
_HEADER_TYPE, _HEADER, _DATA, _BUFFERS, _COMPRESSION = 1, 2, 1, 2, 3
_DICTIONARY, _BATCH = 2, 3


def unpacked_size(message: Any) -> int:
    """Returns the bytes of a message's buffers once they are unpacked; of a message without packed buffers, those of its body.

    Args:
        message: a `pyarrow.ipc.Message`.

    Raises:
        struct.error: the message is damaged.
        ValueError: likewise.
    """
    head, body = memoryview(message.metadata), memoryview(message.body or b"")
    root = unpack_from("<I", head)[0]
    kind, table = _field(head, root, _HEADER_TYPE), _pointer(head, root, _HEADER)
    if not kind or table is None or head[kind] not in (_DICTIONARY, _BATCH):
        return len(body)
    if head[kind] == _DICTIONARY:
        table = _pointer(head, table, _DATA)
    if table is None or _pointer(head, table, _COMPRESSION) is None:
        return len(body)
    buffers = _pointer(head, table, _BUFFERS)
    if buffers is None:
        return len(body)
    count, size = unpack_from("<I", head, buffers)[0], 0
    for number in range(count):
        start, length = unpack_from("<qq", head, buffers + 4 + 16 * number)
        if length:
            unpacked = unpack_from("<q", _at(body, start))[0]
            # A buffer that packing would make larger is left as it is, and says so.
            size += length if unpacked == -1 else _size(unpacked)
    return size


def _field(head: memoryview, table: int, number: int) -> int:
    """Returns where a field of a table stands; 0 if the table does not have it."""
    vtable = table - unpack_from("<i", head, table)[0]
    if vtable < 0:
        raise ValueError("a table outside the message")
    width = unpack_from("<H", head, vtable)[0]
    slot = 4 + 2 * number
    offset = unpack_from("<H", head, vtable + slot)[0] if slot < width else 0
    return table + offset if offset else 0


def _pointer(head: memoryview, table: int, number: int) -> int | None:
    """Returns what a field of a table points to; None if the table does not have it."""
    at = _field(head, table, number)
    return at + unpack_from("<I", head, at)[0] if at else None


def _at(body: memoryview, start: int) -> memoryview:
    if not 0 <= start <= len(body):
        raise ValueError("a buffer outside the message")
    return body[start:]


def _size(unpacked: int) -> int:
    if unpacked < 0:
        raise ValueError(f"a buffer of {unpacked} bytes")
    return unpacked
