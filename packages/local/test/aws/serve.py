"""moto on a port that the system chooses, which it prints. Ends when its standard input does."""

import functools
import logging
import sys
import threading

from moto import settings
from moto.ec2 import utils as ec2
from moto.ec2.models.core import TaggedEC2Resource
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)
WSGIRequestHandler.protocol_version = "HTTP/1.1"


def get_tags(self):
    kind = ec2.EC2_PREFIX_TO_RESOURCE.get(ec2.get_prefix(self.id), "")
    own = self.ec2_backend.tags.get(self.id, {}) if self.id else {}
    return [{"resource_id": self.id, "key": key, "value": value, "resource_type": kind} for key, value in own.items()]


# Without these moto looks through the tags of all resources for each one, and translates each filter for each
# tag: minutes where there are hundreds of machines.
TaggedEC2Resource.get_tags = get_tags
ec2.simple_aws_filter_to_re = functools.cache(ec2.simple_aws_filter_to_re)

cloud = DomainDispatcherApplication(create_backend_app)
# AWS decides and writes in one step; moto would let another request in between.
lock = threading.Lock()


def application(environ, start_response):
    with lock:
        # Under its own name STS checks signatures, as AWS does. Tests that prepare something use the address.
        is_checked = environ.get("HTTP_HOST", "").startswith("sts.")
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0 if is_checked else float("inf")
        return list(cloud(environ, start_response))


server = make_server("127.0.0.1", 0, application, threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
