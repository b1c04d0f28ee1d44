"""What paramiko promises its users, checked against a server: one function for each behaviour.

Usage: paramiko_checks.py NAME   with the server and the working directories in the environment.
"""

import errno
import io
import multiprocessing
import os
import stat
import sys
from concurrent.futures import ProcessPoolExecutor

import paramiko
from paramiko_support import LOCAL, REMOTE
from paramiko_support import connect, content, data, digest, equal, raises, remote, store

CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


@check
def put_confirms_the_size_and_get_brings_it_back(sftp):
    payload = data(5 * 1024 * 1024 + 7)
    path = os.path.join(LOCAL, "up")
    with open(path, "wb") as file:
        file.write(payload)
    attributes = sftp.put(path, remote("put"), confirm=True)
    equal(attributes.st_size, len(payload), "size after put")
    back = os.path.join(LOCAL, "down")
    sftp.get(remote("put"), back)
    with open(back, "rb") as file:
        equal(digest(file.read()), digest(payload), "content")


@check
def getfo_and_prefetch_read_the_whole_file(sftp):
    payload = data(3_000_001, 2)
    store(sftp, "whole", payload)
    sink = io.BytesIO()
    equal(sftp.getfo(remote("whole"), sink), len(payload), "length")
    equal(digest(sink.getvalue()), digest(payload), "getfo")
    with sftp.open(remote("whole"), "rb") as file:
        file.prefetch()
        equal(digest(file.read()), digest(payload), "prefetch")
    with sftp.open(remote("whole"), "rb") as file:
        ranges = [(0, 10), (1_000_000, 300_000), (2_999_000, 1001)]
        parts = list(file.readv(ranges))
        equal(parts, [payload[o : o + n] for o, n in ranges], "readv")


@check
def names_of_every_kind_come_back_as_they_went(sftp):
    names = ["with some  spaces", "Größe", "日本語", "🚀", "it's \"quoted\"", "-dash", "back\\slash"]
    for name in names:
        store(sftp, name, name.encode())
    equal(sorted(sftp.listdir(REMOTE)), sorted(names), "names")
    for name in names:
        equal(content(sftp, name), name.encode(), name)


@check
def listdir_attr_tells_attributes_and_long_names(sftp):
    store(sftp, "file", data(12_345))
    sftp.mkdir(remote("dir"))
    sftp.symlink("file", remote("link"))
    entries = {entry.filename: entry for entry in sftp.listdir_attr(REMOTE)}
    equal(sorted(entries), ["dir", "file", "link"], "names")
    equal(entries["file"].st_size, 12_345, "size")
    equal(stat.S_ISREG(entries["file"].st_mode), True, "regular")
    equal(stat.S_ISDIR(entries["dir"].st_mode), True, "directory")
    equal(stat.S_ISLNK(entries["link"].st_mode), True, "link")
    equal(entries["file"].longname.split()[4], "12345", "size in the long name")
    equal(sorted(e.filename for e in sftp.listdir_iter(REMOTE)), ["dir", "file", "link"], "iter")


@check
def stat_follows_a_link_and_lstat_does_not(sftp):
    store(sftp, "file", data(100))
    sftp.symlink("file", remote("link"))
    equal(sftp.stat(remote("link")).st_size, 100, "size through the link")
    equal(stat.S_ISREG(sftp.stat(remote("link")).st_mode), True, "stat")
    equal(stat.S_ISLNK(sftp.lstat(remote("link")).st_mode), True, "lstat")
    sftp.symlink("nowhere", remote("dangling"))
    raises(FileNotFoundError, sftp.stat, remote("dangling"))
    sftp.lstat(remote("dangling"))


@check
def symlink_takes_the_target_first(sftp):
    store(sftp, "file", b"hello")
    sftp.symlink("file", remote("relative"))
    sftp.symlink(remote("file"), remote("absolute"))
    equal(sftp.readlink(remote("relative")), "file", "relative target")
    equal(sftp.readlink(remote("absolute")), remote("file"), "absolute target")
    equal(content(sftp, "relative"), b"hello", "through the relative link")
    equal(content(sftp, "absolute"), b"hello", "through the absolute link")
    raises(IOError, sftp.symlink, "file", remote("relative"))
    raises(IOError, sftp.readlink, remote("file"))


