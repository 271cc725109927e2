"""Runs moto's S3 on a free port, with one bucket, until it is terminated.

The first line on standard output is its address, `host:port`.
"""

import signal
import sys

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
client = boto3.client(
    "s3",
    endpoint_url=f"http://{host}:{port}",
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
client.create_bucket(Bucket=sys.argv[1])
print(f"{host}:{port}", flush=True)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
server.stop()
