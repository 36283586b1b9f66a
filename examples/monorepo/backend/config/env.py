import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


def load_dotenv(path: Path) -> None:
    """Read KEY=value lines into the environment; what is already set wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        key, separator, value = line.strip().partition("=")
        if separator and not key.startswith("#"):
            os.environ.setdefault(key.strip(), value.strip().strip("'\""))


def database(url: str, default_path: Path) -> dict:
    """sqlite:///relative, sqlite:////absolute or postgresql://user:password@host:port/name."""
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": default_path}
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path[1:])}
    if parts.scheme in ("postgres", "postgresql"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
        }
    raise ValueError(f"DATABASE_URL: unknown scheme {parts.scheme!r}")
