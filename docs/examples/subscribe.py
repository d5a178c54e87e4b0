#!/usr/bin/env python3
"""Subscribe a job set for somebody: a DAG run before its first task, say. Again to renew.

    pip install armada_client
    subscribe.py QUEUE JOB_SET SUBSCRIBER [--lease SECONDS] [--cache HOST:PORT]
"""
import argparse
import pathlib
import sys

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "proto"))
messages, services = grpc.protos_and_services("armada_cache/v1/cache.proto")

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("queue")
parser.add_argument("job_set")
parser.add_argument("subscriber", help="others' subscriptions to the job set are independent")
parser.add_argument("--lease", type=int, default=0, metavar="SECONDS", help="0: the server's")
parser.add_argument("--cache", default="127.0.0.1:60003")
options = parser.parse_args()

cache = services.CacheStub(grpc.insecure_channel(options.cache))
answer = cache.Subscribe(
    messages.SubscribeRequest(
        queue=options.queue,
        job_set=options.job_set,
        subscriber=options.subscriber,
        lease_seconds=options.lease,
    ),
    timeout=10,
)
print(f"followed until {answer.lease_expires.ToJsonString()}")