@check
def chmod_utime_and_truncate_take_effect(sftp):
    payload = data(1000, 3)
    store(sftp, "file", payload)
    sftp.chmod(remote("file"), 0o604)
    sftp.utime(remote("file"), (1_000_000_000, 1_100_000_000))
    attributes = sftp.stat(remote("file"))
    equal(stat.S_IMODE(attributes.st_mode), 0o604, "mode")
    equal((attributes.st_atime, attributes.st_mtime), (1_000_000_000, 1_100_000_000), "times")
    sftp.truncate(remote("file"), 400)
    equal(content(sftp, "file"), payload[:400], "shorter")
    sftp.truncate(remote("file"), 500)
    equal(content(sftp, "file"), payload[:400] + bytes(100), "longer")
    raises(FileNotFoundError, sftp.chmod, remote("missing"), 0o600)
    raises(FileNotFoundError, sftp.truncate, remote("missing"), 1)


@check
def an_open_file_can_be_changed_too(sftp):
    payload = data(1000, 4)
    with sftp.open(remote("file"), "w+b") as file:
        file.write(payload)
        file.flush()
        file.truncate(300)
        file.chmod(0o640)
        file.utime((1_000_000_000, 1_100_000_000))
        attributes = file.stat()
        equal(attributes.st_size, 300, "size")
        equal(stat.S_IMODE(attributes.st_mode), 0o640, "mode")
    equal(sftp.stat(remote("file")).st_mtime, 1_100_000_000, "time after close")
    equal(content(sftp, "file"), payload[:300], "content")


@check
def rename_refuses_an_existing_target_and_posix_rename_replaces_it(sftp):
    store(sftp, "a", b"first")
    store(sftp, "b", b"second")
    raises(IOError, sftp.rename, remote("a"), remote("b"))
    equal(content(sftp, "b"), b"second", "target after the refusal")
    equal(content(sftp, "a"), b"first", "source after the refusal")
    sftp.posix_rename(remote("a"), remote("b"))
    equal(content(sftp, "b"), b"first", "target after posix_rename")
    sftp.rename(remote("b"), remote("c"))
    equal(sftp.listdir(REMOTE), ["c"], "names")
    raises(FileNotFoundError, sftp.rename, remote("a"), remote("d"))
    raises(FileNotFoundError, sftp.posix_rename, remote("a"), remote("d"))


@check
def open_modes_mean_what_they_mean_in_python(sftp):
    raises(FileNotFoundError, sftp.open, remote("file"), "r")
    raises(FileNotFoundError, sftp.open, remote("file"), "r+")
    with sftp.open(remote("file"), "wx") as file:
        file.write(b"0123456789")
    raises(IOError, sftp.open, remote("file"), "wx")
    equal(content(sftp, "file"), b"0123456789", "after the refused wx")
    with sftp.open(remote("file"), "a") as file:
        file.write(b"abc")
    equal(content(sftp, "file"), b"0123456789abc", "a")
    with sftp.open(remote("file"), "r+") as file:
        file.seek(3)
        file.write(b"XYZ")
    equal(content(sftp, "file"), b"012XYZ6789abc", "r+")
    with sftp.open(remote("file"), "a+") as file:
        file.write(b"!")
        file.seek(0)
        equal(file.read(3), b"012", "read with a+")
    equal(content(sftp, "file"), b"012XYZ6789abc!", "a+")
    with sftp.open(remote("file"), "w") as file:
        file.write(b"new")
    equal(content(sftp, "file"), b"new", "w")
    with sftp.open(remote("new"), "a") as file:
        file.write(b"made by a")
    equal(content(sftp, "new"), b"made by a", "a of a missing file")
    with sftp.open(remote("file"), "r") as file:
        raises(IOError, file.write, b"no")
    sftp.mkdir(remote("dir"))
    raises(IOError, sftp.open, remote("dir"), "w")


@check
def writes_in_the_middle_touch_nothing_else(sftp):
    payload = bytearray(data(2_000_000, 5))
    store(sftp, "file", bytes(payload))
    patch = data(100_001, 6)
    with sftp.open(remote("file"), "r+b") as file:
        file.set_pipelined(True)
        for offset in (1_500_000, 33, 700_001):
            file.seek(offset)
            file.write(patch)
            payload[offset : offset + len(patch)] = patch
    equal(digest(content(sftp, "file")), digest(bytes(payload)), "content")


@check
def a_gap_reads_as_zeros(sftp):
    with sftp.open(remote("file"), "wb") as file:
        file.seek(100_000)
        file.write(b"end")
    equal(content(sftp, "file"), bytes(100_000) + b"end", "content")


