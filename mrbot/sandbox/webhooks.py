"""Webhook deliveries: signed as the host does, sent in the background, kept with the answer."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import requests
from standardwebhooks import Webhook

from mrbot.sandbox.events import Event, HookAdded
from mrbot.sandbox.model import Delivery, Hook, Message
from mrbot.sandbox.world import World

Bodies = Callable[[World, Event], Iterable[Message]]
"""What one kind of host tells its hooks of an event."""

ANSWER_TIMEOUT_S = 10
"""Both hosts give a receiver this long."""
ANSWER_LIMIT_CHARS = 10_000
_FIRST_FAILURES = 4
_LONGEST_PAUSE = timedelta(hours=24)


class Webhooks:
    """Sends what happens in the world to its hooks, one delivery after another."""

    def __init__(self, world: World, bodies: Mapping[str, Bodies]) -> None:
        self._world = world
        self._bodies = bodies
        self._waiting: queue.Queue[tuple[Hook, Delivery] | None] = queue.Queue()
        self._session = requests.Session()
        self._session.trust_env = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        world.listeners.append(self._tell)
        self._thread.start()

    def send(self, hook: Hook, message: Message) -> Delivery:
        """The message is on its way to the hook."""
        body = json.dumps(message.body).encode()
        delivery = self._new(hook, message.event, message.action, body, str(uuid.uuid4()))
        self._waiting.put((hook, delivery))
        return delivery

    def send_again(self, hook: Hook, old: Delivery) -> Delivery:
        """The same event is on its way once more, under the same key."""
        delivery = self._new(hook, old.event, old.action, old.body, old.key)
        delivery.redelivery = True
        self._waiting.put((hook, delivery))
        return delivery

    def wait(self, timeout_s: float) -> bool:
        """Whether every delivery had its answer within the time."""
        deadline = time.monotonic() + timeout_s
        while self._waiting.unfinished_tasks:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True

    def stop(self) -> None:
        """Nothing more is sent; what was waiting is dropped."""
        self._stopped.set()
        self._waiting.put(None)
        self._thread.join(timeout=ANSWER_TIMEOUT_S + 1)
        self._session.close()

    def _tell(self, event: Event) -> None:
        project = event.project
        hooks = [hook for hook in self._world.hooks.values() if hook.project_id == project.id]
        if isinstance(event, HookAdded):
            hooks = [hook for hook in hooks if hook.id == event.hook.id]
        if not hooks:
            return
        for message in self._bodies[project.kind](self._world, event):
            for hook in hooks:
                if message.flag in hook.events or message.flag == "ping":
                    self.send(hook, message)

    def _new(self, hook: Hook, event: str, action: str, body: bytes, key: str) -> Delivery:
        delivery = Delivery(
            id=self._world.next_id(), key=key, event=event, action=action, url=hook.url,
            headers={}, body=body, at=self._world.now(),
        )  # fmt: skip
        gitlab = self._world.projects[hook.project_id].kind == "gitlab"
        sign = gitlab_headers if gitlab else github_headers
        delivery.headers = sign(self._world, hook, delivery)
        hook.deliveries.append(delivery)
        return delivery

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                if not self._stopped.is_set():
                    self._deliver(*item)
            finally:
                self._waiting.task_done()
        self._waiting.task_done()

    def _deliver(self, hook: Hook, delivery: Delivery) -> None:
        with self._world.lock:
            if hook.disabled_until and hook.disabled_until > self._world.now():
                delivery.answer_body = "not sent: the hook is disabled after repeated failures"
                return
        began = time.monotonic()
        try:
            answer = self._session.post(
                hook.url, data=delivery.body, headers=delivery.headers, timeout=ANSWER_TIMEOUT_S,
                allow_redirects=False,
            )  # fmt: skip
            status, said = answer.status_code, answer.text[:ANSWER_LIMIT_CHARS]
        except requests.RequestException as failed:
            status, said = 0, f"{type(failed).__name__}"
        with self._world.lock:
            delivery.answer_status, delivery.answer_body = status, said
            delivery.duration_s = time.monotonic() - began
            self._count(hook, ok=200 <= status < 400)

    def _count(self, hook: Hook, *, ok: bool) -> None:
        """After four failures in a row a hook rests for a minute, then twice as long each time.

        Source: GitLab app/models/concerns/web_hooks/auto_disabling.rb
        """
        hook.failures = 0 if ok else hook.failures + 1
        hook.disabled_until = None
        if self._world.auto_disable_hooks and hook.failures >= _FIRST_FAILURES:
            doublings = min(hook.failures - _FIRST_FAILURES, 20)
            pause = min(timedelta(minutes=1) * 2**doublings, _LONGEST_PAUSE)
            hook.disabled_until = self._world.now() + pause


def gitlab_headers(world: World, hook: Hook, delivery: Delivery) -> dict[str, str]:
    """GitLab's headers; the signature is there when the hook has a signing token.

    Source: GitLab app/services/web_hook_service.rb
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitLab/18.5.0-sandbox",
        "Idempotency-Key": delivery.key,
        "X-Gitlab-Event": delivery.event,
        "X-Gitlab-Instance": world.url,
        "X-Gitlab-Webhook-UUID": str(uuid.uuid4()),
        "X-Gitlab-Event-UUID": str(uuid.uuid4()),
    }
    if hook.token:
        headers["X-Gitlab-Token"] = hook.token
    if hook.signing_token:
        now = world.now()
        headers["webhook-id"] = delivery.key
        headers["webhook-timestamp"] = str(int(now.timestamp()))
        headers["webhook-signature"] = Webhook(hook.signing_token).sign(
            delivery.key, now, delivery.body.decode()
        )
    return headers


def github_headers(world: World, hook: Hook, delivery: Delivery) -> dict[str, str]:
    """GitHub's headers; the delivery id stays the same on a redelivery.

    Source: https://docs.github.com/webhooks/webhook-events-and-payloads#delivery-headers
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/sandbox",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.key,
        "X-GitHub-Hook-ID": str(hook.id),
        "X-GitHub-Hook-Installation-Target-ID": str(hook.project_id),
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-GitHub-Enterprise-Host": world.url.removeprefix("http://"),
    }
    if hook.token:
        key = hook.token.encode()
        for name, digest in (("", hashlib.sha1), ("-256", hashlib.sha256)):
            value = hmac.new(key, delivery.body, digest).hexdigest()
            prefix = "sha256" if name else "sha1"
            headers[f"X-Hub-Signature{name}"] = f"{prefix}={value}"
    return headers
