"""`net.cidr_*`, with Go's reading of addresses.

An IPv4 address and the same one mapped into IPv6 (`::ffff:1.2.3.4`) are one address; which family a
network has decides its mask. Where OPA itself is not dependable (mapped networks, and IPv6 networks
that begin with a zero byte, while merging), there is an error.

Source: https://pkg.go.dev/net#ParseCIDR, https://pkg.go.dev/net#IPNet.Contains
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

MAX_EXPANDED = 2**17
"""Most addresses that `net.cidr_expand` lists."""
MAX_KNOWN = 2**16
"""How many addresses are kept as they were read: all are compared with all."""

_MAPPED = bytes(10) + b"\xff\xff"
_V4, _V6 = 4, 16
_DIGITS = frozenset("0123456789")


@dataclass(frozen=True, slots=True)
class _Network:
    """First address and mask: 4 bytes each where it was written as IPv4, else 16."""

    first: bytes
    bits: int

    @property
    def mask(self) -> bytes:
        size = len(self.first) * 8
        return ((1 << size) - (1 << (size - self.bits))).to_bytes(len(self.first))

    @property
    def last(self) -> bytes:
        ones = (1 << (len(self.first) * 8 - self.bits)) - 1
        return (int.from_bytes(self.first) | ones).to_bytes(len(self.first))

    @property
    def is_mapped(self) -> bool:
        return len(self.first) == _V6 and self.first.startswith(_MAPPED)

    def contains(self, address: bytes) -> bool:
        mine, mask = self.first, self.mask
        if self.is_mapped:
            mine, mask = mine[-_V4:], mask[-_V4:]
        theirs = _short(address)
        return len(mine) == len(theirs) and _and(mine, mask) == _and(theirs, mask)


def _and(address: bytes, mask: bytes) -> bytes:
    return bytes(a & m for a, m in zip(address, mask, strict=True))


def _short(address: bytes) -> bytes:
    """4 bytes for what is IPv4 in either way of writing it."""
    mapped = len(address) == _V6 and address.startswith(_MAPPED)
    return address[-_V4:] if mapped else address


@lru_cache(maxsize=MAX_KNOWN)
def _address(text: str) -> bytes | None:
    """The bytes of an address, 4 where it is written as IPv4; None when it is none."""
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        return None


@lru_cache(maxsize=MAX_KNOWN)
def _network(text: str) -> _Network | None:
    address, slash, length = text.partition("/")
    packed = _address(address) if slash else None
    if packed is None or not length or not _DIGITS.issuperset(length) or len(length) > 8:
        return None
    bits = int(length)
    if bits > len(packed) * 8:
        return None
    whole = _Network(packed, bits)
    return _Network(_and(packed, whole.mask), bits)


def _needed(value: Value, position: int) -> _Network:
    text = string(value, position)
    if (network := _network(text)) is None:
        raise BadArgument(f"invalid CIDR address: {text[:100]!r}")
    return network


def _contains(outer: Value, inner: Value) -> bool:
    network = _needed(outer, 1)
    text = string(inner, 2)
    if (address := _address(text)) is not None:
        return network.contains(address)
    other = _network(text)
    if other is None:
        raise BadArgument(f"not an IP address or CIDR: {text[:100]!r}")
    sizes = {len(network.first), len(other.first)}
    if sizes == {_V6} and not network.is_mapped and not other.is_mapped:
        return network.bits <= other.bits and _and(other.first, network.mask) == network.first
    return network.contains(other.first) and network.contains(other.last)


def _intersects(one: Value, other: Value) -> bool:
    first, second = _needed(one, 1), _needed(other, 2)
    return first.contains(second.first) or second.contains(first.first)


def _contains_matches(outer: Value, inner: Value) -> set[tuple[Value, Value]]:
    inners = list(_candidates(inner))
    return {
        (index, other)
        for network, index in _candidates(outer)
        for part, other in inners
        if _contains(network, part)
    }


def _candidates(value: Value) -> Iterator[tuple[Value, Value]]:
    """Every network, with what the result calls it."""
    match value:
        case str():
            yield value, value
        case list():
            yield from ((_candidate(item), index) for index, item in enumerate(value))
        case set():
            yield from ((_candidate(item), item) for item in value)
        case dict():
            yield from ((_candidate(item), key) for key, item in value.items())
        case _:
            raise BadArgument(f"networks are a string, array, set or object, not {kind(value)}")


def _candidate(item: Value) -> Value:
    match item:
        case str():
            return item
        case [first, *_]:
            return first
        case _:
            raise BadArgument("element must be a string or a non-empty array")


def _expand(value: Value) -> set[str]:
    network = _needed(value, 1)
    if 2 ** (len(network.first) * 8 - network.bits) > MAX_EXPANDED:
        raise BadArgument(f"a network of more than {MAX_EXPANDED} addresses is not listed")
    if network.is_mapped:
        raise BadArgument("an IPv4 network that is written as IPv6 is not listed")
    kind_of = ipaddress.IPv4Network if len(network.first) == _V4 else ipaddress.IPv6Network
    return {str(address) for address in kind_of((network.first, network.bits))}


def _merge(networks: Value) -> set[str]:
    if not isinstance(networks, list | set):
        raise BadArgument(f"argument 1 must be an array or a set, not {kind(networks)}")
    blocks = sorted((_block(item) for item in networks), key=lambda block: (block[1], block[0]))
    index = len(blocks) - 1
    while index > 0:
        first, last, _ = blocks[index]
        before_first, before_last, _ = blocks[index - 1]
        if _before(first) <= before_last:
            blocks[index - 1 : index + 1] = [(min(first, before_first), last, None)]
        index -= 1
    return {name for block in blocks for name in _names(block)}


_Block = tuple[int, int, str | None]
"""First and last address as numbers of 16 bytes, and the network's name unless it was merged."""
_V4_BASE = int.from_bytes(_MAPPED) << 32


