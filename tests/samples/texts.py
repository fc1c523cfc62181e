"""Settings and scripts that no reader understands, as teams write them."""

SCRIPT = """\
#!/usr/bin/env bash
set -euo pipefail
export DB_PASSWORD='hunter2-shell'
API_TOKEN="tok-shell-1" curl -H "Authorization: Bearer abcdef0123456789" https://a.example/
mysql --password hunter2-flag -u root <<'EOT'
select 1;
EOT
"""

ENV = """\
# local
DB_HOST=db.internal
DB_PASSWORD=hunter2-env
API_KEY="key-env-123"
URL=postgres://user:hunter2-url@db/shop
"""

UNIT = """\
[Unit]
Description=web
[Service]
ExecStart=/usr/bin/web --port 80 \\
  --token abc-unit
Environment=SECRET_TOKEN=tok-unit-1
User=root
[Install]
WantedBy=multi-user.target
"""

KEY = """\
-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEAabcdefghijklmnopqrstuvwxyz0123456789
abcdefghijklmnopqrstuvwxyz0123456789ABCDEF==
-----END RSA PRIVATE KEY-----
"""

XML = '<conf><add name="password" value="hunter2-xml"/><token>tok-xml</token><a b="c"/></conf>\n'

SETTINGS = """\
server: {port: 80, hosts: [a, b]}
database:
  url: db.internal
  password: hunter2-data
list: [1, 2.5, null, true, "2"]
multi: |
  a
  b
"""

FILES = (
    ("deploy.sh", SCRIPT),
    (".env", ENV),
    ("web.service", UNIT),
    ("tls/server.key", KEY),
    ("app/web.xml", XML),
    ("nginx/site.conf", "server {\n  listen 80;\n  proxy_pass http://a;\n}\n"),
    ("conf/app.toml", '[a]\nb = "c"\nsecret = """\nhunter2\n"""\n'),
    ("chart/templates/a.tpl", '{{- define "x" }}\npassword: {{ .Values.p }}\n{{- end }}\n'),
    ("live/terragrunt.hcl", 'include "root" { path = find_in_parent_folders() }\ntoken = "t-1"\n'),
    ("etc/cron.d/job", "* * * * * root TOKEN=abc /run\n"),
    ("db/init.sql", "create user a identified by 'hunter2-sql';\n"),
)
DATA = (
    ("conf/settings.yaml", SETTINGS),
    (
        "renovate.json",
        '{"extends": ["config:base"], "token": "tok-data-1", "n": [1, {"a": null}]}\n',
    ),
    ("conf/many.yml", "a: 1\n---\n- b\n---\njust words\n"),
)
