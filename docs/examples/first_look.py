#!/usr/bin/env python3
"""A first look: submit a job to Armada, and ask the cache how it is until it has ended.

    pip install armada_client
    first_look.py [--armada HOST:PORT] [--cache HOST:PORT] [--queue QUEUE] [--job-set NAME]

The defaults are where `./dev run` puts the simulated Armada and the cache.
"""
import argparse
import pathlib
import sys
import time

import grpc
from armada_client.client import ArmadaClient
from armada_client.k8s.io.api.core.v1 import generated_pb2 as core_v1
from armada_client.k8s.io.apimachinery.pkg.api.resource import generated_pb2 as resource
from armada_client.typings import JobState

PROTOS = pathlib.Path(__file__).resolve().parents[2] / "proto"
ENDED = {"SUCCEEDED", "FAILED", "CANCELLED", "PREEMPTED", "REJECTED"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--armada", default="127.0.0.1:50051")
    parser.add_argument("--cache", default="127.0.0.1:60003")
    parser.add_argument("--queue", default="q-a")
    parser.add_argument("--job-set", default="first-look")
    parser.add_argument("--seconds", type=float, default=60, help="give up after so long")
    return parser.parse_args()


def pod():
    """What to run: Armada wants requests and limits to be the same."""
    amounts = {
        "cpu": resource.Quantity(string="100m"),
        "memory": resource.Quantity(string="64Mi"),
    }
    container = core_v1.Container(
        name="main",
        image="busybox:1.36",
        args=["echo", "hello"],
        resources=core_v1.ResourceRequirements(requests=amounts, limits=amounts),
    )
    return core_v1.PodSpec(containers=[container])


def submit(armada, queue, job_set):
    item = armada.create_job_request_item(priority=1, namespace="default", pod_spec=pod())
    answer = armada.submit_jobs(queue=queue, job_set_id=job_set, job_request_items=[item])
    job = answer.job_response_items[0]
    if job.error:
        sys.exit(f"Armada did not take the job: {job.error}")
    return job.job_id


def follow(channel, queue, job_set, job_id):
    """The first poll of the old jobservice makes the cache follow the job set."""
    sys.path.insert(0, str(PROTOS))
    messages, services = grpc.protos_and_services("armada/api/jobservice.proto")
    request = messages.JobServiceRequest(queue=queue, job_set_id=job_set, job_id=job_id)
    try:
        services.JobServiceStub(channel).GetJobStatus(request, timeout=10)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNAVAILABLE:  # it cannot know yet, but follows now
            raise


def state_of(cache, job_id):
    """The job's state, or None while the cache cannot be sure: it then says UNAVAILABLE."""
    try:
        states = cache.get_job_status([job_id]).job_states
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.UNAVAILABLE:
            return None
        raise
    return JobState(states[job_id]).name


def watch(cache, job_id, seconds):
    """Prints each state that is new, until the job has ended."""
    shown = None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = state_of(cache, job_id)
        if state not in (None, "UNKNOWN", shown):
            print(f"  {state}", flush=True)
            shown = state
        if state in ENDED:
            return state
        time.sleep(0.05)
    sys.exit(f"the job has not ended within {seconds:.0f} s; it was last seen {shown}")


def main():
    options = arguments()
    job_id = submit(
        ArmadaClient(grpc.insecure_channel(options.armada)), options.queue, options.job_set
    )
    print(f"submitted {job_id}", flush=True)

    channel = grpc.insecure_channel(options.cache)
    follow(channel, options.queue, options.job_set, job_id)
    cache = ArmadaClient(channel)
    state = watch(cache, job_id, options.seconds)

    details = cache.get_job_details([job_id]).job_details[job_id]
    print(f"{job_id} of {details.queue}/{details.jobset}: {JobState(details.state).name}")
    for run in cache.get_job_run_details([details.latest_run_id]).job_run_details.values():
        print(f"  {run.run_id} ran on {run.node or '?'} of {run.cluster or '?'}")
    sys.exit(0 if state in ENDED else 1)


if __name__ == "__main__":
    main()
