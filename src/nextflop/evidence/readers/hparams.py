"""The settings of a run in an event file, as TensorBoard's plugin for hyper-parameters keeps them.

Reference: TensorBoard, `plugins/hparams/plugin_data.proto` (HParamsPluginData, SessionStartInfo) and protobuf's
`struct.proto` (Value).
"""

import struct

from nextflop.evidence.files import Json
from nextflop.evidence.readers.protobuf import FIXED64, VARINT, fields, message, text

PLUGIN = b"hparams"
SESSION = "_hparams_/session_start_info"
"""The tag of the summary that holds the settings."""


def settings(metadata: bytes) -> dict[str, Json]:
    """The settings in the metadata of a summary.

    Args:
        metadata: SummaryMetadata → plugin_data (1) → content (2) → session_start_info (3) → hparams (1), a map.

    Raises:
        MalformedError: if these bytes are no such message.
    """
    parts = [metadata]
    for number in (1, 2, 3, 1):
        parts = [message(value) for part in parts for field, _, value in fields(part) if field == number]
    return dict(_entry(part) for part in parts)


def _entry(data: bytes) -> tuple[str, Json]:
    name, found = "", None
    for number, _, value in fields(data):
        if number == 1:
            name = text(value)
        elif number == 2:
            found = _value(message(value))
    return name, found


def _value(data: bytes) -> Json:
    found: Json = None
    for number, kind, value in fields(data):
        if number == 2 and kind == FIXED64 and isinstance(value, bytes):
            (found,) = struct.unpack("<d", value)
        elif number == 3:
            found = text(value)
        elif number == 4 and kind == VARINT:
            found = bool(value)
    return found
