"""An SFTP server with asyncssh, as its manual shows one: HOST_KEY AUTHORIZED_KEYS, prints its port."""

import asyncio
import sys

import asyncssh

host_key, authorized_keys = sys.argv[1:3]


async def main():
    acceptor = await asyncssh.listen(
        '127.0.0.1',
        0,
        server_host_keys=[host_key],
        authorized_client_keys=authorized_keys,
        sftp_factory=asyncssh.SFTPServer,
        compression_algs=['none'],
    )
    port = acceptor.sockets[0].getsockname()[1]
    print(f'asyncssh {asyncssh.__version__} listening on {port}', flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
