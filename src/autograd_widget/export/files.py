"""Atomic writing of files."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write a file atomically: readers find the old content or the new one.

    A file that is replaced keeps its permissions, a link stays a link, and a device or a pipe is written to.

    Args:
        path: The file; its folder must exist.
        content: A text is encoded as UTF-8, with lone surrogates escaped.

    Returns:
        The path.

    Raises:
        OSError: It can't be written. Then nothing has changed.
    """
    given = Path(path)
    target = Path(os.path.realpath(given))  # a new file beside what a link points to, not beside the link
    if target.is_dir():
        raise IsADirectoryError(f"{given} is a folder")
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if given.exists() and not given.is_file():  # a device or a pipe has nothing to be replaced
        given.write_bytes(data)
        return given
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(given)) from error  # and not the draft's name
    finally:
        draft.unlink(missing_ok=True)
    return given
