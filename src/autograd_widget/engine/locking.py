"""The lock around every change of scalars: passes and acts of several threads run one after the other."""

from __future__ import annotations

import os
from threading import RLock
from typing import Final

exclusive: Final = RLock()

if hasattr(os, "register_at_fork"):  # a thread that held it is not in the child
    os.register_at_fork(after_in_child=exclusive._at_fork_reinit)  # type: ignore[attr-defined] # typeshed lacks it
