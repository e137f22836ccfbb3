"""Whether the process in this container is well; the exit status says.

health.py http PORT PATH      an answer of 200, asked for under a host name the application admits
health.py fresh FILE SECONDS  the file was written lately
health.py worker              the Celery worker of this container answers
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path


def answers(port: str, path: str) -> bool:
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=4)
    connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
    return connection.getresponse().status == 200


def fresh(file: str, seconds: str) -> bool:
    return time.time() - Path(file).stat().st_mtime < float(seconds)


def worker() -> bool:
    command = ["celery", "-A", "config", "inspect", "ping", "--timeout", "8"]
    command += ["--destination", f"celery@{socket.gethostname()}"]
    return subprocess.run(command).returncode == 0  # noqa: S603 - a fixed command


QUESTIONS = {"http": answers, "fresh": fresh, "worker": worker}

if __name__ == "__main__":
    try:
        sys.exit(0 if QUESTIONS[sys.argv[1]](*sys.argv[2:]) else 1)
    except (OSError, http.client.HTTPException) as problem:
        sys.exit(str(problem))
