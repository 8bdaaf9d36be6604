"""The build cache: files named by a digest of what they were made from, checked when read, made by one process at a time.

An entry is ``<key><suffix>`` beside ``<key>.json``, which holds its length and SHA-256. Both come by rename from a work folder,
under a lock (flock) that the kernel drops when its holder dies. Nothing in it is ever evaluated or unpickled.
Folders are made with mode 0700 and files with 0600 whatever the umask; a folder that others could write to is refused.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

try:
    import fcntl
except ImportError:                                     # no flock on this system: the rename alone keeps entries whole
    fcntl = None  # type: ignore[assignment]

from ..core.errors import CompileError
from .notices import warn_once

__all__ = ["Store", "digest", "discard", "fetch", "store"]

Make = Callable[[Path], Path]
LOCK_PATIENCE = 150.0       # s; longer than any compilation may take: a holder that hangs does not hang the others
STALE = 3600.0              # s; work folders of processes that were killed are older than this
QUARANTINED = 20            # damaged entries that are kept for whoever wants to know


def digest(*parts: str) -> str:
    """The key of what is made from `parts`: no two lists of texts share one.

    >>> digest("int x;", "-O3") == digest("int x;", "-O3"), digest("ab", "c") == digest("a", "bc")
    (True, False)
    """
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def fetch(key: str, suffix: str, make: Make) -> Path:
    """The file of this key, whole and checked; if there is none, what `make` makes in a folder that it is given.

    `make` returns the path of the file it made; an OSError from it means that the storage failed, not the work. When the
    cache can't be used there is one warning, and a private temporary folder serves this process.
    """
    try:
        return store().fetch(key, suffix, make)
    except OSError as error:
        why = f"{error.strerror or error}: {store().root}"
    try:
        return _replace_store(why).fetch(key, suffix, make)
    except OSError as error:
        raise CompileError(f"there is no place to write compiled code to: {error}",
                           hint="free some disk space, or set TENSORVIZ_CACHE_DIR to a folder that can be written") from None


def discard(path: Path) -> None:
    """Take the entry of this file out of use, so that the next `fetch` makes it anew."""
    with contextlib.suppress(OSError):
        Store(path.parents[1]).quarantine(path.stem, path.suffix)


@dataclass(frozen=True)
class Store:
    """One folder of entries."""

    root: Path

    def path(self, key: str, suffix: str) -> Path:
        """Where the entry of this key has its place."""
        return self.root / key[:2] / f"{key}{suffix}"

    def find(self, key: str, suffix: str) -> Path | None:
        """The entry of this key if it is there and whole."""
        path = self.path(key, suffix)
        try:
            record = json.loads(self.path(key, ".json").read_bytes())
            content = path.read_bytes()
        except (OSError, ValueError, RecursionError):
            return None
        whole = isinstance(record, dict) and record.get("length") == len(content) \
            and record.get("sha256") == hashlib.sha256(content).hexdigest()
        return path if whole else None

    def fetch(self, key: str, suffix: str, make: Make) -> Path:
        """The entry of this key, made if need be by one process while others wait."""
        found = self.find(key, suffix)
        if found:
            return found
        with self._locked(key):
            found = self.find(key, suffix)
            if found:
                return found
            self.quarantine(key, suffix)
            work = Path(tempfile.mkdtemp(dir=_folder(self.root / "tmp")))
            try:
                return self._publish(key, suffix, make(work))
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def quarantine(self, key: str, suffix: str) -> None:
        """Move what is left of a damaged entry aside."""
        for part in (".json", suffix):
            path = self.path(key, part)
            if path.exists():
                aside = _folder(self.root / "quarantine")
                path.replace(aside / f"{path.name}.{time.time_ns()}")
                kept = sorted(aside.iterdir(), key=lambda p: p.name.rpartition(".")[2])
                for old in kept[:-QUARANTINED]:
                    old.unlink(missing_ok=True)

    def _publish(self, key: str, suffix: str, made: Path) -> Path:
        content = made.read_bytes()
        record = {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        note = made.with_name("record.json")
        note.write_text(json.dumps(record))
        _folder(self.path(key, suffix).parent)
        for source, part in ((made, suffix), (note, ".json")):
            source.chmod(0o600)
            source.replace(self.path(key, part))
        return self.path(key, suffix)

    @contextlib.contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        """Hold the lock of this key. Some keys share one: don't fetch one entry while making another."""
        handle = os.open(_folder(self.root / "locks") / key[:2], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held = False
        try:
            os.fchmod(handle, 0o600)
            held = _wait_for(handle)
            yield
        finally:
            if held:
                fcntl.flock(handle, fcntl.LOCK_UN)      # a child forked meanwhile holds a copy: closing would not do
            os.close(handle)


def _wait_for(handle: int) -> bool:
    end, pause = time.monotonic() + LOCK_PATIENCE, 0.001
    while fcntl is not None and time.monotonic() < end:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(pause)
            pause = min(2 * pause, 0.02)
        except OSError:                                 # a file system without locks
            return False
        else:
            return True
    return False


def _folder(path: Path) -> Path:
    """Make this folder for its owner alone, and its parents, whatever the umask."""
    if not path.is_dir():
        if not path.parent.exists():
            _folder(path.parent)
        try:
            path.mkdir(mode=0o700)
            path.chmod(0o700)
        except FileExistsError:
            if not path.is_dir():
                raise
    return path


# ---- which folder -------------------------------------------------------------------------------------------------------

_stores: dict[tuple[str, ...], Store] = {}


def store() -> Store:
    """The store of this process: TENSORVIZ_CACHE_DIR, else the user's cache folder, else a temporary one after a warning."""
    asked = _environment()
    if asked not in _stores:
        try:
            root = _wanted()
            why = _objection(root)
        except (OSError, RuntimeError) as error:        # RuntimeError: there is no home
            why = str(error)
        if not why:
            _stores[asked] = Store(root)
            _sweep(root / "tmp")
        else:
            _replace_store(why)
    return _stores[asked]


def _environment() -> tuple[str, ...]:
    return tuple(os.environ.get(name, "") for name in ("TENSORVIZ_CACHE_DIR", "XDG_CACHE_HOME", "HOME"))


def _wanted() -> Path:
    given, base, _ = _environment()
    if given:
        return Path(given).expanduser().absolute()
    return Path(base if os.path.isabs(base) else Path.home() / ".cache") / "tensorviz"


def _objection(root: Path) -> str:
    """Why this folder can't be the cache; it is made if it isn't there; "" if all is well."""
    existing = root
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    why = _unsafe(existing.resolve(), own=existing == root)
    if why:
        return why
    real = _folder(root).resolve()
    why = _unsafe(real, own=True)
    if not why and not _runs_files(real):
        why = f"files in {real} may not be executed"
    if not why:
        os.rmdir(tempfile.mkdtemp(dir=_folder(real / "tmp")))
    return why


def _unsafe(real: Path, own: bool) -> str:
    """Why others could put files into this folder."""
    me = os.geteuid()
    for place in (real, *real.parents):
        about = place.stat()
        mine = own and place == real
        if not stat.S_ISDIR(about.st_mode):
            return f"{place} is not a folder"
        if about.st_uid != me and (mine or about.st_uid != 0):
            return f"{place} belongs to another user"
        shared_but_sticky = about.st_mode & stat.S_ISVTX and about.st_uid == 0 and not mine
        if about.st_mode & 0o022 and not shared_but_sticky:
            return f"{place} can be written to by others (mode {stat.S_IMODE(about.st_mode):o})"
    return ""


def _replace_store(why: str) -> Store:
    """Serve this process from a private folder that goes away with it."""
    warn_once(f"tensorviz can't use its cache ({why}): what it compiles is kept in a temporary folder and lost at the end. "
              "Set TENSORVIZ_CACHE_DIR to a folder that only you can write to.")
    for base in (tempfile.gettempdir(), "/dev/shm"):
        with contextlib.suppress(OSError):
            if _runs_files(base):
                root = Path(tempfile.mkdtemp(prefix="tensorviz-", dir=base))
                atexit.register(_remove, root, os.getpid())
                _stores[_environment()] = Store(root)
                return _stores[_environment()]
    raise CompileError("there is no place to write compiled code to", hint="set TENSORVIZ_CACHE_DIR to a folder of yours")


def _runs_files(folder: Path | str) -> bool:
    return not os.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0)


def _remove(root: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(root, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove work folders of processes that were killed."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.stat().st_mtime < time.time() - STALE:
                shutil.rmtree(path, ignore_errors=True)
