"""Workers that come and go, as the scheduler tells."""

import asyncio
import threading
import weakref

TOPIC = "all"  # to which the scheduler logs such events
COMING, LEAVING = "add-worker", "remove-worker"


class Changes:
    """What has changed since someone looked; written and read on the client's event loop."""

    def __init__(self):
        self.since = True
        self.left = asyncio.Event()
        self.gone = set()

    def take_gone(self):
        """Return the workers that have left since the last call."""
        gone, self.gone = self.gone, set()
        self.left.clear()
        return gone

    def handle(self, message):
        """Take an event of the scheduler."""
        action = message.get("action") if isinstance(message, dict) else None
        if action in (COMING, LEAVING):
            self.since = True
        if action == LEAVING:
            self.gone.add(message["worker"])
            self.left.set()


class Subscription:
    """The one handler of a client's events, which tells all trainings of that client.

    A handler that the user has set before is called, too, and put back at the end.
    """

    by_client = weakref.WeakKeyDictionary()
    lock = threading.Lock()

    def __init__(self, client):
        self.before = handler_of(client)
        self.listeners = weakref.WeakSet()
        client.subscribe_topic(TOPIC, self.handle)

    async def handle(self, event):
        """Tell all listeners."""
        for listener in list(self.listeners):
            listener.handle(event[1])
        if self.before is not None and asyncio.iscoroutine(result := self.before(event)):
            await result

    @classmethod
    def add(cls, client, changes):
        """Have `changes` told."""
        with cls.lock:
            if client not in cls.by_client:
                cls.by_client[client] = cls(client)
            cls.by_client[client].listeners.add(changes)

    @classmethod
    def remove(cls, client, changes):
        """Undo `add`."""
        with cls.lock:
            subscription = cls.by_client.get(client)
            if subscription is None:
                return
            subscription.listeners.discard(changes)
            if subscription.listeners:
                return
            del cls.by_client[client]
            if client.status != "running" or handler_of(client) != subscription.handle:
                return
            if subscription.before is not None:
                client.subscribe_topic(TOPIC, subscription.before)
            else:
                client.unsubscribe_topic(TOPIC)


def handler_of(client):
    """Return what the client calls with an event of the topic, or None."""
    return getattr(client, "_event_handlers", {}).get(TOPIC)
