"""What a file that is read as text is, by its path, in one word; and how far its values reach."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from mrbot.resources.text.named_values import Style

_SYSTEMD = frozenset(
    {".service", ".socket", ".device", ".mount", ".automount", ".swap", ".target", ".path"}
    | {".timer", ".slice", ".scope", ".network", ".netdev", ".link", ".nspawn"}
    | {".container", ".pod", ".kube", ".volume"}
)
"""Source: https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html"""
_TEMPLATES = (".tpl", ".tftpl", ".tmpl", ".gotmpl", ".j2", ".jinja", ".jinja2", ".erb", ".mustache")

_NAMES: dict[str, str] = {
    "crontab": "cron",
    "anacrontab": "cron",
    "hosts": "hosts",
    "hosts.allow": "hosts",
    "hosts.deny": "hosts",
    "sudoers": "sudoers",
    "sshd_config": "ssh",
    "ssh_config": "ssh",
    "authorized_keys": "ssh",
    "known_hosts": "ssh",
    "fstab": "mounts",
    "exports": "mounts",
    "makefile": "make",
    "gnumakefile": "make",
    "jenkinsfile": "jenkins",
    "vagrantfile": "vagrant",
    "procfile": "procfile",
    ".htaccess": "apache",
    "httpd.conf": "apache",
    "apache2.conf": "apache",
    "nginx.conf": "nginx",
    "haproxy.cfg": "haproxy",
    ".envrc": "shell",
    ".npmrc": "ini",
    ".pypirc": "ini",
    ".netrc": "ini",
    "terragrunt.hcl": "terragrunt",
}
"""By name, whatever its case."""

_PLACES: tuple[tuple[str, str], ...] = (
    ("*/cron.d/*", "cron"),
    ("*/cron.hourly/*", "shell"),
    ("*/cron.daily/*", "shell"),
    ("*/cron.weekly/*", "shell"),
    ("*/cron.monthly/*", "shell"),
    ("*/sudoers.d/*", "sudoers"),
    ("*/sshd_config.d/*", "ssh"),
    ("*/systemd/*.conf", "systemd"),
    ("*/nginx/*.conf", "nginx"),
    ("*/nginx/sites-*", "nginx"),
    ("*/apache2/*.conf", "apache"),
    ("*/apache2/sites-*", "apache"),
    ("*/httpd/*.conf", "apache"),
    ("*/haproxy/*.cfg", "haproxy"),
    ("*/.git/config", "ini"),
)
"""By the whole path, with a slash before it."""

_ENDINGS: tuple[tuple[str, str], ...] = (
    (".pkr.hcl", "packer"),
    (".nomad.hcl", "nomad"),
    (".nomad", "nomad"),
    (".hcl", "hcl"),
    (".ini", "ini"),
    (".cnf", "ini"),
    (".cfg", "ini"),
    (".conf", "conf"),
    (".config", "conf"),
    (".properties", "properties"),
    (".toml", "toml"),
    (".env", "env"),
    (".cron", "cron"),
    (".rules", "rules"),
    (".sh", "shell"),
    (".bash", "shell"),
    (".zsh", "shell"),
    (".ksh", "shell"),
    (".fish", "shell"),
    (".ps1", "powershell"),
    (".psm1", "powershell"),
    (".psd1", "powershell"),
    (".bat", "batch"),
    (".cmd", "batch"),
    (".py", "python"),
    (".rb", "script"),
    (".pl", "script"),
    (".groovy", "script"),
    (".mk", "make"),
    (".sql", "sql"),
    (".bicep", "bicep"),
    (".bicepparam", "bicep"),
    (".jsonnet", "jsonnet"),
    (".libsonnet", "jsonnet"),
    (".cue", "cue"),
    (".dhall", "dhall"),
    (".xml", "xml"),
    (".crt", "certificate"),
    (".cer", "certificate"),
    (".pem", "certificate"),
    (".csr", "certificate"),
    (".pub", "public key"),
    (".key", "private key"),
    (".txt", "text"),
)

_STYLES: dict[str, Style] = {
    **dict.fromkeys(("systemd", "shell", "batch", "cron", "make", "procfile", "rules"), Style.WORD),
    **dict.fromkeys(("hcl", "packer", "nomad", "terragrunt", "bicep", "jsonnet"), Style.QUOTED),
    **dict.fromkeys(("cue", "dhall", "python", "powershell", "script", "sql"), Style.QUOTED),
    **dict.fromkeys(("jenkins", "vagrant"), Style.QUOTED),
    **dict.fromkeys(("sudoers", "hosts", "ssh", "mounts"), Style.NAMELESS),
    **dict.fromkeys(("certificate", "public key"), Style.NAMELESS),
    "template": Style.TEMPLATE,
    "private key": Style.ALL,
}


def kind_of(path: str) -> str | None:
    """What is at `path`, in one word; None when its path does not tell that it is configuration."""
    file = PurePosixPath(path.lower())
    if file.suffix in _TEMPLATES:
        return "template"
    if file.name in _NAMES:
        return _NAMES[file.name]
    if file.name.startswith(".env"):
        return "env"
    for pattern, kind in _PLACES:
        if fnmatchcase(f"/{file}", pattern):
            return kind
    if file.suffix in _SYSTEMD or _is_drop_in(file):
        return "systemd"
    return next((kind for ending, kind in _ENDINGS if file.name.endswith(ending)), None)


def kind_of_script(text: bytes) -> str | None:
    """What runs `text`, by its first line; None when that does not say."""
    if not text.startswith(b"#!"):
        return None
    words = text[:200].split(b"\n", 1)[0]
    if b"python" in words:
        return "python"
    return "shell" if words.rstrip().endswith((b"sh", b"sh -e", b"sh -eu", b"sh -x")) else "script"


def style_of(kind: str, path: str, text: bytes) -> Style:
    """How far values reach in a file of `kind`: as what it becomes, where a template tells that."""
    if kind == "template":
        inner = kind_of(path.rpartition(".")[0])
        script = kind_of_script(text)
        return _STYLES.get(script or inner or kind, Style.REST)
    return _STYLES.get(kind, Style.REST)


def _is_drop_in(file: PurePosixPath) -> bool:
    """Whether it overrides a systemd unit: `web.service.d/override.conf`."""
    unit = PurePosixPath(file.parent.name)
    return (
        file.suffix == ".conf"
        and unit.suffix == ".d"
        and PurePosixPath(unit.stem).suffix in _SYSTEMD
    )
