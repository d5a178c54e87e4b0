#!/usr/bin/env python3
"""Follow one queue in Kafka: a line for each event, each event once.

    apt-get install python3-confluent-kafka        # elsewhere: pip install confluent-kafka
    follow_queue.py --brokers HOST:PORT --queue QUEUE [--from-start] [--state FILE]

A line is TIME JOB_SET JOB KIND ID PARTITION OFFSET, percent-encoded, with - for what is not there.
Ends at Ctrl-C or SIGTERM. With --state, the next start goes on from there; only after a kill are
lines repeated, those of about its last second. schemas/consumers.md tells what it goes by.
"""
import argparse
import json
import pathlib
import re
import signal
import sys
import time
from urllib.parse import quote, unquote

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

TOPIC = "armada.events"
FORGET_MS = 90 * 86_400_000  # Armada keeps streams for weeks: nothing older is ever repeated


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brokers", required=True, metavar="HOST:PORT,...")
    parser.add_argument("--queue", required=True)
    parser.add_argument("--from-start", action="store_true", help="begin with the oldest event")
    parser.add_argument("--state", metavar="FILE", type=pathlib.Path, help="where it was")
    parser.add_argument("-X", metavar="NAME=VALUE", action="append", default=[],
                        type=lambda text: text.partition("=")[::2], help="as librdkafka has it")
    return parser.parse_args()


def ends_of(consumer, partition, tries=10):
    while True:
        try:
            return consumer.get_watermark_offsets(TopicPartition(TOPIC, partition), timeout=10)
        except KafkaException:
            tries -= 1
            if not tries:
                raise
            time.sleep(0.5)  # a topic that was just made, or a leader that is just changing


def begin(consumer, options):
    """The next offset of each partition, and the newest id seen there of each job set."""
    metadata = consumer.list_topics(TOPIC, timeout=10)
    if metadata.topics[TOPIC].error:
        raise KafkaException(metadata.topics[TOPIC].error)
    state = {"cluster": metadata.cluster_id, "queue": options.queue, "partitions": {}}
    if options.state and options.state.exists():
        saved = json.loads(options.state.read_text())
        if {**saved, "partitions": {}} != state:
            raise ValueError("is of another queue or another Kafka")
        return saved
    for number in metadata.topics[TOPIC].partitions:
        oldest, end = ends_of(consumer, number)
        next_ = oldest if options.from_start else end
        state["partitions"][str(number)] = {"next": next_, "newest": {}}
    return state


def save(path, state):
    """Positions and ids together: without the ids, repeats of what came before would count."""
    sys.stdout.flush()  # first, or a kill could lose lines
    oldest = time.time() * 1000 - FORGET_MS
    for here in state["partitions"].values():
        here["newest"] = {name: id_ for name, id_ in here["newest"].items() if id_[0] > oldest}
    if path:
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps(state))
        fresh.replace(path)  # at once: never half of it


def handle(message, state):
    where = f"{message.partition()} {message.offset()}"
    here = state["partitions"][str(message.partition())]
    if message.offset() > here["next"]:
        print(f"gone before they were read: from {here['next']} to {where}", file=sys.stderr)
    here["next"] = message.offset() + 1
    headers = {k: (v or b"").decode(errors="replace") for k, v in message.headers() or []}
    source = [unquote(part) for part in headers.get("ce_source", "").split("/")]
    if source[2:-1] != [state["queue"]]:  # which is /CLUSTER/QUEUE/JOBSET
        return
    job_set, id_ = source[3], re.fullmatch(r"(\d+):(\d+):(\d+):[01]", headers["ce_id"], re.ASCII)
    number = [int(part) for part in id_.groups()] if id_ else None
    if not number:
        print(f"a message that cannot be read: {where}", file=sys.stderr)
    elif number > here["newest"].get(job_set, []):  # else a repeat
        here["newest"][job_set] = number
        kind = headers["ce_type"].rpartition(".")[2]
        columns = [headers.get("ce_time"), quote(job_set), quote(headers["ce_subject"]), kind]
        print(*[column or "-" for column in columns], id_[0], where)


def follow(consumer, state, options, ended):
    saved = 0.0
    while not ended:
        message = consumer.poll(0.2)
        error = message is not None and message.error()
        if error and error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            print(error.str(), file=sys.stderr)
        elif message is not None and not error:
            handle(message, state)
        if time.monotonic() > saved + 1:
            save(options.state, state)
            saved = time.monotonic()
    save(options.state, state)


def main():
    options, ended = arguments(), []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.append(True))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever read the lines has gone
    try:
        # A group must be named, but is not used: partitions are assigned, positions kept here.
        consumer = Consumer({"bootstrap.servers": options.brokers, "group.id": "follow_queue",
                             "enable.auto.commit": False, "auto.offset.reset": "earliest",
                             "isolation.level": "read_uncommitted", **dict(options.X)})
        state = begin(consumer, options)
        consumer.assign([TopicPartition(TOPIC, int(number), here["next"])
                         for number, here in state["partitions"].items()])
        follow(consumer, state, options, ended)
    except KafkaException as error:
        sys.exit(f"{TOPIC} at {options.brokers}: {error.args[0].str()}")
    except (OSError, ValueError) as error:
        sys.exit(f"--state={options.state}: {error}")


if __name__ == "__main__":
    main()
