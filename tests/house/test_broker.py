"""Celery's connection to Valkey, when it is lost while a task runs. tests/faults kills Valkey itself."""

import uuid

import pytest
from kombu import Queue

from config.celery import app


@pytest.fixture
def received():
    """A message that is not answered yet, over a connection of its own."""
    queue = Queue(f"test-{uuid.uuid4()}", expires=60)
    with app.connection_for_write() as connection, connection.Producer() as producer:
        producer.publish({}, routing_key=queue.name, declare=[queue])
    with app.connection_for_read() as connection:
        yield connection, connection.default_channel.basic_get(queue.name)


@pytest.mark.parametrize("answer", ["ack", "reject", "requeue"])
def test_an_answer_over_a_closed_connection_says_that_it_is_lost(received, answer):
    """Celery bears a lost connection; of anything else its worker dies."""
    connection, message = received
    channel, errors = message.channel, connection.connection_errors
    connection.collect()
    channel._disconnect_pools()  # closing does this first, and may fail after it

    with pytest.raises(errors, match="closed"):
        getattr(message, answer)()