def _block(item: Value) -> _Block:
    if not isinstance(item, str):
        raise BadArgument(f"element must be a string, not {kind(item)}")
    address = _address(item)
    if address is not None:
        return _lone(address, item)
    network = _needed(item, 1)
    if len(network.first) == _V4:
        name = f"{ipaddress.IPv4Address(network.first)}/{network.bits}"
        return (
            _V4_BASE + int.from_bytes(network.first),
            _V4_BASE + int.from_bytes(network.last),
            name,
        )
    if network.first[0] == 0:
        raise BadArgument(f"{item[:100]} begins with a zero byte: it is not merged here")
    name = f"{ipaddress.IPv6Address(network.first)}/{network.bits}"
    return int.from_bytes(network.first), int.from_bytes(network.last), name


def _lone(address: bytes, item: str) -> _Block:
    """An IPv4 address without a length stands for the network of its class, as in OPA."""
    if len(address) != _V4:
        raise BadArgument(f"{item[:100]}: an IPv6 address needs a prefix length")
    lead = address[0]
    bits = 8 if lead < 0x80 else 16 if lead < 0xC0 else 24
    network = _Network(_and(address, _Network(address, bits).mask), bits)
    name = f"{ipaddress.IPv4Address(address)}/{bits}"
    return _V4_BASE + int.from_bytes(network.first), _V4_BASE + int.from_bytes(network.last), name


def _before(number: int) -> int:
    """The address before; there is none before the first one of a family."""
    return number if number in {0, _V4_BASE} else number - 1


def _names(block: _Block) -> Iterator[str]:
    first, last, name = block
    if name is not None:
        yield name
        return
    if first >> 32 == last >> 32 == _V4_BASE >> 32:
        low, high = ipaddress.IPv4Address(first - _V4_BASE), ipaddress.IPv4Address(last - _V4_BASE)
        yield from map(str, ipaddress.summarize_address_range(low, high))
        return
    lowest, highest = ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)
    yield from map(str, ipaddress.summarize_address_range(lowest, highest))


def _is_valid(value: Value) -> bool:
    return isinstance(value, str) and _network(value) is not None


FUNCTIONS = {
    "net.cidr_contains": (2, _contains),
    "net.cidr_contains_matches": (2, _contains_matches),
    "net.cidr_expand": (1, _expand),
    "net.cidr_intersects": (2, _intersects),
    "net.cidr_is_valid": (1, _is_valid),
    "net.cidr_merge": (1, _merge),
    "net.cidr_overlap": (2, _contains),
}