@check
def a_handle_reads_what_it_has_written(sftp):
    payload = data(500_000, 7)
    with sftp.open(remote("file"), "w+b") as file:
        file.write(payload)
        file.seek(0)
        equal(digest(file.read()), digest(payload), "content")
        file.seek(250_000)
        file.write(b"middle")
        file.seek(249_999)
        expected = payload[249_999:250_000] + b"middle" + payload[250_006:250_010]
        equal(file.read(11), expected, "around the middle")
        equal(file.stat().st_size, len(payload), "size")


@check
def an_unclosed_upload_can_be_read_by_another_handle(sftp):
    with sftp.open(remote("file"), "wb") as writer:
        writer.write(b"so far")
        writer.flush()
        equal(writer.stat().st_size, 6, "size at the writer")
        equal(content(sftp, "file"), b"so far", "content at a reader")


@check
def directories_are_made_and_removed(sftp):
    sftp.mkdir(remote("dir"), 0o750)
    equal(stat.S_IMODE(sftp.stat(remote("dir")).st_mode), 0o750, "mode")
    raises(IOError, sftp.mkdir, remote("dir"))
    raises(FileNotFoundError, sftp.mkdir, remote("no/such"))
    store(sftp, "dir/file", b"x")
    raises(IOError, sftp.rmdir, remote("dir"))
    raises(IOError, sftp.remove, remote("dir"))
    sftp.remove(remote("dir/file"))
    raises(FileNotFoundError, sftp.remove, remote("dir/file"))
    sftp.rmdir(remote("dir"))
    raises(FileNotFoundError, sftp.rmdir, remote("dir"))
    raises(FileNotFoundError, sftp.listdir, remote("dir"))


@check
def paths_are_normalized_and_the_directory_changes(sftp):
    sftp.mkdir(remote("dir"))
    equal(sftp.normalize(remote("dir/../dir/.")), remote("dir"), "normalize")
    equal(sftp.normalize("/../.."), "/", "above the root")
    sftp.chdir(remote("dir"))
    equal(sftp.getcwd(), remote("dir"), "getcwd")
    with sftp.open("relative", "w") as file:
        file.write(b"x")
    equal(sftp.listdir("."), ["relative"], "listdir of the current directory")


@check
def many_open_files_are_written_in_turns(sftp):
    # One thread: paramiko itself does not keep the packets of several apart.
    payloads = {f"file-{i}": data(50_000 + 7919 * i, i) for i in range(40)}
    files = {name: sftp.open(remote(name), "wb") for name in payloads}
    for file in files.values():
        file.set_pipelined(True)
    for offset in range(0, 400_000, 40_000):
        for name, file in files.items():
            file.write(payloads[name][offset : offset + 40_000])
    for file in files.values():
        file.close()
    for name, payload in payloads.items():
        equal(digest(content(sftp, name)), digest(payload), name)


def store_and_read_back(index):
    with connect() as client:
        sftp = client.open_sftp()
        store(sftp, f"file-{index}", data(300_000, index))
        return digest(content(sftp, f"file-{index}"))


@check
def many_clients_work_at_a_time(sftp):
    # A process each: with threads, Python itself has ended with "double free or corruption" (cryptography 38).
    with ProcessPoolExecutor(8, multiprocessing.get_context("spawn")) as pool:
        for index, actual in enumerate(pool.map(store_and_read_back, range(16))):
            equal(actual, digest(data(300_000, index)), f"file-{index}")


@check
def several_channels_share_one_connection(sftp):
    transport = sftp.get_channel().get_transport()
    others = [paramiko.SFTPClient.from_transport(transport) for _ in range(3)]
    for index, other in enumerate(others):
        store(other, f"file-{index}", data(100_000, index))
    others[0].close()
    for index, other in enumerate(others[1:], 1):
        equal(digest(content(other, "file-0")), digest(data(100_000, 0)), "file-0")
        other.close()
    equal(len(sftp.listdir(REMOTE)), 3, "files seen by the first channel")


@check
def a_command_is_refused_and_sftp_goes_on(sftp):
    transport = sftp.get_channel().get_transport()
    channel = transport.open_session(timeout=10)
    raises(paramiko.SSHException, channel.exec_command, "id")
    store(sftp, "file", b"still here")
    equal(content(sftp, "file"), b"still here", "content")


@check
def errors_carry_their_meaning(sftp):
    equal(raises(IOError, sftp.stat, remote("missing")).errno, errno.ENOENT, "stat")
    equal(raises(IOError, sftp.open, remote("missing"), "r").errno, errno.ENOENT, "open")


@check
def logs_in(sftp):
    equal(sftp.normalize("."), "/", "where a session starts")


if __name__ == "__main__":
    with connect() as client:
        CHECKS[sys.argv[1]](client.open_sftp())
