"""What the checks of paramiko share: the log-in, files of known content, and comparisons."""

import hashlib
import io
import os
import random

import paramiko

REMOTE = os.environ["CHECK_REMOTE"]
LOCAL = os.environ["CHECK_LOCAL"]


def connect():
    client = paramiko.SSHClient()
    client.load_host_keys(os.environ["CHECK_KNOWN_HOSTS"])
    login = {}
    if "CHECK_PASSWORD" in os.environ:
        login["password"] = os.environ["CHECK_PASSWORD"]
    else:
        login["key_filename"] = os.environ["CHECK_KEY"]
    client.connect(
        os.environ["CHECK_HOST"],
        port=int(os.environ["CHECK_PORT"]),
        username=os.environ["CHECK_USER"],
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
        **login,
    )
    return client


def data(size, seed=1):
    return random.Random(seed).randbytes(size)


def digest(content):
    return hashlib.sha256(content).hexdigest()


def remote(name):
    return f"{REMOTE}/{name}"


def content(sftp, name):
    with sftp.open(remote(name), "rb") as file:
        return file.read()


def store(sftp, name, payload):
    sftp.putfo(io.BytesIO(payload), remote(name))


def equal(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r} is not {expected!r}")


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{function.__name__}{arguments!r} should have failed")
